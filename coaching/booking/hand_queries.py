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
    PAYMENT = "payment"  # of the student
    LATE_CONFIRMATION = "late confirmation"  # the same as a confirmation; the time has run out and is nobody's


# Whose hand each of them needs.
ACTS = {Wait.ANSWER: "coach", Wait.CONFIRMATION: "coach", Wait.PAYMENT: "student", Wait.LATE_CONFIRMATION: "coach"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A time that was not agreed on yet, as one of its two people sees it; `until` is when it is too late to act."""

    view: SessionView
    wait: Wait
    until: datetime

    @property
    def needs_own_hand(self) -> bool:
        """True where it is this person who has to act; else they wait for the other side."""
        return ACTS[self.wait] == self.view.role


def waiting_in(views: Iterable[SessionView], now: datetime) -> list[Waiting]:
    """Everything that waits in these sessions; what runs out first comes first.

    What has run out is among it only where its student says that they have paid, and the coach has not answered.

    Takes no query: whoever lists sessions has read them.
    """
    found = [one for view in views if (one := _waiting(view, now))]
    return sorted(found, key=lambda one: (one.until, one.view.coaching_session.id))


def _waiting(view: SessionView, now: datetime) -> Waiting | None:
    coaching_session = view.coaching_session
    state, until = coaching_session.state, coaching_session.held_until
    if state == "expired" and view.seat.said_paid_at and coaching_session.ended_by != "coach":
        is_open = now < coaching_session.starts_at
        return Waiting(view, Wait.LATE_CONFIRMATION, coaching_session.starts_at) if is_open else None
    if state not in PENDING_STATES or until is None or until <= now:
        return None
    wait = Wait.CONFIRMATION if view.seat.said_paid_at else Wait.PAYMENT
    return Waiting(view, Wait.ANSWER if state == "requested" else wait, until)
