"""Step 4: how students pay, and which messages they get; the page also publishes and withdraws."""

from datetime import datetime
from typing import Self

from wtforms import BooleanField, RadioField

from blueprints.forms import TextBlock
from blueprints.reminder_fields import NAMES, ReminderField, chosen_in, reminder_fields, slots_of
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
    reminder_1 = ReminderField("First reminder")
    reminder_2 = ReminderField("Second reminder")
    reminder_3 = ReminderField("Third reminder")
    says_when_open = BooleanField("A message when the room opens, with the way in")
    message_words = TextBlock("Your own words", longest=1000)

    has_offers = False
    costs_money = False

    @classmethod
    def of_draft(cls, product: Product, now: datetime) -> Self:
        return cls(formdata=None, obj=product, data=kept_reminders(product)).keeping(product).priced(product)

    @classmethod
    def of_fields(cls, product: Product, fields: Fields, now: datetime) -> Self:
        # A page that does not ask for reminders leaves them as they are.
        return cls(formdata=fields, data=kept_reminders(product)).keeping(product).priced(product)

    @property
    def reminders(self) -> list[ReminderField]:
        return reminder_fields(self)

    def keeping(self, product: Product) -> Self:
        """The same form, in which the product's own reminders can be chosen, too."""
        for field, minutes in zip(self.reminders, slots_of(product.reminders), strict=True):
            field.keep(minutes)
        return self

    def priced(self, product: Product) -> Self:
        """The same form, with a payment that goes with the product's prices."""
        offers = offers_of(product)
        self.has_offers, self.costs_money = bool(offers), any(offer.price_cents for offer in offers)
        if self.payment.data in PAYMENTS:
            self.payment.data = payment_of(self.costs_money, self.payment.data)
        return self

    def details(self) -> OptionsDetails:
        return OptionsDetails(
            self.payment.data,
            self.pay_text.data,
            chosen_in([field.data for field in self.reminders]),
            self.says_when_open.data,
            self.message_words.data,
        )


def kept_reminders(product: Product) -> dict[str, int]:
    """The product's reminders, each under its field's name."""
    return dict(zip(NAMES, slots_of(product.reminders), strict=True))
