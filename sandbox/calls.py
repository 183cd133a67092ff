"""The log of the last API calls: what was asked and what was answered, never a token or a body."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    at: str
    method: str
    path: str
    status: int | None
    code: int | str | None
    reason: str | None
    ms: float
    fault: str | None
    agent: str
    number: int = 0


class Calls:
    """The newest calls, at most `kept` of them."""

    def __init__(self, kept: int = 2000) -> None:
        self._calls: deque[Call] = deque(maxlen=kept)
        self._lock = threading.Lock()
        self._number = 0

    def record(self, **fields: Any) -> None:
        """The call is in the log."""
        with self._lock:
            self._number += 1
            self._calls.append(Call(**fields, number=self._number))

    def last(self, most: int) -> list[Call]:
        """The newest calls, newest first."""
        with self._lock:
            return list(reversed(self._calls))[:most]

    def since(self, number: int) -> list[dict[str, Any]]:
        """All kept calls after that number, oldest first."""
        with self._lock:
            return [asdict(call) for call in self._calls if call.number > number]

    def clear(self) -> None:
        """The log is empty; numbers go on."""
        with self._lock:
            self._calls.clear()
