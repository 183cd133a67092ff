"""Which holds and requests have run out, whether or not the worker has come to them."""

from datetime import datetime
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.hold_rules import PENDING_STATES
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.reading import Statement, given


def takes_time(now: Any) -> Any:
    """What is true of the sessions that take up time at `now`: one that has lapsed does not, from that instant on.

    `now` is an instant, or what stands for one in a statement that is built once.
    """
    is_kept = CoachingSession.held_until.is_null() | (CoachingSession.held_until > now)
    return CoachingSession.state.in_(LIVE_STATES) & is_kept


def lapsed_ids(now: Any) -> Any:
    """The ids of all sessions that have lapsed and still stand as held or asked for; for use in another query."""
    return CoachingSession.select(CoachingSession.id).where(
        CoachingSession.state.in_(PENDING_STATES), CoachingSession.held_until <= now
    )


def lapsed_of(coach: Person, student: Person | None, now: datetime) -> list[int]:
    """The ids of those among them that a booking of these two may meet with, in their order."""
    return [number for (number,) in _OF_TWO.rows(one=coach.id, other=(student or coach).id, now=now)]


def _of_two() -> Any:
    two = (given("one"), given("other"))
    taken = Seat.select(Seat.coaching_session).where(Seat.student.in_(two))
    is_theirs = CoachingSession.coach.in_(two) | CoachingSession.id.in_(taken)
    return lapsed_ids(given("now")).where(is_theirs).order_by(CoachingSession.id)


_OF_TWO = Statement(_of_two)
