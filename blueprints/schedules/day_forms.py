"""What a coach types about single days, and about time off."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict
from wtforms import RadioField
from wtforms.validators import StopValidation
from wtforms.widgets import DateInput

from blueprints.accounts.message_forms import ClockField
from blueprints.forms import Form, Hidden, ReadField, TextLine, required
from blueprints.schedules.week import MOST_SPANS, TypedSpan, fault_in_rows, typed
from blueprints.wizard.schedule import readable_date
from coaching.hours.models import DateOverride
from coaching.hours.queries import mark_of_day, read_spans
from coaching.hours.wall_clock import instant_of
from coaching.hours.week import DAY, DaySpan, WeeklyHours

LONGEST_NOTE = 200
# As many lines stand on the page for a day that has fewer.
LEAST_ROWS = 2
KINDS = {"weekly": "The weekly hours", "own": "Other hours", "closed": "Closed"}


class DateField(ReadField):
    """A day of this century; what was typed stays in `raw_data` for the page."""

    widget = DateInput()
    data: date | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        written = valuelist[0].strip() if valuelist else ""
        if not written:
            return
        self.data = readable_date(written)
        if self.data is None:
            raise ValueError("Type a day like 2027-12-24.")

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""


class DayForm(Form):
    """What one day has in place of the weekly hours; `seen` marks what it had when the page was drawn."""

    kind = RadioField("On this day", choices=KINDS, validate_choice=False)
    note = TextLine("Note", longest=LONGEST_NOTE)
    seen = Hidden()

    rows: tuple[TypedSpan, ...] = ()
    rows_error: str | None = None
    is_unsaved = False

    @classmethod
    def of_day(cls, override: DateOverride | None, weekly: Sequence[DaySpan]) -> Self:
        """The day as it is kept."""
        spans = read_spans(override.spans) if override else tuple(weekly)
        kind = "weekly" if override is None else "own" if spans else "closed"
        note = override.note if override else ""
        form = cls(formdata=None, data={"kind": kind, "note": note, "seen": mark_of_day(override)})
        form.rows = with_blanks(tuple(typed(span) for span in spans))
        return form

    @classmethod
    def of_fields(cls, fields: MultiDict[str, str]) -> Self:
        """The day as it was typed."""
        form = cls(formdata=fields)
        starts, ends = fields.getlist("start")[:MOST_SPANS], fields.getlist("end")[:MOST_SPANS]
        pairs = zip(starts, ends, strict=False)
        form.rows = with_blanks(tuple(TypedSpan(start.strip()[:10], end.strip()[:10]) for start, end in pairs))
        form.is_unsaved = True
        return form

    def validate_kind(self, field: RadioField) -> None:
        if field.data not in KINDS:
            raise StopValidation("Choose one of the three.")

    def add_row(self) -> None:
        """One more line for hours."""
        self.rows = (*self.rows, TypedSpan("", ""))[:MOST_SPANS]
        self.kind.data = "own"

    def spans(self) -> tuple[DaySpan, ...]:
        """The hours that can be read."""
        return tuple(sorted(row.span for row in self.rows if row.span))

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        if self.kind.data == "own":
            self.rows_error = fault_in_rows(self.rows)
            if not self.rows_error and not self.spans():
                self.rows_error = "Type from when to when, or choose “Closed”."
        return is_valid and not self.rows_error

    @property
    def further_faults(self) -> Sequence[tuple[str, str, str]]:
        return [("day-hours", "Hours", self.rows_error)] if self.rows_error else []


@dataclass(frozen=True)
class Range:
    """From one instant until another, as time off is kept."""

    starts_at: datetime
    ends_at: datetime
    note: str


class TimeOffForm(Form):
    """Time off from one day to another, both included, or on one day; with times, from and until those."""

    off_from = DateField("First day", [required("Choose the first day.")])
    off_until = DateField("Last day")
    off_from_time = ClockField("From")
    off_until_time = ClockField("Until")
    off_note = TextLine("Note", longest=LONGEST_NOTE)

    today: date | None = None

    @property
    def last_on(self) -> date | None:
        return self.off_until.data or self.off_from.data

    def validate_off_until(self, field: DateField) -> None:
        first, last = self.off_from.data, self.last_on
        if first and last and last < first:
            raise StopValidation("The last day is before the first. Change one of them.")
        if last and self.today and last < self.today:
            raise StopValidation("This is over already. Choose days to come.")

    def validate_off_until_time(self, field: ClockField) -> None:
        start, end = self.off_from_time.data, field.data
        is_one_day = self.off_from.data == self.last_on
        if is_one_day and end is not None and end <= (start or 0):
            raise StopValidation("Time off has to end after it starts.")

    def details(self, hours: WeeklyHours) -> Range:
        """The instants meant, on each day in the zone of that day's hours."""
        first, last = self.off_from.data, self.last_on
        if first is None or last is None:
            raise ValueError("the form has not passed")
        until = DAY if self.off_until_time.data is None else self.off_until_time.data
        return Range(
            starts_at=instant_of(first, self.off_from_time.data or 0, ZoneInfo(hours.zone_on(first))),
            ends_at=instant_of(last, until, ZoneInfo(hours.zone_on(last))),
            note=self.off_note.data,
        )


def with_blanks(rows: tuple[TypedSpan, ...]) -> tuple[TypedSpan, ...]:
    """The lines with one to spare."""
    blanks = (TypedSpan("", ""),) * max(LEAST_ROWS - len(rows), 0)
    return (*rows, *blanks)
