"""How long those who write wait for the database: no longer than makes sense, or pages would have to wait for them.

Foundation.
"""

import struct
import threading
from contextlib import suppress
from mmap import mmap
from time import monotonic

from coaching import db
from coaching.db_waits import wait_at_most

INSTANT = struct.Struct("d")
LOST, WON = 0, INSTANT.size  # where they lie


class Patience:
    """How long those of this process who write wait for a lock: less once it shows that somebody holds it for long.

    Otherwise they would soon have all threads, and pages that only read would wait with them.
    """

    SHORT = 1.0  # seconds
    LASTS = 5  # seconds, after somebody has waited in vain
    # So many who write and have taken so long, in seconds, are no queue that moves on.
    MANY, LONG = 2, 1.5

    def __init__(self) -> None:
        # Two instants, in memory that processes forked from this one share: one that gets through tells the others.
        self._shared = mmap(-1, 2 * INSTANT.size)
        self._began: dict[int, float] = {}  # by thread
        self._hurried: set[int] = set()
        self._lock = threading.Lock()

    def begin(self) -> None:
        """This thread's connection waits as long as is right now."""
        now, lost_at, won_at = monotonic(), self._instant(LOST), self._instant(WON)
        with self._lock:
            slow = sum(now - max(began, won_at) > self.LONG for began in self._began.values())
            self._began[threading.get_ident()] = now
        if slow >= self.MANY or (won_at < lost_at and now - lost_at < self.LASTS):
            self._hurried.add(threading.get_ident())
            wait_at_most(round(min(self.SHORT, db.LONGEST_WAIT) * 1000))

    def note_lost(self) -> None:
        """This thread has waited in vain; that is no news where somebody got through meanwhile."""
        now = monotonic()
        if self._began.get(threading.get_ident(), now) > self._instant(WON):
            INSTANT.pack_into(self._shared, LOST, now)

    def note_won(self) -> None:
        """Something was written: whoever else has waited long begins anew."""
        INSTANT.pack_into(self._shared, WON, monotonic())

    def end(self) -> None:
        """This thread's connection, which others may take over, waits as long as usual."""
        thread = threading.get_ident()
        with self._lock:
            self._began.pop(thread, None)
        if thread in self._hurried:
            self._hurried.discard(thread)
            with suppress(*db.UNREADABLE):
                wait_at_most(round(db.LONGEST_WAIT * 1000))

    def _instant(self, place: int) -> float:
        instant: float = INSTANT.unpack_from(self._shared, place)[0]
        return instant


patience = Patience()
