"""Who writes to SQLite next: those who wait are let in in the order in which they came. Foundation.

SQLite itself lets each of them try again after ever longer pauses: who came last may be first, and of two hundred one
may wait in vain. This decides nothing but the order; that only one writes, SQLite sees to.
"""

import fcntl
import os
import threading
from collections import deque
from contextlib import suppress
from time import monotonic, sleep

PAUSE = 0.001  # seconds, between two tries of the one of a process that is next
# Two bytes of the file. Whoever holds NEXT waits alone for PRESENT, so that no process is let in twice before another.
NEXT, PRESENT = 0, 1


class WriteQueue:
    """The order of all who write to one database file, of whatever thread and process."""

    def __init__(self, path: str) -> None:
        self._path = f"{path}.queue"
        self._file: int | None = None
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: deque[threading.Lock] = deque()
        self._own = threading.local()

    def enter(self, timeout: float) -> bool:
        """True once it is this thread's turn to write; False after `timeout` seconds in vain."""
        until = monotonic() + timeout
        if not self._is_next_here(timeout):
            return False
        is_in = False
        try:
            is_in = self._is_next_of_all(until)
        finally:
            if not is_in:
                self._let_next_in()
        self._own.is_in = is_in
        return is_in

    def leave(self) -> None:
        """Let the next one in. Without having entered, it does nothing."""
        if getattr(self._own, "is_in", False):
            self._own.is_in = False
            self._unlock(PRESENT)
            self._let_next_in()

    def close(self) -> None:
        """Let go of the file; nobody may be waiting."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _is_next_here(self, timeout: float) -> bool:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        if gate.acquire(timeout=max(timeout, 0)):
            return True
        with self._lock:
            if gate in self._waiting:
                self._waiting.remove(gate)
                return False
        return True  # let in at the very last moment

    def _let_next_in(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_taken = False

    def _is_next_of_all(self, until: float) -> bool:
        try:
            file = self._opened()
            if not self._is_locked(NEXT, until, file):
                return False
            try:
                return self._is_locked(PRESENT, until, file)
            finally:
                self._unlock(NEXT)
        except OSError:
            return True  # no room for the file, or a disk without locks: SQLite itself will say what is wrong

    def _opened(self) -> int:
        # Once for all: with any descriptor of the file all locks of the process would go.
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file

    def _is_locked(self, byte: int, until: float, file: int) -> bool:
        while True:
            with suppress(BlockingIOError):
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
                return True
            if monotonic() >= until:
                return False
            sleep(PAUSE)

    def _unlock(self, byte: int) -> None:
        # Whoever has written has written, whatever becomes of the order.
        with suppress(OSError):
            if self._file is not None:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, byte)
