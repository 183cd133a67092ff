"""Times to choose from, where many are looked at on one page: the nearest, and those of a day that is chosen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from blueprints.filters import iso, local_time
from blueprints.storefront.days import DAY_PARTS, Slot, day_slots
from coaching.booking.models import CoachingSession
from coaching.booking.month import month_of, next_month
from coaching.booking.slot_queries import free_month
from coaching.catalog.models import Offer, Product

# So many months from now are looked through for days to choose from.
MONTHS = 3


@dataclass(frozen=True)
class DayChoice:
    """A day with free times, as the list of days has it."""

    value: str
    label: str
    is_shown: bool


def free_days(
    product: Product, offer: Offer, zone: str, now: datetime, moving: CoachingSession | None = None
) -> dict[date, tuple[datetime, ...]]:
    """The coming days with free times, as a clock in `zone` has them."""
    month_on = month_of(now, zone)
    found: dict[date, tuple[datetime, ...]] = {}
    for _ in range(MONTHS):
        month = free_month(product, offer, zone, now, month_on, moving)
        found.update(month.free)
        if not month.has_later:
            break
        month_on = next_month(month_on)
    return dict(sorted(found.items()))


def day_choices(free: Collection[date], shown: date | None) -> list[DayChoice]:
    """The list of days."""
    return [DayChoice(day.isoformat(), day_label(day), day == shown) for day in free]


def dated_group(title: str, starts: Sequence[datetime], zone: str, *, checked: bool = False) -> dict[str, Any]:
    """Times of several days, for the macro slot_pills."""
    slots = [Slot(one, iso(one), local_time(one, zone, "short"), 0, checked) for one in starts]
    return {"title": title, "slots": slots, "is_wide": True}


def day_groups(
    free: Mapping[date, Sequence[datetime]], shown: date | None, but: Collection[datetime], zone: str
) -> list[dict[str, Any]]:
    """The times of one day by its parts, without some that are shown elsewhere."""
    if shown is None or shown not in free:
        return []
    slots = day_slots([one for one in free[shown] if one not in but], None, zone)
    return [
        {"title": f"{day_label(shown)}, {part.lower()}", "slots": [one for one in slots if one.hour in hours]}
        for part, hours in DAY_PARTS
    ]


def day_label(day: date) -> str:
    return f"{day:%a} {day.day} {day:%B}"
