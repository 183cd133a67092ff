"""Tables of a coach's time: schedules, weekly hours, date overrides, time off, travel."""

from coaching.accounts.models import Person
from coaching.db import BaseModel, BoundedIntegerField, UtcDateTimeField
from coaching.fields import CharField, DateField, ForeignKeyField, TextField
from coaching.hours.week import DAY


class Schedule(BaseModel):
    code = CharField(unique=True)
    coach = ForeignKeyField(Person, backref="schedules", on_delete="CASCADE")
    name = CharField()
    zone = CharField()
    created_at = UtcDateTimeField()


class WeeklySpan(BaseModel):
    """Bookable time on one weekday (0 = Monday), in the schedule's zone; may run over midnight."""

    schedule = ForeignKeyField(Schedule, backref="weekly_spans", on_delete="CASCADE")
    weekday = BoundedIntegerField(0, 6)
    start_minute = BoundedIntegerField(0, DAY - 1)
    length_minutes = BoundedIntegerField(1, DAY)


class DateOverride(BaseModel):
    """Replaces the weekly hours of one date; no spans means closed. JSON: [[start_minute, length_minutes], …]."""

    schedule = ForeignKeyField(Schedule, backref="date_overrides", on_delete="CASCADE")
    day_on = DateField()
    spans = TextField(default="[]")
    note = CharField(default="")  # for the coach alone

    class Meta:
        indexes = ((("schedule", "day_on"), True),)


class TimeOff(BaseModel):
    coach = ForeignKeyField(Person, backref="time_off", on_delete="CASCADE")
    starts_at = UtcDateTimeField()
    ends_at = UtcDateTimeField()
    note = CharField(default="")  # for the coach alone


class Travel(BaseModel):
    """From one date to another, both included, the schedule's hours are meant in another zone."""

    schedule = ForeignKeyField(Schedule, backref="travels", on_delete="CASCADE")
    zone = CharField()
    from_on = DateField()
    until_on = DateField()


MODELS = [Schedule, WeeklySpan, DateOverride, TimeOff, Travel]
