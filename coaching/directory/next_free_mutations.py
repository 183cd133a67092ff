"""The next free instants of all products are as their pages find them; worked out anew only where that may differ.

It differs where anything it follows from has changed (basis_queries.py), and where it can be booked no more. So a
trigger that was lost, doubled or late changes nothing, and after an outage the next run finds what there is to do.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from peewee import chunked

from coaching.booking.next_free_queries import SharedTime, next_free_start, too_late_at
from coaching.catalog import queries as catalog
from coaching.catalog.models import Offer, Product
from coaching.db import bound, database, is_among
from coaching.directory.basis_queries import OnSale
from coaching.directory.models import NextFree
from coaching.reading import Change, Statement, given

logger = logging.getLogger(__name__)

# No answer is older.
LONGEST_AGE = timedelta(minutes=15)
# What still holds is said to have been looked at so often.
NOTED_EVERY = timedelta(minutes=5)
# In one run; the others come next. About a millisecond each.
MOST_AT_ONCE = 2000
ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class _Known:
    """What was worked out last, its instants as the database has them."""

    basis: int
    starts_at: Any
    due_at: Any
    looked_at: Any


def refresh_next_free(on_sale: Sequence[OnSale], now: datetime, most: int = MOST_AT_ONCE) -> int:
    """Work out anew what is due, at most so many products; how many are left comes back."""
    known = {row[0]: _Known(*row[1:]) for row in _KNOWN.rows()}
    _forget(known.keys() - {listing.product_id for listing in on_sale})
    due = sorted(
        (listing for listing in on_sale if _is_due(listing, known, now)), key=lambda listing: _rank(listing, known)
    )
    chosen = sorted(due[:most], key=attrgetter("coach_id"))
    for _, of_coach in groupby(chosen, key=attrgetter("coach_id")):
        for some in chunked(of_coach, ROWS_AT_ONCE):
            _work_out(some, now)
    still_hold = [
        listing.product_id for listing in on_sale if listing.product_id in known and not _is_due(listing, known, now)
    ]
    _note_look([number for number in still_hold if known[number].looked_at <= bound(now - NOTED_EVERY)], now)
    return len(due) - len(chosen)


def _is_due(listing: OnSale, known: dict[int, _Known], now: datetime) -> bool:
    last = known.get(listing.product_id)
    if last is None or last.basis != listing.basis or last.due_at < bound(now):
        return True
    # Looked at later than now: clocks were put back since.
    return bool(last.looked_at > bound(now + NOTED_EVERY))


def _rank(listing: OnSale, known: dict[int, _Known]) -> tuple[bool, Any]:
    """What somebody has changed first, then what is due for longest."""
    last = known.get(listing.product_id)
    if last is None or last.basis != listing.basis:
        return False, listing.product_id
    return True, last.due_at


def _work_out(some: Iterable[OnSale], now: datetime) -> None:
    """Of products of one coach; one that cannot be read costs itself only."""
    bases = {listing.product_id: listing for listing in some}
    try:
        rows = list(_rows(bases, now))
        with database.atomic():
            NextFree.insert_many(rows).on_conflict(
                conflict_target=[NextFree.product],
                preserve=[NextFree.starts_at, NextFree.looked_at, NextFree.due_at, NextFree.basis],
            ).execute()
    except Exception:
        logger.exception("next free times not worked out", extra={"products": sorted(bases)[:10]})


def _rows(bases: dict[int, OnSale], now: datetime) -> Iterator[dict[str, Any]]:
    products = {product.id: product for product in catalog.products_of_ids(list(bases))}
    offers = catalog.offers_by_product(list(products.values()))
    time = SharedTime(next(iter(products.values())).store.owner, now) if products else None
    for product_id, listing in bases.items():
        starts_at, due_at = None, now + LONGEST_AGE
        if listing.is_bookable and product_id in products and time:
            try:
                starts_at, due_at = _next_start(products[product_id], offers[product_id], time)
            except Exception:
                # It is tried again as if nothing were free.
                logger.exception("next free time not worked out", extra={"product": product_id})
        yield {
            "product": product_id,
            "starts_at": starts_at,
            "looked_at": now,
            "due_at": due_at,
            "basis": listing.basis,
        }


def _next_start(product: Product, offers: list[Offer], time: SharedTime) -> tuple[datetime | None, datetime]:
    """The next free instant of the length that its page begins with, and when to work that out again."""
    starts_at = next_free_start(product, offers[0], time) if offers else None
    if starts_at is None:
        # With time more days can be booked.
        return None, time.now + LONGEST_AGE
    return starts_at, too_late_at(product, offers[0], starts_at)


def _forget(product_ids: Iterable[int]) -> None:
    """What is not on sale any more."""
    for some in chunked(product_ids, ROWS_AT_ONCE):
        NextFree.delete().where(NextFree.product.in_(some)).execute()


def _note_look(product_ids: Iterable[int], now: datetime) -> None:
    """That these were looked at, and still hold."""
    for some in chunked(product_ids, MOST_AT_ONCE):
        _LOOKED.run(products=list(some), now=now)


_KNOWN = Statement(
    lambda: NextFree.select(NextFree.product, NextFree.basis, NextFree.starts_at, NextFree.due_at, NextFree.looked_at)
)
_LOOKED = Change(lambda: NextFree.update(looked_at=given("now")).where(is_among(NextFree.product, given("products"))))
