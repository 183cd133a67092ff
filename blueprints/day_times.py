"""Times to choose from in a form whose buttons show another day: those that are near, and a month with each day's."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from blueprints.filters import iso, local_time
from blueprints.storefront.days import PartOfDay, Slot, day_label, day_short, day_slots, parts_of
from blueprints.storefront.picker import Asked, month_view, readable_date, shown_day
from coaching.booking.models import CoachingSession
from coaching.booking.month import SlotMonth, month_of, next_month
from coaching.booking.slot_queries import free_month
from coaching.catalog.models import Offer, Product


@dataclass
class FreeTimes:
    """The free times of one length of a call, in one zone; each month is read once. What does not `fit` is left out."""

    product: Product
    offer: Offer
    zone: str
    now: datetime
    moving: CoachingSession | None = None
    fits: Callable[[datetime], bool] = lambda start: True
    _months: dict[date | None, SlotMonth] = field(default_factory=dict)

    def month(self, month_on: date | None) -> SlotMonth:
        """A month; without `month_on` that of the next free time."""
        if month_on not in self._months:
            month = free_month(self.product, self.offer, self.zone, self.now, month_on, self.moving)
            fitting = {day: tuple(filter(self.fits, starts)) for day, starts in month.free.items()}
            month = replace(month, free={day: starts for day, starts in fitting.items() if starts})
            self._months[month_on] = self._months[month.first_on] = month
        return self._months[month_on]

    def among(self, starts: Iterable[datetime]) -> list[datetime]:
        """Those of the instants that are free."""
        tz = ZoneInfo(self.zone)
        days = [(start, start.astimezone(tz).date()) for start in starts]
        return [start for start, day in days if start in self.month(day.replace(day=1)).free.get(day, ())]

    def next(self, count: int) -> list[datetime]:
        """The next ones."""
        starts: list[datetime] = []
        month = self.month(month_of(self.now, self.zone))
        while True:
            starts += [start for day in month.free.values() for start in day]
            if len(starts) >= count or not (month.has_later and month.next_free_at):
                return starts[:count]
            month = self.month(next_month(month.first_on))


@dataclass(frozen=True)
class MonthTimes:
    """What `_month_times.html` draws: a month, and the times of one of its days."""

    month: dict[str, Any]
    day_on: date | None
    groups: list[PartOfDay]

    @property
    def day_label(self) -> str:
        return day_label(self.day_on) if self.day_on else ""

    @property
    def day_short(self) -> str:
        return day_short(self.day_on) if self.day_on else ""


def month_times(free: FreeTimes, show: str, but: Collection[datetime]) -> MonthTimes:
    """The day or the month asked for (`2027-03-09`, `2027-03`), without the times that stand elsewhere on the page."""
    asked = Asked(month_on=readable_date(show + "-01"), day_on=readable_date(show))
    until = free.now + timedelta(days=free.product.horizon_days)
    month = free.month(asked.month_in(free.zone, free.now, until))
    day_on = shown_day(asked, month)
    starts = [start for start in month.free.get(day_on, ()) if start not in but] if day_on else []
    today = free.now.astimezone(ZoneInfo(free.zone)).date()
    return MonthTimes(month_view(month, day_on, today), day_on, parts_of(day_slots(starts, None, free.zone)))


def dated_group(title: str, starts: Sequence[datetime], zone: str, *, checked: bool = False) -> dict[str, Any]:
    """Times of several days, for the macro slot_pills."""
    slots = [Slot(start, iso(start), local_time(start, zone, "short"), 0, checked) for start in starts]
    return {"title": title, "slots": slots, "is_wide": True}
