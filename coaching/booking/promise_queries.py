"""Reads of sessions to come that clocks no longer show at the time of day they were promised for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.promises import Broken, Promise, broken
from coaching.db import rows


@dataclass(frozen=True, slots=True)
class ChangedSession:
    """A session to come with the promise that is broken to its coach, to its student, or to both."""

    session_id: int
    code: str
    title: str
    starts_at: datetime
    coach_name: str
    student_name: str | None
    to_coach: Broken | None
    to_student: Broken | None

    @property
    def has_lost_zone(self) -> bool:
        """True where a zone of its has a name that nobody knows any more."""
        return any(one is not None and one.now is None for one in (self.to_coach, self.to_student))


def changed_sessions(now: datetime, session_id: int | None = None) -> list[ChangedSession]:
    """The sessions to come, or this one, whose instant no longer matches what was promised, the next first."""
    one, coach, student = CoachingSession, Person.alias(), Person.alias()
    columns = (one.id, one.code, one.title, one.starts_at, coach.name, student.name)
    query = (
        one.select(*columns, one.zone, one.wall_time, Seat.zone, Seat.wall_time)
        .join(coach, on=(one.coach == coach.id))
        .join_from(one, Seat, JOIN.LEFT_OUTER)
        .join(student, JOIN.LEFT_OUTER, on=(Seat.student == student.id))
        .where(one.starts_at > now, takes_time(now))
        .order_by(one.starts_at, one.id)
    )
    if session_id is not None:
        query = query.where(one.id == session_id)
    return list(_changed(rows(query)))


def _changed(found: Iterable[tuple[Any, ...]]) -> Iterable[ChangedSession]:
    for session_id, code, title, starts_at, coach, student, zone, wall_time, student_zone, student_wall_time in found:
        to_coach = broken(Promise(zone, wall_time), starts_at)
        to_student = broken(Promise(student_zone or "", student_wall_time or ""), starts_at)
        if to_coach or to_student:
            yield ChangedSession(session_id, code, title, starts_at, coach, student, to_coach, to_student)
