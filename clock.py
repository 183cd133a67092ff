"""What time it is: the machine's UTC plus the demo's offset. Asked by blueprints, tasks and commands only."""

from datetime import UTC, datetime

from coaching.now import Now
from coaching.runtime.queries import clock_offset


def both(at: datetime | None = None) -> Now:
    """What both clocks say, the product's moved to `at` where that is given."""
    machine = machine_now()
    return Now(at or machine + clock_offset(), machine)


def now() -> datetime:
    """The product's time, UTC: sessions, slots and rooms live by it."""
    return machine_now() + clock_offset()


def machine_now() -> datetime:
    """The machine's time, UTC: cookies, limits, links and retry pauses live by it."""
    return datetime.now(UTC)
