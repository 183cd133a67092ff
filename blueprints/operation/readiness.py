"""Can everything do its work? Asked in a thread of its own, so that an answer comes in time, whatever hangs."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic

from flask import Flask

import clock
from coaching.db import UNREADABLE, database
from coaching.operation.checks import LEAST_FREE_BYTES
from coaching.operation.doctor import free_bytes
from coaching.operation.mutations import record_heartbeat
from coaching.operation.queries import READY, loop_broke_at, worker_is_silent

logger = logging.getLogger(__name__)

# No longer than load balancers wait.
PATIENCE = 2.0
# However often it is asked, what is written for it is written once in so many seconds.
KEPT_FOR = 1.0


def init_app(app: Flask) -> None:
    """Let /readyz ask about this application."""
    app.extensions["readiness"] = Probe(lambda: is_ready(app))


def is_ready(app: Flask) -> bool:
    """True when disk, queue, worker and database can do their work; both stores are written to for it."""
    parts = app.extensions
    if free_bytes(parts["settings"].data_dir) < LEAST_FREE_BYTES or not parts["queue_answers"]():
        return False
    try:
        with database.connection_context():
            machine_now = clock.machine_now()
            if worker_is_silent(machine_now) or loop_broke_at(machine_now):
                return False
            record_heartbeat(READY, machine_now)
    except UNREADABLE:
        return False
    return True


class Probe:
    """Asks one question in one thread, however many want to know: what hangs holds up nobody else."""

    def __init__(self, ask: Callable[[], bool], kept_for: float = KEPT_FOR) -> None:
        self.kept_for = kept_for
        self._ask = ask
        self._lock = threading.Lock()
        self._answer: Future[bool] | None = None
        self._answered_at = 0.0

    def answer(self, patience: float | None = None) -> bool:
        """What was answered within so many seconds; no answer is a no."""
        try:
            return self._present().result(PATIENCE if patience is None else patience)
        except TimeoutError:
            return False

    def _present(self) -> "Future[bool]":
        with self._lock:
            known = self._answer
            if known is None or (known.done() and monotonic() - self._answered_at >= self.kept_for):
                known = self._answer = Future()
                threading.Thread(target=self._find_out, args=(known,), daemon=True, name="readiness").start()
            return known

    def _find_out(self, answer: "Future[bool]") -> None:
        try:
            found = self._ask()
        except Exception:
            logger.exception("whether all is ready could not be found out")
            found = False
        self._answered_at = monotonic()
        answer.set_result(found)
