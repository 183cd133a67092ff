"""What a coach types about a schedule as a whole: its week, its name, a new one."""

from collections.abc import Sequence
from typing import Any, Self

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField

from blueprints.forms import Form, FormKey, Hidden, TextLine, ZoneField, required
from blueprints.schedules.week import TypedWeek
from blueprints.schedules.week_fields import WEEK_ACTS, WeekFields, pressed
from coaching.hours.copy_names import LONGEST_NAME
from coaching.hours.models import Schedule
from coaching.hours.queries import weekly_hours
from coaching.hours.week import mark_of_week


class NameForm(Form):
    name = TextLine("Name", [required("Give the schedule a name.")], longest=LONGEST_NAME)


class NewScheduleForm(NameForm):
    form_key = FormKey()
    zone = ZoneField("Time zone of its hours")


class CopyForm(NameForm):
    form_key = FormKey()
    with_days = BooleanField("With its days off and other changed days", default=True)


class WeekForm(WeekFields, Form):
    """The weekly hours; `seen` marks those that the page was drawn from."""

    seen = Hidden()
    # What a button has done to the form, for those who do not see it; then it holds what is not saved yet.
    said = ""
    is_unsaved = False

    @classmethod
    def of_schedule(cls, schedule: Schedule) -> Self:
        """The hours as they are kept."""
        week = weekly_hours(schedule).week
        form = cls(formdata=None, seen=mark_of_week(week))
        form.week = TypedWeek.of_hours(week)
        return form

    @classmethod
    def of_fields(cls, fields: MultiDict[str, str]) -> Self:
        """The hours as they were typed."""
        form = cls(formdata=fields)
        form.week = TypedWeek.of_fields(fields)
        form.read_copying(fields)
        form.is_unsaved = True
        return form

    @classmethod
    def rearranged(cls, fields: MultiDict[str, str]) -> Self | None:
        """The form after a button that changes what is typed; None after the one that saves."""
        act, argument = pressed(fields)
        if act not in WEEK_ACTS:
            return None
        form = cls.of_fields(fields)
        change, form.said = WEEK_ACTS[act]
        change(form, argument)
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        self.week = self.week.checked()
        return super().validate(extra_validators) and not self.week.faults()

    @property
    def further_faults(self) -> Sequence[tuple[str, str, str]]:
        return [(f"hours-{day.weekday}", day.name, day.error) for day in self.week.days if day.error]
