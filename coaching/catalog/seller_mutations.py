"""Changing who sells, as receipts say it."""

from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.catalog.seller import SellerDetails
from coaching.catalog.seller_queries import kept_seller, seller_version
from coaching.db import database
from coaching.errors import ChangedMeanwhile


def save_seller(store: Store, details: SellerDetails, seen: str | None = None) -> None:
    """Receipts that are written from now on say this; those that were keep what they said.

    ChangedMeanwhile when the page showed other details, by their mark `seen`, than are kept now.
    """
    with database.atomic():
        Store.update(seller_name=Store.seller_name).where(Store.id == store.id).execute()  # others wait
        kept = get_own_store(store.owner, store.slug)
        if seen and seen != seller_version(kept) and kept_seller(kept) != details:
            raise ChangedMeanwhile
        Store.update(seller_name=details.name, seller_address=details.address, tax_note=details.tax_note).where(
            Store.id == store.id
        ).execute()
