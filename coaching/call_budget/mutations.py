"""Changes of the call budget: a call reserves its time in one queue of all processes; what was answered is learned."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from coaching.call_budget import limiter as budget
from coaching.call_budget.limiter import Bucket, Limiter
from coaching.call_budget.models import ALL, CallBucket, CallLimiter
from coaching.call_budget.queries import values_of
from coaching.call_permits import CallAnswer, CallPermit, Rank
from coaching.db import UNAVAILABLE, database, is_sqlite
from coaching.db_trouble import trouble_of
from coaching.reading import Change, Selection, given
from coaching.tallies.mutations import count

logger = logging.getLogger(__name__)

# Rooms have to be closed also while nothing can be written, so slowly that all processes together stay within limits.
SAFE_UNCOUNTED = ("GET", "PATCH", "DELETE")
UNCOUNTED_EVERY = timedelta(milliseconds=250)
UNCOUNTED_FOR = timedelta(seconds=5)
LONGEST_QUEUE = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(hours=1)


class SharedBudget:
    """The budget of all processes that use the bot's token."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        # Threads that queue up here do not make SQLite poll for its lock, which it does with growing pauses.
        self._lock = threading.Lock()
        # While nothing can be counted: until when that is not tried again, and when the next call may go.
        self._uncounted_until: datetime | None = None
        self._next_at: datetime | None = None

    def take(self, method: str, path: str, rank: Rank | None = None) -> CallPermit:
        """A time in the queue for this call, or when to ask again."""
        with self._lock:
            permit = self._permit(method, path, rank)
        return replace(permit, wait=max(permit.at - self._clock(), timedelta(0)))

    def _permit(self, method: str, path: str, rank: Rank | None) -> CallPermit:
        try:
            if not self._is_uncounted():
                return take_permit(method, path, self._clock(), rank)
        except UNAVAILABLE as error:
            # A table that is missing is not made up for.
            if trouble_of(error):
                self._uncounted_until = self._clock() + UNCOUNTED_FOR
        now = self._clock()
        if not (method in SAFE_UNCOUNTED and self._is_uncounted()):
            # A call that cannot be counted could not be written down either.
            return CallPermit(now + timedelta(seconds=1), is_reserved=False)
        at = self._next_at if self._next_at and now <= self._next_at <= now + LONGEST_QUEUE else now
        self._next_at = at + UNCOUNTED_EVERY
        return CallPermit(at, is_reserved=True)

    def _is_uncounted(self) -> bool:
        """True for a while after the database has taken nothing: it is not asked for each call."""
        until = self._uncounted_until
        return until is not None and until - UNCOUNTED_FOR <= self._clock() < until

    def learn(self, method: str, path: str, permit: CallPermit, answer: CallAnswer) -> None:
        """What was answered is known to all. It never fails: the answer itself matters more."""
        try:
            if self._is_uncounted():
                return
            with self._lock:
                record_answer(method, path, permit, answer, self._clock())
        except Exception as error:
            logger.warning("an answer of Discord was not counted: %s", type(error).__name__, exc_info=error)


def take_permit(method: str, path: str, now: datetime, rank: Rank | None = None) -> CallPermit:
    """A call's time in the queue, which is then reserved, or when to ask again."""
    route, major = budget.route_of(path)
    key = f"{method} {route} {major}"
    with database.atomic():
        # Always this one first: on PostgreSQL two who lock in different orders would wait for each other.
        limiter, bucket = _limiter(), _bucket(key)
        permit = budget.permit_for(limiter, bucket, rank or budget.rank_of(method, route), now)
        if permit.is_reserved:
            _keep_limiter(limiter, budget.limiter_with(limiter, permit.at))
            if bucket:
                _keep_bucket(key, bucket, budget.bucket_with(bucket, permit.at))
    return permit


def record_answer(method: str, path: str, permit: CallPermit, answer: CallAnswer, now: datetime) -> None:
    """The answer is counted, and whatever it says about limits is known."""
    route, major = budget.route_of(path)
    key = f"{method} {route} {major}"
    with database.atomic():
        if answer.status in (401, 403, 429) or answer.is_global:
            limiter = _limiter()
            _keep_limiter(limiter, budget.limiter_after(limiter, answer, now))
        bucket = _bucket(key)
        learned = budget.learned(bucket, answer, permit.at, now, permit.is_counted)
        if learned:
            _keep_bucket(key, bucket, learned)
            if bucket is None:
                _forget_buckets(now - FORGOTTEN_AFTER)
        count(budget.CALLS, f"{method} {route} {answer.status or 'none'}")


# Each call asks for both, and changes one.
_LIMITER: Selection[Limiter] = Selection(lambda: _locked(values_of(Limiter, CallLimiter)))
_BUCKET: Selection[Bucket] = Selection(
    lambda: _locked(values_of(Bucket, CallBucket).where(CallBucket.key == given("key")))
)
_KEEP_LIMITER = Change(lambda: CallLimiter.update({name: given(name) for name in vars(Limiter())}))


def _limiter() -> Limiter:
    """The limiter of all calls together: one row, ours until the transaction ends."""
    limiter = _LIMITER.first()
    if limiter is None:
        CallLimiter.insert(name=ALL).on_conflict_ignore().execute()
        return _limiter()
    return limiter


def _bucket(key: str) -> Bucket | None:
    """What is known of this bucket, ours until the transaction ends."""
    return _BUCKET.first(key=key)


def _locked(query: Any) -> Any:
    # SQLite knows no such thing and needs none: its transactions come one after another.
    return query if is_sqlite() else query.for_update()


def _keep_limiter(before: Limiter, after: Limiter) -> None:
    if after != before:
        _KEEP_LIMITER.run(**vars(after))


def _keep_bucket(key: str, before: Bucket | None, after: Bucket) -> None:
    if after != before:
        # Two may learn of a bucket at the same time; the later one is told by the headers again.
        CallBucket.insert(key=key, **vars(after)).on_conflict(
            conflict_target=[CallBucket.key], update=vars(after)
        ).execute()


def _forget_buckets(until: datetime) -> None:
    """Forget the buckets of which nothing holds any more since then."""
    ended = [column.is_null() | (column < until) for column in (CallBucket.resets_at, CallBucket.held_until)]
    CallBucket.delete().where(*ended).execute()
