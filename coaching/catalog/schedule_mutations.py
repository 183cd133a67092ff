"""Changes of a schedule that the products on it have a say in."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_person
from coaching.accounts.models import Person
from coaching.catalog.models import Product
from coaching.catalog.queries import all_products_on_schedule
from coaching.db import database
from coaching.errors import ChangedMeanwhile, NameTaken, Refused
from coaching.hours import mutations as hours
from coaching.hours.copy_names import key_of
from coaching.hours.models import Schedule
from coaching.hours.queries import get_own_schedule, schedules_of, weekly_hours
from coaching.hours.week import OFFICE_HOURS, DaySpan, mark_of_week


def create_schedule(coach: Person, name: str, zone: str, form_key: str, now: datetime) -> Schedule:
    """A new schedule with office hours to begin with; the same form sent twice makes one."""
    with database.atomic():
        lock_person(coach)
        if code := find_result(coach, "schedule", form_key):
            return get_own_schedule(coach, code)
        schedule = hours.create_schedule(coach, name, zone, now)
        hours.save_weekly_hours(schedule, OFFICE_HOURS)
        keep_result(coach, "schedule", form_key, schedule.code, now)
        return schedule


def copy_schedule(
    schedule: Schedule, name: str, form_key: str, now: datetime, today: date, *, with_days: bool
) -> Schedule:
    """A schedule of this name with the hours and coming journeys of another one; the same form sent twice makes one.

    `with_days`: with its changed days from `today` on, too. NameTaken where another one is called so; LimitReached.
    """
    coach = schedule.coach
    with database.atomic():
        lock_person(coach)
        if code := find_result(coach, "schedule", form_key):
            return get_own_schedule(coach, code)
        if key_of(name) in {key_of(other.name) for other in schedules_of(coach)}:
            raise NameTaken
        made = hours.create_schedule(coach, name, schedule.zone, now)
        hours.copy_hours(schedule, made, today, with_days=with_days)
        keep_result(coach, "schedule", form_key, made.code, now)
        return made


def save_hours(schedule: Schedule, week: Mapping[int, Sequence[DaySpan]], seen: str | None = None) -> None:
    """These are the schedule's weekly hours, or UnsoundHours.

    ChangedMeanwhile when those that the page showed (`seen`, their mark) are not what is kept any more; Refused when
    nothing would be left for a call that is on sale.
    """
    with database.atomic():
        lock_person(schedule.coach)
        kept = weekly_hours(schedule).week
        if seen and mark_of_week(kept) not in (seen, mark_of_week(week)):
            raise ChangedMeanwhile
        on_sale = [product for product in all_products_on_schedule(schedule) if product.state == "published"]
        if on_sale and any(kept.values()) and not any(week.values()):
            raise Refused(f"{_names(on_sale)} on sale with these hours. Leave some, or take it off sale first.")
        hours.save_weekly_hours(schedule, week)


def remove_schedule(schedule: Schedule) -> None:
    """The schedule is gone, with its hours, dates and journeys; Refused while a product uses it."""
    with database.atomic():
        lock_person(schedule.coach)
        if users := all_products_on_schedule(schedule):
            raise Refused(f"{_names(users)} on this schedule. Give it another one first.")
        hours.delete_schedule(schedule)


def _names(products: Sequence[Product]) -> str:
    titles = [f"“{product.title or 'An untitled call'}”" for product in products]
    return f"{titles[0]} is" if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]} are"
