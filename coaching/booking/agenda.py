"""When a coach is booked, as a calendar shows it, and whether that lies within their hours. Pure."""

from dataclasses import dataclass
from datetime import datetime

from coaching.booking.openings import first_minute, openings_between
from coaching.hours.week import DAY, WeeklyHours


@dataclass(frozen=True, slots=True)
class Booked:
    """A session of the coach as a calendar shows it; without a student while nobody has taken it yet."""

    code: str
    title: str
    student: str | None
    state: str
    starts_at: datetime
    ends_at: datetime


def fits(booked: Booked, hours: WeeklyHours) -> bool:
    """True when the hours are open from the session's start to its end."""
    start, end = first_minute(booked.starts_at), first_minute(booked.ends_at)
    return any(opening.start <= start and end <= opening.end for opening in openings_between(hours, DAY, start, end))
