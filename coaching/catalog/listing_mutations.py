"""Changes of what a store's page lists: the order of its products, and whether one stands there at all."""

from datetime import datetime

from coaching.accounts.lock_mutations import lock_person
from coaching.catalog.models import Product, Store
from coaching.catalog.queries import on_sale
from coaching.db import database


def move_product(store: Store, code: str, by: int) -> None:
    """The product stands so many places further down (up, if below zero) among those on sale; at either end it stays.

    From where it is now, not from where an older page showed it. What is not on sale stays where it is.
    """
    with database.atomic():
        lock_person(store.owner)
        order = on_sale(store)
        place = next((place for place, product in enumerate(order) if product.code == code), None)
        if place is None:
            return
        order.insert(min(max(place + by, 0), len(order) - 1), order.pop(place))
        for position, product in enumerate(order, 1):
            if product.position != position:
                Product.update(position=position).where(Product.id == product.id).execute()


def set_listing(product: Product, is_unlisted: bool, now: datetime) -> None:
    """The product stands in no list from now on, or in all of them again; who has its link books it either way."""
    Product.update(is_unlisted=is_unlisted, updated_at=now).where(
        Product.id == product.id, Product.is_unlisted != is_unlisted
    ).execute()
