"""Whether clocks are still set as they were when sessions were promised, and every zone still has its name."""

from collections.abc import Iterator
from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.promise_queries import changed_sessions
from coaching.catalog.models import Store
from coaching.checks import Check, bad, good, warning
from coaching.db import rows
from coaching.hours.models import Schedule, Travel
from coaching.zones import is_zone

PROMISES = "Promised times"
MOST_NAMED = 5
ZONES = (Person.zone, Store.zone, Schedule.zone, Travel.zone, CoachingSession.zone, Seat.zone)


def promises_checks(now: datetime) -> Iterator[Check]:
    """Sessions to come at another time of day than was promised, and zones that nobody knows any more."""
    lost = lost_zones()
    if lost:
        yield bad(
            "Zones",
            f"No zone is called {', '.join(lost[:MOST_NAMED])} any more, and times in it cannot be shown.",
            f"Find its present name, then: `flask sessions rename-zone {lost[0]} NEW`",
        )
    changed = changed_sessions(now)
    if not changed:
        yield good(PROMISES, "Every session to come is at the time of day it was promised for.")
        return
    codes = ", ".join(one.code for one in changed[:MOST_NAMED])
    more = f" and {len(changed) - MOST_NAMED} more" if len(changed) > MOST_NAMED else ""
    are = "session to come is" if len(changed) == 1 else "sessions to come are"
    yield warning(
        PROMISES,
        f"{len(changed)} {are} at another time of day than was promised, for clocks are set otherwise: {codes}{more}.",
        "See them: `flask sessions zones`. Then tell both sides of each: `flask sessions zones --tell`",
    )


def lost_zones() -> list[str]:
    """The names of zones in use that no zone has any more."""
    names = {name for column in ZONES for (name,) in rows(column.model.select(column).distinct()) if name}
    return sorted(name for name in names if not is_zone(name))
