"""What is to be done now, and when something else comes due: read from the tables, decided by `planning`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from coaching.call_budget.queries import EVERYWHERE, holds
from coaching.now import Now
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.planning.case import RoomCase, StepKind
from coaching.rooms.planning.order import in_order
from coaching.rooms.planning.plan import next_look, step_and_wait
from coaching.rooms.planning.steps import Moment, Step
from coaching.rooms.planning.upkeep import LOOKED_FOR
from coaching.rooms.planning.wanted import bot_in, next_threshold
from coaching.rooms.reconciler import chores
from coaching.rooms.reconciler.carry_out import carry_out
from coaching.rooms.reconciler.pool import Job
from coaching.rooms.reconciler.state import State

logger = structlog.get_logger(__name__)

# Somebody watches who comes into a room: a look is of use until the next one is asked for.
FRESH_TO_WATCH = timedelta(seconds=3)


@dataclass(frozen=True)
class Plan:
    """The jobs of now, and when by the machine's clock a step may go that has to wait, or the product's makes one due.

    `interrupts_at` is when the first of these is no mere upkeep.
    """

    jobs: tuple[Job, ...] = ()
    retry_at: datetime | None = None
    due_at: datetime | None = None
    interrupts_at: datetime | None = None

    @property
    def next_at(self) -> datetime | None:
        return min((at for at in (self.retry_at, self.due_at) if at), default=None)


def make_plan(state: State, moment: Moment, busy: frozenset[str]) -> Plan:
    """Read every unsettled room and decide its next step; `busy` are those somebody in this process is at."""
    now = moment.at
    cases = case_queries.unsettled_cases(now.product)
    chores.record_outcomes(state, cases, now.product)
    state.holds, is_bot_refused = holds(now.machine)
    due_at = _first_threshold(cases, now)
    if EVERYWHERE in state.holds:
        return Plan(retry_at=state.holds[EVERYWHERE], due_at=due_at, interrupts_at=state.holds[EVERYWHERE])
    if is_bot_refused:
        return Plan(_one_job("probe", partial(chores.probe, state)), due_at=due_at)
    moment = replace(moment, bot_id=state.bot_id, unseen=_unseen(state.holds, now))
    return _plan_of(state, cases, moment, busy, due_at)


def _plan_of(
    state: State, cases: list[RoomCase], moment: Moment, busy: frozenset[str], due_at: datetime | None
) -> Plan:
    steps, waits, now = [], [], moment.at
    for case in cases:
        step, until = (None, None) if case.key in busy else _step_of(state, case, moment)
        if step and until:
            waits.append((until, step.is_upkeep))
        elif step and (not state.bot_error or _is_a_change(case, step)):
            steps.append((case, step))
    if (steps or waits) and not (state.bot_id or state.bot_error):
        return Plan(_identification(state), due_at=due_at)
    jobs = [Job(case.key, case.home_guild_id, partial(carry_out, state, case, step)) for case, step in in_order(steps)]
    jobs += _identification(state) if state.bot_error and _is_past(state.identify_at, now) else ()
    if not jobs and not busy and not state.is_unwritten:
        jobs = _sweeps(state, now)
    interrupts = [until for until, is_upkeep in waits if not is_upkeep]
    if state.bot_error and state.identify_at and state.identify_at > now.machine:
        waits.append((state.identify_at, True))
    return Plan(
        tuple(jobs),
        min((until for until, _ in waits), default=None),
        due_at,
        min((at for at in (*interrupts, due_at) if at), default=None),
    )


def _step_of(state: State, case: RoomCase, moment: Moment) -> tuple[Step | None, datetime | None]:
    """What is due for this room, and until when that has to wait; nothing where it cannot be told, or leads nowhere."""
    try:
        # Nobody asks who the bot is until something is to be done.
        moment = moment if moment.bot_id else replace(moment, bot_id=bot_in(case.recorded))
        step, wait = _watched_step(case, moment)
    except Exception as error:
        # Whatever is wrong with this room, the others go on. Only the type: the message may hold what people typed.
        if state.is_news("unplanned", case.session_code):
            logger.error("a room cannot be planned", room=case.session_code, error=type(error).__name__)
            state.count("failed")
        return None, None
    if step is None or wait:
        return step, moment.at.machine + wait if wait else None
    if state.goes_round(case, step, moment.at):
        if state.is_news("goes round", case.session_code, step.kind):
            logger.error("a step leads nowhere", room=case.session_code, step=step.kind)
        return None, None
    return step, state.held_until(case, step, moment.at)


def _watched_step(case: RoomCase, moment: Moment) -> tuple[Step | None, timedelta | None]:
    """What is due, and how long it has to wait; while somebody watches the room, looks inside need not."""
    step, wait = step_and_wait(case, moment)
    if (step is None or wait) and case.recorded.id in moment.watched:
        look = next_look(case, replace(moment, stale_before=moment.at.machine - FRESH_TO_WATCH))
        return (look, None) if look else (step, wait)
    return step, wait


def _is_a_change(case: RoomCase, step: Step) -> bool:
    # While the bot does not know who it is, every room that stands seems to lack the bot's own entry.
    return not step.is_upkeep and step.state != case.recorded.state


def _unseen(held: Mapping[str, datetime], now: Now) -> frozenset[str]:
    """The guilds of which Discord will not say so soon who is in which voice channel."""
    lasting = (name.partition(" ") for name, until in held.items() if until > now.machine + LOOKED_FOR)
    return frozenset(guild_id for guild_id, _, kind in lasting if kind in ("", StepKind.LOOK))


def _first_threshold(cases: list[RoomCase], now: Now) -> datetime | None:
    """When, by the machine's clock, the product's one next makes something due."""
    thresholds = (next_threshold(case, now.product) for case in cases)
    return min((now.machine_time_of(at) for at in thresholds if at), default=None)


def _is_past(at: datetime | None, now: Now) -> bool:
    return at is None or at <= now.machine


def _identification(state: State) -> tuple[Job, ...]:
    return _one_job("identify", partial(chores.identify, state))


def _one_job(key: str, run: "partial[None]") -> tuple[Job, ...]:
    return (Job(key, "", run),)


def _sweeps(state: State, now: Now) -> list[Job]:
    """Searches for orphans while nothing else is due or under way: a room whose removal is would look like one."""
    due = [guild_id for guild_id in case_queries.sweeps_due(now) if guild_id not in state.holds]
    return [Job(f"sweep {guild_id}", guild_id, partial(chores.sweep, state, guild_id)) for guild_id in due]
