"""Changes of what is limited. To look and to count are one statement: nobody slips in between."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from peewee import Case, Expression

from coaching.db import database
from coaching.errors import RateLimited
from coaching.rate_limits.limits import RateLimit, Use, retry_label
from coaching.rate_limits.models import RateCount
from coaching.rate_limits.queries import find_spent, hashed, is_of
from coaching.reading import Statement, given


class _Spent(Exception):
    """One of several uses is not let in: the others are not counted."""


def take(uses: Iterable[Use], now: datetime) -> None:
    """All of these uses are counted, or none, and RateLimited says when to come back.

    Not inside a transaction that the refusal undoes: then nobody would know that it was told.
    """
    # In one order everywhere: on PostgreSQL two orders could wait for each other.
    uses = sorted(uses, key=lambda use: (use.limit.name, use.key))
    try:
        with database.atomic():
            for use in uses:
                if not _count(use, now):
                    raise _Spent
    except _Spent:
        refuse_spent(uses, now)
        # It was let in again between the two statements: then this one comes back for nothing.
        raise _refusal(use, timedelta(seconds=1), is_news=False) from None


def refuse_spent(uses: Iterable[Use], now: datetime) -> None:
    """RateLimited if one of these uses would not be let in; nothing is counted."""
    spent = find_spent(uses, now)
    if spent is None:
        return
    use, not_before = spent
    is_first = is_of(use) & (RateCount.was_refused == False)  # noqa: E712
    is_news = bool(RateCount.update(was_refused=True).where(is_first).execute())
    raise _refusal(use, not_before - now, is_news)


def give_back(uses: Iterable[Use]) -> None:
    """These uses, which were let in, do not count."""
    with database.atomic():
        for use in sorted(uses, key=lambda use: (use.limit.name, use.key)):
            counted = is_of(use) & (RateCount.total >= use.by)
            RateCount.update(total=RateCount.total - use.by, not_before=None).where(counted).execute()


def forget_old_counts(now: datetime) -> None:
    """Windows that are over are forgotten."""
    RateCount.delete().where(RateCount.ends_at <= now).execute()


def _count(use: Use, now: datetime) -> bool:
    """True when the use was let in, and then it is counted."""
    limit, window_ends_at = use.limit, now + use.limit.window
    values = {"key": hashed(use.key), "by": use.by, "now": now, "window_ends_at": window_ends_at}
    values["closed_until"] = window_ends_at if use.by >= limit.most else None
    for number, pause in enumerate(limit.pauses):
        values |= {f"shut_until_{number}": now + pause, f"kept_until_{number}": now + pause + limit.window}
    return bool(_counting(limit).rows(**values))


@cache
def _counting(limit: RateLimit) -> Statement:
    """The statement that counts one use of the limit and returns a row, or none where it is not let in."""
    return Statement(lambda: _count_one(limit))


def _count_one(limit: RateLimit) -> Any:
    is_over, total = RateCount.ends_at <= given("now"), RateCount.total + given("by")
    lasts_until, closed_until = _pauses(total, limit) if limit.pauses else (RateCount.ends_at, RateCount.ends_at)
    window_ends_at, closed_at_once = given("window_ends_at"), given("closed_until")
    return (
        RateCount.insert(
            name=limit.name,
            key_sha256=given("key"),
            total=given("by"),
            ends_at=window_ends_at,
            not_before=closed_at_once,
        )
        .on_conflict(
            conflict_target=[RateCount.name, RateCount.key_sha256],
            update={
                RateCount.total: Case(None, [(is_over, given("by"))], total),
                RateCount.ends_at: Case(
                    None, [(is_over, window_ends_at), (total < limit.most, RateCount.ends_at)], lasts_until
                ),
                RateCount.not_before: Case(None, [(is_over, closed_at_once), (total < limit.most, None)], closed_until),
                RateCount.was_refused: False,
            },
            where=RateCount.not_before.is_null() | (RateCount.not_before <= given("now")),
        )
        .returning(RateCount.id)
    )


def _pauses(total: Expression, limit: RateLimit) -> tuple[Case, Case]:
    """Until when a count is remembered that has reached its limit, and until when nothing more is let in."""
    *shorter, longest = range(len(limit.pauses))
    return (
        Case(
            None, [(total == limit.most + n, given(f"kept_until_{n}")) for n in shorter], given(f"kept_until_{longest}")
        ),
        Case(
            None, [(total == limit.most + n, given(f"shut_until_{n}")) for n in shorter], given(f"shut_until_{longest}")
        ),
    )


def _refusal(use: Use, wait: timedelta, is_news: bool) -> RateLimited:
    sentence = use.limit.sentence.format(when=retry_label(wait))
    return RateLimited(sentence, wait, limit=use.limit.name, is_news=is_news)
