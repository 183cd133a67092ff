"""What a provider shows under a right id, and is not this payment."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from coaching.payments.checkout_rules import mismatch_of
from coaching.payments.models import Payment
from coaching.payments.provider import Checkout, CheckoutState

NOW = datetime(2027, 3, 8, 12, 0, tzinfo=UTC)
CHECKOUT = Checkout("cs_1", CheckoutState.PAID, 4900, "EUR", False, "pi_1", "", {"payment": "7-abc"}, NOW, None)
PAYMENT = Payment(reference="cs_1", key="7-abc", amount_cents=4900, currency="EUR", livemode=False)


@pytest.mark.parametrize(
    ("differences", "mismatch"),
    [
        ({}, ""),
        ({"amount_cents": 1}, "amount"),
        ({"amount_cents": 4901}, "amount"),
        ({"currency": "JPY"}, "currency"),
        ({"livemode": True}, "mode"),
        ({"facts": {"payment": "8-abc"}}, "payment"),
        ({"facts": {}}, "payment"),
        ({"reference": "cs_2"}, "reference"),
    ],
)
def test_a_payment_of_another_amount_currency_mode_or_seat_is_not_this_one(differences, mismatch) -> None:
    assert mismatch_of(PAYMENT, replace(CHECKOUT, **differences)) == mismatch
