"""Keeps the reconciler in the worker, in a thread of its own."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from time import monotonic

import clock
from coaching.host import Host
from coaching.operation.reserve_actions import drop_reserve
from coaching.rooms.reconciler.loop import Reconciler
from coaching.rooms.reconciler.pool import Threads

logger = logging.getLogger("greenroom.reconciling")

# Discord takes up to 0.3 s to answer: so many at a time use up what it allows in a second.
CALLS_AT_ONCE = 16
# A loop that has not planned for so long hangs, and another one takes over. Its threads' calls end by themselves.
LOOP_HANGS_AFTER = 90  # seconds
# Whoever is told to stop waits so long for the calls under way.
LAST_CHANCE = 2  # seconds


class Loop:
    """The reconciler of this process in a thread of its own, and another one where that has died or hangs."""

    def __init__(
        self, host: Host, data_dir: Path, on_break: Callable[[datetime], None], on_owed: Callable[[], None]
    ) -> None:
        self._host, self._data_dir, self._on_break, self._on_owed = host, data_dir, on_break, on_owed
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_ended = False
        self.reconciler = self._new_reconciler()

    def keep(self) -> None:
        """Begin it, unless it lives."""
        with self._lock:
            if self._is_ended or self.lives:
                return
            if self._thread:
                logger.error("the reconciler died or hangs: another one takes over")
                self._on_break(clock.machine_now())
                self.reconciler.stop()
                self.reconciler = self._new_reconciler()
            self._thread = threading.Thread(target=self.reconciler.run, daemon=True, name="reconciler")
            self._thread.start()

    def end(self) -> None:
        """Begin nothing more. Whatever is due is left to the next worker."""
        self._is_ended = True
        self.reconciler.stop(LAST_CHANCE)

    @property
    def lives(self) -> bool:
        """True while its thread plans now and then."""
        is_at_work = self._thread is not None and self._thread.is_alive()
        return is_at_work and monotonic() - self.reconciler.planned_at < LOOP_HANGS_AFTER

    def _new_reconciler(self) -> Reconciler:
        give_up_reserve = partial(drop_reserve, self._data_dir)
        threads = Threads(CALLS_AT_ONCE)
        return Reconciler(
            self._host,
            clock.both,
            threads,
            free_space=give_up_reserve,
            on_break=self._on_break,
            on_owed=self._on_owed,
        )
