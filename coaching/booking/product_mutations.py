"""Saving what a product's students hear: what is booked follows, in the same transaction."""

from datetime import datetime

from coaching.booking.mutations import want_look
from coaching.catalog import mutations
from coaching.catalog.details import OptionsDetails
from coaching.catalog.models import Product
from coaching.catalog.mutations import UNSEEN, Seen
from coaching.db import database


def save_options(product: Product, details: OptionsDetails, now: datetime, seen: Seen = UNSEEN) -> None:
    """The product's options, as in catalog/mutations.py; with other reminders, its coming sessions are looked at anew.

    The catalog lies below and knows of no booking.
    """
    with database.atomic():
        before = Product.select(Product.reminders).where(Product.id == product.id).get().reminders
        mutations.save_options(product, details, now, seen)
        if set(before) != set(details.reminders):
            want_look(product=product)
