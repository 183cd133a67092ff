"""The part of step 3 about the schedule: which one, its weekly hours, the days it is closed."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from wtforms import HiddenField, SelectField
from wtforms.validators import ValidationError

from blueprints.forms import FormKey, TextLine, ZoneField, required
from blueprints.schedules.week import TypedWeek
from blueprints.schedules.week_fields import WeekFields
from blueprints.wizard.form import Fields
from coaching.catalog.details import ScheduleDetails
from coaching.catalog.models import Store
from coaching.hours.models import Schedule
from coaching.hours.mutations import MOST_OVERRIDES
from coaching.hours.queries import closures, schedules_of, weekly_hours
from coaching.hours.week import OFFICE_HOURS
from coaching.zones import zone_label

NEW = "new"
ISO_DATE = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]")


class ScheduleFields(WeekFields):
    schedule = SelectField("Schedule")
    # Whose hours the page shows: when another one is chosen, its hours are shown before anything is kept.
    shown = HiddenField(default=NEW)
    # Of a new schedule: sent twice, it makes one.
    form_key = FormKey()
    schedule_name = TextLine("Name of the schedule", [required("Give the schedule a name.")], longest=60)
    zone = ZoneField("Time zone of these hours")
    close_on = TextLine("Day", longest=10)

    schedules: Sequence[Schedule] = ()
    closed_on: tuple[date, ...] = ()

    def offer_schedules(self, store: Store) -> None:
        """The coach's schedules stand in the list."""
        self.schedules = schedules_of(store.owner)
        self.schedule.choices = {schedule.code: schedule.name for schedule in self.schedules} | {NEW: "A new schedule"}

    def read_hours(self, fields: Fields) -> None:
        """The hours and closures are the typed ones."""
        self.week = TypedWeek.of_fields(fields)
        self.read_copying(fields)
        self.closed_on = sent_dates(fields.getlist("closed"))

    def show_schedule(self, schedule: Schedule | None, store: Store, now: datetime) -> None:
        """The page shows this schedule's name, zone, hours and closures; a new one (None) begins with office hours."""
        self.schedule.data = self.shown.data = schedule.code if schedule else NEW
        self.schedule_name.data = schedule.name if schedule else "Weekly hours"
        self.zone.data = schedule.zone if schedule else store.zone
        self.week = TypedWeek.of_hours(weekly_hours(schedule).week if schedule else OFFICE_HOURS)
        today = now.astimezone(ZoneInfo(self.zone.data)).date()
        self.closed_on = tuple(closure.day_on for closure in closures(schedule, today)) if schedule else ()

    @property
    def schedule_line(self) -> str:
        """Name and zone in a line, like "Weekly hours · times in Berlin"."""
        return f"{self.schedule_name.data or 'No name'} · times in {zone_label(self.zone.data or 'UTC')}"

    @property
    def closures_line(self) -> str:
        """The closed days in a line, like "24 Dec 2027, 31 Dec 2027 and 2 more"."""
        listed, rest = self.closed_on[:2], len(self.closed_on[2:])
        return ", ".join(f"{day.day} {day:%b %Y}" for day in listed) + (f" and {rest} more" if rest else "") or "None"

    def shown_schedule(self) -> Schedule | None:
        """The schedule whose hours the page shows; None is a new one."""
        return next((schedule for schedule in self.schedules if schedule.code == self.shown.data), None)

    def add_closure(self, _: str) -> None:
        self.validate_close_on(self.close_on)
        self.focus = "close_on"

    def remove_closure(self, day: str) -> None:
        self.closed_on = tuple(closed_day for closed_day in self.closed_on if closed_day.isoformat() != day)
        self.focus = "close_on"

    def validate_schedule(self, field: SelectField) -> None:
        if field.data != self.shown.data:
            raise ValidationError("You chose another schedule. Press “Show its hours” and look at them first.")

    def validate_close_on(self, field: TextLine) -> None:
        """A day that was typed and not yet added counts as added."""
        added = sent_dates([field.data or ""])
        if field.data and not added:
            field.errors = ["Type a day like 2027-12-24."]
            return
        self.closed_on = tuple(sorted({*self.closed_on, *added}))
        field.data = ""
        if len(self.closed_on) > MOST_OVERRIDES:
            # Not one is left out: which of them can go is for the coach to say.
            field.errors = [f"At most {MOST_OVERRIDES} days off. These are {len(self.closed_on)}: remove some."]

    def schedule_details(self) -> ScheduleDetails:
        return ScheduleDetails(
            code=None if self.shown.data == NEW else self.shown.data,
            name=self.schedule_name.data or "",
            zone=self.zone.data,
            week=self.week.hours(),
            closed_on=self.closed_on,
            form_key=self.form_key.data,
        )


def sent_dates(texts: Sequence[str]) -> tuple[date, ...]:
    """The readable dates among the texts, in order, each once."""
    return tuple(sorted({day for text in texts if (day := readable_date(text))}))


def readable_date(text: str) -> date | None:
    """The date in ISO form; None for anything else."""
    try:
        return date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        return None
