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
        return any(promise is not None and promise.now is None for promise in (self.to_coach, self.to_student))


def changed_sessions(now: datetime, session_id: int | None = None) -> list[ChangedSession]:
    """The sessions to come, or this one, whose instant no longer matches what was promised, the next first."""
    session, coach, student = CoachingSession, Person.alias(), Person.alias()
    columns = (session.id, session.code, session.title, session.starts_at, coach.name, student.name)
    query = (
        session.select(*columns, session.zone, session.wall_time, Seat.zone, Seat.wall_time)
        .join(coach, on=(session.coach == coach.id))
        .join_from(session, Seat, JOIN.LEFT_OUTER)
        .join(student, JOIN.LEFT_OUTER, on=(Seat.student == student.id))
        .where(session.starts_at > now, takes_time(now))
        .order_by(session.starts_at, session.id)
    )
    if session_id is not None:
        query = query.where(session.id == session_id)
    return list(_changed(rows(query)))


def _changed(rows: Iterable[tuple[Any, ...]]) -> Iterable[ChangedSession]:
    for session_id, code, title, starts_at, coach, student, zone, wall_time, student_zone, student_wall_time in rows:
        to_coach = broken(Promise(zone, wall_time), starts_at)
        to_student = broken(Promise(student_zone or "", student_wall_time or ""), starts_at)
        if to_coach or to_student:
            yield ChangedSession(session_id, code, title, starts_at, coach, student, to_coach, to_student)
