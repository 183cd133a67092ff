"""The clockwork: compares every unsettled room with its wanted state and steps towards it, one call at a time."""

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import wait
from datetime import datetime, timedelta
from functools import partial

import structlog

from coaching.booking.mutations import record_outcome
from coaching.db import UNAVAILABLE, database, trouble_of
from coaching.host import Host, HostError
from coaching.refusals import FOR_WANT_OF_RIGHTS, WAITS, Refusal
from coaching.rooms import alert_mutations, calls, case_queries, claim_mutations, lane_mutations, mutations, strays
from coaching.rooms.claim_mutations import Claim, ClaimLost, Failure, Stamp
from coaching.rooms.planning.case import RoomCase, RoomKind, StepKind
from coaching.rooms.planning.outcome import UNKNOWN, Verdict, verdict
from coaching.rooms.planning.pauses import attempts_with, retry_pause
from coaching.rooms.planning.plan import next_look, next_step, next_wait
from coaching.rooms.planning.steps import Moment, Step
from coaching.rooms.planning.turns import in_turn, reserve
from coaching.rooms.planning.upkeep import LOOKED_FOR
from coaching.rooms.planning.wanted import next_threshold
from coaching.rooms.results import Result
from coaching.rooms.run import EACH_MINUTE, WATCHED, Limits, Report, Run
from coaching.rooms.unwritten import close_unwritten
from coaching.rooms.workers import Workers

logger = structlog.get_logger(__name__)

# Every refused call counts towards a ban of the whole machine.
UNAUTHORIZED_PAUSE = timedelta(minutes=1)
WHILE_OTHERS_ARE_BUSY = 0.1
# The database is locked for long, or its disk is full.
PAUSE_UNWRITTEN = timedelta(seconds=10)
# While calls for rooms hang, what else is due is looked for so often.
A_WHILE = timedelta(seconds=1)
# A call that took so long and brought no answer has held up a thread.
HUNG = timedelta(seconds=2)
# Many sessions wait for one place.
LONGEST_PAUSE_OF_PLACE = timedelta(minutes=5)
# Calls to one guild that share a limit: told to wait, they wait together. The others wait for their room alone.
SHARING_A_LIMIT = frozenset(
    {
        StepKind.FIND,
        StepKind.MAKE,
        StepKind.MAKE_ROLE,
        StepKind.GIVE_ROLE,
        StepKind.TAKE_ROLE,
        StepKind.REMOVE_ROLE,
        StepKind.DISCONNECT,
        StepKind.CHECK_MEMBER,
        StepKind.LOOK,
    }
)


def reconcile(
    host: Host,
    now: datetime,
    machine_now: datetime,
    limits: Limits = EACH_MINUTE,
    *,
    workers: Workers | None = None,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Report:
    """Bring every room to its wanted state at `now`, as far as Discord and the limits allow.

    With `workers` several calls are under way at a time: while one waits for Discord's answer, others are asked.

    Sessions get their outcome on the way: who was in the room is known here first.
    """
    run = Run(host, now, machine_now, limits, sleep, monotonic, workers, began=monotonic())
    if workers:
        run.number = workers.sign_on()
    try:
        return _reconcile(run)
    finally:
        # Whoever is told to end is not to wait for a whole slice.
        run.drop_left()


def look_inside(
    host: Host,
    room_id: int,
    now: datetime,
    machine_now: datetime,
    *,
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> None:
    """See who is in this room, for somebody who watches its page; nothing else of it is touched."""
    run = Run(host, now, machine_now, WATCHED, sleep, monotonic, began=monotonic())
    run.lanes = case_queries.lanes(machine_now)
    stale_before, looked_for = machine_now - WATCHED.fresh_for, set[str]()
    while cases := case_queries.find_cases([room_id], run.now):
        step = next_look(cases[0], Moment(run.now, run.machine_now, stale_before, ""))
        # One whose look fails, or is somebody else's just now, is not looked for again.
        if step is None or step.user_id in looked_for:
            break
        looked_for.add(step.user_id)
        _carry_out(run, cases[0], step)
    _judge(cases, run.now)


def _reconcile(run: Run) -> Report:
    _judge_what_can_be(run, partial(_judge_ended, run.now))
    while not run.is_relieved:
        began, ended = run.spent, run.workers.ended if run.workers else 0
        cases = case_queries.unsettled_cases(run.now)
        _judge_what_can_be(run, partial(_judge, cases, run.now))
        steps = _due_steps(run, cases)
        run.reserve = reserve(run.spent - began)
        if run.workers:
            run.workers.put_in_charge(run.number)
        _carry_out_all(run, steps)
        if run.spent >= run.limits.budget:
            return _end(run, run.machine_now if steps or run.under_way else _next_look(run, cases))
        if not (steps or _has_awaited_answers(run, ended) or _has_swept(run) or _has_waited(run, cases)):
            return _end(run, _next_look(run, cases))
    # What has not begun, and what comes after the calls under way, the newer run sees.
    return _end(run, None)


def _end(run: Run, look_again_at: datetime | None) -> Report:
    run.drop_left()
    _finish(run)
    return Report(run.due, run.done, run.failed, look_again_at)


def _judge_what_can_be(run: Run, judge: Callable[[], None]) -> None:
    """The sessions were judged; where that cannot be written it keeps no room from closing, and comes later."""
    if run.is_unwritten:
        return
    try:
        judge()
    except UNAVAILABLE as error:
        if run.note_unwritten(PAUSE_UNWRITTEN):
            logger.error("outcomes not written down", trouble=trouble_of(error))


def _judge(cases: list[RoomCase], now: datetime) -> None:
    """Every session whose outcome can be told has it."""
    for case in cases:
        found = verdict(case, now)
        if found and case.session_id:
            record_outcome(case_queries.session_of(case), found.outcome, now, found.absent)


def _judge_ended(now: datetime) -> None:
    """The same of sessions without a room, or whose room has gone meanwhile."""
    roomless, cases = case_queries.ended_unjudged(now)
    _judge(cases, now)
    for coaching_session in roomless:
        # On the phone nobody can be looked for; the coach knows better and may say so.
        found = Verdict("completed") if coaching_session.session_type == "phone" else UNKNOWN
        record_outcome(coaching_session, found.outcome, now, found.absent)


def _due_steps(run: Run, cases: list[RoomCase]) -> list[tuple[RoomCase, Step]]:
    """The step of every room that can take one now: changes before upkeep, the guilds in turn."""
    run.lanes, run.held_until = case_queries.lanes(run.machine_now), []
    bot_id = _bot_id(run) if cases and case_queries.EVERYWHERE not in run.lanes else ""
    stale_before = run.started_at - run.limits.fresh_for
    moment = Moment(run.now, run.machine_now, stale_before, bot_id, _unseen(run))
    run.planned_for = moment.now
    steps, changes_at = [], _foreseen(run, cases)
    queued = {case.session_code for case, _ in tuple(run.left)}
    for case in cases:
        if case.session_code in queued:
            continue
        step = next_step(case, moment)
        if step and run.goes_round(case, step):
            logger.error("a step leads nowhere", room=case.session_code, step=step.kind)
            continue
        pause = _held_up_for(run, case, step) if step else next_wait(case, moment)
        if pause:
            run.held_until.append(moment.machine_now + pause)
            if not (step and step.is_upkeep):
                changes_at.append(moment.machine_now + pause)
        elif step and (bot_id or _is_a_change(case, step)):
            steps.append((case, step))
    run.upkeep_until = min(changes_at, default=None)
    return in_turn(steps)


def _unseen(run: Run) -> frozenset[str]:
    """The guilds of which Discord will not say so soon who is in which voice channel."""
    soon = run.machine_now + LOOKED_FOR
    stopped = (lane.partition(" ") for lane, until in tuple(run.lanes.items()) if until > soon)
    return frozenset(guild_id for guild_id, _, kind in stopped if kind in ("", StepKind.LOOK))


def _bot_id(run: Run) -> str:
    """The bot's id, or nothing: then every step that needs it meets the same refusal, without asking again."""
    try:
        run.unknown_self = None
        return run.host.bot_id()
    except HostError as error:
        run.unknown_self = error
    except Exception as error:
        logger.error("the bot does not know itself", error=type(error).__name__)
        run.unknown_self = HostError(type(error).__name__, Refusal.BROKEN)
    return ""


def _is_a_change(case: RoomCase, step: Step) -> bool:
    # While the bot does not know who it is, every room that stands seems to lack the bot's own entry.
    return not step.is_upkeep and step.state != case.recorded.state


def _held_up_for(run: Run, case: RoomCase, step: Step) -> timedelta | None:
    """How long somebody's claim, a stopped lane or trouble with the database keeps this room from its step."""
    lanes = (case_queries.EVERYWHERE, case.home_guild_id, _lane_of(case, step))
    until = [run.lanes[lane] for lane in lanes if lane in run.lanes]
    until += [instant for instant in (case.recorded.claimed_until, run.paused.get(case.session_code)) if instant]
    waits = (instant - run.machine_now for instant in until)
    return max((wait for wait in waits if wait > timedelta(0)), default=None)


def _carry_out_all(run: Run, steps: Sequence[tuple[RoomCase, Step]]) -> None:
    """Every step has been tried; with workers only so many that it is time to see what comes next."""
    run.add(steps)
    if run.workers is None:
        while run.left:
            _carry_out(run, *run.left.popleft())
        return
    if not steps:
        return
    run.is_low.clear()
    _share_out(run, run.workers)
    if run.unknown_self:
        # Steps that were planned without the bot's own entry must not outlive this.
        _finish(run)
    elif len(steps) <= run.reserve:
        wait(run.under_way, A_WHILE.total_seconds())
    else:
        left = len(run.left)
        while not run.is_low.wait(A_WHILE.total_seconds()) and len(run.left) < left:
            left = len(run.left)


def _has_awaited_answers(run: Run, ended: int) -> bool:
    """True when a step of any run has ended since `ended` were counted, after waiting for those under way.

    Those of relieved runs are among them: nobody else sees what comes after them.
    """
    if run.workers is None:
        return False
    is_left = bool(run.left)
    if is_left:
        # Its guilds had their share of threads, and the others have left.
        _share_out(run, run.workers)
        wait(run.under_way, A_WHILE.total_seconds())
    return run.workers.wait_while_busy(A_WHILE) or is_left or run.workers.ended != ended


def _finish(run: Run) -> None:
    """Every step of this run was tried, and none is under way."""
    while run.workers and run.under_way:
        wait(run.under_way)
        _share_out(run, run.workers)
        if run.left:
            # All that is left is for guilds that other runs are busy with.
            run.sleep(WHILE_OTHERS_ARE_BUSY)


def _share_out(run: Run, workers: Workers) -> None:
    """As many threads as can be of use are at work on what is left. What broke a thread is raised here."""
    run.under_way = [one for one in run.under_way if not one.done() or one.result()]
    with run.lock:
        # One that makes a call may hang in it.
        wanted = max(min(len(run.left), workers.threads) - (run.threads - run.busy), 0)
        run.threads += wanted
    run.under_way += [workers.submit(_work_off, run, workers) for _ in range(wanted)]


def _work_off(run: Run, workers: Workers) -> None:
    """No step is left that this thread may take. It has a database connection of its own meanwhile."""
    try:
        with database.connection_context():
            while taken := _take(run, workers):
                if len(run.left) <= run.reserve:
                    # The last calls need longer than planning the next ones.
                    run.is_low.set()
                try:
                    _carry_out(run, *taken)
                finally:
                    with run.lock:
                        run.busy -= 1
                    workers.end(taken[0].home_guild_id)
    finally:
        with run.lock:
            run.threads -= 1
            if not run.threads:
                run.is_low.set()


def _take(run: Run, workers: Workers) -> tuple[RoomCase, Step] | None:
    """The next step of a guild that has not got its share of threads yet; None when there is none for this run."""
    with run.lock:
        if run.is_relieved:
            run.drop_left()
        for index, (case, step) in enumerate(run.left):
            if workers.begin(case.home_guild_id):
                del run.left[index]
                run.busy += 1
                return case, step
    return None


def _carry_out(run: Run, case: RoomCase, step: Step) -> None:
    """Claim the room, make the step's one call, write down at once what came of it."""
    if (step.is_upkeep and _is_change_due(run)) or run.spent >= run.limits.budget or _held_up_for(run, case, step):
        return
    what = "session" if case.kind == RoomKind.SESSION else "place"
    with structlog.contextvars.bound_contextvars(**{what: case.session_code}):
        try:
            claim = None if run.is_unwritten else claim_mutations.claim_step(case, step, run.stamp())
            if claim:
                _do(run, claim)
        except Exception as error:
            # It cannot be written down now. The claim runs out, and what was asked of Discord counts as in doubt.
            run.note_failed()
            run.paused[case.session_code] = run.machine_now + PAUSE_UNWRITTEN
            trouble = trouble_of(error)
            if trouble is None or run.note_unwritten(PAUSE_UNWRITTEN):
                logger.error("step not written down", step=step.kind, error=type(error).__name__, trouble=trouble)
        if run.is_unwritten:
            _close_unwritten(run, case)


def _close_unwritten(run: Run, case: RoomCase) -> None:
    """The room is closed if it is time for that, with nothing to be seen of it in the tables."""
    run.paused[case.session_code] = run.machine_now + PAUSE_UNWRITTEN
    if run.unknown_self:
        return
    try:
        stale_before = run.machine_now - run.limits.fresh_for
        close_unwritten(run.host, case, Moment(run.now, run.machine_now, stale_before, run.host.bot_id()))
    except HostError as error:
        logger.warning("step refused", refusal=error.kind, status=error.status, code=error.code)
    except Exception as error:
        logger.error("room not closed", error=type(error).__name__)


def _is_change_due(run: Run) -> bool:
    """True when the clock has made something due, or may be tried again, since the last look."""
    return run.upkeep_until is not None and run.machine_now >= run.upkeep_until


def _do(run: Run, claim: Claim) -> None:
    began = run.spent
    record = _perform(run, claim)
    status = None if claim.step.kind == StepKind.SETTLE else run.host.answered_with()
    try:
        record(run.stamp(run.spent - began, status))
    except ClaimLost:
        # The call took so long that somebody else took over; should both have made a room, the sweep removes one.
        guild_id = claim.case.home_guild_id
        lane_mutations.want_sweep(guild_id, run.machine_now + claim_mutations.SWEEP_AFTER_DOUBT)


def _perform(run: Run, claim: Claim) -> Callable[[Stamp], None]:
    """Make the call; what comes back writes down its success or its failure."""
    try:
        if claim.step.overwrites and run.unknown_self:
            # A step that was planned without the bot's own entry must not go out: it would shut the bot out.
            raise run.unknown_self
        result = calls.perform(run.host, claim)
    except HostError as error:
        run.note_failed()
        logger.warning("step refused", step=claim.step.kind, refusal=error.kind, status=error.status, code=error.code)
        # Discord does not say which right is missing. It is asked now: nothing of ours waits in a transaction yet.
        is_of_rights = error.kind in FOR_WANT_OF_RIGHTS and error is not run.unknown_self
        lacking = calls.lacking_rights(run.host, claim.case.home_guild_id) if is_of_rights else ""
        return partial(_record_refusal, run, claim, error, lacking=lacking)
    except Exception as error:
        # Whatever is wrong with this room, the others go on. Only the type: the message may hold what people typed.
        logger.error("step broke", step=claim.step.kind, error=type(error).__name__)
        run.note_failed()
        # Where it broke nobody knows: Discord may have done what it was asked.
        return partial(_record_refusal, run, claim, HostError(type(error).__name__, Refusal.BROKEN))
    return partial(_record_done, run, claim, result)


def _record_done(run: Run, claim: Claim, result: Result, stamp: Stamp) -> None:
    mutations.record(claim, result, stamp)
    run.note_done(claim.case, claim.step)
    logger.info("step done", step=claim.step.kind, state=claim.step.state, reason=claim.step.why)


def _lane_of(case: RoomCase, step: Step) -> str | None:
    """What a 429 holds up beside the room itself: calls of the same kind to the same guild."""
    return f"{case.home_guild_id} {step.kind}" if step.kind in SHARING_A_LIMIT else None


def _record_refusal(run: Run, claim: Claim, error: HostError, stamp: Stamp, *, lacking: str = "") -> None:
    if error.kind in WAITS:
        until = stamp.machine_now + (error.retry_after or timedelta(seconds=1))
        # Without knowing itself the bot can do nothing anywhere.
        is_everywhere = error.is_global or error is run.unknown_self
        # A guild that takes no more roles for days: its sessions do without, each by its own step.
        is_without_end = claim.step.kind == StepKind.MAKE_ROLE and calls.takes_no_more_roles(error)
        lane = case_queries.EVERYWHERE if is_everywhere else _lane_of(claim.case, claim.step)
        if lane and not is_without_end:
            _stop(run, lane, error.kind, until)
        mutations.record_told_to_wait(claim, Failure(error.kind, until, error.status, error.code), stamp)
        return
    if error.kind == Refusal.UNAUTHORIZED:
        lane = case_queries.EVERYWHERE if error is run.unknown_self else claim.case.home_guild_id
        _stop(run, lane, error.kind, stamp.machine_now + UNAUTHORIZED_PAUSE)
    if error.kind == Refusal.NO_ANSWER and stamp.took >= HUNG:
        guild_id = claim.case.home_guild_id
        run.lanes[guild_id] = lane_mutations.leave_alone(guild_id, stamp.machine_now)
    next_try_at = stamp.machine_now + _pause(claim, error, stamp.now)
    failure = Failure(error.kind, next_try_at, error.status, error.code, lacking)
    mutations.record_failure(claim, failure, stamp)
    case = claim.case
    alert_mutations.tell_of_refusal(
        case.session_id, case.home_guild_id, error.kind, stamp.now, stamp.machine_now, lacking
    )


def _stop(run: Run, lane: str, reason: Refusal, until: datetime) -> None:
    run.lanes[lane] = max(until, run.lanes.get(lane, until))
    lane_mutations.stop_lane(lane, reason, until)


def _pause(claim: Claim, error: HostError, now: datetime) -> timedelta:
    """Growing, with jitter, but never past the next threshold: then something new is due."""
    pause = retry_pause(attempts_with(claim.case.recorded, claim.step.kind), error.permanent) * random.uniform(0.8, 1.2)
    if claim.case.kind != RoomKind.SESSION:
        return min(pause, LONGEST_PAUSE_OF_PLACE)
    threshold = next_threshold(claim.case, now)
    return min(pause, threshold - now) if threshold else pause


def _has_swept(run: Run) -> bool:
    """True after a search for strays, guild by guild until something else becomes due."""
    if case_queries.EVERYWHERE in run.lanes or run.is_unwritten:
        return False
    due = [one for one in case_queries.sweeps_due(run.machine_now) if one not in run.lanes and one not in run.swept]
    for guild_id in due:
        _sweep(run, guild_id)
        if run.is_relieved or run.spent >= run.limits.budget or _is_change_due(run):
            break
    return bool(due)


def _sweep(run: Run, guild_id: str) -> None:
    run.swept.add(guild_id)
    try:
        strays.sweep_guild(run.host, guild_id, run.stamp())
    except Exception as error:
        logger.warning("sweep broke", guild=guild_id, error=type(error).__name__)
        if trouble_of(error):
            run.note_unwritten(PAUSE_UNWRITTEN)
        elif not (isinstance(error, HostError) and error.permanent):
            # Trouble that passes is no reason to leave a second room standing until the next usual search.
            told = getattr(error, "retry_after", None) or timedelta()
            lane_mutations.want_sweep(guild_id, run.machine_now + max(claim_mutations.SWEEP_AFTER_DOUBT, told))


def _has_waited(run: Run, cases: list[RoomCase]) -> bool:
    """True after waiting for the soonest thing to come; False when that would take too long."""
    soon = [at for at in run.held_until if at <= run.started_at + run.limits.patience]
    soon += [at for at in _foreseen(run, cases) if at <= run.machine_now + run.limits.foresight]
    if not soon:
        return False
    run.sleep(max((min(soon) - run.machine_now).total_seconds(), 0.0))
    return True


def _next_look(run: Run, cases: list[RoomCase]) -> datetime | None:
    return min((*run.held_until, *_foreseen(run, cases)), default=None)


def _foreseen(run: Run, cases: list[RoomCase]) -> list[datetime]:
    """When, by the machine's clock, the product's one makes something due that was not when it was last planned."""
    thresholds = (next_threshold(case, run.planned_for or run.now) for case in cases)
    return [run.started_at + (threshold - run.asked_for) for threshold in thresholds if threshold]
