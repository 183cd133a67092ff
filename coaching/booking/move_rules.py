"""Whether a session may be moved to another time, and by whom. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from coaching.booking.hold_rules import PENDING_STATES
from coaching.hours.wall_clock import MINUTE

OFF_STATES = ("cancelled", "declined", "expired")


class MoveHindrance(StrEnum):
    """Why a session cannot be moved, in a sentence for whoever wants to."""

    PENDING = "This time is not agreed on yet, so it cannot be moved. Let it go, and choose another one."
    OFF = "This session does not take place, so it cannot be moved."
    OVER = "This session has begun or is over, so it can no longer be moved."
    NEVER = "Only your coach moves this session."
    TOO_LATE = "It is too close to the start to move this session."
    TOO_OFTEN = "You have moved this session as often as its coach allows."

    @property
    def is_students_alone(self) -> bool:
        """True where the coach could still move it, so that their student writes to them."""
        return self in (MoveHindrance.NEVER, MoveHindrance.TOO_LATE, MoveHindrance.TOO_OFTEN)


@dataclass(frozen=True)
class Movable:
    """What decides whether a session may be moved. What the seat keeps binds the student; the coach is exempt."""

    state: str
    starts_at: datetime
    moves: int = 0
    most_moves: int = 0
    notice_minutes: int = 0


def why_not_move(movable: Movable, is_coach: bool, now: datetime) -> MoveHindrance | None:
    """What keeps this side from moving the session at `now`, or None."""
    if movable.state in PENDING_STATES and now < movable.starts_at:
        return MoveHindrance.PENDING
    if movable.state in OFF_STATES:
        return MoveHindrance.OFF
    if movable.state != "scheduled" or now >= movable.starts_at:
        return MoveHindrance.OVER
    if is_coach:
        return None
    if not movable.most_moves:
        return MoveHindrance.NEVER
    if movable.moves >= movable.most_moves:
        return MoveHindrance.TOO_OFTEN
    return MoveHindrance.TOO_LATE if now > movable.starts_at - movable.notice_minutes * MINUTE else None
