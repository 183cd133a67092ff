"""What comes next for a room and when, for people to read. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from coaching.guild_rights import BOT_RIGHTS
from coaching.rooms.case import RoomCase, RoomKind, RoomRecord, RoomState
from coaching.rooms.plan import next_step, next_wait
from coaching.rooms.steps import Moment, Step
from coaching.rooms.wanted import next_threshold, wanted_state

# So seen, every look at Discord is fresh: that a room is looked after each minute is not worth a line.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
# More thresholds than any room has left.
MOST_THRESHOLDS = 8


@dataclass(frozen=True)
class Prospect:
    """The wanted state, and the step that comes next with its time by the product's clock; no step, nothing comes.

    It `is_due` while something ought to be otherwise than it is. Then no step means that it waits for its category.
    """

    wanted: RoomState
    step: Step | None = None
    at: datetime | None = None
    is_due: bool = False


def prospect_of(case: RoomCase, now: datetime, machine_now: datetime) -> Prospect:
    """What the clockwork will do next with this room, as far as the clock alone decides."""
    moment = Moment(now, machine_now, LONG_AGO, bot_in(case.recorded))
    wanted = wanted_state(case, now)
    if step := next_step(case, moment):
        return Prospect(wanted, step, now, not step.is_upkeep)
    if wait := next_wait(case, moment):
        step = next_step(case, _later(moment, wait))
        return Prospect(wanted, step, now + wait, True)
    if _waits_for_category(case, wanted):
        return Prospect(wanted, None, now, True)
    return _foreseen(case, moment, wanted)


def bot_in(recorded: RoomRecord) -> str:
    """The bot's own id, by its entry among the room's overwrites."""
    return next((one.target_id for one in recorded.overwrites if one.is_member and one.allow == BOT_RIGHTS), "")


def _waits_for_category(case: RoomCase, wanted: RoomState) -> bool:
    is_to_stand = wanted in (RoomState.HIDDEN, RoomState.OPEN) and case.recorded.channel_id is None
    return is_to_stand and case.kind == RoomKind.SESSION and case.parent.is_coming


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
