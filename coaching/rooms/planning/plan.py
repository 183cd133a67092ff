"""The one step that brings a room nearer to what it ought to be. Pure.

Two clocks: sessions live by the product's; pauses and whatever has to settle inside Discord live by the machine's,
because a demo's clock jumps and Discord does not jump along.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from coaching.rooms.planning.case import Part, RoomCase, RoomKind, RoomState, StepKind
from coaching.rooms.planning.status import GONE, HIDDEN_OR_OPEN, RoomStatus
from coaching.rooms.planning.steps import Moment, Reason, Step, hold
from coaching.rooms.planning.upkeep import look_before_closing, upkeep
from coaching.rooms.planning.wanted import wanted_overwrites

# A room made hidden and opened at once would need an overwrite edit right after its making, which Discord may lose.
HIDDEN_AT_LEAST = timedelta(minutes=2)
# With a shared role nothing is removed with which people would have to go.
MOST_TRIES_AT_THE_END = 5
# One person's right to a shared role: the store, the guild, the account.
Entry = tuple[int | None, str, str]


def next_step(case: RoomCase, moment: Moment) -> Step | None:
    """The one thing to do now for this room, or None when it is as it should be or has to wait."""
    step, wait = step_and_wait(case, moment)
    return step if wait is None else None


def step_and_wait(case: RoomCase, moment: Moment) -> tuple[Step | None, timedelta | None]:
    """What is due, and how long it has to wait for Discord to settle or for its next try; None when it need not."""
    status, now = RoomStatus(case, moment.at.product), moment.at.machine
    step = _change(status, moment)
    wait = hold(case.recorded, step, now) if step else None
    # Discord may take no more roles for days: meanwhile what a shared one opens is looked after all the same.
    if step and not (wait and step.kind == StepKind.MAKE_ROLE and case.kind == RoomKind.SHARED):
        return step, wait
    upkeep = _first_upkeep(status, moment)
    its_wait = hold(case.recorded, upkeep, now) if upkeep else None
    return (step, wait) if step and (upkeep is None or its_wait) else (upkeep, its_wait)


def _first_upkeep(status: RoomStatus, moment: Moment) -> Step | None:
    case, recorded = status.case, status.case.recorded
    # What failed last goes last, so that a greeting that never works keeps no check from being made. Putting people out
    # goes last with it: two that never work would take turns, and nothing else would ever have one.
    last = {recorded.failed_step, StepKind.DISCONNECT} if recorded.failed_step else set()

    def turn(step: Step) -> tuple[timedelta, bool]:
        its_own = hold(recorded, step, moment.at.machine) or timedelta()
        return max(its_own, moment.held_for(case.home_guild_id, step.kind)), step.kind in last

    return min(upkeep(status, moment), key=turn, default=None)


def _change(status: RoomStatus, moment: Moment) -> Step | None:
    """The step that brings the room nearer to its wanted state."""
    case, wanted = status.case, status.wanted
    if case.recorded.has_unknown_outcome:
        return Step(StepKind.FIND, Reason.ROLE_UNKNOWN if case.recorded.intent == Part.ROLE else Reason.ROOM_UNKNOWN)
    if looking := look_before_closing(status, moment):
        return looking
    if wanted in GONE:
        return _taking_down(case, wanted)
    if _is_of_another_mode(case, moment.at.product):
        return _taking_down(case, RoomState.ABSENT, Reason.OTHER_MODE)
    if case.is_of_shared_role:
        return _change_of_role_only(status)
    return (
        _change_of_channel(case, wanted, moment) if case.recorded.discord_channel_id else _making(case, wanted, moment)
    )


# --- Nothing is to exist


def _taking_down(case: RoomCase, wanted: RoomState, why: Reason | None = None) -> Step | None:
    """Whatever there is of the room goes: the shared role from its holders, the channel, the role."""
    recorded = case.recorded
    why = why or _why_gone(case, wanted)
    if case.is_of_shared_role:
        return _change_of_holders(case, wanted, why)
    if recorded.discord_channel_id:
        # As long as there is a role, the room is not done with.
        is_last = recorded.discord_role_id is None or wanted == RoomState.ABSENT
        return Step(StepKind.REMOVE, why, wanted if is_last else RoomState.CLOSED)
    if recorded.discord_role_id:
        return Step(StepKind.REMOVE_ROLE, why, wanted)
    if recorded.id and recorded.state != wanted and wanted == RoomState.REMOVED:
        return Step(StepKind.SETTLE, Reason.NOTHING_LEFT, wanted)
    return None


def _why_gone(case: RoomCase, wanted: RoomState) -> Reason:
    if case.kind != RoomKind.SESSION:
        return Reason.UNUSED
    if wanted == RoomState.ABSENT:
        # It was moved, or opened by hand long before and closed again: both are true of it.
        return Reason.NOT_NEEDED_YET
    return Reason.SESSION_OVER if case.is_on else Reason.SESSION_CANCELLED


def _is_of_another_mode(case: RoomCase, now: datetime) -> bool:
    """True for a room that was begun in another way than its store wants now. One that is open stays as it is."""
    recorded = case.recorded
    is_other = case.kind == RoomKind.SESSION and recorded.has_anything and recorded.asked_mode != case.mode
    return is_other and recorded.state != RoomState.OPEN and now < case.ends_at


# --- A role alone


def _change_of_role_only(status: RoomStatus) -> Step | None:
    """The shared role is given to those whose session is open, and taken from the others."""
    case, wanted = status.case, status.wanted
    if wanted == RoomState.OPEN:
        return None if case.role_id is None or status.is_too_late else _change_of_holders(case, wanted)
    if wanted == RoomState.HIDDEN and not case.recorded.may_hold:
        return None
    return _change_of_holders(case, wanted, Reason.TIME_TO_CLOSE)


def _change_of_holders(case: RoomCase, wanted: RoomState, why_taken: Reason | None = None) -> Step | None:
    """The next change of who has the role, the last one of which brings the room into its state.

    Where there is a reason to take a shared role from everybody, they leave the call, too.
    """
    recorded = case.recorded
    entitled = case.members if wanted == RoomState.OPEN else ()
    for user_id in entitled:
        if user_id not in recorded.holders:
            return Step(StepKind.GIVE_ROLE, Reason.TIME_TO_OPEN, RoomState.OPEN, user_id=user_id)
    to_take = sorted(recorded.may_hold - set(entitled) - case.role_transfers) if case.role_id else []
    if to_take:
        # Nobody is looked after any more where everything is removed.
        reached = RoomState.CLOSED if wanted == RoomState.REMOVED else wanted
        state = reached if recorded.may_hold == {to_take[0]} else recorded.state
        return Step(StepKind.TAKE_ROLE, why_taken or Reason.LETS_IN_OTHERS, state, user_id=to_take[0])
    if why_taken:
        is_given_up = recorded.failing_step == StepKind.DISCONNECT and recorded.attempts >= MOST_TRIES_AT_THE_END
        if case.to_disconnect and not (is_given_up and wanted in GONE):
            return Step(StepKind.DISCONNECT, why_taken, recorded.state, user_id=min(case.to_disconnect))
        if case.pending_transfers or recorded.id is None:
            # Should the other session fail to give it, somebody has to know who still has it.
            return None
    return Step(StepKind.SETTLE, why_taken or Reason.LETS_IN_NOBODY, wanted) if recorded.state != wanted else None


# --- A channel


def _making(case: RoomCase, wanted: RoomState, moment: Moment) -> Step | None:
    now = moment.at.product
    if case.kind == RoomKind.SESSION:
        if now >= case.ends_at:
            return _taking_down(case, RoomState.REMOVED, Reason.NOTHING_LEFT)
        if wanted == RoomState.CLOSED or case.parent.is_coming:
            return None
        if wanted == RoomState.HIDDEN and not case.has_own_role and case.timeline.opens_at - now <= HIDDEN_AT_LEAST:
            return None
    if case.guild_id is None:
        return None
    if case.has_own_role:
        if case.role_id is None:
            return _making_role(case, wanted)
        wanted = RoomState.HIDDEN
    return Step(StepKind.MAKE, _why_made(case, wanted), wanted, wanted_overwrites(case, wanted, moment.bot_id))


def _making_role(case: RoomCase, wanted: RoomState) -> Step:
    return Step(StepKind.MAKE_ROLE, _why_made(case, wanted), case.recorded.state)


def _why_made(case: RoomCase, wanted: RoomState) -> Reason:
    if case.kind != RoomKind.SESSION:
        return Reason.SESSIONS_COME
    return Reason.SESSION_NEAR if wanted == RoomState.HIDDEN else Reason.TIME_TO_OPEN


def _change_of_channel(case: RoomCase, wanted: RoomState, moment: Moment) -> Step | None:
    recorded = case.recorded
    lacks_role = case.has_own_role and case.role_id is None and wanted in HIDDEN_OR_OPEN
    making = _making_role(case, wanted) if lacks_role else None
    if making and hold(recorded, making, moment.at.machine) is None:
        return making
    overwrites = wanted_overwrites(case, wanted, moment.bot_id)
    if overwrites != recorded.overwrites:
        # With a role, who has it decides whether the room is open.
        by_role = RoomState.OPEN if recorded.holders else RoomState.HIDDEN
        state = by_role if case.has_own_role and wanted in HIDDEN_OR_OPEN else wanted
        return Step(StepKind.SET_ACCESS, _why_access(case, wanted), state, overwrites)
    if making:
        return making
    lets_in_by_role = case.has_own_role and case.kind == RoomKind.SESSION and wanted in HIDDEN_OR_OPEN
    if lets_in_by_role and (step := _change_of_holders(case, wanted)):
        return step
    # Shutting a room throws nobody out of the call.
    inside = [occupant.discord_user_id for occupant in case.occupants if occupant.is_inside]
    if wanted != RoomState.OPEN and inside:
        why = Reason.TIME_OVER if wanted == RoomState.CLOSED else Reason.NOT_OPEN_YET
        return Step(StepKind.DISCONNECT, why, wanted, user_id=inside[0])
    return None


def _why_access(case: RoomCase, wanted: RoomState) -> Reason:
    if wanted == case.recorded.state:
        return Reason.LETS_IN_OTHERS
    return {RoomState.OPEN: Reason.TIME_TO_OPEN, RoomState.CLOSED: Reason.TIME_TO_CLOSE}.get(
        wanted, Reason.NOT_TIME_TO_OPEN
    )


# --- Shared-role transfers: whoever needs a store's role for another session keeps it when one ends


def with_shared_role_transfers(cases: Iterable[RoomCase], now: datetime) -> list[RoomCase]:
    """The cases, each knowing to which of its holders another session of the same store gives the shared role, too."""
    cases = list(cases)
    entitled, given = defaultdict[Entry, set[int]](set), defaultdict[Entry, set[int]](set)  # by which of the cases
    for number, case in enumerate(cases):
        for user_id in _entitled(case, now):
            entitled[_entry(case, user_id)].add(number)
            if user_id in case.recorded.holders:
                given[_entry(case, user_id)].add(number)
    for number, case in enumerate(cases):
        if case.is_of_shared_role:
            by_others = {user_id: entitled[_entry(case, user_id)] - {number} for user_id in case.recorded.may_hold}
            transfers = frozenset(user_id for user_id, others in by_others.items() if others)
            pending = frozenset(user_id for user_id in transfers if not given[_entry(case, user_id)] - {number})
            cases[number] = replace(case, role_transfers=transfers, pending_transfers=pending)
    return cases


def _entitled(case: RoomCase, now: datetime) -> tuple[str, ...]:
    """Who has the store's role for this session, or is going to be given it."""
    if not case.is_of_shared_role:
        return ()
    status = RoomStatus(case, now)
    return case.members if status.wanted == RoomState.OPEN and not status.is_too_late else ()


def _entry(case: RoomCase, user_id: str) -> Entry:
    return case.store_id, case.home_guild_id, user_id
