"""Reads of what is kept worked out: the next free instants of products, what coaches' past says of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from coaching.booking.coach_record_queries import answer_minutes, calls_held
from coaching.catalog.models import Product
from coaching.coaches.models import Coach
from coaching.db import is_among
from coaching.directory.models import CoachSummary, NextFree
from coaching.reading import Statement, given, reader_of

to_instant = reader_of(NextFree.starts_at)


def next_free_of(products: Iterable[Product], now: datetime | None = None) -> dict[int, datetime | None]:
    """The next instant at which each product can be booked, as the worker last saw it; None where nothing is free.

    What can be booked no more at `now`, where that is told, is not named: the worker has not come to it yet. The
    product's own page works its times out itself.
    """
    next_free: dict[int, datetime | None] = dict.fromkeys((product.id for product in products), None)
    for product_id, starts_at, due_at in _NEXT_FREE.rows(products=list(next_free)) if next_free else ():
        is_over = now is not None and to_instant(due_at) < now
        next_free[product_id] = None if is_over else to_instant(starts_at)
    return next_free


@dataclass(frozen=True, slots=True)
class Record:
    """What a coach's past says of them: calls held, and within how many minutes most requests were answered."""

    calls_held: int
    answers_minutes: int | None


def record_of(coach: Coach, now: datetime) -> Record:
    """The coach's record as it was counted last; counted now for somebody whom the worker has not come to yet."""
    for row in _RECORD.rows(coach=coach.id):
        return Record(*row)
    people = [coach.person_id]
    return Record(calls_held(people).get(coach.person_id, 0), answer_minutes(people, now).get(coach.person_id))


_RECORD = Statement(
    lambda: CoachSummary.select(CoachSummary.calls_held, CoachSummary.answers_minutes).where(
        CoachSummary.coach == given("coach"), CoachSummary.due_at > CoachSummary.looked_at
    )
)
_NEXT_FREE = Statement(
    lambda: NextFree.select(NextFree.product, NextFree.starts_at, NextFree.due_at).where(
        is_among(NextFree.product, given("products"))
    )
)
