"""Reads of the extras that are sold with a product."""

from collections.abc import Collection

from peewee import JOIN

from coaching.catalog.models import Bump, Picture, Product
from coaching.errors import NotFound
from coaching.reading import Selection, given


def bumps_of(product: Product) -> list[Bump]:
    """The extras on offer with it now, in the coach's order."""
    return _BUMPS.all(product=product.id)


def has_paid_bumps(product: Product) -> bool:
    """Whether an extra of it costs something."""
    return any(bump.price_cents for bump in bumps_of(product))


def get_bump(product: Product, bump_id: int) -> Bump:
    """One of the product's extras on offer, or NotFound."""
    bump = next((bump for bump in bumps_of(product) if bump.id == bump_id), None)
    if bump is None:
        raise NotFound
    return bump


def retired_bumps(product: Product, ids: Collection[int]) -> list[Bump]:
    """Those of these numbers that were sold with the product and are no more."""
    if not ids:
        return []
    retired = Bump.select().where(Bump.product == product, Bump.retired_at.is_null(False))
    return list(retired.where(Bump.id.in_(ids)).order_by(Bump.id))


# Without the bytes of pictures.
_BUMPS: Selection[Bump] = Selection(
    lambda: (
        Bump.select(Bump, Picture.id, Picture.code, Picture.width, Picture.height)
        .join(Picture, JOIN.LEFT_OUTER)
        .where(Bump.product == given("product"), Bump.retired_at.is_null())
        .order_by(Bump.position, Bump.id)
    )
)
