"""What became of a session, from who was seen in its room and when anybody looked. Pure.

Somebody was there when they were seen between the start and the closing: waiting in the open room and leaving before
the start is not enough, talking on after the end is. Somebody was absent only when they were looked for during nearly
all of the planned time, and never seen in it. Everything else is unknown, for money rests on this.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from coaching.rooms.planning.case import COMING, Occupant, RoomCase, RoomKind, RoomState
from coaching.rooms.planning.coverage import Span, unlooked
from coaching.rooms.planning.status import PAST, RoomStatus

# Of the planned time at most this share may be without a look, and no stretch of it as long as this.
MOST_UNLOOKED = 0.2
LONGEST_UNLOOKED = timedelta(minutes=10)


@dataclass(frozen=True)
class Outcome:
    """In progress, completed, or a no-show of somebody; `unknown` when the looks do not tell."""

    state: Literal["in_progress", "completed", "no_show"]
    absent: Literal["student", "coach", "both", "unknown"] | None = None


UNKNOWN = Outcome("no_show", "unknown")


def outcome_of(case: RoomCase, now: datetime) -> Outcome | None:
    """What is to be written down of the session now, or None when there is nothing new."""
    if case.kind != RoomKind.SESSION or case.session_state not in COMING or now < case.starts_at:
        return None
    if _is_over(case, now):
        return _final(case)
    is_under_way = case.session_state == "scheduled" and _was_there(case, True) and _was_there(case, False)
    return Outcome("in_progress") if is_under_way else None


def is_looked_at(looks: tuple[Span, ...], starts_at: datetime, ends_at: datetime) -> bool:
    """True when whoever was not seen at these looks can be called absent from the planned time."""
    lengths = [until - since for since, until in unlooked(looks, starts_at, ends_at)]
    is_most = sum(lengths, timedelta()) <= MOST_UNLOOKED * (ends_at - starts_at)
    return is_most and max(lengths, default=timedelta()) < LONGEST_UNLOOKED


def _is_over(case: RoomCase, now: datetime) -> bool:
    """True when nobody can be seen in the room any more who was not seen before."""
    is_past = RoomStatus(case, now).wanted in PAST
    # A room that cannot be closed must not keep its session from ending.
    return now >= case.ends_at and is_past and (case.recorded.state != RoomState.OPEN or now >= case.talk_ends_at)


def _final(case: RoomCase) -> Outcome:
    coach, student = _was_there(case, True), _was_there(case, False)
    if coach and student:
        return Outcome("completed")
    missing = [is_coach for is_coach, was_there in ((True, coach), (False, student)) if not was_there]
    if not all(_was_looked_for(case, is_coach) for is_coach in missing):
        return UNKNOWN
    if coach:
        return Outcome("no_show", "student")
    return Outcome("no_show", "coach" if student else "both")


def _was_there(case: RoomCase, is_coach: bool) -> bool:
    seen = (person.present_at for person in _everybody(case, is_coach))
    return any(at is not None and at >= case.starts_at for at in seen)


def _was_looked_for(case: RoomCase, is_coach: bool) -> bool:
    return any(is_looked_at(person.looks, case.starts_at, case.ends_at) for person in _everybody(case, is_coach))


def _everybody(case: RoomCase, is_coach: bool) -> list[Occupant]:
    # Who takes their account away after the talk has held it all the same.
    return [person for person in (*case.occupants, *case.former) if person.is_coach == is_coach]
