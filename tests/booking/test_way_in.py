"""Which way a chosen time becomes a booked call."""

from types import SimpleNamespace

import pytest

from coaching.booking.way_in import BUTTONS, Way, must_be_paid_first, way_in, what_happens


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
    ],
)
def test_the_way_in_follows_from_product_and_price(
    needs_approval, pays_first, payment, cents, way, is_paid_first
) -> None:
    product = SimpleNamespace(needs_approval=needs_approval, pays_first=pays_first, payment=payment)
    offer = SimpleNamespace(price_cents=cents)
    assert way_in(product, offer) is way
    assert must_be_paid_first(product, offer) is is_paid_first
    said = what_happens(product, offer, "Nova", "2 h")
    assert bool(said) == (way is not Way.BOOK)
    assert ("for up to 2 h while you pay" in said) == is_paid_first
    assert BUTTONS[way]
