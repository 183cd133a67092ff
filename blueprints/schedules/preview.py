"""What another zone moves, before it is chosen: the next hours before and after, and what is booked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from blueprints.schedules.words import openings_text, spans_text
from coaching.booking.agenda import Booked, fits
from coaching.booking.coach_days import coach_zone
from coaching.hours.openings import openings
from coaching.hours.week import ONE_DAY, WeeklyHours

DAYS_SHOWN = 5
# So far ahead a day with hours is looked for.
DAYS_LOOKED_AT = 60
SESSIONS_SHOWN = 5
SESSIONS_LOOKED_AT = 200


@dataclass(frozen=True)
class DayMoved:
    """One day: its hours on the wall, and when they are on the clock of the zone at home, before and after."""

    day_on: date
    hours: str
    before: str
    after: str


@dataclass(frozen=True)
class SessionStays:
    """A session that is booked: what the wall shows then, in either zone."""

    booked: Booked
    zone_before: str
    zone_after: str
    is_left_outside: bool


@dataclass(frozen=True)
class Preview:
    """`zone` is the one in which before and after are told; `others` are the sessions that are not listed."""

    zone: str
    days: Sequence[DayMoved]
    sessions: Sequence[SessionStays]
    others: int

    @property
    def left_outside(self) -> int:
        """How many of the sessions lie within the hours now, and not then."""
        return sum(session.is_left_outside for session in self.sessions)


def preview_of(
    before: WeeklyHours, after: WeeklyHours, first_on: date, last_on: date, booked: Iterable[Booked]
) -> Preview:
    """The first days with hours from one date to another, and what is booked in that time."""
    days = list(islice(days_moved(before, after, first_on, last_on), DAYS_SHOWN))
    sessions = [
        session_stays(coaching_session, before, after) for coaching_session in islice(booked, SESSIONS_LOOKED_AT)
    ]
    # Those that the coach may want to move first.
    listed = sorted(sessions, key=lambda session: not session.is_left_outside)[:SESSIONS_SHOWN]
    return Preview(before.zone, days, listed, len(sessions) - len(listed))


def days_moved(before: WeeklyHours, after: WeeklyHours, first_on: date, last_on: date) -> Iterable[DayMoved]:
    """Each day with hours, in order."""
    count = min((last_on - first_on).days + 1, DAYS_LOOKED_AT)
    for day in (first_on + index * ONE_DAY for index in range(count)):
        if spans := after.spans_on(day):
            texts = (openings_text(openings(hours, day, day), before.zone) for hours in (before, after))
            yield DayMoved(day, spans_text(spans), *texts)


def session_stays(booked: Booked, before: WeeklyHours, after: WeeklyHours) -> SessionStays:
    did_fit, does_fit = (fits(booked, hours) for hours in (before, after))
    return SessionStays(
        booked, coach_zone(booked.starts_at, before), coach_zone(booked.starts_at, after), did_fit and not does_fit
    )
