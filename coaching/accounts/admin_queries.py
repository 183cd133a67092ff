"""Reads of who runs the site."""

from coaching.accounts.models import Person
from coaching.errors import LastAdmin, NotFound

_IS_ADMIN = Person.is_admin & Person.suspended_at.is_null()


def admins() -> list[Person]:
    """Those who run the site; whoever is suspended does not."""
    return list(Person.select().where(_IS_ADMIN).order_by(Person.id))


def require_admin(person: Person) -> None:
    """NotFound for somebody who is no admin by now."""
    if not Person.select().where(_IS_ADMIN, Person.id == person.id).exists():
        raise NotFound


def require_another_admin(person: Person) -> None:
    """LastAdmin where nobody but the person runs the site. It holds behind `lock_admins` alone."""
    if all(admin == person for admin in admins()):
        raise LastAdmin
