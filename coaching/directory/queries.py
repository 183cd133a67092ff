"""Reads of what is kept worked out: the next free instants of products."""

from collections.abc import Iterable
from datetime import datetime

from coaching.catalog.models import Product
from coaching.db import is_among
from coaching.directory.models import NextFree
from coaching.reading import Statement, given, reader_of

to_instant = reader_of(NextFree.starts_at)


def next_free_of(products: Iterable[Product], now: datetime | None = None) -> dict[int, datetime | None]:
    """The next instant at which each product can be booked, as the worker last saw it; None where nothing is free.

    What can be booked no more at `now`, where that is told, is not named: the worker has not come to it yet. The
    product's own page works its times out itself.
    """
    found: dict[int, datetime | None] = dict.fromkeys((product.id for product in products), None)
    for product_id, starts_at, due_at in _NEXT_FREE.rows(products=list(found)) if found else ():
        is_over = now is not None and to_instant(due_at) < now
        found[product_id] = None if is_over else to_instant(starts_at)
    return found


_NEXT_FREE = Statement(
    lambda: NextFree.select(NextFree.product, NextFree.starts_at, NextFree.due_at).where(
        is_among(NextFree.product, given("products"))
    )
)
