"""Messages about who may sell, owed inside the transaction of what they tell about."""

from datetime import datetime

from coaching.accounts.admin_queries import admins
from coaching.accounts.emails import Letter
from coaching.accounts.models import Person
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import overtake_theirs, owe


def tell(person: Person, letter: Letter, key: str, now: datetime) -> None:
    """The person is told once under this key. What still waits for them of the same kind is overtaken by it."""
    kind, whole = MessageKind(letter.kind), f"{key}:{person.id}"
    owe(kind, whole, person.id, now, subject=letter.subject, body=letter.body)
    if kind is not MessageKind.COACH_APPLIED:  # of somebody else each
        overtake_theirs(kind, person.id, whole)


def tell_admins(letter: Letter, key: str, now: datetime) -> None:
    """Whoever runs the site is told once under this key."""
    for admin in admins():
        tell(admin, letter, key, now)
