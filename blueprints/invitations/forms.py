"""What a coach fills in to keep a time for somebody."""

from collections.abc import Sequence

from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from blueprints.filters import minutes, money
from blueprints.forms import Form, FormKey, Hidden, Money, TextBlock, checked, required
from blueprints.storefront.forms import StartField
from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link
from coaching.booking.invitation_mutations import InvitationDetails
from coaching.catalog.details import HIGHEST_PRICE_CENTS
from coaching.catalog.models import Offer, Product

LONGEST_NOTE = 1000


class InvitationForm(Form):
    form_key = FormKey()
    product = Hidden()
    offer = RadioField("Length")
    starts_at = StartField("Time", [required("Choose a time.")])
    student = SelectField("For whom")
    price = Money("Price", [Optional()], most_cents=HIGHEST_PRICE_CENTS)
    note = TextBlock("A few words with it", [Optional()], longest=LONGEST_NOTE)

    def offering(self, product: Product, offers: Sequence[Offer], people: Sequence[Person]) -> "InvitationForm":
        """The same form, for one product."""
        currency = product.store.currency
        usual = {one.id: money(0 if product.payment == "free" else one.price_cents, currency) for one in offers}
        self.product.data = product.code
        lengths = [(str(one.id), f"{minutes(one.minutes)} · {usual[one.id]}") for one in offers]
        self.offer.choices = [*lengths]
        if self.offer.data not in dict(lengths):
            self.offer.data = lengths[0][0]
        takers = [("", "Whoever I give the link to"), *((str(one.id), label) for one, label in named(people))]
        self.student.choices = [*takers]
        if self.student.data not in dict(takers):
            self.student.data = ""
        self.price.label.text = f"Price in {currency}"
        return self

    def chosen_offer(self, offers: Sequence[Offer]) -> Offer:
        return next(one for one in offers if str(one.id) == self.offer.data)

    def details(self) -> InvitationDetails:
        return InvitationDetails(
            offer_id=int(self.offer.data),
            starts_at=checked(self.starts_at.data),
            price_cents=self.price.data,
            note=self.note.data,
            student_id=int(self.student.data) if self.student.data else None,
            form_key=self.form_key.data,
        )


def named(people: Sequence[Person]) -> list[tuple[Person, str]]:
    """Each person with what to call them: of two with one name the Discord account, too."""
    names = [one.name for one in people]
    return [(one, one.name if names.count(one.name) == 1 else f"{one.name} ({account_of(one)})") for one in people]


def account_of(person: Person) -> str:
    link = find_discord_link(person)
    return f"{link.username} on Discord" if link else "not on Discord"
