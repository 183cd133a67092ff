"""Rules by which an event of an outside calendar repeats (RFC 5545, 3.3.10), as dateutil works them out. Pure.

They are worked out on the wall of the event's zone, so that ten o'clock stays ten o'clock.
"""

from datetime import date, datetime, time, tzinfo
from typing import Any

from dateutil.rrule import rrule, rrulestr

from coaching.calendars.faults import Fault, FeedError

# Nobody's calendar has these; a rule like that fills any list.
TOO_OFTEN = ("SECONDLY", "MINUTELY")


def rule_of(given: Any, start: datetime, tz: tzinfo) -> rrule:
    """The rule of icalendar's for an event that begins then on the wall of `tz`; ValueError where it is none."""
    if str(next(iter(given.get("FREQ", [])), "")).upper() in TOO_OFTEN:
        raise FeedError(Fault.TOO_OFTEN)
    on_the_wall = given.copy()
    if until := next(iter(given.get("UNTIL", [])), None):
        is_date = not isinstance(until, datetime)
        on_the_wall["UNTIL"] = [datetime.combine(until, time(23, 59, 59)) if is_date else wall_of(until, tz)]
        on_the_wall.pop("COUNT", None)  # one of the two may stand there
    rule: rrule = rrulestr(on_the_wall.to_ical().decode(), dtstart=start)
    return rule


def wall_of(given: date, tz: tzinfo) -> datetime:
    """What the wall of `tz` shows then, without the zone; midnight for a date."""
    if not isinstance(given, datetime):
        return datetime.combine(given, time())
    return given.astimezone(tz).replace(tzinfo=None, fold=0) if given.tzinfo else given
