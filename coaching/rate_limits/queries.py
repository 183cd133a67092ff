"""Reads of what is limited."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from peewee import Expression

from coaching.db import rows
from coaching.rate_limits.limits import Use
from coaching.rate_limits.models import RateCount


def find_spent(uses: Iterable[Use], now: datetime) -> tuple[Use, datetime] | None:
    """The use that is not let in now, with the instant from which it is; of several the one that waits longest."""
    by_row = {(use.limit.name, hashed(use.key)): use for use in uses}
    if not by_row:
        return None
    is_any = reduce(or_, [_is_row(name, key) for name, key in by_row])
    closed = RateCount.select(RateCount.name, RateCount.key_sha256, RateCount.not_before).where(
        is_any, RateCount.not_before > now
    )
    spent = [(by_row[name, key], not_before) for name, key, not_before in rows(closed)]
    return max(spent, key=lambda pair: pair[1], default=None)


def is_of(use: Use) -> Expression:
    """The row in which uses like this one are counted."""
    return _is_row(use.limit.name, hashed(use.key))


def hashed(key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(key.encode()).hexdigest()


def _is_row(name: str, key_sha256: str) -> Expression:
    return (RateCount.name == name) & (RateCount.key_sha256 == key_sha256)
