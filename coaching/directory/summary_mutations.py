"""What the directory knows of each coach is as the other tables have it; only what differs is written."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, astuple
from datetime import datetime, timedelta
from typing import Any

from peewee import chunked, fn

from coaching.booking.coach_record_queries import answer_minutes, calls_held
from coaching.coaches.models import Coach
from coaching.db import bound, database
from coaching.directory.basis_queries import OnSale
from coaching.directory.models import CoachSummary, NextFree
from coaching.directory.summaries import Summary, summary_of
from coaching.reading import Statement, reader_of
from coaching.reviews.models import Review

# What is counted over all of a coach's past is counted so often, for so many coaches in one run.
COUNTED_EVERY = timedelta(minutes=15)
COUNTED_AT_ONCE = 200
ROWS_AT_ONCE = 200
read_instant = reader_of(CoachSummary.next_free_at)


def refresh_summaries(on_sale: Sequence[OnSale], now: datetime) -> int:
    """Every coach has a summary that says what the other tables do; how many of them were written comes back."""
    known = {row[0]: (row[1], row[2:4], row[4:]) for row in _KNOWN.rows()}
    coaches = _COACHES.rows()
    summaries = _summaries(coaches, on_sale)
    # Not due, unless clocks were put back since.
    rests = {number for number, (due_at, *_) in known.items() if bound(now) < due_at <= bound(now + COUNTED_EVERY)}
    counted = _counted([person for number, person, _ in coaches if number not in rests][:COUNTED_AT_ONCE], now)
    changed = []
    for number, person, _ in coaches:
        kept_due_at, record, kept = known.get(number, (None, (0, None), None))
        due_at = to_instant(kept_due_at) or now
        if person in counted:
            due_at, record = now + COUNTED_EVERY, counted[person]
        elif kept == astuple(summaries[number]):
            continue
        changed.append(_row(number, summaries[number], record, due_at, now))
    _write(changed)
    return len(changed)


def _summaries(coaches: Sequence[tuple[int, int, Any]], on_sale: Sequence[OnSale]) -> dict[int, Summary]:
    """Of every coach, by their number."""
    sold: dict[int, list[OnSale]] = defaultdict(list)
    for listing in on_sale:
        sold[listing.coach_id].append(listing)
    next_free: dict[int, Any] = dict(_NEXT_FREE.rows())
    # A sum is no whole number to PostgreSQL's driver.
    reviews = {person: (count, int(stars)) for person, count, stars in _REVIEWS.rows()}
    return {
        number: summary_of(bool(is_listed), sold[person], next_free, reviews.get(person, (0, 0)))
        for number, person, is_listed in coaches
    }


def _counted(people: list[int], now: datetime) -> dict[int, tuple[int, int | None]]:
    """Of each of them, how many calls they held, and in how many minutes they answer."""
    calls, minutes = calls_held(people), answer_minutes(people, now)
    return {person: (calls.get(person, 0), minutes.get(person)) for person in people}


def _row(
    number: int, summary: Summary, record: tuple[int, int | None], due_at: datetime, now: datetime
) -> dict[str, Any]:
    values = asdict(summary) | {"next_free_at": to_instant(summary.next_free_at)}
    values |= {"calls_held": record[0], "answers_minutes": record[1]}
    return {"coach": number, **values, "looked_at": now, "due_at": due_at}


def to_instant(stored: Any) -> datetime | None:
    """The instant; None for what nobody can read, which is written anew."""
    try:
        instant: datetime | None = read_instant(stored)
    except (ValueError, TypeError, OverflowError):
        return None
    return instant


def _write(rows: list[dict[str, Any]]) -> None:
    written = [getattr(CoachSummary, name) for name in rows[0] if name != "coach"] if rows else []
    for some in chunked(rows, ROWS_AT_ONCE):
        with database.atomic():
            insertion = CoachSummary.insert_many(some)
            insertion.on_conflict(conflict_target=[CoachSummary.coach], preserve=written).execute()


_COACHES = Statement(
    lambda: Coach.select(Coach.id, Coach.person, (Coach.stopped_at.is_null() & Coach.is_listed)).order_by(Coach.id)
)
_KNOWN = Statement(
    lambda: CoachSummary.select(
        CoachSummary.coach,
        CoachSummary.due_at,
        CoachSummary.calls_held,
        CoachSummary.answers_minutes,
        CoachSummary.is_shown,
        CoachSummary.next_free_at,
        CoachSummary.from_price_cents,
        CoachSummary.currency,
        CoachSummary.reviews,
        CoachSummary.stars,
    )
)
_NEXT_FREE = Statement(
    lambda: NextFree.select(NextFree.product, NextFree.starts_at).where(NextFree.starts_at.is_null(False))
)
_REVIEWS = Statement(
    lambda: (
        Review.select(Review.coach, fn.COUNT(Review.id), fn.SUM(Review.stars))
        .where(Review.hidden_at.is_null())
        .group_by(Review.coach)
    )
)
