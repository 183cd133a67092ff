"""The threads that make calls to Discord, of which no guild gets more than its share."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta


class Workers(ThreadPoolExecutor):
    """So many threads, half of them for any one guild: one that does not answer leaves the others theirs.

    The runs of one process share them, and know from here which of them is the newest and what the others do.
    """

    def __init__(self, threads: int) -> None:
        super().__init__(threads, thread_name_prefix="rooms")
        self.threads = threads
        self.in_charge = 0  # a run, by its number
        self.ended = 0  # steps, of all runs
        self._runs = 0
        self._most = max(threads // 2, 1)
        self._busy: Counter[str] = Counter()
        self._lock = threading.Condition()

    def sign_on(self) -> int:
        """The number of one more run; newer ones have greater numbers."""
        with self._lock:
            self._runs += 1
            return self._runs

    def put_in_charge(self, number: int) -> None:
        """This run has seen what is due: older ones leave it to this one, unless a newer one has it already."""
        with self._lock:
            self.in_charge = max(self.in_charge, number)

    def begin(self, guild_id: str) -> bool:
        """True when a thread may turn to this guild now; it has to `end` that."""
        with self._lock:
            is_free = self._busy[guild_id] < self._most
            self._busy[guild_id] += is_free
        return is_free

    def end(self, guild_id: str) -> None:
        """The thread is done with the guild for now."""
        with self._lock:
            self._busy[guild_id] -= 1
            self.ended += 1
            self._lock.notify_all()

    def wait_while_busy(self, longest: timedelta) -> bool:
        """False when no step is under way in any run; otherwise it waits until none is, but no longer than this."""
        with self._lock:
            is_busy = self._busy.total() > 0
            self._lock.wait_for(lambda: self._busy.total() == 0, longest.total_seconds())
        return is_busy
