"""The reconciler: one loop that keeps every room as it ought to be.

It plans, hands the plan's jobs to a pool, and waits for what comes first: the next thing due, an answer, a wake-up, or
a cheap look whether anybody has changed anything. A hint that is lost costs a second or two.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic as machine_monotonic

import structlog

from coaching.db import change_mark, database
from coaching.db_trouble import is_full, trouble_of
from coaching.host import Host
from coaching.now import Now
from coaching.rooms.planning.steps import Moment
from coaching.rooms.reconciler import chores
from coaching.rooms.reconciler.plan import Plan, make_plan
from coaching.rooms.reconciler.pool import Inline, Pool
from coaching.rooms.reconciler.state import FRESH_FOR, OUTCOMES_WITHOUT_ROOM, Counts, State

logger = structlog.get_logger(__name__)

# How soon is seen what somebody has booked or changed, whatever became of the hint.
POLL = timedelta(seconds=1.5)
# What only time makes stale is looked for so often.
PLAN_AT_LEAST = timedelta(seconds=5)
# While the threads have enough to do, planning takes at most one part in so many of the time.
PLANNING_PART = 20
OUTCOMES_EVERY = timedelta(minutes=1)
PAUSE_AFTER_BREAKING = timedelta(seconds=5)
# Somebody looks at a room's page: until they ask again.
WATCHED_FOR = timedelta(seconds=8)
# Long enough to outwait the claim of a worker that died.
PATIENCE = timedelta(seconds=35)


class Reconciler:
    """The loop, for as long as a worker runs (`run`) or until nothing more is due (`settle`)."""

    def __init__(
        self,
        host: Host,
        clock: Callable[[], Now],
        pool: Pool | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = machine_monotonic,
        free_space: Callable[[], object] = bool,
        on_break: Callable[[datetime], object] = bool,
        on_owed: Callable[[], object] = bool,
    ) -> None:
        self._state = State(host, clock, monotonic, on_owed)
        self._pool = pool or Inline(sleep)
        self._monotonic = monotonic
        self._free_space = free_space
        self._on_break = on_break
        self._watched: dict[int, datetime] = {}
        self._lock = threading.Lock()
        self._is_stopped = False
        self.planned_at = monotonic()  # the last time that worked

    def run(self) -> None:
        """Go on until stopped. What breaks a turn is logged, and the loop goes on."""
        while not self._is_stopped:
            try:
                with database.connection_context():
                    while not self._is_stopped:
                        self._run_once()
            except Exception as error:
                self._note_broken(error)
                self._pool.wait(PAUSE_AFTER_BREAKING.total_seconds())

    def stop(self, seconds: float = 0) -> None:
        """Begin nothing more, and wait for so long for what is under way."""
        self._is_stopped = True
        self._pool.wake()
        self._pool.finish(seconds)

    def wake(self) -> None:
        """Plan anew, for somebody has changed something."""
        self._pool.wake()

    def watch(self, room_id: int) -> None:
        """Look into this room more often for a while: somebody looks at its page."""
        with self._lock:
            self._watched[room_id] = self._state.now().machine + WATCHED_FOR
        self._pool.wake()

    @property
    def is_busy(self) -> bool:
        """True while more is due than there are threads for."""
        return self._pool.has_plenty

    def take_counts(self) -> Counts:
        """How much was done since this was last asked."""
        return self._state.take_counts()

    def settle(
        self, longest: timedelta, *, patience: timedelta = PATIENCE, fresh_for: timedelta = timedelta(0)
    ) -> Counts:
        """Do all that is due until nothing more is, or for so `longest`; wait for what may go within `patience`.

        What was seen of Discord longer ago than `fresh_for` is looked for anew, once.
        """
        began = self._state.now().machine
        is_over = False
        while True:
            ended = self._pool.ended
            plan = self._plan(began - fresh_for)
            is_idle = not plan.jobs and not self._pool.busy and self._pool.ended == ended
            if is_over or (is_idle and (plan.retry_at is None or plan.retry_at > began + patience)):
                break
            self._wait_until(plan.retry_at if is_idle else plan.interrupts_at, began + longest)
            is_over = self._state.now().machine >= began + longest
        self._pool.finish()
        next_at = self._state.now().machine if plan.jobs else plan.next_at
        return replace(self.take_counts(), next_at=next_at)

    def _wait_until(self, *instants: datetime | None) -> None:
        """Wait for news, or for the first of these instants."""
        until = min(at for at in instants if at)
        while (left := until - self._state.now().machine) > timedelta(0):
            if self._pool.wait(left.total_seconds()):
                return

    def _run_once(self) -> None:
        """Plan once, and wait until it is time for the next plan."""
        began = self._monotonic()
        now, mark = self._state.now().machine, change_mark()
        plan = self._plan(now - FRESH_FOR)
        took = self._monotonic() - began
        until = min(at for at in (plan.next_at, now + PLAN_AT_LEAST) if at)
        while not self._is_stopped and (left := until - self._state.now().machine) > timedelta(0):
            if self._pool.wait(min(left, POLL).total_seconds()) or change_mark() != mark:
                break
        while self._pool.has_plenty and not self._is_stopped and self._monotonic() < began + PLANNING_PART * took:
            if plan.is_interrupted(self._state.now().machine):
                break
            self._pool.wait(took)

    def _plan(self, stale_before: datetime) -> Plan:
        now, busy = self._state.read_clock(), self._pool.busy
        if self._state.pause(OUTCOMES_WITHOUT_ROOM, OUTCOMES_EVERY):
            chores.record_outcomes_without_room(self._state, now.product)
        began = self._monotonic()
        moment = Moment(now, stale_before, watched=self._watched_now(now))
        plan = make_plan(self._state, moment, busy)
        self._pool.offer(() if self._is_stopped else plan.jobs)
        self.planned_at = self._monotonic()
        self._state.count(took=timedelta(seconds=self.planned_at - began))
        return plan

    def _watched_now(self, now: Now) -> frozenset[int]:
        with self._lock:
            self._watched = {room_id: until for room_id, until in self._watched.items() if until > now.machine}
            return frozenset(self._watched)

    def _note_broken(self, error: Exception) -> None:
        if is_full(error):
            self._free_space()
        if trouble := trouble_of(error):
            logger.error("the rooms cannot be read", trouble=trouble)
            return
        logger.exception("the reconciler broke")
        self._on_break(self._state.now().machine)
