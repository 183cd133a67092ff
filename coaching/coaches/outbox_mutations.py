"""Messages about who may sell, owed inside the transaction of what they tell about."""

from datetime import datetime

from coaching.accounts.admin_queries import admins
from coaching.accounts.emails import Email
from coaching.accounts.models import Person
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import overtake_theirs, owe


def notify(person: Person, email: Email, key: str, now: datetime) -> None:
    """The person is told once under this key. What still waits for them of the same kind is overtaken by it."""
    kind, whole = MessageKind(email.kind), f"{key}:{person.id}"
    owe(kind, whole, person.id, now, subject=email.subject, body=email.body)
    if kind is not MessageKind.COACH_APPLIED:  # of somebody else each
        overtake_theirs(kind, person.id, whole)


def notify_admins(email: Email, key: str, now: datetime) -> None:
    """Whoever runs the site is told once under this key."""
    for admin in admins():
        notify(admin, email, key, now)
