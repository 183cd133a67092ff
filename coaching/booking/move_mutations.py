"""Moving a session to another time. It keeps its address, payment, answers and history."""

from datetime import datetime, timedelta

from peewee import IntegrityError

from coaching.accounts.models import Person
from coaching.booking.attendance_mutations import release_following
from coaching.booking.coach_days import coach_zone
from coaching.booking.events import EventKind, FromTo
from coaching.booking.lapse_mutations import let_lapse
from coaching.booking.models import CoachingSession, Proposal, Seat
from coaching.booking.move_rules import why_not_move
from coaching.booking.queries import find_seat_of, movable_of, side_of, terms_of
from coaching.booking.record_mutations import lock_people, owe_both, record_event
from coaching.booking.slot_queries import free_slots, has_other_session, hours_of
from coaching.booking.slots import Span
from coaching.catalog.models import Offer, Product
from coaching.catalog.queries import reread_product
from coaching.db import database
from coaching.errors import NotFound, SlotTaken, StudentBusy, TooLate
from coaching.hours.wall_clock import MINUTE, wall_time
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind

MOVED_MEANWHILE = "This session has been moved since you opened this page. Choose once more if its time does not fit."


def move_session(
    coaching_session: CoachingSession,
    person: Person,
    starts_at: datetime,
    now: datetime,
    *,
    instead_of: datetime | None = None,
    is_proposed: bool = False,
    reason: str = "",
) -> CoachingSession:
    """The session is at another free time, or what stands in the way is raised and the old time stays.

    TooLate with a sentence where the rules forbid it, or where it is not at the time any more that the person saw
    (`instead_of`); SlotTaken, StudentBusy. Sent twice, it moves once. To what the coach has proposed a student moves by
    the coach's right. The other side reads the reason.

    1. Queue up behind other bookings of the same two people.
    2. Ask the rules that the student agreed to; the coach is exempt.
    3. Check the new time with the function that offered it, as if the session itself were away.
    4. Write session, seat and history; the room follows from the new times.
    """
    seat = _get_seat(coaching_session)
    side = side_of(coaching_session, person)
    try:
        with database.atomic():
            lock_people(seat.coaching_session.coach, seat.student)
            let_lapse(seat.coaching_session.coach, seat.student, now)
            current = _get_seat(coaching_session)
            if starts_at != current.coaching_session.starts_at:
                _require_movable(current, instead_of, is_proposed or side == "coach", now)
                require_free(current, side, starts_at, now)
                counts = side == "student" and not is_proposed
                _move(current, side, person, starts_at, now, reason, counts=counts)
    except IntegrityError as error:
        # The database's last guard: somebody else was faster after all.
        raise SlotTaken from error
    return CoachingSession.get_by_id(coaching_session.id)


def _get_seat(coaching_session: CoachingSession) -> Seat:
    seat = find_seat_of(coaching_session.id)
    if seat is None:
        raise NotFound
    return seat


def _require_movable(seat: Seat, instead_of: datetime | None, is_coachs_right: bool, now: datetime) -> None:
    """Raise TooLate where the session is not at the time any more that was seen, or the rules forbid it."""
    if instead_of is not None and instead_of != seat.coaching_session.starts_at:
        raise TooLate(MOVED_MEANWHILE)
    if hindrance := why_not_move(movable_of(seat), is_coachs_right, now):
        raise TooLate(hindrance)


def require_free(seat: Seat, side: str, starts_at: datetime, now: datetime) -> None:
    """Raise what keeps the seat's session from being at that time, in words for this side."""
    moving, product = seat.coaching_session, reread_product(seat.coaching_session.product)
    span = Span(starts_at, starts_at + moving.minutes * MINUTE)
    if has_other_session(seat.student, span, moving):
        raise StudentBusy if side == "student" else SlotTaken("Your student has another session at that time.")
    window = Span(starts_at, starts_at + MINUTE)
    if starts_at not in free_slots(product, offer_of(moving), hours_of(product), window, now, moving):
        raise SlotTaken


def _move(
    seat: Seat, side: str, person: Person, starts_at: datetime, now: datetime, reason: str, *, counts: bool
) -> None:
    moving, product = seat.coaching_session, seat.coaching_session.product
    before, length = moving.starts_at, timedelta(minutes=moving.minutes)
    times = {"starts_at": starts_at, "ends_at": starts_at + length}
    zone = coach_zone(starts_at, hours_of(product))
    CoachingSession.update(
        busy_from=starts_at - product.buffer_before_minutes * MINUTE,
        busy_until=starts_at + length + product.buffer_after_minutes * MINUTE,
        revision=CoachingSession.revision + 1,
        timed_at=now,
        zone=zone,
        wall_time=wall_time(starts_at, zone),
        next_look_at=now,
        **times,
    ).where(CoachingSession.id == moving.id, CoachingSession.state == "scheduled").execute()
    # Whoever said that they are coming said so of the old time.
    moves = Seat.moves + 1 if counts else Seat.moves
    most = min(seat.most_percent, terms_of(seat).percent_at(now)) if counts else seat.most_percent
    student_wall_time = wall_time(starts_at, seat.zone or zone)
    Seat.update(coming_at=None, moves=moves, most_percent=most, wall_time=student_wall_time, **times).where(
        Seat.id == seat.id
    ).execute()
    Proposal.delete().where(Proposal.coaching_session == moving.id).execute()
    release_following(moving, now)
    moved: CoachingSession = CoachingSession.get_by_id(moving.id)
    fields = FromTo(before.isoformat(), starts_at.isoformat())
    record_event(moved, Event(EventKind.MOVED, fields), person, now, reason)
    about = {"before": before.isoformat(), "by": side, "was_proposed": side == "student" and not counts}
    owe_both(moved, MessageKind.MOVED, MessageKind.COACH_MOVED, now, about)


def offer_of(coaching_session: CoachingSession) -> Offer:
    """The length that was booked, whatever is on offer today; not stored."""
    product: Product = coaching_session.product
    return Offer(product=product, minutes=coaching_session.minutes, price_cents=0)
