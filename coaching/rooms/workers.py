"""The threads that make calls to Discord, of which no guild gets more than its share."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor


class Workers(ThreadPoolExecutor):
    """So many threads, half of them for any one guild: one that does not answer leaves the others theirs."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, thread_name_prefix="rooms")
        self._most = max(threads // 2, 1)
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()

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
