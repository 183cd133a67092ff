"""What a room ought to be at an instant, and the one step that brings it nearer. Pure.

Two clocks: sessions live by the product's (`now`); pauses and whatever has to settle inside Discord live by the
machine's (`machine_now`), because a demo's clock jumps and Discord does not jump along.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from coaching.guild_parts import Overwrite
from coaching.guild_rights import AUDIO_RIGHTS, BOT_RIGHTS, SHUT_OUT, VIDEO_RIGHTS
from coaching.rooms.case import (
    IN_ORDER,
    AccessMode,
    Occupant,
    Parent,
    RoomCase,
    RoomKind,
    RoomRecord,
    RoomState,
    StepKind,
)
from coaching.rooms.timeline import Timeline

__all__ = [
    "AccessMode",
    "Moment",
    "Occupant",
    "Parent",
    "RoomCase",
    "RoomKind",
    "RoomRecord",
    "RoomState",
    "Step",
    "StepKind",
]

# A room made hidden and opened at once would need an overwrite edit right after its making, which Discord may lose.
HIDDEN_AT_LEAST = timedelta(minutes=2)
# Discord answers an edit sent sooner than this with success and now and then forgets it.
EDIT_SETTLES = timedelta(seconds=10)
# A creation without an answer may still take effect for about this long.
DOUBT_SETTLES = timedelta(seconds=20)
# Whoever cannot be looked for within this time does not keep a room from closing.
LOOKED_FOR = timedelta(seconds=5)
# A role that was given weeks ahead is looked after when the session comes near.
STANDING_UPKEEP = timedelta(minutes=15)
# Nobody but moderators changes a shared category.
PLACE_FRESH = timedelta(minutes=10)

# These look after a room that is as it should be; they never keep a change of state waiting.
UPKEEP = frozenset({StepKind.GREET, StepKind.WARN, StepKind.CHECK, StepKind.CHECK_MEMBER, StepKind.LOOK})
STANDING = (RoomState.HIDDEN, RoomState.OPEN)
GONE = (RoomState.ABSENT, RoomState.REMOVED)


@dataclass(frozen=True)
class Moment:
    """When the plan is asked: both clocks, and since when a look at Discord counts as fresh.

    In the guilds of `unseen` nobody can say who is in which voice channel.
    """

    now: datetime
    machine_now: datetime
    stale_before: datetime
    bot_id: str
    unseen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Step:
    """One call to Discord: what, why, and what will be true of the room afterwards. Upkeep: last done when."""

    kind: StepKind
    why: str
    state: RoomState = RoomState.ABSENT
    overwrites: frozenset[Overwrite] = frozenset()
    user_id: str = ""
    last_done_at: datetime | None = None
    is_urgent: bool = False

    @property
    def is_upkeep(self) -> bool:
        """True for what can wait while others change their state."""
        return self.kind in UPKEEP and not self.is_urgent


def wanted_state(case: RoomCase, now: datetime) -> RoomState:
    """The state this session's room ought to be in at `now`."""
    if not case.is_on:
        return RoomState.REMOVED
    if case.kind != RoomKind.SESSION:
        return RoomState.HIDDEN
    wanted = _state_by_clock(case.timeline, now)
    if case.recorded.thresholds == case.thresholds:
        # A clock that was put back undoes nothing: who has been let in stays in, who was shut out stays out.
        wanted = max(wanted, case.recorded.state, key=IN_ORDER.index)
    is_past = wanted in (RoomState.CLOSED, RoomState.REMOVED)
    if is_past and case.recorded.state == RoomState.OPEN and case.is_talking and now < case.talk_ends_at:
        return RoomState.OPEN
    return wanted


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
    if not case.is_on or case.kind != RoomKind.SESSION:
        return None
    thresholds = (*case.timeline.thresholds, case.talk_ends_at)
    return min((threshold for threshold in thresholds if threshold > now), default=None)


def due_since(case: RoomCase, state: RoomState) -> datetime | None:
    """Since when the room ought to have been in `state`, or None where that is not the clock's decision."""
    due = case.timeline
    if not case.is_on or case.kind != RoomKind.SESSION:
        return None
    if state in (RoomState.CLOSED, RoomState.REMOVED):
        # Those who talked on were left alone.
        return None if case.recorded.is_warned else {"closed": due.closes_at, "removed": due.removed_at}[state]
    since = {RoomState.HIDDEN: due.made_at, RoomState.OPEN: due.opens_at}.get(state)
    return max(since, case.wishes.booked_at or since) if since else None


def wanted_overwrites(case: RoomCase, state: RoomState, bot_id: str) -> frozenset[Overwrite]:
    """Who may enter a room in `state`: the bot always, those it is for only while it is open, nobody else ever."""
    # A room that stands stays where it is, even when its store has moved to another guild.
    guild_id = case.standing_guild_id or ""
    entries = {
        Overwrite(guild_id, is_member=False, deny=SHUT_OUT),
        Overwrite(bot_id, is_member=True, allow=BOT_RIGHTS),
    }
    rights = VIDEO_RIGHTS if case.has_video else AUDIO_RIGHTS
    if case.has_own_role:
        # A role that nobody has yet opens nothing, and needs no later edit to open something.
        return frozenset(entries | _entry_of_role(case, state, rights))
    if state == RoomState.OPEN:
        # An entry of somebody who left does nothing when they come back: it has to be given again, so it goes first.
        entries |= {Overwrite(user_id, True, allow=rights) for user_id in case.members}
    return frozenset(entries)


def _entry_of_role(case: RoomCase, state: RoomState, rights: int) -> set[Overwrite]:
    return {Overwrite(case.role_id, False, allow=rights)} if case.role_id and state in STANDING else set()


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
    if _is_in_doubt(case.recorded):
        what = "role" if case.recorded.intends_role else "room"
        return Step(StepKind.FIND, f"look whether the {what} was made after all")
    wanted = wanted_state(case, moment.now)
    if looking := _look_before_closing(case, wanted, moment):
        return looking
    if wanted in GONE:
        return _taking_down(case, wanted)
    if _is_of_another_mode(case, moment.now):
        return _taking_down(case, RoomState.ABSENT, "the store lets people in by another way now")
    if case.is_of_shared_role:
        return _change_of_role_only(case, wanted, moment.now)
    return _change_of_channel(case, wanted, moment) if case.recorded.channel_id else _making(case, wanted, moment)


# --- Nothing may stand


def _taking_down(case: RoomCase, wanted: RoomState, why: str = "") -> Step | None:
    """Whatever there is of the room goes: the shared role from its holders, the channel, the role."""
    recorded = case.recorded
    why = why or _why_gone(case, wanted)
    if case.is_of_shared_role:
        return _taking_roles(case, wanted, why)
    if recorded.channel_id:
        # As long as there is a role, the room is not done with.
        is_last = recorded.role_id is None or wanted == RoomState.ABSENT
        return Step(StepKind.REMOVE, why, wanted if is_last else RoomState.CLOSED)
    if recorded.role_id:
        return Step(StepKind.REMOVE_ROLE, why, wanted)
    if recorded.room_id and recorded.state != wanted and wanted == RoomState.REMOVED:
        return Step(StepKind.SETTLE, "nothing is left to do", wanted)
    return None


def _why_gone(case: RoomCase, wanted: RoomState) -> str:
    if case.kind != RoomKind.SESSION:
        return "no store needs it any more"
    if wanted == RoomState.ABSENT:
        return "the session was moved"
    return "the session is over" if case.is_on else "the session was cancelled"


def _is_of_another_mode(case: RoomCase, now: datetime) -> bool:
    """True for a room that was begun in another way than its store wants now. One that is open stays as it is."""
    recorded = case.recorded
    is_other = case.kind == RoomKind.SESSION and recorded.has_anything and recorded.asked_mode != case.mode
    return is_other and recorded.state != RoomState.OPEN and now < case.ends_at


# --- A role alone


def _change_of_role_only(case: RoomCase, wanted: RoomState, now: datetime) -> Step | None:
    """The shared role is given to those whose session is open, and taken from the others."""
    recorded = case.recorded
    if wanted == RoomState.HIDDEN and not recorded.holders:
        return None
    if wanted != RoomState.OPEN:
        return _taking_roles(case, wanted, "it is time to close")
    if case.role_id is None or is_too_late(case, now):
        return None
    return _giving_and_taking(case, RoomState.OPEN)


def is_too_late(case: RoomCase, now: datetime) -> bool:
    """True when the session has ended and nobody was let in before."""
    return now >= case.ends_at and case.recorded.state != RoomState.OPEN


def _taking_roles(case: RoomCase, wanted: RoomState, why: str) -> Step | None:
    to_take = sorted(case.recorded.holders - case.kept_holders) if case.role_id else []
    if to_take:
        is_last = len(to_take) == 1 and case.recorded.holders == set(to_take)
        return Step(StepKind.TAKE_ROLE, why, wanted if is_last else case.recorded.state, user_id=to_take[0])
    if case.awaited_holders:
        # Should the other session fail to give it, somebody has to know who still has it.
        return None
    if case.recorded.room_id and case.recorded.state != wanted:
        return Step(StepKind.SETTLE, why, wanted)
    return None


def _giving_and_taking(case: RoomCase, wanted: RoomState) -> Step | None:
    """The next change of who has the role, while the room is to be open or hidden."""
    recorded = case.recorded
    entitled = case.members if wanted == RoomState.OPEN else ()
    for user_id in entitled:
        if user_id not in recorded.holders:
            return Step(StepKind.GIVE_ROLE, "it is time to open", RoomState.OPEN, user_id=user_id)
    for user_id in sorted(recorded.holders - set(entitled) - case.kept_holders):
        is_last = recorded.holders == {user_id}
        state = wanted if is_last else recorded.state
        return Step(StepKind.TAKE_ROLE, "the room lets in others than it should", state, user_id=user_id)
    if recorded.state != wanted:
        return Step(StepKind.SETTLE, "nobody is to be let in", wanted)
    return None


# --- A channel


def _making(case: RoomCase, wanted: RoomState, moment: Moment) -> Step | None:
    if case.kind == RoomKind.SESSION:
        if moment.now >= case.ends_at:
            return _taking_down(case, RoomState.REMOVED, "nothing is left to do")
        if wanted == RoomState.CLOSED or case.parent.is_coming:
            return None
    if case.guild_id is None:
        return None
    if case.has_own_role:
        return _making_role(case, wanted) if case.role_id is None else _making_channel(case, RoomState.HIDDEN, moment)
    if wanted == RoomState.HIDDEN and _opens_too_soon_to_be_hidden(case, moment.now):
        return None
    return _making_channel(case, wanted, moment)


def _opens_too_soon_to_be_hidden(case: RoomCase, now: datetime) -> bool:
    return case.kind == RoomKind.SESSION and case.timeline.opens_at - now <= HIDDEN_AT_LEAST


def _making_role(case: RoomCase, wanted: RoomState) -> Step:
    return Step(StepKind.MAKE_ROLE, _why_made(case, wanted), case.recorded.state)


def _making_channel(case: RoomCase, state: RoomState, moment: Moment) -> Step:
    return Step(StepKind.MAKE, _why_made(case, state), state, wanted_overwrites(case, state, moment.bot_id))


def _why_made(case: RoomCase, wanted: RoomState) -> str:
    if case.kind != RoomKind.SESSION:
        return "sessions are coming"
    return "the session is near" if wanted == RoomState.HIDDEN else "it is time to open"


def _change_of_channel(case: RoomCase, wanted: RoomState, moment: Moment) -> Step | None:
    recorded = case.recorded
    if case.has_own_role and case.role_id is None and wanted in STANDING:
        return _making_role(case, wanted)
    overwrites = wanted_overwrites(case, wanted, moment.bot_id)
    if overwrites != recorded.overwrites:
        return Step(StepKind.SET_ACCESS, _why_access(case, wanted), _state_with_access(case, wanted), overwrites)
    if case.has_own_role and case.kind == RoomKind.SESSION and wanted in STANDING:
        return _giving_and_taking(case, wanted)
    if wanted == RoomState.CLOSED:
        # Shutting a room throws nobody out of the call.
        inside = (one for one in case.occupants if one.is_inside)
        return next(
            (Step(StepKind.DISCONNECT, "the time is over", wanted, user_id=one.discord_user_id) for one in inside), None
        )
    return None


def _state_with_access(case: RoomCase, wanted: RoomState) -> RoomState:
    """The state of the room once its channel lets in whom it should: with a role, who has it decides."""
    if case.has_own_role and wanted in STANDING:
        return RoomState.OPEN if case.recorded.holders else RoomState.HIDDEN
    return wanted


def _why_access(case: RoomCase, wanted: RoomState) -> str:
    if wanted == case.recorded.state:
        return "the room lets in others than it should"
    return {RoomState.OPEN: "it is time to open", RoomState.CLOSED: "it is time to close"}.get(
        wanted, "the session was moved"
    )


# --- Looking after what stands


def _look_before_closing(case: RoomCase, wanted: RoomState, moment: Moment) -> Step | None:
    """A look at who is inside, unless it is fresh, impossible, or would change nothing."""
    is_closing = wanted in (RoomState.CLOSED, RoomState.REMOVED) and case.recorded.state == RoomState.OPEN
    if not is_closing or not case.is_on or case.recorded.channel_id is None or moment.now >= case.talk_ends_at:
        return None
    recorded = case.recorded
    is_given_up = recorded.failing_step == StepKind.LOOK and _is_far(recorded.next_try_at, moment)
    if is_given_up or case.home_guild_id in moment.unseen:
        return None
    return next((replace(look, is_urgent=True) for look in _looks(case, moment.stale_before, moment)), None)


def _is_far(at: datetime | None, moment: Moment) -> bool:
    return at is not None and at > moment.machine_now + LOOKED_FOR


def _looks(case: RoomCase, stale_before: datetime, moment: Moment) -> Iterator[Step]:
    for one in case.occupants:
        if one.is_member and _is_stale(one.looked_at, stale_before, moment):
            yield Step(
                StepKind.LOOK,
                "see who is in the room",
                case.recorded.state,
                user_id=one.discord_user_id,
                last_done_at=one.looked_at,
            )


def _upkeep(case: RoomCase, moment: Moment) -> Iterator[Step]:
    """What a room needs that stands as it should."""
    if case.kind != RoomKind.SESSION:
        yield from _upkeep_of_place(case, moment)
    elif case.recorded.channel_id or (case.is_of_shared_role and case.recorded.state == RoomState.OPEN):
        # Where everybody has left the server nobody has the role, and whoever comes back has to be noticed.
        yield from _upkeep_of_session(case, moment)


def _upkeep_of_place(case: RoomCase, moment: Moment) -> Iterator[Step]:
    # A category for rooms is noticed when it is missing: they bring their own rights along.
    if case.kind == RoomKind.SHARED and case.recorded.channel_id:
        stale_before = min(moment.stale_before, moment.machine_now - PLACE_FRESH)
        yield from _checks(case, stale_before, moment)


def _upkeep_of_session(case: RoomCase, moment: Moment) -> Iterator[Step]:
    recorded = case.recorded
    if recorded.channel_id:
        yield from _messages(case, moment.now)
        yield from _checks(case, moment.stale_before, moment)
    if case.timing.stands and moment.now < case.starts_at - STANDING_UPKEEP:
        return
    if wanted_state(case, moment.now) in STANDING:
        for one in case.occupants:
            if _is_stale(one.checked_at, moment.stale_before, moment):
                why = "see whether they are on the server"
                yield Step(StepKind.CHECK_MEMBER, why, user_id=one.discord_user_id, last_done_at=one.checked_at)
    if recorded.state == RoomState.OPEN:
        yield from _looks(case, moment.stale_before, moment)
    elif recorded.state == RoomState.CLOSED and recorded.granted_at:
        # Somebody may have come in just before it closed.
        yield from _looks(case, recorded.granted_at, moment)


def _messages(case: RoomCase, now: datetime) -> Iterator[Step]:
    recorded = case.recorded
    if recorded.state != RoomState.OPEN:
        return
    if not recorded.is_greeted and now < case.ends_at:
        yield Step(StepKind.GREET, "the room has opened", recorded.state)
    if not recorded.is_warned and now >= case.ends_at and case.is_talking:
        yield Step(StepKind.WARN, "the planned time is over", recorded.state)


def _checks(case: RoomCase, stale_before: datetime, moment: Moment) -> Iterator[Step]:
    if _is_stale(case.recorded.checked_at, stale_before, moment):
        yield Step(StepKind.CHECK, "see whether the room is as we left it", last_done_at=case.recorded.checked_at)


def _is_stale(seen_at: datetime | None, stale_before: datetime, moment: Moment) -> bool:
    # What was seen in the future was seen before a clock was put back.
    return seen_at is None or not stale_before <= seen_at <= moment.machine_now


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
