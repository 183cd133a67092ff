"""What is to be done now, and when something else comes due: read from the tables, decided by `planning`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

import structlog

from coaching.call_budget.queries import EVERYWHERE, holds
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.planning.case import RoomCase
from coaching.rooms.planning.plan import step_and_wait
from coaching.rooms.planning.status import RoomStatus
from coaching.rooms.planning.steps import Moment, Step, in_order
from coaching.rooms.planning.wanted import bot_in
from coaching.rooms.reconciler import chores
from coaching.rooms.reconciler.carry_out import carry_out
from coaching.rooms.reconciler.pool import Job
from coaching.rooms.reconciler.state import IDENTIFYING, State

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Plan:
    """The jobs of now, and when by the machine's clock there may be more.

    At `retry_at` a step may go that has to wait; `next_at` is that, or sooner when the product's clock makes one due;
    `interrupts_at` is when the first of these is no mere upkeep.
    """

    jobs: tuple[Job, ...]
    retry_at: datetime | None
    next_at: datetime | None
    interrupts_at: datetime | None

    def is_interrupted(self, now: datetime) -> bool:
        """True once something is due that need not wait for the plan's jobs, for all of those can wait for it."""
        is_due = self.interrupts_at is not None and self.interrupts_at <= now
        return is_due and all(job.can_wait for job in self.jobs)


def make_plan(state: State, moment: Moment, busy: frozenset[str]) -> Plan:
    """Read every unsettled room and decide its next step; `busy` are those somebody in this process is at."""
    now = moment.at
    cases = case_queries.unsettled_cases(now.product)
    chores.record_outcomes(state, cases, now.product)
    state.holds, is_bot_refused = holds(now.machine)
    jobs: list[Job] = []
    waits: list[tuple[datetime, bool]] = []
    if EVERYWHERE in state.holds:
        waits = [(state.holds[EVERYWHERE], False)]
    elif is_bot_refused:
        jobs = [Job("probe", "", partial(chores.probe, state))]
    else:
        moment = replace(moment, bot_id=state.bot_id, holds=state.holds)
        jobs, waits = _jobs(state, cases, moment, busy)
    due_at = _first(now.machine_time_of(at) for case in cases if (at := RoomStatus(case, now.product).next_threshold))
    retry_at = _first(until for until, _ in waits)
    changes_at = _first(until for until, is_upkeep in waits if not is_upkeep)
    return Plan(tuple(jobs), retry_at, _first((retry_at, due_at)), _first((changes_at, due_at)))


def _jobs(
    state: State, cases: list[RoomCase], moment: Moment, busy: frozenset[str]
) -> tuple[list[Job], list[tuple[datetime, bool]]]:
    """What can be done now; and until when the rest has to wait, each with whether it is mere upkeep."""
    steps, waits = [], []
    for case in cases:
        step, until = (None, None) if case.key in busy else _step_of(state, case, moment)
        if step and until:
            waits.append((until, step.is_upkeep))
        elif step and (not state.bot_error or _is_a_change(case, step)):
            steps.append((case, step))
    identification = Job("identify", "", partial(chores.identify, state))
    if (steps or waits) and not (state.bot_id or state.bot_error):
        return [identification], []
    jobs = [
        Job(case.key, case.home_guild_id, partial(carry_out, state, case, step), step.is_upkeep)
        for case, step in in_order(steps)
    ]
    if state.bot_error and (until := state.paused_until(IDENTIFYING)):
        waits.append((until, True))
    elif state.bot_error:
        jobs.append(identification)
    if not jobs and not busy and not state.is_unwritten:
        # While nothing else is due or under way: a room whose removal is would look like an orphan.
        due = [guild_id for guild_id in case_queries.sweeps_due(moment.at) if guild_id not in state.holds]
        jobs = [Job(f"sweep {guild_id}", guild_id, partial(chores.sweep, state, guild_id)) for guild_id in due]
    return jobs, waits


def _step_of(state: State, case: RoomCase, moment: Moment) -> tuple[Step | None, datetime | None]:
    """What is due for this room, and until when that has to wait; nothing where it cannot be told, or leads nowhere."""
    try:
        # Nobody asks who the bot is until something is to be done.
        moment = moment if moment.bot_id else replace(moment, bot_id=bot_in(case.recorded))
        step, wait = step_and_wait(case, moment)
    except Exception as error:
        # Whatever is wrong with this room, the others go on. Only the type: the message may hold what people typed.
        if state.note_news("unplanned", case.session_code):
            logger.error("a room cannot be planned", room=case.session_code, error=type(error).__name__)
            state.count(failed=1)
        return None, None
    if step is None or wait:
        return step, moment.at.machine + wait if wait else None
    if state.goes_round(case, step):
        if state.note_news("goes round", case.session_code, step.kind):
            logger.error("a step leads nowhere", room=case.session_code, step=step.kind)
        return None, None
    return step, state.held_until(case, step, moment.at)


def _is_a_change(case: RoomCase, step: Step) -> bool:
    # While the bot does not know who it is, every room seems to lack the bot's own entry.
    return not step.is_upkeep and step.state != case.recorded.state


def _first(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at), default=None)
