"""Step 4: how a call becomes a student's, how they pay, and which messages they get; the page also publishes."""

from datetime import datetime
from typing import Self

from wtforms import BooleanField, RadioField
from wtforms.validators import Optional, ValidationError

from blueprints.forms import TextBlock, WholeNumber
from blueprints.reminder_fields import NAMES, ReminderField, chosen_in, reminder_fields, slots_of
from blueprints.wizard.availability import LengthField
from blueprints.wizard.form import Fields, StepForm
from coaching.catalog.bump_queries import has_paid_bumps
from coaching.catalog.details import OptionsDetails
from coaching.catalog.models import Product
from coaching.catalog.queries import offers_of
from coaching.catalog.steps import payment_of
from coaching.money import why_not_charged
from coaching.payments.account_queries import can_take_cards

PAYMENTS = {"free": "Free", "outside": "Paid to you directly", "stripe": "By card, on Stripe"}
NO_CARDS = "Cards cannot be taken yet: connect Stripe first, or choose the other way."
HOLDS = (30, 60, 120, 240, 720, 1440)
ANSWERS = (60, 120, 240, 720, 1440)
# A page with one of these fields asks about it; one from before leaves it as it is.
ABOUT_REVIEWS = "about_reviews"
ABOUT_ABSENCE = "about_absence"


class OptionsForm(StepForm):
    """Which ways of paying there are goes with the prices of step 2."""

    payment = RadioField("How students pay", choices=PAYMENTS, default="free", validate_choice=False)
    pay_text = TextBlock("How students pay you", longest=1000)
    pays_first = BooleanField("The time is theirs only once they have paid")
    hold_minutes = LengthField("Time to pay", HOLDS)
    needs_approval = BooleanField("I accept or decline each call myself")
    approval_minutes = LengthField("I answer within", ANSWERS)
    refuses_absent = BooleanField("Whoever did not come to two of my calls cannot book this one")
    share_percent = WholeNumber("Share in percent", [Optional()], most=100)
    reminder_1 = ReminderField("First reminder")
    reminder_2 = ReminderField("Second reminder")
    reminder_3 = ReminderField("Third reminder")
    says_when_open = BooleanField("A message when the room opens, with the way in")
    message_words = TextBlock("Your own words", longest=1000)
    takes_reviews = BooleanField("Students can review these calls")
    asks_for_reviews = BooleanField("Ask them for it, once, an hour after the call")

    has_offers = False
    costs_money = False
    takes_cards = False
    was_by_card = False
    lowest_cents: int | None = None
    currency = ""

    @classmethod
    def of_draft(cls, product: Product, now: datetime) -> Self:
        return cls(formdata=None, obj=product, data=kept_reminders(product)).keeping(product).priced(product)

    @classmethod
    def of_fields(cls, product: Product, fields: Fields, now: datetime) -> Self:
        # A page that does not ask for reminders leaves them as they are.
        kept = kept_reminders(product) | {name: getattr(product, name) for name in ("hold_minutes", "approval_minutes")}
        form = cls(formdata=fields, data=kept)
        if form.share_percent.name not in fields:
            form.share_percent.data = product.share_percent
        if ABOUT_REVIEWS not in fields:
            form.takes_reviews.data, form.asks_for_reviews.data = product.takes_reviews, product.asks_for_reviews
        if ABOUT_ABSENCE not in fields:
            form.refuses_absent.data = product.refuses_absent
        return form.keeping(product).priced(product)

    @property
    def reminders(self) -> list[ReminderField]:
        return reminder_fields(self)

    def keeping(self, product: Product) -> Self:
        """The same form, in which the product's own reminders and lengths can be chosen, too."""
        for length in (self.hold_minutes, self.approval_minutes):
            length.offer_besides(getattr(product, length.name))
        for field, minutes in zip(self.reminders, slots_of(product.reminders), strict=True):
            field.keep(minutes)
        return self

    def priced(self, product: Product) -> Self:
        """The same form, with a payment that goes with the product's prices."""
        offers = offers_of(product)
        self.has_offers = bool(offers)
        self.costs_money = any(offer.price_cents for offer in offers) or has_paid_bumps(product)
        if self.payment.data in PAYMENTS:
            self.payment.data = payment_of(self.costs_money, self.payment.data)
        self.takes_cards, self.was_by_card = can_take_cards(product.store), product.payment == "stripe"
        self.lowest_cents = min((offer.price_cents for offer in offers if offer.price_cents), default=None)
        self.currency = product.store.currency
        offered = ["outside", *(["stripe"] if self.takes_cards or self.was_by_card else [])]
        self.payment.choices = [(name, PAYMENTS[name]) for name in (offered if self.costs_money else ["free"])]
        return self

    def validate_payment(self, field: RadioField) -> None:
        if field.data == "stripe" and not (self.takes_cards or self.was_by_card):
            raise ValidationError(NO_CARDS)
        if field.data not in PAYMENTS:
            raise ValidationError("Choose one of the list.")
        if field.data == "stripe" and (fault := why_not_charged(self.lowest_cents or 0, self.currency)):
            raise ValidationError(f"Your lowest price is too low for a card. {fault}")

    def content(self) -> dict[str, object]:
        # Which of the others it is goes with the prices.
        return super().content() | {"by_card": self.payment.data == "stripe"}

    def details(self) -> OptionsDetails:
        return OptionsDetails(
            self.payment.data,
            self.pay_text.data,
            chosen_in([field.data for field in self.reminders]),
            self.says_when_open.data,
            self.message_words.data,
            self.pays_first.data,
            self.hold_minutes.data,
            self.needs_approval.data,
            self.approval_minutes.data,
            self.share_percent.data,
            self.takes_reviews.data,
            self.asks_for_reviews.data,
            self.refuses_absent.data,
        )


def kept_reminders(product: Product) -> dict[str, int]:
    """The product's reminders, each under its field's name."""
    return dict(zip(NAMES, slots_of(product.reminders), strict=True))
