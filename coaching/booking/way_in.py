"""How a chosen time becomes a booked call: at once, after the coach has answered, or after it was paid. Pure."""

from enum import StrEnum
from typing import Protocol

# So long a time is held for somebody who is on their way to pay by card.
CARD_MINUTES = 15
# So long once their coach has accepted it: they may be elsewhere.
CARD_MINUTES_AFTER_ANSWER = 24 * 60


class Way(StrEnum):
    """What pressing the button does."""

    BOOK = "book"
    REQUEST = "request"  # the coach accepts or declines it; where it has to be paid first, the hold comes after that
    HOLD = "hold"  # the time is the student's once it is paid


class ProductLike(Protocol):
    """What a product says of the way in."""

    needs_approval: bool
    pays_first: bool
    payment: str
    hold_minutes: int


class OfferLike(Protocol):
    """A length with its price, or all that a booking costs."""

    @property
    def price_cents(self) -> int: ...


def way_in(product: ProductLike, offer: OfferLike) -> Way:
    """What booking this length of the product begins with."""
    if product.needs_approval:
        return Way.REQUEST
    return Way.HOLD if must_be_paid_first(product, offer) else Way.BOOK


def must_be_paid_first(product: ProductLike, offer: OfferLike) -> bool:
    """Whether a time of this length is the student's only once it is paid; what costs nothing never has to be."""
    is_by_card = product.payment == "stripe"
    return bool((product.pays_first or is_by_card) and product.payment != "free" and offer.price_cents)


def minutes_to_pay(product: ProductLike) -> int:
    """How long a time of the product is held for its student to pay."""
    if product.payment != "stripe":
        return product.hold_minutes
    return CARD_MINUTES_AFTER_ANSWER if product.needs_approval else CARD_MINUTES


_BUTTONS = {
    Way.BOOK: "Book",
    Way.REQUEST: "Request this time",
    Way.HOLD: "Hold this time and pay",
}


def button_label(product: ProductLike, offer: OfferLike) -> str:
    """What the button says, with the time behind it or without."""
    way = way_in(product, offer)
    return "Book and pay by card" if way is Way.HOLD and product.payment == "stripe" else _BUTTONS[way]


def what_happens(product: ProductLike, offer: OfferLike, coach_name: str, time_to_pay: str) -> str:
    """What comes after the button, in a sentence; empty where the call is simply booked. `time_to_pay`: "2 h"."""
    way = way_in(product, offer)
    if way is Way.BOOK:
        return ""
    is_by_card = product.payment == "stripe"
    if way is Way.HOLD and is_by_card:
        return f"You pay by card next. The time is kept for you for {time_to_pay} while you do."
    if way is Way.HOLD:
        return (
            f"The time is kept for you for up to {time_to_pay} while you pay, and yours once {coach_name} has "
            "confirmed the payment."
        )
    if must_be_paid_first(product, offer):
        kept = f"the time is kept for you for up to {time_to_pay} while you pay."
        return f"{coach_name} answers first. Once they accept, {kept}"
    return f"{coach_name} answers first. The time is kept for you until then."
