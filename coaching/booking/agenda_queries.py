"""Reads of when a coach is booked, for the pages about their time."""

from dataclasses import dataclass
from datetime import datetime

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.slots import Span
from coaching.catalog.models import Product
from coaching.db import rows
from coaching.hours.models import Schedule


@dataclass(frozen=True, slots=True)
class Booked:
    """A session of the coach as a calendar shows it; without a student while nobody has taken it yet."""

    code: str
    title: str
    student: str | None
    state: str
    starts_at: datetime
    ends_at: datetime


def booked_between(coach: Person, window: Span, schedule: Schedule | None = None) -> list[Booked]:
    """The coach's live sessions that touch `window`, in order; of all products, or of those on one schedule."""
    query = (
        CoachingSession.select(
            CoachingSession.code,
            CoachingSession.title,
            Person.name,
            CoachingSession.state,
            CoachingSession.starts_at,
            CoachingSession.ends_at,
        )
        .join(Seat, JOIN.LEFT_OUTER)
        .join(Person, JOIN.LEFT_OUTER)
        .where(
            CoachingSession.coach == coach,
            CoachingSession.state.in_(LIVE_STATES),
            CoachingSession.ends_at > window.starts_at,
            CoachingSession.starts_at < window.ends_at,
        )
        .order_by(CoachingSession.starts_at)
    )
    if schedule:
        query = query.where(CoachingSession.product.in_(Product.select(Product.id).where(Product.schedule == schedule)))
    return [Booked(*row) for row in rows(query)]
