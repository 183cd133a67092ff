"""When a coach is booked, as a calendar shows it. Pure."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Booked:
    """A session of the coach as a calendar shows it; without a student while nobody has taken it yet."""

    code: str
    title: str
    student: str | None
    state: str
    starts_at: datetime
    ends_at: datetime
