"""Looking after a room that exists: who is inside, who is on the server, whether it is as it was left. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from coaching.rooms.planning.case import RoomCase, RoomKind, RoomState, StepKind
from coaching.rooms.planning.status import HIDDEN_OR_OPEN, PAST, RoomStatus
from coaching.rooms.planning.steps import Moment, Reason, Step

# Whoever cannot be looked for within this time does not keep a room from closing.
LOOKED_FOR = timedelta(seconds=5)
# A look older than this says too little about who is inside now; the looks of a full hour are younger when it closes.
FRESH_TO_CLOSE = timedelta(seconds=30)
# Somebody watches who comes into a room: a look is of use until the next one is asked for.
FRESH_TO_WATCH = timedelta(seconds=6)
# A role that was given weeks ahead is looked after when the session comes near.
EARLY_ROLE_UPKEEP = timedelta(minutes=15)
# Nobody but moderators changes a shared category.
SHARED_PART_FRESH = timedelta(minutes=10)


def look_before_closing(status: RoomStatus, moment: Moment) -> Step | None:
    """A look at who is inside, unless it is fresh, impossible, or would change nothing."""
    case, recorded = status.case, status.case.recorded
    is_closing = status.wanted in PAST and status.state == RoomState.OPEN
    may_talk_on = case.is_on and moment.at.product < case.talk_ends_at
    if not is_closing or not may_talk_on or recorded.discord_channel_id is None:
        return None
    next_try_at = recorded.next_try_at if recorded.failing_step == StepKind.LOOK else None
    its_own = next_try_at - moment.at.machine if next_try_at else timedelta()
    if max(its_own, moment.held_for(case.home_guild_id, StepKind.LOOK)) > LOOKED_FOR:
        return None
    stale_before = max(moment.stale_before, moment.at.machine - FRESH_TO_CLOSE)
    return next((replace(look, is_urgent=True) for look in _looks(case, stale_before, moment)), None)


def upkeep(status: RoomStatus, moment: Moment) -> Iterator[Step]:
    """What a room needs that is in its wanted state."""
    case, recorded = status.case, status.case.recorded
    if case.kind != RoomKind.SESSION:
        # A category for rooms is noticed when it is missing: they bring their own rights along.
        if case.kind == RoomKind.SHARED and recorded.discord_channel_id:
            yield from _checks(case, min(moment.stale_before, moment.at.machine - SHARED_PART_FRESH), moment)
    elif recorded.discord_channel_id or (case.is_of_shared_role and recorded.state == RoomState.OPEN):
        # Where everybody has left the server nobody has the role, and whoever comes back has to be noticed.
        yield from _upkeep_of_session(status, moment)


def _upkeep_of_session(status: RoomStatus, moment: Moment) -> Iterator[Step]:
    case, recorded = status.case, status.case.recorded
    # Whoever loses an entry or a role goes on sitting where they are.
    for user_id in sorted(case.to_disconnect):
        yield Step(StepKind.DISCONNECT, Reason.NOT_FOR_THEM, recorded.state, user_id=user_id)
    if recorded.discord_channel_id:
        yield from _messages(status)
        yield from _checks(case, moment.stale_before, moment)
    is_watched = recorded.id in moment.watched
    if case.timing.opens_at_booking and moment.at.product < case.starts_at - EARLY_ROLE_UPKEEP and not is_watched:
        return
    if status.wanted in HIDDEN_OR_OPEN:
        for occupant in case.occupants:
            if _is_stale(occupant.checked_at, moment.stale_before, moment):
                user_id, seen_at = occupant.discord_user_id, occupant.checked_at
                yield Step(StepKind.CHECK_MEMBER, Reason.CHECK_MEMBER, user_id=user_id, last_done_at=seen_at)
    if recorded.state == RoomState.OPEN:
        yield from _looks(case, moment.at.machine - FRESH_TO_WATCH if is_watched else moment.stale_before, moment)
    elif recorded.was_closed and recorded.granted_at:
        # Somebody may have come in just before.
        yield from _looks(case, recorded.granted_at, moment)


def _messages(status: RoomStatus) -> Iterator[Step]:
    case, recorded, now = status.case, status.case.recorded, status.now
    if recorded.state != RoomState.OPEN:
        return
    if recorded.greeting_message_id is None and now < case.ends_at:
        yield Step(StepKind.GREET, Reason.ROOM_OPENED, recorded.state)
    if recorded.warned_at is None and now >= case.ends_at and status.is_talked_in:
        yield Step(StepKind.WARN, Reason.PLANNED_TIME_OVER, recorded.state)


def _checks(case: RoomCase, stale_before: datetime, moment: Moment) -> Iterator[Step]:
    if _is_stale(case.recorded.checked_at, stale_before, moment):
        yield Step(StepKind.CHECK, Reason.CHECK_ROOM, last_done_at=case.recorded.checked_at)


def _looks(case: RoomCase, stale_before: datetime, moment: Moment) -> Iterator[Step]:
    """A look for everybody who may be inside and was last looked for before that."""
    for occupant in case.occupants:
        if occupant.is_member and _is_stale(occupant.looked_at, stale_before, moment):
            yield Step(
                StepKind.LOOK,
                Reason.LOOK_INSIDE,
                case.recorded.state,
                user_id=occupant.discord_user_id,
                last_done_at=occupant.looked_at,
            )


def _is_stale(seen_at: datetime | None, stale_before: datetime, moment: Moment) -> bool:
    # What was seen in the future was seen before a clock was put back.
    return seen_at is None or not stale_before <= seen_at <= moment.at.machine
