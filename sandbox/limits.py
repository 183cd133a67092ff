"""Rate limits: a bucket for each method, route and guild or channel, and one for everything together."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import RateLimited
from sandbox.records import Window
from sandbox.state import State

Allowance = tuple[int, float]

# Method and route -> requests in seconds. Discord publishes none of them; these are the ones people reported.
BUCKETS: dict[tuple[str, str], Allowance] = {
    ("PATCH", "/channels/<channel_id>"): (10, 15),
    ("POST", "/channels/<channel_id>/messages"): (5, 5),
    ("POST", "/guilds/<guild_id>/roles"): (250, 48 * 3600),
}
# Routes under one bucket name all the same, as people reported: they count apart.
OVERWRITE = "/channels/<channel_id>/permissions/<overwrite_id>"
SHARED_NAMES = {("PUT", OVERWRITE): "overwrites", ("DELETE", OVERWRITE): "overwrites"}
OTHERWISE: Allowance = (50, 1)
RENAMES: Allowance = (2, 600)
NEW_TALKS: Allowance = (50, 600)
REFUSALS: Allowance = (10_000, 600)
LONGER_THAN_A_RESTART = 3600.0


@dataclass
class Allowances:
    """The limits in force; a test may change them while the sandbox runs."""

    buckets: dict[tuple[str, str], Allowance]
    otherwise: Allowance
    overall: Allowance
    renames: Allowance = RENAMES
    new_talks: Allowance = NEW_TALKS
    refusals: Allowance = REFUSALS


class Limits:
    """Counts requests in fixed windows; long windows are kept in the state, whose lock guards them all."""

    def __init__(self, state: State, requests_per_second: int) -> None:
        self.allowances = Allowances(dict(BUCKETS), OTHERWISE, (requests_per_second, 1.0))
        self._state = state
        self._clock: Callable[[], float] = state.clock
        self._windows: dict[str, Window] = {}

    def take(self, token: str, method: str, route: str, major: str) -> dict[str, str]:
        """The headers of an allowed request, or RateLimited."""
        allowance = self._allowance(method, route)
        with self._state.transaction():
            overall, _ = self._count(f"all {token}", self.allowances.overall)
            if overall:
                raise RateLimited(overall, "global")
            wait, window = self._count(f"{method} {route} {major}", allowance)
        headers = self._headers(_bucket(method, route), allowance, window)
        if wait:
            raise RateLimited(wait, "user", headers)
        return headers

    def standing(self, method: str, route: str, major: str) -> dict[str, str]:
        """The headers of a request that is not counted: how its bucket stands."""
        allowance = self._allowance(method, route)
        with self._state.transaction():
            window = self._open_window(f"{method} {route} {major}", allowance[1])
        return self._headers(_bucket(method, route), allowance, window)

    def spent(self, method: str, route: str, seconds: float) -> dict[str, str]:
        """The headers of a bucket that is used up for so many seconds."""
        most, _ = self._allowance(method, route)
        window = Window("", self._clock(), most)
        return self._headers(_bucket(method, route), (most, seconds), window)

    def take_rename(self, channel_id: str) -> None:
        """One more change of a channel's name or topic; the headers of the route say nothing of this limit."""
        self._take_hidden(f"rename {channel_id}", self.allowances.renames)

    def new_talk_allowed(self) -> bool:
        """Whether one more direct channel may be opened now."""
        with self._state.transaction():
            wait, _ = self._count("new talk", self.allowances.new_talks)
        return not wait

    def note_refusal(self) -> None:
        """One more answer with 401, 403 or 429 has gone out."""
        with self._state.transaction():
            self._count("refusals", self.allowances.refusals)

    def refused_too_often(self) -> float:
        """How many seconds the address is still blocked for too many refused requests."""
        with self._state.transaction():
            window = self._windows.get("refusals")
            most, seconds = self.allowances.refusals
            if window is None or window.used < most:
                return 0
            return max(0.0, window.started_at + seconds - self._clock())

    def _take_hidden(self, name: str, allowance: Allowance) -> None:
        with self._state.transaction():
            wait, _ = self._count(name, allowance)
        if wait:
            raise RateLimited(wait, "shared")

    def _allowance(self, method: str, route: str) -> Allowance:
        return self.allowances.buckets.get((method, route), self.allowances.otherwise)

    def _count(self, name: str, allowance: Allowance) -> tuple[float, Window]:
        """Seconds to wait (0 when the request fits) and the window it fell into."""
        most, seconds = allowance
        window = self._open_window(name, seconds)
        if window.used >= most:
            return max(window.started_at + seconds - self._clock(), 0.001), window
        window = Window(name, window.started_at, window.used + 1)
        self._keep(window, seconds)
        return 0, window

    def _open_window(self, name: str, seconds: float) -> Window:
        """The window that runs now, a fresh one where the last is over."""
        now = self._clock()
        window = self._find(name, seconds)
        return Window(name, now, 0) if window is None or now >= window.started_at + seconds else window

    def _find(self, name: str, seconds: float) -> Window | None:
        if seconds >= LONGER_THAN_A_RESTART:
            return self._state.find(Window, name)
        return self._windows.get(name)

    def _keep(self, window: Window, seconds: float) -> None:
        if seconds >= LONGER_THAN_A_RESTART:
            self._state.put(window)
        else:
            self._windows[window.name] = window

    def _headers(self, bucket: str, allowance: Allowance, window: Window) -> dict[str, str]:
        most, seconds = allowance
        ends_at = window.started_at + seconds
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(most - window.used, 0)),
            "X-RateLimit-Reset": f"{ends_at:.3f}",
            "X-RateLimit-Reset-After": f"{max(ends_at - self._clock(), 0):.3f}",
            "X-RateLimit-Bucket": bucket,
        }


def _bucket(method: str, route: str) -> str:
    """The bucket's name in the headers."""
    name = SHARED_NAMES.get((method, route), f"{method} {route}")
    return hashlib.sha256(name.encode()).hexdigest()[:32]
