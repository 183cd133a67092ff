"""Booking, cancelling, ticking off, and what became of a coaching session."""

from datetime import datetime

from peewee import EXCLUDED, IntegrityError, fn

from coaching.accounts.models import Person
from coaching.booking.absence_queries import require_present
from coaching.booking.attendance_mutations import release_following
from coaching.booking.details import BookingDetails
from coaching.booking.events import EventKind, WhatBecame
from coaching.booking.hold_queries import require_within_limits
from coaching.booking.hold_rules import PENDING_STATES
from coaching.booking.insert_mutations import insert_booking
from coaching.booking.lapse_mutations import let_lapse
from coaching.booking.lapse_queries import takes_time
from coaching.booking.limit_queries import require_below_limits
from coaching.booking.models import (
    LIVE_STATES,
    CoachingSession,
    Invitation,
    NewsSeen,
    Seat,
    SessionEvent,
)
from coaching.booking.outcome_rules import CORRECTED_WITHIN, ENDED, Absent, Outcome
from coaching.booking.queries import side_of
from coaching.booking.record_mutations import free_seats, lock_people, owe_both, record_event
from coaching.booking.term_queries import (
    agree,
    find_same_booking,
    require_free,
    require_time_to_pay,
    require_untaken,
)
from coaching.catalog.models import Product
from coaching.db import database
from coaching.errors import CoachingError, NotFound, Refused, SlotTaken, TooLate
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind

# The four that other changes of a session are made of stand in record_mutations.py.
__all__ = [
    *("book_session", "cancel_session", "correct_outcome", "mark_news_seen", "mark_paid", "move_sessions"),
    *("lock_people", "owe_both", "record_event", "record_looked_at", "record_outcome", "want_look"),
]


def book_session(product: Product, student: Person, details: BookingDetails, now: datetime) -> CoachingSession:
    """Book one slot for `student`, or raise what stands in the way. A form sent again gives the first session.

    The session is scheduled; requested, where its coach answers first; or held, where it has to be paid first.

    1. Unless anybody can see that the time is gone, queue up behind other bookings of the same two people, and behind
       what the coach saves.
    2. What has run out is written down, so that it stands in nobody's way.
    3. Agree on all that depends on nobody else: person, offer, answers, hours, whether they came to earlier calls, how
       many calls to come they may have.
    4. Check the slot again, with the function that offered it.
    5. Insert; the room follows by itself once it is due.
    """
    try:
        require_untaken(product, student, details.starts_at, now)
        with database.atomic():
            lock_people(product.store.owner, student)
            let_lapse(product.store.owner, student, now)
            terms = agree(product, student, details, now)
            require_present(terms.product, student, now)
            require_below_limits(terms.product, terms.quote, student, now)
            require_free(terms, student, now)
            require_time_to_pay(terms, now)
            require_within_limits(terms.product, terms.quote, student, details.starts_at, now)
            return insert_booking(terms, student, details, now)
    except (CoachingError, IntegrityError) as error:
        # Sent or wished before, it is the same booking, whatever now stands in the way of a second one.
        if first := find_same_booking(product, student, details, now):
            return first
        if isinstance(error, IntegrityError):
            # The database's last guard: somebody else was faster after all.
            raise SlotTaken from error
        raise


def cancel_session(
    coaching_session: CoachingSession, person: Person, now: datetime, reason: str = "", *, by_admin: bool = False
) -> CoachingSession:
    """The session is called off: by its student until the start, by its coach until the end. Twice does no harm.

    The other side reads the reason. `by_admin` says that an admin does it in their place, and whose words those are.
    """
    with database.atomic():
        by = side_of(coaching_session, person)
        until = {"coach": CoachingSession.ends_at, "student": CoachingSession.starts_at}[by]
        changed = (
            CoachingSession.update(
                state="cancelled",
                ended_by=by,
                ended_by_admin=by_admin,
                end_reason=reason,
                ended_at=now,
                revision=CoachingSession.revision + 1,
            )
            .where(CoachingSession.id == coaching_session.id, takes_time(now), until > now)
            .execute()
        )
        current: CoachingSession = CoachingSession.get_by_id(coaching_session.id)
        if not changed and current.state != "cancelled":
            raise TooLate("This session can no longer be cancelled.")
        if changed:
            free_seats(current, now)
            release_following(current, now)
            record_event(current, Event(EventKind.CANCELLED), person, now)
            owe_both(current, MessageKind.CANCELLED, MessageKind.COACH_CANCELLED, now)
    return current


def mark_paid(coaching_session: CoachingSession, coach: Person, is_paid: bool, now: datetime) -> None:
    """The coach has ticked off the payment made outside, or taken the tick back, and with it what its student said."""
    if coaching_session.coach_id != coach.id:
        raise NotFound
    if coaching_session.state in (*PENDING_STATES, "declined", "expired"):
        raise Refused("This time is nobody’s yet: confirm on the session’s page that you have the money.")
    with database.atomic():
        changed = (
            Seat.update(
                paid_at=now if is_paid else None, settle_from=now, **({} if is_paid else {"said_paid_at": None})
            )
            .where(Seat.coaching_session == coaching_session, Seat.payment == "outside")
            .where(Seat.paid_at.is_null(is_paid))
            .execute()
        )
        if changed:
            record_event(coaching_session, Event(EventKind.PAID if is_paid else EventKind.UNPAID), coach, now)


def record_outcome(
    coaching_session: CoachingSession, outcome: Outcome, now: datetime, absent: Absent | None = None
) -> bool:
    """The session is in progress, completed or a no-show of `absent`; False when it was over or called off before."""
    before = ("scheduled",) if outcome == "in_progress" else ("scheduled", "in_progress")
    with database.atomic():
        changed = (
            CoachingSession.update(state=outcome, absent=absent, ended_at=None if outcome == "in_progress" else now)
            .where(CoachingSession.id == coaching_session.id, CoachingSession.state.in_(before))
            .execute()
        )
        if changed:
            event = Event(EventKind.STARTED)
            if outcome != "in_progress":
                free_seats(coaching_session, now)
                event = Event(EventKind.OUTCOME, WhatBecame(outcome, absent))
            record_event(coaching_session, event, None, now)
    return bool(changed)


def correct_outcome(
    coaching_session: CoachingSession, coach: Person, outcome: Outcome, absent: Absent | None, now: datetime
) -> None:
    """The coach says what really happened, within a week of the end; TooLate after it, or while the session runs."""
    if coaching_session.coach_id != coach.id:
        raise NotFound
    if outcome not in ("completed", "no_show") or (absent is None) == (outcome == "no_show"):
        raise Refused("Say whether the session took place, or who was missing.")
    with database.atomic():
        ended_at = fn.COALESCE(CoachingSession.ended_at, now)
        changed = (
            # What nobody knew before may be asked about now.
            CoachingSession.update(state=outcome, absent=absent, ended_at=ended_at, next_look_at=now)
            .where(CoachingSession.id == coaching_session.id, CoachingSession.state.in_(ENDED))
            .where(CoachingSession.ends_at <= now, CoachingSession.ends_at > now - CORRECTED_WITHIN)
            .execute()
        )
        if not changed:
            raise TooLate("What happened can be corrected from the end of the session until a week after it.")
        free_seats(coaching_session, now)
        record_event(coaching_session, Event(EventKind.CORRECTED, WhatBecame(outcome, absent)), coach, now)


def mark_news_seen(coaching_session: CoachingSession, person: Person, event: SessionEvent) -> None:
    """The person has seen the session's history up to this line; a line seen before takes nothing back."""
    side_of(coaching_session, person)
    if event.coaching_session_id != coaching_session.id:
        raise NotFound
    NewsSeen.insert(person=person, coaching_session=coaching_session, event=event).on_conflict(
        conflict_target=[NewsSeen.person, NewsSeen.coaching_session],
        update={NewsSeen.event: EXCLUDED.event_id},
        where=(NewsSeen.event < EXCLUDED.event_id),
    ).execute()


def want_look(*, coach: Person | None = None, product: Product | None = None) -> None:
    """Let messages about the coming sessions of a coach or a product be worked out anew, for their settings changed."""
    whose = CoachingSession.coach == coach if coach else CoachingSession.product == product
    is_coming = CoachingSession.state.in_(LIVE_STATES)
    CoachingSession.update(next_look_at=CoachingSession.created_at).where(whose, is_coming).execute()


def record_looked_at(session_id: int, look_at: datetime, next_look_at: datetime | None) -> None:
    """A message about the session, which was due a look at `look_at`, may be owed again from then on; never for None.

    Nothing is changed where somebody else wants a look at it since.
    """
    is_same = (CoachingSession.id == session_id) & (CoachingSession.next_look_at == look_at)
    CoachingSession.update(next_look_at=next_look_at).where(is_same).execute()


def move_sessions(from_person: Person, to_person: Person) -> None:
    """Every session given, every seat and every line of a history is the other person's. Call it in a transaction."""
    CoachingSession.update(coach=to_person).where(CoachingSession.coach == from_person).execute()
    Seat.update(student=to_person).where(Seat.student == from_person).execute()
    Invitation.update(student=to_person).where(Invitation.student == from_person).execute()
    SessionEvent.update(person=to_person).where(SessionEvent.person == from_person).execute()
    known = NewsSeen.select(NewsSeen.coaching_session).where(NewsSeen.person == to_person)
    NewsSeen.delete().where(NewsSeen.person == from_person, NewsSeen.coaching_session.in_(known)).execute()
    NewsSeen.update(person=to_person).where(NewsSeen.person == from_person).execute()
