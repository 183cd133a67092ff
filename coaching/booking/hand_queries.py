"""Reads of what waits for somebody: requests to answer, payments to confirm, times to pay for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from coaching.accounts.models import Person
from coaching.booking.hold_rules import PENDING_STATES
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import Role, SessionView, seats_with_all


class Wait(StrEnum):
    """For what somebody waits."""

    ANSWER = "answer"  # of the coach, to a request
    CONFIRMATION = "confirmation"  # of the coach: its student says that they have paid
    PAYMENT = "payment"  # of the student


# Whose hand each of them needs.
ACTS = {Wait.ANSWER: "coach", Wait.CONFIRMATION: "coach", Wait.PAYMENT: "student"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A time that was not agreed on yet, as one of its two people sees it; `until` is when it runs out."""

    view: SessionView
    wait: Wait
    until: datetime

    @property
    def needs_own_hand(self) -> bool:
        """True where it is this person who has to act; else they wait for the other side."""
        return ACTS[self.wait] == self.view.role


def waiting_for(person: Person, now: datetime) -> list[Waiting]:
    """Everything that waits in the person's sessions, both those they give and take; what runs out first comes first.

    One query; what has run out by `now` is not among it.
    """
    is_theirs = (Seat.student == person) | (CoachingSession.coach == person)
    is_pending = CoachingSession.state.in_(PENDING_STATES), takes_time(now), CoachingSession.held_until.is_null(False)
    found = seats_with_all().where(is_theirs, *is_pending).order_by(CoachingSession.held_until, CoachingSession.id)
    return [_waiting(seat, "coach" if seat.coaching_session.coach == person else "student") for seat in found]


def _waiting(seat: Seat, role: Role) -> Waiting:
    coaching_session = seat.coaching_session
    wait = Wait.PAYMENT
    if coaching_session.state == "requested":
        wait = Wait.ANSWER
    elif seat.said_paid_at:
        wait = Wait.CONFIRMATION
    return Waiting(SessionView(coaching_session, seat, role), wait, coaching_session.held_until)
