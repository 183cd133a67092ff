"""An admin makes somebody an admin, or ends it. There is always one left."""

from datetime import datetime

from coaching.accounts import emails
from coaching.accounts.admin_queries import admins, require_admin, require_another_admin
from coaching.accounts.event_mutations import note
from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.models import Person
from coaching.accounts.mutations import end_all_sign_ins
from coaching.accounts.outbox_mutations import notify_owner
from coaching.db import database
from coaching.errors import ChangedMeanwhile, Unverified

IS_SUSPENDED = "This account is suspended. Restore it first."


def give_admin(person: Person, admin: Person, reason: str, now: datetime) -> int:
    """The person is an admin, signs in anew for it, and is told; how many sign-ins that ended. Twice does no harm.

    Unverified where nobody has confirmed their address, ChangedMeanwhile where they were suspended.
    """
    with database.atomic():
        current = _locked(person, admin)
        if current.is_admin:
            return 0
        if current.suspended_at:
            raise ChangedMeanwhile(IS_SUSPENDED)
        if current.email_verified_at is None:
            raise Unverified  # a deleted account is none, either
        Person.update(is_admin=True).where(Person.id == person.id).execute()
        note("became admin", now, person, reason, actor=admin)
        notify_owner(current, emails.BECAME_ADMIN, now)
        # Somebody else may be in there, and waits for more rights.
        return end_all_sign_ins(person)


def end_admin(person: Person, admin: Person, reason: str, now: datetime) -> None:
    """The person is no admin any more, and is told; LastAdmin where nobody else is one. Twice does no harm."""
    with database.atomic():
        current = _locked(person, admin)
        if not current.is_admin:
            return
        require_another_admin(current)
        Person.update(is_admin=False).where(Person.id == person.id).execute()
        note("admin ended", now, person, reason, actor=admin)
        notify_owner(current, emails.ADMIN_ENDED, now)


def lock_admins(*person_ids: int) -> None:
    """Whatever else would leave the site without an admin waits until the transaction ends; these people, too."""
    lock_people(*{*person_ids, *(admin.id for admin in admins())})


def _locked(person: Person, admin: Person) -> Person:
    """The person as they are now that nobody else changes them; NotFound where `admin` is none by now."""
    lock_admins(person.id)
    require_admin(admin)
    current: Person = Person.get_by_id(person.id)
    return current
