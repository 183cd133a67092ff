"""What the reconciler of one process remembers between its plans: all of it may be lost at any time."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from coaching.call_budget.queries import EVERYWHERE
from coaching.host import Host, HostError
from coaching.now import Now, running_from
from coaching.rooms.planning.case import RoomCase, StepKind
from coaching.rooms.planning.steps import Step, shared_holds
from coaching.rooms.planning.upkeep import FRESH_TO_WATCH
from coaching.rooms.recording.results import Stamp

# What was seen of a room since is not looked for again: each is seen once a minute.
FRESH_FOR = timedelta(seconds=50)
# The database is locked for long, or its disk is full.
PAUSE_UNWRITTEN = timedelta(seconds=10)
# More often than any step is needed for one room within minutes. One that somebody watches is looked into all the time.
MOST_ROUNDS = 8
ROUNDS_COUNT_FOR = timedelta(minutes=2)
MOST_LOOKS = MOST_ROUNDS + ROUNDS_COUNT_FOR // FRESH_TO_WATCH
LOGGED_ONCE_IN = timedelta(minutes=2)
# What is left alone for a while, beside the rooms of which nothing could be written down, by their keys.
WRITING, IDENTIFYING, OUTCOMES_WITHOUT_ROOM = "writing", "identifying", "outcomes without room"


@dataclass(frozen=True)
class Counts:
    """How many steps were begun, worked and failed, and how long planning took.

    Of settling also when, by the machine's clock, something else becomes due.
    """

    due: int = 0
    done: int = 0
    failed: int = 0
    took: timedelta = timedelta(0)
    next_at: datetime | None = None


@dataclass
class State:
    """Shared by the loop and the threads that work for it."""

    host: Host
    clock: Callable[[], Now]
    monotonic: Callable[[], float]
    on_owed: Callable[[], object]  # called when what was recorded owes somebody a message
    holds: dict[str, datetime] = field(default_factory=dict)
    bot_id: str = ""
    bot_error: HostError | None = None  # why the bot does not know itself
    identified_in_vain: int = 0
    _counts: Counts = Counts()
    _pauses: dict[str, datetime] = field(default_factory=dict)
    _rounds: Counter[tuple[str, StepKind, str]] = field(default_factory=Counter)  # how often a step has worked lately
    _running: Callable[[], Now] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read_clock(self) -> Now:
        """Ask what time it is, once a plan: a demo's offset lies in a table. From there on it goes on by itself."""
        self._running = running_from(self.clock(), self.monotonic)
        return self._running()

    def now(self) -> Now:
        return self._running() if self._running else self.read_clock()

    def stamp(self, took: timedelta = timedelta(0), status: int | None = None, code: int | None = None) -> Stamp:
        return Stamp(self.now(), took, status, code)

    def count(self, **more: Any) -> None:
        """Count steps, or time, by their names in `Counts`."""
        with self._lock:
            self._counts = replace(self._counts, **{name: getattr(self._counts, name) + more[name] for name in more})

    def take_counts(self) -> Counts:
        """How much was counted since this was last asked."""
        with self._lock:
            counts, self._counts = self._counts, Counts()
        return counts

    def note_done(self, case: RoomCase, step: Step) -> None:
        self.count(done=1)
        with self._lock:
            self._rounds[case.key, step.kind, step.user_id] += 1

    def goes_round(self, case: RoomCase, step: Step) -> bool:
        """Tell whether this step has worked so often lately that it seems to lead nowhere."""
        if self.pause("counting rounds", ROUNDS_COUNT_FOR):
            self._rounds.clear()
        most = MOST_LOOKS if step.kind == StepKind.LOOK else MOST_ROUNDS
        return self._rounds[case.key, step.kind, step.user_id] >= most

    def pause(self, name: str, length: timedelta) -> bool:
        """Leave what has this name alone for so long; False where it is left alone already."""
        now = self.now().machine
        with self._lock:
            if self._pauses.get(name, now) > now:
                return False
            self._pauses = {known: until for known, until in self._pauses.items() if until > now}
            self._pauses[name] = now + length
        return True

    def paused_until(self, name: str) -> datetime | None:
        """Until when that is left alone; None where it is not."""
        until = self._pauses.get(name)
        return until if until and until > self.now().machine else None

    def note_news(self, *parts: str) -> bool:
        """Note that this is logged; False where it was in the last minutes: rooms are planned every few seconds."""
        return self.pause(" ".join(parts), LOGGED_ONCE_IN)

    def note_unwritten(self) -> bool:
        """Leave the database, which takes nothing now, alone for a while; True when that is new."""
        return self.pause(WRITING, PAUSE_UNWRITTEN)

    @property
    def is_unwritten(self) -> bool:
        """True while the database is left alone because it took nothing."""
        return self.paused_until(WRITING) is not None

    def held_until(self, case: RoomCase, step: Step, now: Now) -> datetime | None:
        """Until when a hold on calls, somebody's claim or trouble with the database keeps this room from its step."""
        guild_id = case.home_guild_id
        until = [self.holds.get(name) for name in (EVERYWHERE, guild_id, *shared_holds(guild_id, step.kind))]
        until += [case.recorded.claimed_until, self.paused_until(case.key)]
        return max((at for at in until if at and at > now.machine), default=None)
