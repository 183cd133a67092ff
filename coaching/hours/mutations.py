"""Changes of a coach's time. What is already booked stays booked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

from coaching.accounts.lock_mutations import lock_person
from coaching.accounts.models import Person
from coaching.db import database, new_code
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, UnsoundHours
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from coaching.hours.queries import (
    coming_overrides,
    find_override,
    mark_of_day,
    span_of,
    travels_of,
    weekly_hours,
    write_spans,
)
from coaching.hours.week import (
    DaySpan,
    TravelSpan,
    fault_in_day,
    fault_in_travel,
    fault_in_week,
    with_preset,
)

# Of one coach. Dates that are over do not count: no page offers to remove them.
MOST_OVERRIDES = 500
MOST_SCHEDULES = 100
MOST_TIMES_OFF = 500
MOST_TRAVELS = 100


def create_schedule(coach: Person, name: str, zone: str, now: datetime) -> Schedule:
    """A new schedule of the coach, without hours."""
    with database.atomic():
        lock_person(coach)
        if Schedule.select().where(Schedule.coach == coach).count() >= MOST_SCHEDULES:
            raise LimitReached(f"You can have at most {MOST_SCHEDULES} schedules. Choose one that you have.")
        return Schedule.create(code=new_code(), coach=coach, name=name, zone=zone, created_at=now)


def save_schedule(schedule: Schedule, name: str, zone: str) -> None:
    """The schedule has this name, and its hours are meant in this zone."""
    schedule.name, schedule.zone = name, zone
    schedule.save(only=[Schedule.name, Schedule.zone])


def rename_schedule(schedule: Schedule, name: str) -> None:
    """The schedule is called so."""
    schedule.name = name
    schedule.save(only=[Schedule.name])


def change_zone(schedule: Schedule, zone: str, seen: str) -> None:
    """The schedule's hours are meant in this zone; ChangedMeanwhile when its zone is not the one seen any more.

    What is booked keeps its instant.
    """
    with database.atomic():
        lock_person(schedule.coach)
        is_as_seen = (Schedule.id == schedule.id) & Schedule.zone.in_((seen, zone))
        if not Schedule.update(zone=zone).where(is_as_seen).execute():
            raise ChangedMeanwhile
    schedule.zone = zone


def delete_schedule(schedule: Schedule) -> None:
    """The schedule is gone, with all that belongs to it. Whether anything is sold on it, the catalog knows."""
    schedule.delete_instance()


def copy_hours(schedule: Schedule, to: Schedule, today: date, *, with_days: bool) -> None:
    """The other schedule of the same coach has these weekly hours and the journeys from `today` on.

    With `with_days` also the days from then on that have hours of their own, or none. LimitReached as for each alone.
    """
    with database.atomic():
        lock_person(schedule.coach)
        save_weekly_hours(to, weekly_hours(schedule).week)
        for travel in travels_of(schedule):
            if travel.until_on >= today:
                Travel.create(schedule=to, **asdict(span_of(travel)))
        for day in coming_overrides(schedule, today) if with_days else ():
            DateOverride.create(schedule=to, day_on=day.day_on, spans=day.spans, note=day.note)
        _refuse_too_many_days(schedule.coach, today)
        _refuse_too_many_travels(schedule.coach, today)


def save_weekly_hours(schedule: Schedule, week: Mapping[int, Sequence[DaySpan]]) -> None:
    """These are the schedule's weekly hours, or UnsoundHours."""
    if fault := fault_in_week(week):
        raise UnsoundHours(fault)
    rows = [
        {
            "schedule": schedule,
            "weekday": weekday,
            "start_minute": span.start_minute,
            "length_minutes": span.length_minutes,
        }
        for weekday, spans in week.items()
        for span in spans
    ]
    with database.atomic():
        WeeklySpan.delete().where(WeeklySpan.schedule == schedule).execute()
        if rows:
            WeeklySpan.insert_many(rows).execute()


def add_preset(schedule: Schedule, preset: str) -> None:
    """The preset's hours are part of the week."""
    with database.atomic():
        save_weekly_hours(schedule, with_preset(weekly_hours(schedule).week, preset))


def close_day(schedule: Schedule, day: date, today: date | None = None) -> None:
    """Nothing can be booked on `day`."""
    change_day(schedule, day, (), today)


def change_day(
    schedule: Schedule,
    day: date,
    spans: Sequence[DaySpan],
    today: date | None = None,
    note: str = "",
    seen: str | None = None,
) -> None:
    """`day` has these hours instead of the weekly ones. Dates before `today` do not count as changed.

    ChangedMeanwhile when the day is not what the page showed any more (`seen`, its mark), nor what it is to be.
    """
    if fault := fault_in_day(spans):
        raise UnsoundHours(fault)
    wanted = DateOverride(schedule=schedule, day_on=day, spans=write_spans(spans), note=note)
    with database.atomic():
        _replace_day(schedule, day, wanted, seen)
        _refuse_too_many_days(schedule.coach, today or date.min)


def reopen_day(schedule: Schedule, day: date, seen: str | None = None) -> None:
    """`day` has its weekly hours again; ChangedMeanwhile as with `change_day`."""
    with database.atomic():
        _replace_day(schedule, day, None, seen)


def _replace_day(schedule: Schedule, day: date, wanted: DateOverride | None, seen: str | None) -> None:
    lock_person(schedule.coach)
    if seen and mark_of_day(find_override(schedule, day)) not in (seen, mark_of_day(wanted)):
        raise ChangedMeanwhile
    DateOverride.delete().where(DateOverride.schedule == schedule, DateOverride.day_on == day).execute()
    if wanted:
        wanted.save(force_insert=True)


def _refuse_too_many_days(coach: Person, today: date) -> None:
    of_coach = DateOverride.select().join(Schedule).where(Schedule.coach == coach)
    if of_coach.where(DateOverride.day_on >= today).count() > MOST_OVERRIDES:
        raise LimitReached(f"All your schedules together can change at most {MOST_OVERRIDES} days. Remove some.")


def take_time_off(
    coach: Person, starts_at: datetime, ends_at: datetime, note: str = "", now: datetime | None = None
) -> TimeOff:
    """Nothing of the coach can be booked from `starts_at` until `ends_at`, whatever the schedule says.

    What is over at `now` does not count as taken. The same time once more changes the note of the first.
    """
    if starts_at >= ends_at:
        raise UnsoundHours("Time off has to end after it starts.")
    with database.atomic():
        lock_person(coach)
        of_coach = TimeOff.select().where(TimeOff.coach == coach)
        same: TimeOff | None = of_coach.where(TimeOff.starts_at == starts_at, TimeOff.ends_at == ends_at).first()
        if same:
            same.note = note
            same.save(only=[TimeOff.note])
            return same
        to_come = of_coach.where(TimeOff.ends_at > now) if now else of_coach
        if to_come.count() >= MOST_TIMES_OFF:
            raise LimitReached(f"You can take time off at most {MOST_TIMES_OFF} times. Remove some.")
        return TimeOff.create(coach=coach, starts_at=starts_at, ends_at=ends_at, note=note)


def remove_time_off(coach: Person, time_off_id: int) -> None:
    """The coach's time off is gone, or NotFound."""
    mine = (TimeOff.id == time_off_id) & (TimeOff.coach == coach)
    if not TimeOff.delete().where(mine).execute():
        raise NotFound


def plan_travel(schedules: Sequence[Schedule], travel: TravelSpan, today: date) -> None:
    """From its first day until its last the hours of these schedules of one coach are meant in the journey's zone.

    Or UnsoundHours, and then of none of them. Where it is planned already, nothing changes; those that are over at
    `today` do not count.
    """
    with database.atomic():
        lock_person(schedules[0].coach)
        for schedule in schedules:
            planned = [span_of(row) for row in travels_of(schedule)]
            if travel in planned:
                continue
            if fault := fault_in_travel(travel, planned):
                raise UnsoundHours(f"{fault} That is in “{schedule.name}”." if len(schedules) > 1 else fault)
            Travel.create(schedule=schedule, **asdict(travel))
        _refuse_too_many_travels(schedules[0].coach, today)


def _refuse_too_many_travels(coach: Person, today: date) -> None:
    of_coach = Travel.select().join(Schedule).where(Schedule.coach == coach)
    if of_coach.where(Travel.until_on >= today).count() > MOST_TRAVELS:
        raise LimitReached(f"All your schedules together can plan at most {MOST_TRAVELS} journeys. Remove some.")


def cancel_travel(schedule: Schedule, travel_id: int) -> None:
    """The journey of the schedule is planned no more, or NotFound."""
    own = (Travel.id == travel_id) & (Travel.schedule == schedule)
    with database.atomic():
        lock_person(schedule.coach)
        if not Travel.delete().where(own).execute():
            raise NotFound


def move_hours(from_coach: Person, to_coach: Person) -> None:
    """Every schedule and all time off is the other person's."""
    Schedule.update(coach=to_coach).where(Schedule.coach == from_coach).execute()
    TimeOff.update(coach=to_coach).where(TimeOff.coach == from_coach).execute()


def rename_zone(old: str, new: str) -> int:
    """Hours and travels that are meant in the zone `old` are meant in `new`; how many rows that were."""
    schedules = Schedule.update(zone=new).where(Schedule.zone == old).execute()
    return int(schedules + Travel.update(zone=new).where(Travel.zone == old).execute())
