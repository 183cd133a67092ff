"""What a room ought to be at an instant, and the one step that brings it nearer. Pure.

Two clocks: sessions live by the product's (`now`); pauses and whatever has to settle inside Discord live by the
machine's (`machine_now`), because a demo's clock jumps and Discord does not jump along.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from coaching.catalog.timing import RoomTiming
from coaching.guild_parts import Overwrite
from coaching.guild_rights import AUDIO_RIGHTS, BOT_RIGHTS, SHUT_OUT, VIDEO_RIGHTS
from coaching.rooms.timeline import Timeline, timeline

# A room made hidden and opened at once would need an overwrite edit right after its making, which Discord may lose.
HIDDEN_AT_LEAST = timedelta(minutes=2)
# Discord answers an edit sent sooner than this with success and now and then forgets it.
EDIT_SETTLES = timedelta(seconds=10)
# A creation without an answer may still take effect for about this long.
DOUBT_SETTLES = timedelta(seconds=20)


class RoomState(StrEnum):
    ABSENT = "absent"
    HIDDEN = "hidden"
    OPEN = "open"
    CLOSED = "closed"
    REMOVED = "removed"


# Time leads from each of these to the next one, never back.
IN_ORDER = list(RoomState)


class StepKind(StrEnum):
    FIND = "find"
    MAKE = "make"
    SET_ACCESS = "set_access"
    REMOVE = "remove"
    SETTLE = "settle"
    GREET = "greet"
    CHECK = "check"
    CHECK_MEMBER = "check_member"


# These look after a room that is as it should be; they never keep a change of state waiting.
UPKEEP = frozenset({StepKind.GREET, StepKind.CHECK, StepKind.CHECK_MEMBER})


@dataclass(frozen=True)
class Occupant:
    """Somebody the room is for. `is_member` is False only when Discord said so."""

    discord_user_id: str
    is_member: bool = True
    checked_at: datetime | None = None


@dataclass(frozen=True)
class RoomRecord:
    """What is written down about a room: what Discord is known to have, and what was tried."""

    room_id: int | None = None
    version: int = 0
    state: RoomState = RoomState.ABSENT
    thresholds: str = ""
    guild_id: str | None = None
    channel_id: str | None = None
    overwrites: frozenset[Overwrite] = frozenset()
    is_greeted: bool = False
    intended_at: datetime | None = None
    looked_at: datetime | None = None
    made_at: datetime | None = None
    granted_at: datetime | None = None
    checked_at: datetime | None = None
    claimed_until: datetime | None = None
    failing_step: StepKind | None = None
    attempts: int = 0
    next_try_at: datetime | None = None


@dataclass(frozen=True)
class RoomCase:
    """One coaching session and its room, as plain values."""

    session_id: int
    session_code: str
    starts_at: datetime
    ends_at: datetime
    is_on: bool
    has_video: bool
    timing: RoomTiming
    guild_id: str | None
    occupants: tuple[Occupant, ...]
    recorded: RoomRecord = RoomRecord()

    @property
    def timeline(self) -> Timeline:
        return timeline(self.starts_at, self.ends_at, self.timing)

    @property
    def thresholds(self) -> str:
        """What tells this session's times from those it had before it was moved or its product's timing changed."""
        return " ".join(f"{threshold:%Y-%m-%dT%H:%M:%S}" for threshold in self.timeline.thresholds)

    @property
    def home_guild_id(self) -> str:
        """Where the room was made or tried last, else where it is going to be made."""
        return self.recorded.guild_id or self.guild_id or ""


@dataclass(frozen=True)
class Moment:
    """When the plan is asked: both clocks, and since when a look at Discord counts as fresh."""

    now: datetime
    machine_now: datetime
    stale_before: datetime
    bot_id: str


@dataclass(frozen=True)
class Step:
    """One call to Discord: what, why, and what will be true of the room afterwards."""

    kind: StepKind
    why: str
    state: RoomState = RoomState.ABSENT
    overwrites: frozenset[Overwrite] = frozenset()
    user_id: str = ""

    @property
    def is_upkeep(self) -> bool:
        return self.kind in UPKEEP


def wanted_state(case: RoomCase, now: datetime) -> RoomState:
    """The state this session's room ought to be in at `now`."""
    if not case.is_on:
        return RoomState.REMOVED
    by_clock = _state_by_clock(case.timeline, now)
    if case.recorded.thresholds != case.thresholds:
        return by_clock
    # A clock that was put back undoes nothing: who has been let in stays in, who was shut out stays out.
    return max(by_clock, case.recorded.state, key=IN_ORDER.index)


def _state_by_clock(due: Timeline, now: datetime) -> RoomState:
    # Thresholds, not windows: a tick that never ran must not cost anyone a room.
    if now >= due.removed_at:
        return RoomState.REMOVED
    if now >= due.closes_at:
        return RoomState.CLOSED
    if now >= due.opens_at:
        return RoomState.OPEN
    if now >= due.made_at:
        return RoomState.HIDDEN
    return RoomState.ABSENT


def next_step(case: RoomCase, moment: Moment) -> Step | None:
    """The one thing to do now for this room, or None when it is as it should be or has to wait."""
    step = _wanted_step(case, moment)
    return step if step and _hold(case, step, moment) is None else None


def next_wait(case: RoomCase, moment: Moment) -> timedelta | None:
    """How long the step that is due has to wait for Discord to settle or for its next try; None when it need not."""
    step = _wanted_step(case, moment)
    return _hold(case, step, moment) if step else None


def next_threshold(case: RoomCase, now: datetime) -> datetime | None:
    """The next instant at which this session's clock, and nothing else, makes something due."""
    thresholds = case.timeline.thresholds if case.is_on else ()
    return min((threshold for threshold in thresholds if threshold > now), default=None)


def wanted_overwrites(case: RoomCase, state: RoomState, bot_id: str) -> frozenset[Overwrite]:
    """Who may enter a room in `state`: the bot always, coach and student only while it is open, nobody else ever."""
    # A room that stands stays where it is, even when its store has moved to another guild.
    guild_id = case.home_guild_id if case.recorded.channel_id else case.guild_id or ""
    entries = {
        Overwrite(guild_id, is_member=False, deny=SHUT_OUT),
        Overwrite(bot_id, is_member=True, allow=BOT_RIGHTS),
    }
    if state == RoomState.OPEN:
        rights = VIDEO_RIGHTS if case.has_video else AUDIO_RIGHTS
        # An entry of somebody who left does nothing when they come back: it has to be given again, so it goes first.
        entries |= {Overwrite(one.discord_user_id, True, allow=rights) for one in case.occupants if one.is_member}
    return frozenset(entries)


def attempts_with(recorded: RoomRecord, failing: StepKind) -> int:
    """How often the room has failed in a row, now that `failing` did."""
    # The kinds of upkeep count together: taking turns at failing, they would never come to longer pauses.
    is_row = recorded.failing_step == failing or (recorded.failing_step in UPKEEP and failing in UPKEEP)
    return recorded.attempts + 1 if is_row else 1


def retry_pause(attempts: int, is_permanent: bool) -> timedelta:
    """How long to leave a failing room alone: seconds at first, growing to minutes; longer when a person has to act."""
    first, longest = (60, 3600) if is_permanent else (2, 300)
    return timedelta(seconds=min(longest, first * 2 ** min(attempts - 1, 12)))


def _wanted_step(case: RoomCase, moment: Moment) -> Step | None:
    """What ought to be done next, whether or not it has to wait: a change of the room before its upkeep."""
    # What failed last goes last, so that a greeting that never works keeps no check from being made.
    upkeep = sorted(_upkeep(case, moment), key=lambda step: step.kind == case.recorded.failing_step)
    return _change(case, moment) or next(iter(upkeep), None)


def _change(case: RoomCase, moment: Moment) -> Step | None:
    """The step that brings the room nearer to its wanted state."""
    if case.recorded.channel_id:
        return _change_of_channel(case, moment)
    if _is_in_doubt(case.recorded):
        return Step(StepKind.FIND, "look whether the room was made after all")
    return _making(case, moment)


def _making(case: RoomCase, moment: Moment) -> Step | None:
    wanted = wanted_state(case, moment.now)
    is_over = wanted == RoomState.REMOVED or moment.now >= case.ends_at
    if is_over:
        has_row = case.recorded.room_id is not None
        return Step(StepKind.SETTLE, "nothing is left to do", RoomState.REMOVED) if has_row else None
    if wanted == RoomState.ABSENT or case.guild_id is None:
        return None
    if wanted == RoomState.HIDDEN and case.timeline.opens_at - moment.now <= HIDDEN_AT_LEAST:
        return None
    why = "the session is near" if wanted == RoomState.HIDDEN else "it is time to open"
    return Step(StepKind.MAKE, why, wanted, wanted_overwrites(case, wanted, moment.bot_id))


def _change_of_channel(case: RoomCase, moment: Moment) -> Step | None:
    wanted = wanted_state(case, moment.now)
    if wanted == RoomState.REMOVED:
        why = "the session is over" if case.is_on else "the session was cancelled"
        return Step(StepKind.REMOVE, why, RoomState.REMOVED)
    if wanted == RoomState.ABSENT:
        return Step(StepKind.REMOVE, "the session was moved", RoomState.ABSENT)
    overwrites = wanted_overwrites(case, wanted, moment.bot_id)
    if overwrites == case.recorded.overwrites:
        return None
    return Step(StepKind.SET_ACCESS, _why_access(case, wanted), wanted, overwrites)


def _why_access(case: RoomCase, wanted: RoomState) -> str:
    if wanted == case.recorded.state:
        return "the room lets in others than it should"
    return {RoomState.OPEN: "it is time to open", RoomState.CLOSED: "it is time to close"}.get(
        wanted, "the session was moved"
    )


def _upkeep(case: RoomCase, moment: Moment) -> Iterator[Step]:
    """What a room needs that stands as it should."""
    recorded = case.recorded
    if recorded.channel_id is None:
        return
    if recorded.state == RoomState.OPEN and not recorded.is_greeted and moment.now < case.ends_at:
        yield Step(StepKind.GREET, "the room has opened")
    if _is_stale(recorded.checked_at, moment):
        yield Step(StepKind.CHECK, "see whether the room is as we left it")
    if wanted_state(case, moment.now) in (RoomState.HIDDEN, RoomState.OPEN):
        stale = (one.discord_user_id for one in case.occupants if _is_stale(one.checked_at, moment))
        yield from (Step(StepKind.CHECK_MEMBER, "see whether they are on the server", user_id=one) for one in stale)


def _is_stale(seen_at: datetime | None, moment: Moment) -> bool:
    # What was seen in the future was seen before a clock was put back.
    return seen_at is None or not moment.stale_before <= seen_at <= moment.machine_now


def _is_in_doubt(recorded: RoomRecord) -> bool:
    """True while a creation may have worked although nobody wrote down its answer."""
    if recorded.intended_at is None:
        return False
    return recorded.looked_at is None or recorded.looked_at < recorded.intended_at + DOUBT_SETTLES


def _hold(case: RoomCase, step: Step, moment: Moment) -> timedelta | None:
    """How long this step has to wait, or None when it can be done now."""
    until = [_settled_at(case.recorded, step), _try_at(case.recorded, step)]
    return max((at - moment.machine_now for at in until if at and at > moment.machine_now), default=None)


def _settled_at(recorded: RoomRecord, step: Step) -> datetime | None:
    """When Discord will have finished what it was last asked."""
    if step.kind == StepKind.SET_ACCESS and recorded.made_at:
        return recorded.made_at + EDIT_SETTLES
    if step.kind == StepKind.FIND and recorded.looked_at and recorded.intended_at:
        # Looked for in vain right after the doubt; the second look is the one that counts.
        return recorded.intended_at + DOUBT_SETTLES
    return None


def _try_at(recorded: RoomRecord, step: Step) -> datetime | None:
    """When a failed step is to be tried again. Upkeep also waits for other failing steps, never the reverse."""
    return recorded.next_try_at if step.is_upkeep or recorded.failing_step == step.kind else None
