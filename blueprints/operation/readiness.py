"""Can everything do its work? Asked in a thread of its own, so that an answer comes in time, whatever hangs."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from time import monotonic

from flask import Flask

import clock
from coaching.checks import LEAST_FREE_BYTES
from coaching.db import UNREADABLE, database
from coaching.diagnostics.actions import free_bytes
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import READY, worker_state

logger = logging.getLogger(__name__)

# No longer than load balancers wait.
PATIENCE = 2.0
# However often it is asked, what is written for it is written once in so many seconds.
KEPT_FOR = 1.0


def init_app(app: Flask) -> None:
    """Let /readyz ask about this application."""
    app.extensions["readiness"] = Probe(lambda: is_ready(app))


class Ready(IntEnum):
    """Whether everything can do its work; no answer is a no."""

    NO = 0
    YES = 1
    BUT_FOR_A_ROW = 2


# It is read by everybody, so it names no room.
SENTENCES = {
    Ready.NO: "no",
    Ready.YES: "yes",
    Ready.BUT_FOR_A_ROW: "yes, but what is written down about a room cannot be read: see /admin",
}


def is_ready(app: Flask) -> Ready:
    """Whether disk, queue, worker and database can do their work; both stores are written to for it."""
    parts = app.extensions
    if free_bytes(parts["settings"].data_dir) < LEAST_FREE_BYTES or not parts["queue_answers"]():
        return Ready.NO
    try:
        with database.connection_context():
            now = clock.machine_now()
            worker = worker_state(now)
            if not worker.is_fine:
                return Ready.NO
            record_heartbeat(READY, now)
            return Ready.BUT_FOR_A_ROW if worker.meets_unreadable_rows else Ready.YES
    except UNREADABLE:
        return Ready.NO


class Probe:
    """Asks one question in one thread, however many want to know: what hangs holds up nobody else."""

    def __init__(self, ask: Callable[[], int], kept_for: float = KEPT_FOR) -> None:
        self.kept_for = kept_for
        self._ask = ask
        self._lock = threading.Lock()
        self._answer: Future[int] | None = None
        self._answered_at = 0.0

    def answer(self, patience: float | None = None) -> int:
        """What was answered within so many seconds; no answer is a no."""
        try:
            return self._present().result(PATIENCE if patience is None else patience)
        except TimeoutError:
            return Ready.NO

    def _present(self) -> "Future[int]":
        with self._lock:
            known = self._answer
            if known is None or (known.done() and monotonic() - self._answered_at >= self.kept_for):
                known = self._answer = Future()
                threading.Thread(target=self._find_out, args=(known,), daemon=True, name="readiness").start()
            return known

    def _find_out(self, answer: "Future[int]") -> None:
        try:
            readiness = self._ask()
        except Exception:
            logger.exception("whether all is ready could not be found out")
            readiness = Ready.NO
        self._answered_at = monotonic()
        answer.set_result(readiness)
