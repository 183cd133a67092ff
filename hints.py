"""Hands hints to the queue, beside requests and rooms: nobody waits for it, and a queue that takes nothing delays none.

Losing a hint costs a second or two, since the reconciler looks itself, or a minute for messages. Imported by app.py and
tasks.py.
"""

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable
from time import sleep

logger = logging.getLogger("greenroom.hints")

# A function of tasks.py and what it is told.
Hint = tuple[str, tuple[object, ...]]

# More than a queue that takes nothing for a few seconds lets wait.
MOST_WAITING = 100
TRIES = 3
PAUSE = 0.5  # seconds
# A process that ends waits so long for what is still to be handed over.
LAST_CHANCE = 0.5  # seconds


class Hints:
    """The hints of one process that the queue does not have yet."""

    def __init__(self, put: Callable[[Hint], object]) -> None:
        self._put = put
        self._waiting: deque[Hint] = deque()
        self._changed = threading.Condition()
        self._process: int | None = None

    def add(self, hint: Hint) -> None:
        """The queue gets this hint soon. One that waits already is not given twice."""
        with self._changed:
            if hint in self._waiting or len(self._waiting) >= MOST_WAITING:
                return
            self._waiting.append(hint)
            self._changed.notify_all()
            # Each process has a thread of its own, also after a fork.
            if self._process != os.getpid():
                self._process = os.getpid()
                threading.Thread(target=self._hand_over_for_ever, daemon=True, name="hints").start()
                atexit.register(self.wait_until_empty, LAST_CHANCE)

    def wait_until_empty(self, seconds: float) -> bool:
        """True once nothing waits any more; False after so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._waiting, seconds)

    def _hand_over_for_ever(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                hint = self._waiting[0]
            self._hand_over(hint)
            with self._changed:
                self._waiting.remove(hint)
                self._changed.notify_all()

    def _hand_over(self, hint: Hint) -> None:
        for tries_left in reversed(range(TRIES)):
            try:
                self._put(hint)
            except Exception:
                if not tries_left:
                    logger.exception("the queue took no hint")
                    return
                sleep(PAUSE)
            else:
                return
