"""How the people of a language write days, times of day and amounts. Pure. The words are English for now."""

from dataclasses import dataclass, replace
from datetime import datetime

from coaching.hours.wall_clock import time_of_day
from coaching.money import amount


@dataclass(frozen=True)
class Formats:
    """The twelve-hour clock or the other one, and whether the month stands before the day."""

    has_12_hours: bool = False
    is_month_first: bool = False

    def time_of_day(self, there: datetime) -> str:
        """The time on the wall: "18:00" or "6:00 pm"."""
        return time_of_day(there, has_twelve_hours=self.has_12_hours)

    def day(self, there: datetime) -> str:
        """The day in full: "Tuesday 9 March 2027" or "Tuesday, March 9, 2027"."""
        if self.is_month_first:
            return f"{there:%A, %B} {there.day}, {there:%Y}"
        return f"{there:%A} {there.day} {there:%B %Y}"

    def short_day(self, there: datetime) -> str:
        """The day in short: "Tue 9 March" or "Tue, March 9"."""
        return f"{there:%a, %B} {there.day}" if self.is_month_first else f"{there:%a} {there.day} {there:%B}"

    def price(self, cents: int, currency: str) -> str:
        """The amount with its currency: "€49.50"."""
        return amount(cents, currency)


EN = Formats()
LANGUAGES = {"en": EN, "en-US": Formats(has_12_hours=True, is_month_first=True)}


def formats_of(language: str, has_12_hours: bool | None = None) -> Formats:
    """The formats of a language, by its tag; for one that is not known those of its family, or of English.

    With the clock that its reader has, where that is known.
    """
    formats = LANGUAGES.get(language) or LANGUAGES.get(language.partition("-")[0]) or EN
    return formats if has_12_hours is None else replace(formats, has_12_hours=has_12_hours)
