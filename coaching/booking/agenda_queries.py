"""Reads of when a coach is booked, for the pages about their time."""

from datetime import datetime

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.agenda import Booked
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.slots import Span
from coaching.catalog.models import Product
from coaching.db import rows
from coaching.hours.models import Schedule


def booked_between(coach: Person, window: Span, now: datetime, schedule: Schedule | None = None) -> list[Booked]:
    """What takes up the coach's time in `window`, in order; of all products, or of those on one schedule."""
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
            takes_time(now),
            CoachingSession.ends_at > window.starts_at,
            CoachingSession.starts_at < window.ends_at,
        )
        .order_by(CoachingSession.starts_at)
    )
    if schedule:
        query = query.where(CoachingSession.product.in_(Product.select(Product.id).where(Product.schedule == schedule)))
    return [Booked(*row) for row in rows(query)]
