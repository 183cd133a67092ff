"""Messages about who may sell, owed inside the transaction of what they tell about."""

from datetime import datetime

from coaching.accounts.emails import Letter
from coaching.accounts.models import Person
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe


def tell(person: Person, letter: Letter, key: str, now: datetime) -> None:
    """The person is told once under this key."""
    owe(MessageKind(letter.kind), f"{key}:{person.id}", person.id, now, subject=letter.subject, body=letter.body)


def tell_admins(letter: Letter, key: str, now: datetime) -> None:
    """Whoever runs the site is told once under this key."""
    for admin in Person.select().where(Person.is_admin).order_by(Person.id):
        tell(admin, letter, key, now)
