"""What the reconciler of one process remembers between its plans: all of it may be lost at any time."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from coaching.call_budget.queries import EVERYWHERE
from coaching.host import Host, HostError
from coaching.now import Now, running_from
from coaching.rooms.planning.case import RoomCase, StepKind
from coaching.rooms.planning.steps import Step
from coaching.rooms.recording.results import Stamp

# What was seen of a room since is not looked for again: each is seen once a minute.
FRESH_FOR = timedelta(seconds=50)
# The database is locked for long, or its disk is full.
PAUSE_UNWRITTEN = timedelta(seconds=10)
# More often than any step is needed for one room within minutes.
MOST_ROUNDS = 8
ROUNDS_COUNT_FOR = timedelta(minutes=2)
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


@dataclass
class State:
    """Shared by the loop and the threads that work for it."""

    host: Host
    clock: Callable[[], Now]
    monotonic: Callable[[], float]
    holds: dict[str, datetime] = field(default_factory=dict)
    paused: dict[str, datetime] = field(default_factory=dict)  # rooms of which nothing could be written down
    unwritten_until: datetime | None = None  # so long nobody tries to write
    bot_id: str = ""
    bot_error: HostError | None = None  # why the bot does not know itself
    identified_in_vain: int = 0
    identify_at: datetime | None = None  # when that is asked again
    _counted: Counter[str] = field(default_factory=Counter)
    _rounds: Counter[tuple[object, ...]] = field(default_factory=Counter)  # how often a step has worked lately
    _rounds_since: datetime | None = None
    _is_owed: bool = False  # a message, since that was last asked
    _logged: set[tuple[str, ...]] = field(default_factory=set)
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

    def count(self, what: str) -> None:
        """Count a step that was "begun", "done" or "failed"."""
        with self._lock:
            self._counted[what] += 1

    def take_counts(self) -> Counter[str]:
        """How often each was counted since this was last asked."""
        with self._lock:
            counted, self._counted = self._counted, Counter()
        return counted

    def note_done(self, case: RoomCase, step: Step) -> None:
        with self._lock:
            self._counted["done"] += 1
            self._rounds[_round(case, step)] += 1

    def note_owed(self) -> None:
        self._is_owed = True

    def take_owed(self) -> bool:
        """Tell whether what was recorded since this was last asked owes anybody a message."""
        with self._lock:
            is_owed, self._is_owed = self._is_owed, False
        return is_owed

    def goes_round(self, case: RoomCase, step: Step, now: Now) -> bool:
        """Tell whether this step has worked so often lately that it seems to lead nowhere."""
        with self._lock:
            if self._rounds_since is None or now.machine - self._rounds_since > ROUNDS_COUNT_FOR:
                self._rounds.clear()
                self._logged.clear()
                self._rounds_since = now.machine
            return self._rounds[_round(case, step)] >= MOST_ROUNDS

    def is_news(self, *what: str) -> bool:
        """Tell whether this was not yet logged in the last minutes: rooms are planned every few seconds."""
        with self._lock:
            is_new = what not in self._logged
            self._logged.add(what)
            return is_new

    def note_unwritten(self) -> bool:
        """Leave the store, which takes nothing now, alone for a while; True when that is new."""
        with self._lock:
            is_new, self.unwritten_until = not self.is_unwritten, self.now().machine + PAUSE_UNWRITTEN
        return is_new

    @property
    def is_unwritten(self) -> bool:
        """True while the store is left alone because it took nothing."""
        return self.unwritten_until is not None and self.now().machine < self.unwritten_until

    def pause(self, case: RoomCase) -> None:
        """Leave a room alone of which nothing could be written down."""
        self.paused[case.session_code] = self.now().machine + PAUSE_UNWRITTEN

    def held_until(self, case: RoomCase, step: Step, now: Now) -> datetime | None:
        """Until when a hold on calls, somebody's claim or trouble with the database keeps this room from its step."""
        names = (EVERYWHERE, case.home_guild_id, shared_limit(case, step))
        until = [self.holds.get(name) for name in names if name]
        until += [case.recorded.claimed_until, self.paused.get(case.session_code)]
        return max((at for at in until if at and at > now.machine), default=None)


def shared_limit(case: RoomCase, step: Step) -> str | None:
    """The hold that a 429 makes beside the room's own pause: calls of the same kind to the same guild."""
    return f"{case.home_guild_id} {step.kind}" if step.kind in SHARING_A_LIMIT else None


def _round(case: RoomCase, step: Step) -> tuple[object, ...]:
    # A guild's categories all have one name.
    return case.recorded.id or case.session_code, step.kind, step.user_id
