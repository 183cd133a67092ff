"""Mail to people about their accounts, put into the outbox inside the transaction of what it tells about."""

from datetime import datetime, timedelta

from coaching.accounts.letters import Letter, changed
from coaching.accounts.models import Person
from coaching.accounts.tokens import new_token
from coaching.notices.mutations import enqueue
from coaching.notices.queries import count_notices

# Anybody can ask for these, for anybody's mailbox. What warns an owner is never held back.
LINKS = ("verify", "reset", "claim")
MOST_LINKS = ((timedelta(hours=1), 5), (timedelta(days=1), 15))


def tell_owner(person: Person, what: str, now: datetime) -> None:
    """The person is told by mail what was changed."""
    # An address nobody verified gets no mail but the verification: it may be a stranger's.
    if person.email and person.email_verified_at:
        post(person.email, changed(what), f"changed:{new_token()}", now)


def post_link(recipient: str, letter: Letter, key: str, now: datetime, ends_at: datetime) -> bool:
    """The letter with its link waits to be sent; False when this mailbox was asked for too many."""
    asked = [count_notices(recipient, LINKS, now - span) >= most for span, most in MOST_LINKS]
    if not any(asked):
        post(recipient, letter, key, now, ends_at)
    return not any(asked)


def post(recipient: str, letter: Letter, key: str, now: datetime, ends_at: datetime | None = None) -> None:
    """The letter waits to be sent, once under this key."""
    enqueue(key, letter.kind, recipient, letter.subject, letter.body, now, ends_at)
