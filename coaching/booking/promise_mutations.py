"""Both sides hear that clocks have changed, and a zone gets the name by which it is known today."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.accounts.mutations import rename_zone as rename_zone_of_people
from coaching.booking.events import EventKind, FromTo
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.promise_queries import ChangedSession, changed_sessions
from coaching.booking.promises import Broken
from coaching.booking.record_mutations import lock_people, owe_coach, owe_student, record_event
from coaching.catalog.store_mutations import rename_zone as rename_zone_of_stores
from coaching.db import database
from coaching.errors import Refused
from coaching.hours.mutations import rename_zone as rename_zone_of_hours
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind
from coaching.zones import is_zone


def notify_of_changed_clocks(session_id: int, now: datetime) -> bool:
    """Owe both sides of a session a message about its time of day, which is what they are promised from then on.

    False where there is nothing to tell, or where a zone has to be renamed first. The session stays at its instant.
    """
    with database.atomic():
        session: CoachingSession = CoachingSession.get_by_id(session_id)
        seats = Seat.select(Seat, Person).join(Person).where(Seat.coaching_session == session)
        lock_people(session.coach, *(seat.student for seat in seats))
        changed = next(iter(changed_sessions(now, session_id)), None)
        if changed is None or changed.has_lost_zone:
            return False
        _promise_anew(changed, now)
        session = CoachingSession.get_by_id(session_id)
        owe_student(session, MessageKind.CLOCKS, now, _fields(changed.to_student, changed.to_coach))
        owe_coach(session, MessageKind.COACH_CLOCKS, now, _fields(changed.to_coach, changed.to_student))
        for promise in filter(None, (changed.to_coach, changed.to_student)):
            record_event(session, Event(EventKind.CLOCKS, FromTo(promise.before, promise.now or "")), None, now)
    return True


def rename_zone(old: str, new: str) -> int:
    """Everything that is meant in the zone `old` is meant in `new`; how many rows that were. Refused where none was."""
    if not is_zone(new):
        raise Refused(f"No zone is called {new}. Names look like Europe/Berlin.")
    with database.atomic():
        count = rename_zone_of_people(old, new) + rename_zone_of_hours(old, new) + rename_zone_of_stores(old, new)
        for model in (CoachingSession, Seat):
            count += model.update(zone=new).where(model.zone == old).execute()
    if not count:
        raise Refused(f"Nothing here is in a zone called {old}, so nothing was renamed.")
    return count


def _promise_anew(changed: ChangedSession, now: datetime) -> None:
    # Its revision rises: a calendar takes the entry with the new time of day only then.
    values = {"wall_time": changed.to_coach.now} if changed.to_coach else {}
    CoachingSession.update(revision=CoachingSession.revision + 1, next_look_at=now, **values).where(
        CoachingSession.id == changed.session_id
    ).execute()
    if changed.to_student:
        of_session = Seat.coaching_session == changed.session_id
        Seat.update(wall_time=changed.to_student.now).where(of_session).execute()


def _fields(own: Broken | None, other: Broken | None) -> dict[str, object]:
    """What the message says: the zone whose clocks have changed, and what its reader was promised, if that it is."""
    if own:
        return {"zone": own.zone, "before": own.before}
    return {"zone": other.zone if other else ""}
