"""Which way a chosen time becomes a booked call."""

from types import SimpleNamespace

import pytest

from coaching.booking.way_in import Way, button_label, minutes_to_pay, must_be_paid_first, way_in, what_happens


@pytest.mark.parametrize(
    ("needs_approval", "pays_first", "payment", "cents", "way", "is_paid_first"),
    [
        (False, False, "outside", 4500, Way.BOOK, False),
        (False, True, "outside", 4500, Way.HOLD, True),
        (False, True, "outside", 0, Way.BOOK, False),
        (False, True, "free", 4500, Way.BOOK, False),
        (True, False, "outside", 4500, Way.REQUEST, False),
        (True, True, "outside", 4500, Way.REQUEST, True),
        (True, True, "free", 0, Way.REQUEST, False),
        (False, False, "stripe", 4500, Way.HOLD, True),
        (False, True, "stripe", 0, Way.BOOK, False),
        (True, False, "stripe", 4500, Way.REQUEST, True),
    ],
)
def test_the_way_in_follows_from_product_and_price(
    needs_approval, pays_first, payment, cents, way, is_paid_first
) -> None:
    product = SimpleNamespace(needs_approval=needs_approval, pays_first=pays_first, payment=payment, hold_minutes=90)
    offer = SimpleNamespace(price_cents=cents)
    assert way_in(product, offer) is way
    assert must_be_paid_first(product, offer) is is_paid_first
    said = what_happens(product, offer, "Nova", "2 h")
    assert bool(said) == (way is not Way.BOOK)
    assert ("2 h while you" in said) == is_paid_first
    held = "Book and pay by card" if payment == "stripe" else "Hold this time and pay"
    words = {Way.BOOK: "Book", Way.REQUEST: "Request this time", Way.HOLD: held}
    assert button_label(product, offer) == words[way]
    # By card it is the site that ends the hold, so its length is not the coach's to choose.
    assert minutes_to_pay(product) == (90 if payment != "stripe" else 24 * 60 if needs_approval else 15)
