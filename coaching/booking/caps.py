"""How many sessions a product takes on one day and in one week of its coach. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime

from coaching.booking.coach_days import coach_day
from coaching.hours.week import ONE_DAY, WeeklyHours


class Caps:
    """What is left of a daily and a weekly cap, beside the sessions that begin at `counted`. None is no limit."""

    def __init__(self, daily: int | None, weekly: int | None, counted: Iterable[datetime], hours: WeeklyHours) -> None:
        self.daily, self.weekly, self.hours = daily, weekly, hours
        days = [coach_day(start, hours) for start in counted] if self.are_set else []
        self.by_day, self.by_week = Counter(days), Counter(map(monday_of, days))

    @property
    def are_set(self) -> bool:
        return self.daily is not None or self.weekly is not None

    def is_day_full(self, day: date) -> bool:
        """True when no more may begin on this day."""
        return self.daily is not None and self.by_day[day] >= self.daily

    def is_week_full(self, day: date) -> bool:
        """True when no more may begin in the week of this day."""
        return self.weekly is not None and self.by_week[monday_of(day)] >= self.weekly


def below_caps(starts: list[datetime], caps: Caps) -> list[datetime]:
    """Those of the starts on whose day, and in whose week, one more may begin."""
    if not caps.are_set:
        return starts
    days = [coach_day(start, caps.hours) for start in starts]
    full = {day for day in set(days) if caps.is_day_full(day) or caps.is_week_full(day)}
    return [start for start, day in zip(starts, days, strict=True) if day not in full]


def monday_of(day: date) -> date:
    """The Monday on which the week of `day` begins."""
    return day - day.weekday() * ONE_DAY
