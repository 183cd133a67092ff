"""One step of one room: claim it, make its call, record at once what came of it."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog

from coaching.alerts.mutations import owe_refusal
from coaching.call_budget.hold_mutations import hold_calls, hold_hanging_guild
from coaching.call_budget.queries import EVERYWHERE
from coaching.db_trouble import trouble_of
from coaching.host import HostError
from coaching.refusals import FOR_WANT_OF_RIGHTS, WAITS, Refusal
from coaching.rooms.orphans.mutations import SWEEP_AFTER_UNKNOWN_OUTCOME, want_sweep
from coaching.rooms.planning.case import Occupant, RoomCase, RoomKind, RoomRecord, StepKind
from coaching.rooms.planning.plan import next_step
from coaching.rooms.planning.status import RoomStatus
from coaching.rooms.planning.steps import Moment, Step, attempts_with, retry_pause, shared_holds
from coaching.rooms.reconciler import calls
from coaching.rooms.reconciler.state import FRESH_FOR, PAUSE_UNWRITTEN, State
from coaching.rooms.recording import changes, mutations
from coaching.rooms.recording.results import Change, Result, Stamp, changes_after

logger = structlog.get_logger(__name__)

# Every refused call counts towards a ban of the whole machine.
UNAUTHORIZED_PAUSE = timedelta(minutes=1)
# A call that took so long and brought no answer has held up a thread.
HUNG = timedelta(seconds=2)
# Many sessions wait for one shared part.
LONGEST_PAUSE_OF_SHARED_PART = timedelta(minutes=5)
# A look for each side of a call, a role taken from each, the room shut, each of them disconnected.
MOST_STEPS_UNWRITTEN = 8
Known = TypeVar("Known", RoomRecord, Occupant)


def carry_out(state: State, case: RoomCase, step: Step) -> None:
    """Do this step of this room, unless somebody else is at it by now. Whatever goes wrong costs no other room."""
    if state.held_until(case, step, state.now()):
        return
    state.count(due=1)
    subject = "session" if case.kind == RoomKind.SESSION else "shared_part"
    with structlog.contextvars.bound_contextvars(**{subject: case.session_code}):
        try:
            claimed = None if state.is_unwritten else mutations.claim_step(case, step, state.stamp())
            if claimed:
                _perform_and_record(state, claimed, step)
        except Exception as error:
            # It cannot be written down now. The claim runs out, and what was asked of Discord has an unknown outcome.
            state.count(failed=1)
            state.pause(case.key, PAUSE_UNWRITTEN)
            trouble = trouble_of(error)
            if trouble is None or state.note_unwritten():
                logger.error("step not written down", step=step.kind, error=type(error).__name__, trouble=trouble)
        if state.is_unwritten:
            _close_unwritten(state, case)


def _perform_and_record(state: State, case: RoomCase, step: Step) -> None:
    began = state.monotonic()
    try:
        result = _perform(state, case, step)
        took = timedelta(seconds=state.monotonic() - began)
        if isinstance(result, HostError):
            _record_refusal(state, case, step, result, state.stamp(took, result.status, result.code))
            return
        status = None if step.kind == StepKind.SETTLE else state.host.answered_with()
        if mutations.record(case, step, result, state.stamp(took, status)):
            state.on_owed()
        state.note_done(case, step)
        logger.info("step done", step=step.kind, state=step.state, reason=step.why)
    except mutations.ClaimLost:
        # The call took so long that somebody else took over; should both have made a room, the sweep removes one.
        want_sweep(case.home_guild_id, state.now().machine + SWEEP_AFTER_UNKNOWN_OUTCOME)


def _perform(state: State, case: RoomCase, step: Step) -> Result | HostError:
    """Make the call: what it came to, or why it failed."""
    try:
        if step.overwrites and state.bot_error:
            # Planned without the bot's own entry: it would shut the bot out.
            raise state.bot_error
        return calls.perform(state.host, case, step)
    except HostError as error:
        state.count(failed=1)
        logger.warning("step refused", step=step.kind, refusal=error.kind, status=error.status, code=error.code)
        return error
    except Exception as error:
        # Whatever is wrong with this room, the others go on. Only the type: the message may hold what people typed.
        logger.error("step broke", step=step.kind, error=type(error).__name__)
        state.count(failed=1)
        # Where it broke nobody knows: Discord may have done what it was asked.
        return HostError(type(error).__name__, Refusal.BROKEN)


def _record_refusal(state: State, case: RoomCase, step: Step, error: HostError, stamp: Stamp) -> None:
    if error.kind in WAITS:
        until = stamp.at.machine + (error.retry_after or timedelta(seconds=1))
        _hold_what_shares(state, case, step, error, until)
        mutations.record(case, step, partial(changes.delayed, error.kind, until), stamp)
        return
    # Discord does not say which right is missing. It is asked now: nothing of ours waits in a transaction yet.
    is_of_rights = error.kind in FOR_WANT_OF_RIGHTS and error is not state.bot_error
    lacking = calls.lacking_rights(state.host, case.home_guild_id) if is_of_rights else ""
    if error.kind == Refusal.UNAUTHORIZED:
        refuse_bot(state)
    if error.kind == Refusal.NO_ANSWER and stamp.took >= HUNG:
        state.holds[case.home_guild_id] = hold_hanging_guild(case.home_guild_id, stamp.at.machine)
    next_try_at = stamp.at.machine + _pause(case, step, error, stamp.at.product)
    mutations.record(case, step, partial(changes.refused, error.kind, next_try_at, lacking), stamp)
    owe_refusal(case.session_id, case.home_guild_id, error.kind, stamp.at, lacking)


def _hold_what_shares(state: State, case: RoomCase, step: Step, error: HostError, until: datetime) -> None:
    # Without knowing itself the bot can do nothing anywhere.
    if error.is_global or error is state.bot_error:
        hold(state, EVERYWHERE, error.kind, until)
    # A guild that takes no more roles for days: its sessions do without, each by its own step.
    elif not (step.kind == StepKind.MAKE_ROLE and calls.takes_no_more_roles(error)):
        for name in shared_holds(case.home_guild_id, step.kind):
            hold(state, name, error.kind, until)


def refuse_bot(state: State) -> None:
    """Hold every call of the bot, whose token Discord does not take; one probe at a time finds out when it does."""
    hold(state, EVERYWHERE, Refusal.UNAUTHORIZED, state.now().machine + UNAUTHORIZED_PAUSE)


def hold(state: State, name: str, reason: Refusal, until: datetime) -> None:
    """Leave these calls alone until then, at once and in every process."""
    state.holds[name] = max(until, state.holds.get(name, until))
    hold_calls(name, reason, until)


def _pause(case: RoomCase, step: Step, error: HostError, now: datetime) -> timedelta:
    """Growing, with jitter, but never past the next threshold: then something new is due."""
    pause = retry_pause(attempts_with(case.recorded, step.kind), error.permanent) * random.uniform(0.8, 1.2)
    if case.kind != RoomKind.SESSION:
        return min(pause, LONGEST_PAUSE_OF_SHARED_PART)
    threshold = RoomStatus(case, now).next_threshold
    return min(pause, threshold - now) if threshold else pause


# --- Rooms close although nothing can be written down: the disk is full, or somebody holds the database. Only what is
# right however often it is done: a look who is inside, and whatever lets fewer people in. As nothing is written, the
# room counts as open still; once it can be written again, it is closed once more, and that is recorded.


def _close_unwritten(state: State, case: RoomCase) -> None:
    """Whom the clock lets in no longer is let in no longer, with nothing to be seen of it in the tables."""
    state.pause(case.key, PAUSE_UNWRITTEN)
    now = state.now()
    if not state.bot_id or (case.is_on and now.product < case.timeline.closes_at):
        return
    try:
        for _ in range(MOST_STEPS_UNWRITTEN):
            step = next_step(case, Moment(now, now.machine - FRESH_FOR, state.bot_id))
            if step is None or not (step.takes_away or step.kind == StepKind.LOOK):
                return
            result = calls.perform(state.host, case, step)
            case = _case_after(case, changes_after(case, step, result, Stamp(now)))
            if step.takes_away:
                logger.warning("step done, not written down", step=step.kind, reason=step.why)
    except HostError as error:
        logger.warning("step refused", refusal=error.kind, status=error.status, code=error.code)
    except Exception as error:
        logger.error("room not closed", error=type(error).__name__)


def _case_after(case: RoomCase, change: Change) -> RoomCase:
    """The case as it would be read, were the change written down."""
    seen = change.presence or {}
    occupants = [
        _with_known(occupant, seen) if occupant.person_id == seen.get("person") else occupant
        for occupant in case.occupants
    ]
    return replace(case, recorded=_with_known(case.recorded, change.columns), occupants=tuple(occupants))


def _with_known(value: Known, columns: Mapping[str, Any]) -> Known:
    """The value with those columns that it knows."""
    return replace(value, **{name: column for name, column in columns.items() if hasattr(value, name)})
