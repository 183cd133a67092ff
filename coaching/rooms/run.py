"""One run of the clockwork: how far it may go, its two clocks, and what it has done so far."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coaching.host import Host, HostError
from coaching.rooms.claim_mutations import Stamp
from coaching.rooms.planning.case import RoomCase
from coaching.rooms.planning.steps import Step
from coaching.rooms.planning.turns import FEW
from coaching.rooms.workers import Workers

# More often than any step is needed for one room in one run.
MOST_ROUNDS = 8


@dataclass(frozen=True)
class Limits:
    """How old a look at Discord may be, how long a run waits for something, and how long it may take in all.

    With `foresight` it also waits for thresholds this near, instead of coming back.
    """

    fresh_for: timedelta
    patience: timedelta
    budget: timedelta
    foresight: timedelta = timedelta(0)


EACH_MINUTE = Limits(timedelta(seconds=50), timedelta(seconds=5), timedelta(seconds=50), timedelta(seconds=4))
# Somebody watches who comes into a room: a look is of use until the next one is asked for.
WATCHED = Limits(timedelta(seconds=3), timedelta(0), timedelta(seconds=10))
# Somebody waits for the result: look at everything anew, and outwait the claim of a worker that died.
BY_HAND = Limits(timedelta(0), timedelta(seconds=35), timedelta(minutes=10))
# The same with a browser waiting, which does not do so for ever: long enough for a fresh room to settle.
IN_A_REQUEST = Limits(timedelta(0), timedelta(seconds=12), timedelta(seconds=25))


@dataclass(frozen=True)
class Report:
    """What a run found due, did and failed at, and when by the machine's clock something else becomes due."""

    due: int
    done: int
    failed: int
    look_again_at: datetime | None


@dataclass
class Run:
    """One run. Both clocks move on while it lasts: with frozen ones it would reopen what another run has closed."""

    host: Host
    asked_for: datetime
    started_at: datetime
    limits: Limits
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    workers: Workers | None = None
    number: int = 0
    began: float = 0.0
    lock: threading.RLock = field(default_factory=threading.RLock)
    lanes: dict[str, datetime] = field(default_factory=dict)
    held_until: list[datetime] = field(default_factory=list)
    planned_for: datetime | None = None
    upkeep_until: datetime | None = None  # by the machine's clock
    left: deque[tuple[RoomCase, Step]] = field(default_factory=deque)
    reserve: int = FEW
    is_low: threading.Event = field(default_factory=threading.Event)  # no more is left than the reserve
    under_way: list[Future[None]] = field(default_factory=list)
    threads: int = 0  # at work for this run, or about to be
    busy: int = 0  # of those, with a step
    unwritten_until: datetime | None = None  # by the machine's clock: so long nobody tries to write
    paused: dict[str, datetime] = field(default_factory=dict)  # rooms of which nothing could be written down
    swept: set[str] = field(default_factory=set)
    rounds: Counter[tuple[object, ...]] = field(default_factory=Counter)  # how often a step has worked
    unknown_self: HostError | None = None
    due: int = 0
    done: int = 0
    failed: int = 0

    def add(self, steps: Sequence[tuple[RoomCase, Step]]) -> None:
        """These are left to do, too."""
        with self.lock:
            self.left.extend(steps)
            self.due += len(steps)

    def drop_left(self) -> None:
        """What has not begun is not for this run any more."""
        with self.lock:
            self.due -= len(self.left)
            self.left.clear()

    def note_done(self, case: RoomCase, step: Step) -> None:
        """One more step worked."""
        with self.lock:
            self.done += 1
            self.rounds[_round(case, step)] += 1

    def note_failed(self) -> None:
        """One more step failed."""
        with self.lock:
            self.failed += 1

    def goes_round(self, case: RoomCase, step: Step) -> bool:
        """True when this step has worked so often in this run that it seems to lead nowhere."""
        return self.rounds[_round(case, step)] >= MOST_ROUNDS

    def note_unwritten(self, pause: timedelta) -> bool:
        """The store takes nothing now, and is left alone for a while; True when that is new to this run."""
        with self.lock:
            is_new, self.unwritten_until = self.unwritten_until is None, self.machine_now + pause
        return is_new

    @property
    def is_unwritten(self) -> bool:
        """True while the store is left alone because it took nothing."""
        return self.unwritten_until is not None and self.machine_now < self.unwritten_until

    @property
    def is_relieved(self) -> bool:
        """True once a newer run with these workers has seen what is due."""
        return self.workers is not None and self.number < self.workers.in_charge

    @property
    def spent(self) -> timedelta:
        return timedelta(seconds=self.monotonic() - self.began)

    @property
    def now(self) -> datetime:
        return self.asked_for + self.spent

    @property
    def machine_now(self) -> datetime:
        return self.started_at + self.spent

    def stamp(self, took: timedelta = timedelta(0), status: int | None = None) -> Stamp:
        return Stamp(self.now, self.machine_now, took, status)


def _round(case: RoomCase, step: Step) -> tuple[object, ...]:
    # A guild's categories all have one name.
    return case.recorded.room_id or case.session_code, step.kind, step.user_id
