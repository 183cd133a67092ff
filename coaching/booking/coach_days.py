"""Which day it is for a coach, and in which zone, wherever they travel. Pure."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from coaching.hours.week import ONE_DAY, WeeklyHours


def coach_zone(instant: datetime, hours: WeeklyHours) -> str:
    """The zone in which the coach lives at `instant`."""
    return hours.zone_on(coach_day(instant, hours)) if hours.travels else hours.zone


def coach_day(instant: datetime, hours: WeeklyHours) -> date:
    """The date in the coach's calendar at `instant`."""
    home = instant.astimezone(ZoneInfo(hours.zone)).date()
    if not hours.travels:
        return home
    # On the way from zone to zone an instant may lie in two of their days, or in none.
    near = (home - ONE_DAY, home, home + ONE_DAY)
    return next((day for day in near if instant.astimezone(ZoneInfo(hours.zone_on(day))).date() == day), home)
