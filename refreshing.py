"""Keeps something up to date in a thread of its own: each minute, and at once when asked to, but never all the time.

Imported by tasks.py. An ask that is lost costs a minute.
"""

import logging
import threading
from collections.abc import Callable
from time import monotonic

logger = logging.getLogger("greenroom.refreshing")

EVERY = 60.0  # seconds
LEAST_PAUSE = 2.0  # seconds
# A run is followed by so many times its own length of rest: under a twentieth of one core, however much there is.
REST = 24


class Refresher:
    """The thread of this process that does the work; it says whether some of it is left over."""

    def __init__(self, work: Callable[[], bool], least_pause: float = LEAST_PAUSE) -> None:
        self._work, self._least_pause = work, least_pause
        self._asked, self._ended = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def keep(self) -> None:
        """Begin, unless it is at work; the first run begins at once."""
        with self._lock:
            if self._ended.is_set() or (self._thread and self._thread.is_alive()):
                return
            self._asked.set()
            self._thread = threading.Thread(target=self._run, daemon=True, name="refreshing")
            self._thread.start()

    def ask(self) -> None:
        """Something has changed: the next run begins now, or once the present one has rested."""
        self._asked.set()

    def end(self) -> None:
        """Begin no more runs."""
        self._ended.set()
        self._asked.set()

    def _run(self) -> None:
        while True:
            self._asked.wait(EVERY)
            self._asked.clear()
            if self._ended.is_set():
                return
            began = monotonic()
            try:
                if self._work():
                    self._asked.set()
            except Exception:
                logger.exception("not refreshed: it is tried again")
            self._ended.wait(max(self._least_pause, REST * (monotonic() - began)))
