"""One instant by both clocks. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic as machine_monotonic


@dataclass(frozen=True)
class Now:
    """What both clocks say, in UTC: sessions and rooms live by the product's, which a demo moves; calls, claims and
    pauses by the machine's."""

    product: datetime
    machine: datetime

    def after(self, passed: timedelta) -> "Now":
        """The same so much later."""
        return Now(self.product + passed, self.machine + passed)

    def machine_time_of(self, instant: datetime) -> datetime:
        """When the machine's clock stands where the product's says `instant`."""
        return instant + (self.machine - self.product)


def now_at(machine_now: datetime, offset: timedelta) -> Now:
    """What both clocks say while the product's stands so far from the machine's."""
    return Now(machine_now + offset, machine_now)


def running_from(now: Now, monotonic: Callable[[], float] = machine_monotonic) -> Callable[[], Now]:
    """A clock that says `now` now, and goes on from there."""
    began = monotonic()
    return lambda: now.after(timedelta(seconds=monotonic() - began))
