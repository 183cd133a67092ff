"""Token buckets in the memory of one process: so many a second, and a burst on top. Pure.

What is counted is lost with the process.
"""

from collections.abc import Callable
from threading import Lock

MOST_KEYS = 20_000


class TokenBuckets:
    """A bucket for each key; `clock` gives seconds that never go back."""

    def __init__(self, a_second: float, burst: int, clock: Callable[[], float]) -> None:
        self.a_second = a_second
        self.burst = burst
        self._clock = clock
        self._lock = Lock()
        # When the bucket is full again, the one touched last at the end.
        self._full_at: dict[str, float] = {}

    def take(self, key: str) -> float:
        """0 when there was a token for `key`, else the seconds until there is one."""
        now = self._clock()
        with self._lock:
            full_at = max(self._full_at.pop(key, now), now)
            wait = full_at + 1 / self.a_second - now - self.burst / self.a_second
            # Rounding alone keeps nobody out.
            is_there = wait <= 1e-9
            self._full_at[key] = full_at + 1 / self.a_second if is_there else full_at
            if len(self._full_at) > MOST_KEYS:
                self._forget(now)
        return 0.0 if is_there else wait

    def _forget(self, now: float) -> None:
        """Forget the full buckets, which are as good as new ones; and so many others that few are left."""
        known = [(key, at) for key, at in self._full_at.items() if at > now]
        self._full_at = dict(known[-MOST_KEYS // 2 :])
