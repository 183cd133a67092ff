"""What a coach fills in to keep a time for somebody."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import RadioField, SelectField
from wtforms.validators import Optional, ValidationError

from blueprints.filters import minutes, money
from blueprints.forms import Form, FormKey, Hidden, Money, TextBlock, checked, required
from blueprints.storefront.forms import StartField
from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link
from coaching.booking.invitation_mutations import InvitationDetails
from coaching.catalog.models import Offer, Product
from coaching.money import why_not_charged
from coaching.payments.account_queries import can_take_cards

LONGEST_NOTE = 1000
ANYBODY = "link"
NO_CARDS = "Nobody could pay for it: your store takes no cards yet. Connect Stripe first, or type 0 to make it free."


class InvitationForm(Form):
    form_key = FormKey()
    product = Hidden()
    offer = RadioField("Length", validate_choice=False)
    starts_at = StartField("Time", [required("Choose a time.")])
    student = SelectField("For whom", validate_choice=False)
    price = Money("Price", [Optional()])
    note = TextBlock("A few words with it", [Optional()], longest=LONGEST_NOTE)
    # What may be chosen, by field.
    known: Mapping[str, Mapping[str, str]] = {}
    by_card = lacks_cards = False
    usual_cents: Mapping[str, int] = {}

    def offering(self, product: Product, offers: Sequence[Offer], people: Sequence[Person]) -> "InvitationForm":
        """The same form, for one product."""
        currency = product.store.currency
        usual = {offer.id: money(0 if product.payment == "free" else offer.price_cents, currency) for offer in offers}
        self.product.data = product.code
        lengths = [(str(offer.id), f"{minutes(offer.minutes)} · {usual[offer.id]}") for offer in offers]
        takers = [
            (ANYBODY, "Whoever I give the link to"),
            *((str(person.id), label) for person, label in named(people)),
        ]
        self.offer.choices, self.student.choices = [*lengths], [*takers]
        self.known = {"offer": dict(lengths), "student": dict(takers)}
        # What nobody chose yet; what was sent and is none of these is refused.
        self.offer.data = self.offer.data or (None if self.offer.raw_data else lengths[0][0])
        self.student.data = self.student.data or (None if self.student.raw_data else ANYBODY)
        self.by_card = product.payment == "stripe"
        self.lacks_cards = self.by_card and not can_take_cards(product.store)
        self.usual_cents = {str(offer.id): offer.price_cents for offer in offers}
        self.price.set_currency(currency)
        self.price.label.text = f"Price in {currency}"
        return self

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        is_valid = super().validate(extra_validators)
        # Beside the price, also where that was left empty.
        usual = self.usual_cents.get(self.offer.data or "", 0)
        if self.lacks_cards and not self.price.errors and (usual if self.price.data is None else self.price.data):
            self.price.errors = [NO_CARDS]
            return False
        return is_valid

    def validate_offer(self, field: RadioField) -> None:
        if field.data not in self.known["offer"]:
            raise ValidationError("Choose one of the lengths.")

    def validate_price(self, field: Money) -> None:
        if self.by_card and (why_not := why_not_charged(field.data or 0, field.currency.code)):
            raise ValidationError(why_not)

    def validate_student(self, field: SelectField) -> None:
        if field.data not in self.known["student"]:
            raise ValidationError("Choose one of them, or pass the link on yourself.")

    def chosen_offer(self, offers: Sequence[Offer]) -> Offer:
        """The length whose times are shown."""
        return next((offer for offer in offers if str(offer.id) == self.offer.data), offers[0])

    def details(self) -> InvitationDetails:
        return InvitationDetails(
            offer_id=int(self.offer.data),
            starts_at=checked(self.starts_at.data),
            price_cents=self.price.data,
            note=self.note.data,
            student_id=None if self.student.data == ANYBODY else int(self.student.data),
            form_key=self.form_key.data,
        )


def named(people: Sequence[Person]) -> list[tuple[Person, str]]:
    """Each person with what to call them: of two with one name the Discord account, too."""
    names = [person.name for person in people]
    return [
        (person, person.name if names.count(person.name) == 1 else f"{person.name} ({account_of(person)})")
        for person in people
    ]


def account_of(person: Person) -> str:
    link = find_discord_link(person)
    return f"“{link.username}” on Discord" if link else "not on Discord"
