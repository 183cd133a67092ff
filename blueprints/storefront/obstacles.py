"""What stands in the way of booking a product, or a time of it, in words for whoever looks at its page."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from blueprints import web
from blueprints.signed_in import current_person
from blueprints.storefront.absence import refusal_of_visitor
from blueprints.storefront.forms import BookingForm
from blueprints.storefront.picker import Picker
from coaching.booking.limit_queries import find_limit_reached
from coaching.booking.queries import find_own_booking
from coaching.booking.slot_queries import has_other_session
from coaching.booking.slots import Span
from coaching.booking.way_in import OfferLike
from coaching.catalog.models import Product
from coaching.errors import AbsentTooOften, BookingsStopped, ServerLost, SlotOver, SlotTaken, StudentBusy


def is_bookable(product: Product, typed: Mapping[str, str] | None = None) -> bool:
    """Whether this person can book it, or has typed something that they may want back."""
    is_on_sale = product.state == "published" and product.store.owner != current_person()
    return bool(is_on_sale and (typed or not (why_closed(product) or refusal_of_visitor(product))))


def stopped_by(
    product: Product, form: BookingForm | None, refusal: AbsentTooOften | None, offer: OfferLike | None
) -> str | None:
    """Why nobody, or not this person, can book it now, whichever time they choose."""
    if closed := why_closed(product):
        return None if form else closed
    person = current_person()
    if refusal:
        return refusal.sentence
    return find_limit_reached(product, offer, person, web.now()) if form and person and offer else None


def why_closed(product: Product) -> str | None:
    """Why nobody at all can book what is on sale here; None where they can."""
    if product.is_stopped:
        return BookingsStopped.sentence
    return ServerLost.sentence if product.lacks_server else None


def why_gone(product: Product, picker: Picker | None, starts_at: datetime | None) -> dict[str, Any]:
    """Why a time that was asked for is not among the free ones; `own` is the person's own session at it."""
    if starts_at is None or picker is None or picker.chosen:
        return {"taken": None, "own": None}
    person = current_person()
    own = find_own_booking(person, product.store.owner, starts_at, web.now()) if person else None
    if own:
        return {"taken": "You already have this time.", "own": own}
    wanted = Span(starts_at, starts_at + timedelta(minutes=picker.offer.minutes))
    if person and has_other_session(person, wanted):
        return {"taken": StudentBusy.sentence, "own": None}
    return {"taken": (SlotOver if starts_at < web.now() else SlotTaken).sentence, "own": None}
