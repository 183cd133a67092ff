"""Weekly hours as they are typed: times as text, one row per span, with what is wrong with them by day. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from coaching.hours.week import DAY, DaySpan, fault_in_day, fault_in_week, with_preset

DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::00)?")
MOST_SPANS = 12


@dataclass(frozen=True)
class TypedSpan:
    """From when to when on one day, as text; an end before the start means the next day."""

    start: str
    end: str

    @property
    def span(self) -> DaySpan | None:
        """The hours meant; None when they cannot be read."""
        start, end = minute_of(self.start), minute_of(self.end)
        if start is None or end is None or (start == end and start != 0):
            return None
        return DaySpan(start, (end - start) % DAY or DAY)  # 00:00 to 00:00 is the whole day

    @property
    def is_blank(self) -> bool:
        return not self.start and not self.end

    @property
    def is_unread(self) -> bool:
        return self.span is None and not self.is_blank

    @property
    def is_empty_span(self) -> bool:
        """True where both times can be read, and are the same."""
        return minute_of(self.start) is not None and minute_of(self.start) == minute_of(self.end)

    # Where the drawing puts it.
    @property
    def start_minute(self) -> int:
        return self.span.start_minute if self.span else 0

    @property
    def length_minutes(self) -> int:
        return min(self.span.length_minutes, DAY - self.span.start_minute) if self.span else 0

    @property
    def minutes_after_midnight(self) -> int:
        """How long it goes on into the next day."""
        return max(self.span.end_minute - DAY, 0) if self.span else 0


@dataclass(frozen=True)
class TypedDay:
    """One line of the week grid."""

    weekday: int
    name: str
    spans: Sequence[TypedSpan]
    error: str | None


@dataclass(frozen=True)
class TypedWeek:
    """Seven days of typed spans."""

    rows: Mapping[int, tuple[TypedSpan, ...]]
    is_checked: bool = False

    @classmethod
    def of_hours(cls, week: Mapping[int, Sequence[DaySpan]]) -> "TypedWeek":
        """The week as it is kept."""
        return cls({day: tuple(typed(span) for span in week.get(day, ())) for day in range(7)})

    @classmethod
    def of_fields(cls, fields: MultiDict[str, str]) -> "TypedWeek":
        """The week as it was sent."""
        return cls({day: sent_spans(fields, day) for day in range(7)})

    @property
    def days(self) -> list[TypedDay]:
        faults = self.faults() if self.is_checked else {}
        return [TypedDay(day, DAY_NAMES[day], self.rows[day], faults.get(day)) for day in range(7)]

    def hours(self) -> dict[int, tuple[DaySpan, ...]]:
        """The hours that can be read, by weekday."""
        spans = {day: tuple(sorted(row.span for row in rows if row.span)) for day, rows in self.rows.items()}
        return {day: day_spans for day, day_spans in spans.items() if day_spans}

    def said(self) -> list[object]:
        """The hours, and as text what cannot be read; blank rows say nothing."""
        unread = [row for day in range(7) for row in self.rows[day] if row.is_unread]
        return [sorted(self.hours().items()), unread]

    def faults(self) -> dict[int, str]:
        """What is wrong, by weekday; empty when the week is sound."""
        faults = {day: fault for day, rows in self.rows.items() if (fault := fault_in_rows(rows))}
        if not faults and (fault := fault_in_week(self.hours())):
            faults[min(self.hours())] = fault
        return faults

    def checked(self) -> "TypedWeek":
        """The same week, which shows its faults."""
        return TypedWeek(self.rows, is_checked=True)

    def with_row(self, day: int) -> "TypedWeek":
        """One more row on `day`, filled in when it is the first."""
        row = TypedSpan("", "") if self.rows[day] else TypedSpan("09:00", "17:00")
        return TypedWeek({**self.rows, day: (*self.rows[day], row)[:MOST_SPANS]})

    def without_row(self, day: int, index: int) -> "TypedWeek":
        """The week without one row."""
        return TypedWeek({**self.rows, day: (*self.rows[day][:index], *self.rows[day][index + 1 :])})

    def with_day_copied(self, day: int, to: Iterable[int]) -> "TypedWeek":
        """The week in which these days have the rows of `day`."""
        return TypedWeek({**self.rows, **dict.fromkeys(to, self.rows[day])})

    def with_preset(self, preset: str) -> "TypedWeek":
        """The week with the preset's hours added."""
        added = TypedWeek.of_hours(with_preset(self.hours(), preset)).rows
        unread = {
            day: tuple(row for row in rows if not row.is_blank and not row.span) for day, rows in self.rows.items()
        }
        return TypedWeek({day: (*added[day], *unread[day]) for day in added})


def fault_in_rows(rows: Sequence[TypedSpan]) -> str | None:
    """What is wrong with the rows of one day."""
    if any(row.is_unread and row.is_empty_span for row in rows):
        return "The start and the end of a line are the same. Give it a later end, or remove it."
    if any(row.is_unread for row in rows):
        return "Each line needs a start and an end, like 09:00 and 12:00."
    return fault_in_day(row.span for row in rows if row.span)


def sent_spans(fields: MultiDict[str, str], day: int) -> tuple[TypedSpan, ...]:
    """The rows of one day as the page sends them: starts and ends in the same order."""
    starts, ends = fields.getlist(f"hours-{day}-start"), fields.getlist(f"hours-{day}-end")
    pairs = zip(starts[:MOST_SPANS], ends[:MOST_SPANS], strict=False)
    return tuple(TypedSpan(start.strip()[:10], end.strip()[:10]) for start, end in pairs)


def typed(span: DaySpan) -> TypedSpan:
    """A kept span as a person types it."""
    return TypedSpan(clock_text(span.start_minute), clock_text(span.end_minute))


def clock_text(minute: int) -> str:
    return f"{minute % DAY // 60:02d}:{minute % 60:02d}"


def minute_of(text: str) -> int | None:
    """Minutes after midnight; None for what is no time."""
    parts = TIME.fullmatch(text)
    return int(parts[1]) * 60 + int(parts[2]) if parts else None
