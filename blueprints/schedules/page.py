"""What the pages of one schedule have in common."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from blueprints.signed_in import signed_in
from blueprints.web import now
from coaching.catalog.queries import all_products_on_schedule
from coaching.hours.models import Schedule
from coaching.hours.queries import get_own_schedule


def own_schedule(code: str) -> Schedule:
    """The signed-in coach's schedule, or NotFound."""
    return get_own_schedule(signed_in().person, code)


def head_of(schedule: Schedule) -> dict[str, Any]:
    """What schedules/_head.html lists."""
    return {
        "schedule": schedule,
        "products": all_products_on_schedule(schedule),
        "at": now(),
        "today": today_of(schedule),
    }


def today_of(schedule: Schedule) -> date:
    """The day at home, as the clock of the schedule's zone has it."""
    return now().astimezone(ZoneInfo(schedule.zone)).date()
