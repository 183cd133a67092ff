"""Faults to order: what goes wrong at which call, how often. Kept in memory only; a restart forgets them."""

import re
import threading
from dataclasses import dataclass, replace
from itertools import count

from sandbox.errors import REFUSALS

BEFORE = frozenset({"delay", "429", "429_global", "429_cloudflare", "5xx", "drop_before", "401", "403", "404"})
AFTER = frozenset({"drop_after", "delay_after", "5xx_after", "edit_lost"})
# And every code of Discord's own, "50001" for instance.
KINDS = BEFORE | AFTER | {str(code) for code in REFUSALS}


@dataclass(frozen=True)
class Fault:
    """One order: at the calls that match, after `skip` of them, `times` times (None: until cleared)."""

    kind: str
    route: str = "/**"
    method: str = "*"
    times: int | None = 1
    skip: int = 0
    seconds: float = 1.0
    status: int = 503
    field: str = ""
    inner: str = ""
    id: int = 0

    def matches(self, method: str, path: str) -> bool:
        """Whether a call is meant. `*` stands for one part of the path, `**` for any number."""
        if self.method not in ("*", method):
            return False
        pattern = "".join(
            {"**": ".*", "*": "[^/]+"}.get(piece, re.escape(piece)) for piece in re.split(r"(\*\*|\*)", self.route)
        )
        return re.fullmatch(pattern, path) is not None


class Faults:
    """The open orders, oldest first."""

    def __init__(self) -> None:
        self._open: list[Fault] = []
        self._ids = count(1)
        self._lock = threading.Lock()

    def order(self, fault: Fault) -> Fault:
        """The fault waits for its calls."""
        with self._lock:
            fault = replace(fault, id=next(self._ids))
            self._open.append(fault)
        return fault

    def pending_faults(self) -> list[Fault]:
        """Every fault that still waits."""
        with self._lock:
            return list(self._open)

    def call_off(self, fault_id: int) -> None:
        """That fault is not open any more."""
        with self._lock:
            self._open = [fault for fault in self._open if fault.id != fault_id]

    def clear(self) -> None:
        """No fault is open."""
        with self._lock:
            self._open.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this call, used up once, or None."""
        with self._lock:
            for place, fault in enumerate(self._open):
                if not fault.matches(method, path):
                    continue
                if fault.skip:
                    self._open[place] = replace(fault, skip=fault.skip - 1)
                    continue
                self._use(place, fault)
                return fault
        return None

    def _use(self, place: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times > 1:
            self._open[place] = replace(fault, times=fault.times - 1)
        else:
            del self._open[place]
