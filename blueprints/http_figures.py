"""How many requests each route had and how long they took, for /metrics.

Each process counts in memory and adds what it has to the common tallies every few seconds, beside the requests: a page
view is no write, and a database that is locked delays none.
"""

import logging
import os
import threading
from bisect import bisect_left
from collections import Counter
from time import monotonic, sleep

from flask import Flask, Response, g, request

from coaching.db import UNREADABLE, database
from coaching.operation.metric_queries import HTTP, HTTP_BOUNDS, HTTP_MS, HTTP_SECONDS, LONGER
from coaching.tallies.mutations import count_all

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10


def init_app(app: Flask) -> None:
    """Count every request of this process."""
    app.extensions["http_figures"] = Meter()

    @app.after_request
    def count_request(answer: Response) -> Response:
        if "began" in g and request.url_rule:
            count(app, request.url_rule.rule, request.method, answer.status_code, monotonic() - g.began)
        return answer


def count(app: Flask, route: str, method: str, status: int, seconds: float) -> None:
    """One request was answered."""
    meter: Meter = app.extensions["http_figures"]
    meter.count(route, method, status, seconds)
    if not app.testing:
        meter.start()


class Meter:
    """The counts of one process that are not in the tallies yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._process: int | None = None

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request."""
        bucket = HTTP_BOUNDS[bisect_left(HTTP_BOUNDS, seconds)] if seconds <= HTTP_BOUNDS[-1] else LONGER
        with self._lock:
            self._counts[HTTP, f"{route} {method} {status}"] += 1
            self._counts[HTTP_SECONDS, f"{route} {bucket}"] += 1
            self._counts[HTTP_MS, route] += round(seconds * 1000)

    def hand_over(self) -> None:
        """Add what was counted to the tallies; what they do not take is kept for the next time."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            if counts:
                with database.connection_context():
                    count_all(sorted((*which, by) for which, by in counts.items()))
        except UNREADABLE:
            with self._lock:
                self._counts.update(counts)
            raise

    def start(self) -> None:
        """Let a thread of this process hand over every few seconds; one each, also after a fork."""
        if self._process == os.getpid():
            return
        with self._lock:
            if self._process == os.getpid():
                return
            self._process = os.getpid()
        threading.Thread(target=self._hand_over_for_ever, daemon=True, name="http figures").start()

    def _hand_over_for_ever(self) -> None:
        while True:
            sleep(EVERY_SECONDS)
            try:
                self.hand_over()
            except UNREADABLE:
                logger.warning("HTTP figures wait", exc_info=True)
            except Exception:
                logger.exception("HTTP figures broke")
