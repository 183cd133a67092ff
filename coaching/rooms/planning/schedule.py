"""What comes next for a room and when, for people to read. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from coaching.now import Now
from coaching.refusals import Refusal, explain
from coaching.rooms.planning.case import RoomCase, RoomKind, RoomState
from coaching.rooms.planning.plan import next_step, step_and_wait
from coaching.rooms.planning.status import HIDDEN_OR_OPEN, RoomStatus
from coaching.rooms.planning.steps import Moment, Step
from coaching.rooms.planning.wanted import bot_in

# So seen, every look at Discord is fresh: that a room is looked after each minute is not worth a line.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Hold:
    """What is left alone, until then by the product's clock: all servers (no guild), one, or one kind of step there."""

    guild_id: str
    kind: str
    until: datetime
    reason: Refusal
    guild_name: str = ""

    @property
    def sentence(self) -> str:
        """Why, in plain words."""
        return explain(self.reason)

    def covers(self, guild_id: str, kind: str | None = None) -> bool:
        """True when it is about this kind of step in this guild, or about any there where none is named."""
        return self.guild_id in ("", guild_id) and (kind is None or self.kind in ("", kind))


@dataclass(frozen=True)
class NextStep:
    """The step that comes next with its time by the product's clock; no step, nothing comes.

    It `is_due` while something ought to be otherwise than it is. Then no step means that it `waits_for` a shared part.
    `hold` keeps the step from coming sooner.
    """

    step: Step | None = None
    at: datetime | None = None
    is_due: bool = False
    waits_for: RoomKind | None = None
    hold: Hold | None = None


def scheduled_step(case: RoomCase, now: Now, holds: Iterable[Hold] = ()) -> NextStep:
    """What is done next with this room, as far as the clock and holds decide."""
    following = _by_clock(case, now)
    if following.at is None:
        return following
    kind = following.step.kind if following.step else ""
    lasting = [hold for hold in holds if hold.until > following.at and hold.covers(case.home_guild_id, kind)]
    longest = max(lasting, key=lambda hold: hold.until, default=None)
    return replace(following, at=longest.until, hold=longest) if longest else following


def _by_clock(case: RoomCase, now: Now) -> NextStep:
    moment = Moment(now, LONG_AGO, bot_in(case.recorded))
    step, wait = step_and_wait(case, moment)
    if (missing := _missing_shared_part(RoomStatus(case, now.product))) and (step is None or wait or step.is_upkeep):
        return NextStep(None, now.product, True, missing)
    if wait:
        return NextStep(next_step(case, _later(moment, wait)), now.product + wait, True)
    return NextStep(step, now.product, not step.is_upkeep) if step else _at_a_threshold(case, moment)


def _missing_shared_part(status: RoomStatus) -> RoomKind | None:
    """The kind of shared part without which nothing can be done for this session, although it is time."""
    case = status.case
    if case.kind != RoomKind.SESSION:
        return None
    if case.is_of_shared_role:
        is_to_be_let_in = status.wanted == RoomState.OPEN and case.members and not status.is_too_late
        return RoomKind.SHARED if is_to_be_let_in and case.role_id is None else None
    is_to_be_made = status.wanted in HIDDEN_OR_OPEN and case.recorded.discord_channel_id is None
    return RoomKind.CATEGORY if is_to_be_made and case.parent.is_coming else None


def _at_a_threshold(case: RoomCase, moment: Moment) -> NextStep:
    status = RoomStatus(case, moment.at.product)
    while at := status.next_threshold:
        step = next_step(case, _later(moment, at - moment.at.product))
        if step and not step.is_upkeep:
            return NextStep(step, at)
        status = RoomStatus(case, at)
    return NextStep()


def _later(moment: Moment, wait: timedelta) -> Moment:
    return replace(moment, at=moment.at.after(wait))
