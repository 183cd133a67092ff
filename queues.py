"""The queue between the web and the worker, and what keeps one of its tasks from running twice at once."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import monotonic, sleep, thread_time
from urllib.parse import unquote

from huey import Huey, PostgresHuey, SqliteHuey
from huey.serializer import SignedSerializer

LONGEST_CONNECT = 3  # seconds, to the queue
LONGEST_LOCK = 1  # second, of the queue; whoever meets one comes back


def open_queue(url: str, key: bytes) -> Huey:
    """The queue behind `sqlite:///path` or `postgresql://…`. Its messages are pickles, so it takes signed ones only."""
    signed = SignedSerializer(secret=key)
    if url.startswith("sqlite:///"):
        filename = unquote(url.removeprefix("sqlite:///"))
        return SqliteHuey("greenroom", filename=filename, serializer=signed, timeout=LONGEST_LOCK)
    return PostgresHuey("greenroom", dsn=url, serializer=signed, connect_timeout=LONGEST_CONNECT)


def depth_of(huey: Huey) -> int | None:
    """How many tasks wait in the queue, or None when it cannot be read."""
    try:
        depth: int = huey.pending_count()
    except Exception:
        return None
    return depth


def answers(huey: Huey) -> bool:
    """True when the queue can be read and takes what is put into it."""
    try:
        huey.put("alive", True)
    except Exception:
        return False
    return depth_of(huey) is not None


def one_at_a_time(run: Callable[[], None]) -> Callable[[], None]:
    """The same, unless this process is at it: that run takes whatever becomes due meanwhile."""
    is_running = threading.Lock()

    @wraps(run)
    def run_alone() -> None:
        if not is_running.acquire(blocking=False):
            return
        try:
            run()
        finally:
            is_running.release()

    return run_alone


class Pace:
    """How soon a task of this process may run again, so that many hints do not make it take all of a processor.

    Each run is followed by so many times its own processor time of rest, for `longest` seconds at most; and none begins
    within `longest` seconds of one that is under way. One that hangs for longer holds up no other.
    """

    LEAST = 0.05  # seconds: shorter rests are none

    def __init__(self, rest: int, longest: float, is_busy: Callable[[], bool] = bool) -> None:
        self._rest, self._longest, self._is_busy = rest, longest, is_busy
        self._lock = threading.Lock()
        self._free_at = self._planned_for = 0.0

    def may_begin(self, put_off: Callable[[float], object]) -> bool:
        """True where a run may begin now; else `put_off` plans it in so many seconds, unless one is planned already."""
        now = monotonic()
        with self._lock:
            rest, is_planned = self._free_at - now, self.is_planned
            if rest <= 0:
                self._free_at = now + self._longest
                return True
            self._planned_for = self._free_at
        if not is_planned:
            put_off(rest)
        return False

    @contextmanager
    def run(self) -> Iterator[None]:
        """What is done in here is a run that may begin."""
        began = thread_time()
        try:
            yield
        finally:
            rest = min(self._rest * (thread_time() - began), self._longest)
            with self._lock:
                self._free_at = monotonic() + (rest if rest >= self.LEAST else 0)

    def give_way(self, seconds: float) -> None:
        """Rest after a part of a run that took so long, while something is busy that goes first."""
        if self._is_busy():
            sleep(min(self._rest * seconds, self._longest))

    @property
    def is_planned(self) -> bool:
        """True while a run that was put off is still to come: nobody has to ask for another one."""
        return self._planned_for > monotonic()
