"""Step 4: how students pay; the page also publishes and withdraws."""

from datetime import datetime
from typing import Self

from wtforms import RadioField

from blueprints.forms import TextBlock
from blueprints.wizard.form import Fields, StepForm
from coaching.catalog.details import OptionsDetails
from coaching.catalog.models import Product
from coaching.catalog.queries import offers_of
from coaching.catalog.steps import payment_of

PAYMENTS = {"free": "Free", "outside": "Paid to you directly"}


class OptionsForm(StepForm):
    """Which ways of paying there are goes with the prices of step 2."""

    payment = RadioField("Payment", choices=PAYMENTS, default="free")
    pay_text = TextBlock("How students pay you", longest=1000)

    has_offers = False
    costs_money = False

    @classmethod
    def of_draft(cls, product: Product, now: datetime) -> Self:
        return super().of_draft(product, now).priced(product)

    @classmethod
    def of_fields(cls, product: Product, fields: Fields, now: datetime) -> Self:
        return super().of_fields(product, fields, now).priced(product)

    def priced(self, product: Product) -> Self:
        """The same form, with a payment that goes with the product's prices."""
        offers = offers_of(product)
        self.has_offers, self.costs_money = bool(offers), any(offer.price_cents for offer in offers)
        if self.payment.data in PAYMENTS:
            self.payment.data = payment_of(self.costs_money, self.payment.data)
        return self

    def details(self) -> OptionsDetails:
        return OptionsDetails(self.payment.data, self.pay_text.data)
