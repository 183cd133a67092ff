"""The drawn week of a form: which buttons it has beside saving, and what each does to the typed hours."""

import re
from collections.abc import Callable, Sequence

from werkzeug.datastructures import MultiDict

from blueprints.schedules.week import DAY_NAMES, TypedWeek
from coaching.hours.week import PRESETS, WORKDAYS

WEEKDAYS = frozenset("0123456")


class WeekFields:
    """What a form with a week is besides its fields."""

    week = TypedWeek.of_hours({})
    # What the page asks on top of this form, and which days are to be copied.
    focus: str | None = None
    copied_day = "0"
    copied_to: Sequence[str] = ()

    @property
    def hours_presets(self) -> list[tuple[str, str]]:
        """Name and words of each button that adds hours, like "Mornings 9–12"."""
        spans = [(name, week[WORKDAYS[0]][0]) for name, week in PRESETS.items()]
        return [
            (name, f"{name.capitalize()}s {hour_text(span.start_minute)}–{hour_text(span.end_minute)}")
            for name, span in spans
        ]

    @property
    def day_names(self) -> list[tuple[str, str]]:
        """The days to copy from and to."""
        return [(str(day), name) for day, name in enumerate(DAY_NAMES)]

    def add_hours(self, weekday: str) -> None:
        if weekday in WEEKDAYS:
            self.week = self.week.with_row(int(weekday))
            self.focus = f"hours-{weekday}"

    def remove_hours(self, place: str) -> None:
        weekday, _, index = place.partition("-")
        if weekday in WEEKDAYS and re.fullmatch(r"[0-9]{1,2}", index):
            self.week = self.week.without_row(int(weekday), int(index))
            self.focus = f"hours-{weekday}"

    def add_preset(self, preset: str) -> None:
        if preset in PRESETS:
            self.week = self.week.with_preset(preset)

    def copy_day(self, _: str) -> None:
        """The marked days have the hours of the chosen one."""
        if self.copied_day in WEEKDAYS:
            self.week = self.week.with_day_copied(int(self.copied_day), [int(day) for day in self.copied_to])
        self.copied_to = ()
        self.focus = "copy-day"

    def clear_week(self, _: str) -> None:
        self.week = TypedWeek.of_hours({})

    def read_copying(self, fields: MultiDict[str, str]) -> None:
        """Which day is to be copied to which."""
        self.copied_day = fields.get("copy-from", "0")
        self.copied_to = [day for day in fields.getlist("copy-to") if day in WEEKDAYS]


# What each button does to the week, and what is said of it.
WEEK_ACTS: dict[str, tuple[Callable[[WeekFields, str], None], str]] = {
    "add": (WeekFields.add_hours, "Hours added."),
    "remove": (WeekFields.remove_hours, "Hours removed."),
    "preset": (WeekFields.add_preset, "Hours added on workdays."),
    "copy": (WeekFields.copy_day, "Hours copied."),
    "clear": (WeekFields.clear_week, "All hours removed."),
}


def pressed(fields: MultiDict[str, str]) -> tuple[str, str]:
    """Which button sent the form, and what it says besides."""
    for name in ("add", "remove"):  # the week grid's own buttons
        if name in fields:
            return name, fields[name]
    act, _, argument = fields.get("act", "").partition(":")
    return act, argument


def hour_text(minute: int) -> str:
    """`540` -> "9", `570` -> "9:30"."""
    hour, rest = divmod(minute, 60)
    return f"{hour}:{rest:02}" if rest else str(hour)
