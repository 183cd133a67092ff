"""The call that waits for whoever signs in: what they chose on a store's page before they were asked who they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from blueprints import parking, zones
from blueprints.storefront.forms import instant
from blueprints.web import route_of
from coaching.catalog.models import Product
from coaching.catalog.queries import get_once_published_product, offers_of
from coaching.catalog.slugs import is_slug
from coaching.errors import NotFound


@dataclass(frozen=True)
class WaitingCall:
    """A call at a time that nobody holds yet."""

    title: str
    coach: str
    starts_at: datetime
    zone: str
    minutes: int | None  # unless its length is on offer no more


def find_waiting_call(address: str) -> WaitingCall | None:
    """The call whose time was chosen on the page at `address`; None where none was."""
    fields: Mapping[str, str] = parking.peek_parked(address) or {}
    starts_at, product = instant(fields.get("starts_at", "")), find_product(address)
    if product is None or starts_at is None:
        return None
    minutes = next((one.minutes for one in offers_of(product) if str(one.id) == fields.get("offer")), None)
    zone = zones.existing(fields.get("zone")) or zones.page_zone(product.store.zone)
    return WaitingCall(product.title, product.store.owner.name, starts_at, zone, minutes)


def find_product(address: str) -> Product | None:
    """The product on whose page somebody was, while it is on sale."""
    endpoint, values = route_of(address)
    slugs = (values.get("store", ""), values.get("product", ""))
    if endpoint != "storefront.product" or not all(map(is_slug, slugs)):
        return None
    try:
        product = get_once_published_product(*slugs)
    except NotFound:
        return None
    return product if product.state == "published" else None
