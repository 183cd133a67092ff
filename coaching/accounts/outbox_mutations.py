"""Mail to people about their accounts, put into the outbox inside the transaction of what it tells about."""

from datetime import datetime

from coaching.accounts.emails import Email, changed
from coaching.accounts.models import Person
from coaching.accounts.tokens import new_token
from coaching.notices.mutations import enqueue
from coaching.notices.person_mutations import account_fields


def notify_owner(person: Person, change: str, now: datetime) -> None:
    """The person is told by mail what was changed."""
    email_owner(person, changed(change), now)


def email_owner(person: Person, email: Email, now: datetime) -> None:
    """The email waits to be sent to the person."""
    # An address nobody verified gets no mail but the verification: it may be a stranger's.
    if person.email and person.email_verified_at:
        owe_email(person.email, email, f"changed:{new_token()}", now, about=person)


def owe_email(
    recipient: str,
    email: Email,
    key: str,
    now: datetime,
    ends_at: datetime | None = None,
    about: Person | None = None,
) -> None:
    """The email waits to be sent, once under this key; with the account that it is about it goes, too."""
    fields = account_fields(about.id if about else None)
    enqueue(key, email.kind, recipient, email.subject, email.body, now, ends_at, fields)
