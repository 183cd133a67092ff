"""Reads of the coming sessions of people, above all of those who are suspended."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from peewee import JOIN, fn

from coaching.accounts.models import Person
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import SessionView, upcoming_sessions
from coaching.db import rows
from coaching.errors import NotFound
from coaching.people.models import LeftSession


@dataclass(frozen=True)
class Coming:
    """A session to come as one of its people has it; whether an admin has left it as it is while they are suspended."""

    view: SessionView
    is_left: bool

    @property
    def other(self) -> Person:
        """The person on the other side."""
        is_coachs = self.view.role == "coach"
        person: Person = self.view.seat.student if is_coachs else self.view.coaching_session.coach
        return person


def coming_of(person: Person, now: datetime) -> list[Coming]:
    """What the person gives and takes that is not over, the next one first."""
    views = [*upcoming_sessions(person, "coach", now), *upcoming_sessions(person, "student", now)]
    sessions = [view.coaching_session.id for view in views]
    left = {
        (row.coaching_session_id, row.side)
        for row in LeftSession.select().where(LeftSession.coaching_session.in_(sessions))
    }
    coming = [Coming(view, (view.coaching_session.id, view.role) in left) for view in views]
    return sorted(coming, key=lambda session: session.view.coaching_session.starts_at)


def get_coming(person: Person, code: str, now: datetime) -> Coming:
    """The coming session of the person with this code; NotFound where it is over, called off, or not theirs."""
    for coming in coming_of(person, now):
        if coming.view.coaching_session.code == code:
            return coming
    raise NotFound


def undecided_of_suspended(now: datetime) -> Counter[int]:
    """How many coming sessions of each suspended person nobody has decided about, by the person's number."""
    return _undecided("coach", now) + _undecided("student", now)


def _undecided(side: Literal["coach", "student"], now: datetime) -> Counter[int]:
    whose = CoachingSession.coach if side == "coach" else Seat.student
    is_left = (LeftSession.coaching_session == CoachingSession.id) & (LeftSession.side == side)
    coming = (
        Seat.select(whose, fn.COUNT(Seat.id))
        .join(CoachingSession)
        .join(Person, on=(whose == Person.id))
        .join_from(CoachingSession, LeftSession, JOIN.LEFT_OUTER, on=is_left)
        .where(Person.suspended_at.is_null(False), takes_time(now), CoachingSession.ends_at > now)
        .where(LeftSession.id.is_null())
        .group_by(whose)
    )
    return Counter(dict(rows(coming)))
