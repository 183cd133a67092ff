"""What comes next for a room and when, for people to read. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from coaching.guild_rights import BOT_RIGHTS
from coaching.rooms.case import RoomCase, RoomKind, RoomRecord, RoomState
from coaching.rooms.plan import next_step, next_wait
from coaching.rooms.steps import Moment, Step
from coaching.rooms.wanted import STANDING, is_too_late, next_threshold, wanted_state

# So seen, every look at Discord is fresh: that a room is looked after each minute is not worth a line.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# More thresholds than any room has left.
MOST_THRESHOLDS = 8


@dataclass(frozen=True)
class Prospect:
    """The wanted state, and the step that comes next with its time by the product's clock; no step, nothing comes.

    It `is_due` while something ought to be otherwise than it is. Then no step means that it `waits_for` a place.
    """

    wanted: RoomState
    step: Step | None = None
    at: datetime | None = None
    is_due: bool = False
    waits_for: RoomKind | None = None


def prospect_of(case: RoomCase, now: datetime, machine_now: datetime) -> Prospect:
    """What the clockwork will do next with this room, as far as the clock alone decides."""
    moment = Moment(now, machine_now, LONG_AGO, bot_in(case.recorded))
    wanted = wanted_state(case, now)
    step = next_step(case, moment)
    if (place := _place_missing(case, wanted, now)) and (step is None or step.is_upkeep):
        return Prospect(wanted, None, now, True, place)
    if step:
        return Prospect(wanted, step, now, not step.is_upkeep)
    if wait := next_wait(case, moment):
        step = next_step(case, _later(moment, wait))
        return Prospect(wanted, step, now + wait, True)
    return _foreseen(case, moment, wanted)


def bot_in(recorded: RoomRecord) -> str:
    """The bot's own id, by its entry among the room's overwrites."""
    return next((one.target_id for one in recorded.overwrites if one.is_member and one.allow == BOT_RIGHTS), "")


def _place_missing(case: RoomCase, wanted: RoomState, now: datetime) -> RoomKind | None:
    """The kind of place without which nothing can be done for this session, although it is time."""
    if case.kind != RoomKind.SESSION:
        return None
    if case.is_of_shared_role:
        is_to_be_let_in = wanted == RoomState.OPEN and case.members and not is_too_late(case, now)
        return RoomKind.SHARED if is_to_be_let_in and case.role_id is None else None
    is_to_be_made = wanted in STANDING and case.recorded.channel_id is None
    return RoomKind.CATEGORY if is_to_be_made and case.parent.is_coming else None


def _foreseen(case: RoomCase, moment: Moment, wanted: RoomState) -> Prospect:
    at = moment.now
    for _ in range(MOST_THRESHOLDS):
        threshold = next_threshold(case, at)
        if threshold is None:
            break
        at = threshold
        step = next_step(case, _later(moment, threshold - moment.now))
        if step and not step.is_upkeep:
            return Prospect(wanted, step, threshold)
    return Prospect(wanted)


def _later(moment: Moment, wait: timedelta) -> Moment:
    return replace(moment, now=moment.now + wait, machine_now=moment.machine_now + wait)
