"""Reads of what waits for somebody: requests to answer, payments to confirm, times to pay for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from coaching.booking.hold_rules import PENDING_STATES
from coaching.booking.queries import SessionView


class Wait(StrEnum):
    """For what somebody waits."""

    ANSWER = "answer"  # of the coach, to a request
    CONFIRMATION = "confirmation"  # of the coach: its student says that they have paid
    LATE_CONFIRMATION = "late_confirmation"  # the same, when the time was not held any more
    PAYMENT = "payment"  # of the student


# Whose hand each of them needs.
ACTING_SIDES = {
    Wait.ANSWER: "coach",
    Wait.CONFIRMATION: "coach",
    Wait.LATE_CONFIRMATION: "coach",
    Wait.PAYMENT: "student",
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A time that was not agreed on yet, as one of its two people sees it; `until` is when it is too late to act."""

    view: SessionView
    wait: Wait
    until: datetime

    @property
    def needs_own_hand(self) -> bool:
        """True where it is this person who has to act; else they wait for the other side."""
        return ACTING_SIDES[self.wait] == self.view.role


def waiting_in(views: Iterable[SessionView], now: datetime) -> list[Waiting]:
    """Everything that waits in these sessions; what runs out first comes first, and what has run out is not among it.

    A payment that was told of can be confirmed until the start, also after the hold has run out.
    Takes no query: whoever lists sessions has read them.
    """
    all_waiting = [waiting for view in views if (waiting := _waiting(view, now))]
    return sorted(all_waiting, key=lambda waiting: (waiting.until, waiting.view.coaching_session.id))


def _waiting(view: SessionView, now: datetime) -> Waiting | None:
    coaching_session = view.coaching_session
    state, until = coaching_session.state, coaching_session.held_until
    # Only what was held can be said to be paid.
    is_late_payment = view.seat.said_paid_at and state == "expired" and coaching_session.ended_by != "coach"
    if is_late_payment and now < coaching_session.starts_at:
        return Waiting(view, Wait.LATE_CONFIRMATION, coaching_session.starts_at)
    if state not in PENDING_STATES or until is None or until <= now:
        return None
    wait = Wait.CONFIRMATION if view.seat.said_paid_at else Wait.PAYMENT
    return Waiting(view, Wait.ANSWER if state == "requested" else wait, until)
