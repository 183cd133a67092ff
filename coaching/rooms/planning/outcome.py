"""What became of a session, from who was seen in its room. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from coaching.rooms.planning.case import COMING, Occupant, RoomCase, RoomKind, RoomState
from coaching.rooms.planning.wanted import wanted_state


@dataclass(frozen=True)
class Verdict:
    """In progress, completed, or a no-show of somebody; `unknown` when nobody could be looked for."""

    outcome: Literal["in_progress", "completed", "no_show"]
    absent: Literal["student", "coach", "both", "unknown"] | None = None


UNKNOWN = Verdict("no_show", "unknown")


def verdict(case: RoomCase, now: datetime) -> Verdict | None:
    """What is to be written down of the session now, or None when there is nothing new."""
    if case.kind != RoomKind.SESSION or case.session_state not in COMING or now < case.starts_at:
        return None
    if _is_over(case, now):
        return _final(case)
    is_under_way = case.session_state == "scheduled" and _was_seen(case, True) and _was_seen(case, False)
    return Verdict("in_progress") if is_under_way else None


def _is_over(case: RoomCase, now: datetime) -> bool:
    """True when nobody can be seen in the room any more who was not seen before."""
    is_past = wanted_state(case, now) in (RoomState.CLOSED, RoomState.REMOVED)
    # A room that cannot be closed must not keep its session from ending.
    return now >= case.ends_at and is_past and (case.recorded.state != RoomState.OPEN or now >= case.talk_ends_at)


def _final(case: RoomCase) -> Verdict:
    coach, student = _was_seen(case, True), _was_seen(case, False)
    if coach and student:
        return Verdict("completed")
    if not (_was_looked_for(case, True) and _was_looked_for(case, False)):
        return UNKNOWN
    if coach:
        return Verdict("no_show", "student")
    return Verdict("no_show", "coach" if student else "both")


def _was_seen(case: RoomCase, is_coach: bool) -> bool:
    return any(one.was_seen for one in _everybody(case, is_coach))


def _was_looked_for(case: RoomCase, is_coach: bool) -> bool:
    return any(one.looked_at is not None for one in _everybody(case, is_coach))


def _everybody(case: RoomCase, is_coach: bool) -> list[Occupant]:
    # Who takes their account away after the talk has held it all the same.
    return [one for one in (*case.occupants, *case.former) if one.is_coach == is_coach]
