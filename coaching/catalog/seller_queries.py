"""Reads of who sells, as receipts say it, and a mark by which an older page is known."""

from coaching.catalog.models import Store
from coaching.catalog.seller import SellerDetails
from coaching.catalog.step_queries import mark_of


def kept_seller(store: Store) -> SellerDetails:
    """What receipts of the store say of who sells."""
    return SellerDetails(store.seller_name, store.seller_address, store.tax_note)


def seller_version(store: Store) -> str:
    """A mark of these details as they are kept now."""
    return mark_of(kept_seller(store))
