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


def ahead_of(machine: datetime, offset: timedelta) -> Now:
    """What both clocks say when the machine's says this, and the product's is so far ahead of it."""
    return Now(machine + offset, machine)


def running_from(now: Now, monotonic: Callable[[], float] = machine_monotonic) -> Callable[[], Now]:
    """A clock that says `now` now, and goes on from there."""
    began = monotonic()
    return lambda: now.after(timedelta(seconds=monotonic() - began))
