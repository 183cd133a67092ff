"""Step 4: how students pay; the page also publishes and withdraws."""

from datetime import datetime
from typing import Self

from wtforms import RadioField

from blueprints.forms import TextBlock
from blueprints.wizard.form import StepForm
from coaching.catalog.details import OptionsDetails
from coaching.catalog.models import Product
from coaching.catalog.queries import offers_of

PAYMENTS = {"free": "Free", "outside": "Paid to you directly"}


class OptionsForm(StepForm):
    payment = RadioField("Payment", choices=PAYMENTS, default="free")
    pay_text = TextBlock("How students pay you", longest=1000)

    @classmethod
    def of_draft(cls, product: Product, now: datetime) -> Self:
        form = super().of_draft(product, now)
        # Prices above zero and "free" cannot both be meant; the other choice is the likely one.
        if product.published_at is None and any(offer.price_cents for offer in offers_of(product)):
            form.payment.data = "outside"
        return form

    def details(self) -> OptionsDetails:
        return OptionsDetails(self.payment.data, self.pay_text.data)
