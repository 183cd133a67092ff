"""Reads of what the sitemap lists: whatever anybody may find and book."""

from datetime import datetime
from typing import Any

from peewee import fn

from coaching.catalog.models import Product, Store
from coaching.coaches.models import Coach

PAGE_SIZE = 10_000  # of the 50,000 that a file may list, https://www.sitemaps.org/protocol.html
KINDS = ("stores", "products", "coaches")
Entry = tuple[tuple[str, ...], datetime]


def count_pages(kind: str) -> int:
    """So many pages of this kind the sitemap has."""
    return -(-int(_QUERIES[kind]().count()) // PAGE_SIZE)


def listed_pages(kind: str, number: int) -> list[Entry]:
    """One page of them, from 1 on: the parts of each address, and when what it shows was changed last."""
    rows = _QUERIES[kind]().paginate(number, PAGE_SIZE).tuples()
    return [(tuple(slugs), changed_at) for *slugs, changed_at in rows]


def _stores() -> Any:
    return _listed(Store.slug, fn.MAX(Product.updated_at)).group_by(Store.id, Store.slug).order_by(Store.id)


def _products() -> Any:
    return _listed(Store.slug, Product.slug, Product.updated_at).order_by(Product.id)


def _coaches() -> Any:
    coaches = Coach.select(Coach.slug, Coach.updated_at).where(Coach.stopped_at.is_null(), Coach.is_listed)
    return coaches.where(Coach.person.in_(_listed(Store.owner))).order_by(Coach.id)


def _listed(*columns: Any) -> Any:
    is_listed = (Product.state == "published") & ~Product.is_unlisted
    return Product.select(*columns).join(Store).where(is_listed, Store.stopped_at.is_null())


_QUERIES = {"stores": _stores, "products": _products, "coaches": _coaches}
