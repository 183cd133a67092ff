"""The threads that make calls to Discord, of which no guild gets more than its share."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta


class Workers(ThreadPoolExecutor):
    """So many threads, half of them for any one guild: one that does not answer leaves the others theirs."""

    def __init__(self, threads: int) -> None:
        super().__init__(threads, thread_name_prefix="rooms")
        self.threads = threads
        self.in_charge = 0  # a run, by its number
        self._runs = 0
        self._under_way: set[Future[None]] = set()
        self._most = max(threads // 2, 1)
        self._busy: Counter[str] = Counter()
        self._lock = threading.Lock()

    def sign_on(self) -> int:
        """The number of one more run; newer ones have greater numbers."""
        with self._lock:
            self._runs += 1
            return self._runs

    def put_in_charge(self, number: int) -> None:
        """This run has seen what is due: older ones leave it to this one, unless a newer one has it already."""
        with self._lock:
            self.in_charge = max(self.in_charge, number)

    def start(self, work: Callable[..., None], *details: object) -> Future[None]:
        """The work is done as soon as a thread is free."""
        started = self.submit(work, *details)
        self._under_way.add(started)
        started.add_done_callback(self._under_way.discard)
        return started

    def await_all(self, longest: timedelta) -> bool:
        """True after waiting for what is under way, whichever run began it; False when nothing is."""
        under_way = tuple(self._under_way)
        wait(under_way, longest.total_seconds())
        return bool(under_way)

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
