"""An admin suspends somebody and restores them, and decides about their coming sessions meanwhile."""

from collections.abc import Iterable
from datetime import datetime

from coaching.accounts import emails
from coaching.accounts.admin_mutations import lock_admins
from coaching.accounts.admin_queries import admins, require_admin, require_another_admin
from coaching.accounts.event_mutations import note
from coaching.accounts.lock_mutations import lock_people
from coaching.accounts.mail_link_mutations import end_links
from coaching.accounts.models import MergeClaim, Person
from coaching.accounts.mutations import end_all_sign_ins
from coaching.accounts.outbox_mutations import email_owner
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import cancel_session
from coaching.booking.queries import side_of
from coaching.coaches.standing_mutations import resume_with_account, stop_with_account
from coaching.db import database
from coaching.errors import ChangedMeanwhile, Refused
from coaching.people.barred_queries import is_barred
from coaching.people.barring_mutations import lift_barred
from coaching.people.models import LeftSession
from coaching.people.suspended_queries import Suspended

BARRED = (
    "An account with this e-mail address or Discord account was suspended, and then deleted. The suspension goes on."
)
YOURSELF = "Nobody suspends themselves. Another admin can do it."
DELETED = "This account was deleted by its owner meanwhile. There is nothing left to change."
NOT_SUSPENDED = "This account was restored meanwhile: its owner decides about their sessions again."


def suspend_person(person: Person, admin: Person, reason: str, now: datetime) -> int:
    """The person is let in nowhere, and nothing new is booked with them; how many sign-ins that ended.

    They are told by mail. What is booked stays until an admin decides. ChangedMeanwhile where they were suspended
    before, with another reason; the same once more changes nothing. The last admin is not suspended (LastAdmin).
    """
    with database.atomic():
        current = _locked(person, admin)
        if current == admin:
            raise Refused(YOURSELF)
        if current.suspended_at:
            if current.suspended_why != reason:
                raise ChangedMeanwhile
            return 0
        if current.is_admin:
            require_another_admin(current)
        ended = _suspend(current, reason, now)
        note("account suspended", now, person, reason, actor=admin)
        email_owner(current, emails.suspended(reason), now)
    return ended


def restore_person(person: Person, admin: Person, reason: str, now: datetime) -> None:
    """The person may sign in and sell as before, and is told; `admin` has said why. Twice does no harm."""
    with database.atomic():
        _restore(_locked(person, admin), reason, admin, now)


def restore_by_command(person: Person, now: datetime) -> bool:
    """The same, for whoever runs the machine; False where the person was not suspended."""
    with database.atomic():
        lock_admins(person.id)
        return _restore(Person.get_by_id(person.id), "from the command line", None, now)


def suspend_again(suspended: Iterable[Suspended], now: datetime) -> int:
    """Whoever of them is not suspended in a restored backup is so again, but an only admin; how many those are."""
    count = 0
    for entry in suspended:
        is_it = (Person.id == entry.person_id) & (Person.created_at == entry.created_at)
        person = Person.get_or_none(is_it, Person.suspended_at.is_null(), Person.erased_at.is_null())
        if person and not (person.is_admin and admins() == [person]):
            _suspend(person, entry.why, now)
            note("account suspended", now, person, f"again, after a backup was restored: {entry.why}")
            count += 1
    return count


def suspend_barred(person: Person, now: datetime) -> bool:
    """Whoever comes back with the address or Discord account of a suspended account that was deleted is suspended.

    False for everybody else, for an admin, and for who is suspended already.
    """
    if not is_barred(person):
        return False
    with database.atomic():
        lock_people(person.id)
        current: Person = Person.get_by_id(person.id)
        if current.is_admin or current.suspended_at or current.erased_at:
            return False
        _suspend(current, BARRED, now)
        note("account suspended", now, person, BARRED)
        email_owner(current, emails.suspended(BARRED), now)
    return True


def cancel_for(
    coaching_session: CoachingSession, person: Person, admin: Person, reason: str, now: datetime
) -> CoachingSession:
    """The session of a suspended person is called off by the rules for whoever they are in it; the other side
    reads the reason, and that it was an admin.

    TooLate where the person themselves could not any more, ChangedMeanwhile where they were restored.
    """
    with database.atomic():
        _require_suspended(person)
        cancelled = cancel_session(coaching_session, person, now, reason, by_admin=True)
        note("session cancelled", now, person, f"{coaching_session.code}: {reason}", actor=admin)
    return cancelled


def leave_session(coaching_session: CoachingSession, person: Person, admin: Person, reason: str, now: datetime) -> None:
    """The session of a suspended person takes place all the same. Twice does no harm."""
    with database.atomic():
        _require_suspended(person)
        side = side_of(coaching_session, person)
        left = LeftSession.insert(coaching_session=coaching_session, side=side, left_at=now).on_conflict_ignore()
        left.execute()
        note("session left", now, person, f"{coaching_session.code}: {reason}", actor=admin)


def _suspend(person: Person, reason: str, now: datetime) -> int:
    Person.update(suspended_at=now, suspended_why=reason).where(Person.id == person.id).execute()
    # Whatever could lead in, or was begun as this person in another browser.
    end_links(person)
    MergeClaim.delete().where(MergeClaim.other == person).execute()
    stop_with_account(person, reason, now)
    return end_all_sign_ins(person)


def _restore(current: Person, reason: str, admin: Person | None, now: datetime) -> bool:
    if current.suspended_at is None:
        return False
    Person.update(suspended_at=None, suspended_why="").where(Person.id == current.id).execute()
    end_all_sign_ins(current)  # one that was begun in the same moment
    resume_with_account(current, now)
    lift_barred(current)
    given = CoachingSession.select(CoachingSession.id).where(CoachingSession.coach == current)
    taken = Seat.select(Seat.coaching_session).where(Seat.student == current)
    for side, sessions in (("coach", given), ("student", taken)):
        LeftSession.delete().where(LeftSession.side == side, LeftSession.coaching_session.in_(sessions)).execute()
    note("account restored", now, current, reason, actor=admin)
    email_owner(current, emails.restored(), now)
    return True


def _locked(person: Person, admin: Person) -> Person:
    lock_admins(person.id)
    require_admin(admin)
    current: Person = Person.get_by_id(person.id)
    if current.erased_at:
        raise ChangedMeanwhile(DELETED)
    return current


def _require_suspended(person: Person) -> None:
    lock_people(person.id)
    if Person.get_by_id(person.id).suspended_at is None:
        raise ChangedMeanwhile(NOT_SUSPENDED)
