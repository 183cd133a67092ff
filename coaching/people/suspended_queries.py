"""Who is suspended, as a restored backup is told: an older one may not know of it."""

from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.models import Person


@dataclass(frozen=True)
class Suspended:
    """One person who is suspended; a number alone may be another person's in another database."""

    person_id: int
    created_at: datetime
    why: str


def all_suspended() -> list[Suspended]:
    """Everybody who is suspended now."""
    people = Person.select().where(Person.suspended_at.is_null(False)).order_by(Person.id)
    return [Suspended(person.id, person.created_at, person.suspended_why) for person in people]
