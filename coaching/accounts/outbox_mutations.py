"""Mail to people about their accounts, put into the outbox inside the transaction of what it tells about."""

from datetime import datetime

from coaching.accounts.emails import Letter, changed
from coaching.accounts.models import Person
from coaching.accounts.tokens import new_token
from coaching.notices.mutations import enqueue
from coaching.notices.person_mutations import account_fields


def tell_owner(person: Person, what: str, now: datetime) -> None:
    """The person is told by mail what was changed."""
    post_to_owner(person, changed(what), now)


def post_to_owner(person: Person, letter: Letter, now: datetime) -> None:
    """The letter waits to be sent to the person."""
    # An address nobody verified gets no mail but the verification: it may be a stranger's.
    if person.email and person.email_verified_at:
        post(person.email, letter, f"changed:{new_token()}", now, about=person)


def post(
    recipient: str,
    letter: Letter,
    key: str,
    now: datetime,
    ends_at: datetime | None = None,
    about: Person | None = None,
) -> None:
    """The letter waits to be sent, once under this key; with the account that it is about it goes, too."""
    fields = account_fields(about.id if about else None)
    enqueue(key, letter.kind, recipient, letter.subject, letter.body, now, ends_at, fields)
