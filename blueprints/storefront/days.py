"""Times to choose from as pages show them: by days, and of a day by its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from blueprints.filters import how_near, iso, times_of_day
from coaching.booking.few_times import NIGHT_ENDS

# From which hour on a time belongs to which part of the day.
DAY_PARTS = (
    ("Night", range(NIGHT_ENDS)),
    ("Morning", range(NIGHT_ENDS, 12)),
    ("Afternoon", range(12, 17)),
    ("Evening", range(17, 24)),
)
NEAR = timedelta(minutes=59.5)
NEAR_DAYS = {0: "today", 1: "tomorrow"}


@dataclass(frozen=True)
class Slot:
    """A time to choose: its value in the form, and how it reads; `near` says that it is within the hour."""

    starts_at: datetime
    value: str
    label: str
    hour: int
    checked: bool
    near: str = ""


@dataclass(frozen=True)
class PartOfDay:
    """What a slot picker draws as one group."""

    title: str
    slots: list[Slot]
    is_wide: bool = False  # the slots name their day, too


@dataclass(frozen=True)
class DayTimes:
    """A day with times to choose from; `all_href` leads to all of them, where there are more."""

    on: date
    near: str  # "today", "tomorrow", or nothing
    groups: list[PartOfDay]
    all_href: str | None
    count: int

    @property
    def label(self) -> str:
        return day_label(self.on)

    @property
    def short(self) -> str:
        return day_short(self.on)


def day_times(on: date, slots: list[Slot], today: date, count: int, all_href: str | None) -> DayTimes:
    """A day's times by the parts of the day, those without any left out."""
    near = NEAR_DAYS.get((on - today).days, "")
    return DayTimes(on, near, [part for part in parts_of(slots) if part.slots], all_href, count)


def parts_of(slots: Sequence[Slot]) -> list[PartOfDay]:
    """The times by the parts of the day."""
    return [PartOfDay(title, [slot for slot in slots if slot.hour in hours]) for title, hours in DAY_PARTS]


def day_slots(
    starts: Sequence[datetime], chosen: datetime | None, zone: str, now: datetime | None = None
) -> list[Slot]:
    """The times of one day, to choose from; with `now` the next ones say in how many minutes they are."""
    tz = ZoneInfo(zone)
    return [
        Slot(
            start,
            iso(start),
            label,
            start.astimezone(tz).hour,
            start == chosen,
            how_near(start, now, zone) if now and start - now < NEAR else "",
        )
        for start, label in zip(starts, times_of_day(starts, zone), strict=True)
    ]


@lru_cache(400)
def day_label(on: date) -> str:
    """`Tuesday 9 March`."""
    return f"{on:%A} {on.day} {on:%B}"


@lru_cache(400)
def day_short(on: date) -> str:
    """`Tue 9 March`."""
    return f"{on:%a} {on.day} {on:%B}"
