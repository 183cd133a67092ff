"""What a coach fills in about a partner, and about what they paid them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from wtforms import SelectField
from wtforms.validators import Optional, StopValidation

from blueprints.forms import Amount, Form, FormKey, Hidden, TextLine, WholeNumber, checked, required
from blueprints.schedules.day_forms import DateField
from coaching.catalog.slugs import slug_of
from coaching.money import HIGHEST_CHARGE
from coaching.pricing.partner_rules import LONGEST_CODE, PartnerDetails, PayoutDetails, plain_code


class PartnerForm(Form):
    form_key = FormKey()
    # A mark of the partner as the page showed it.
    seen = Hidden()
    name = TextLine("Name", [required("Type the partner’s name.")], longest=60)
    code = TextLine("Code in their links")
    share_percent = WholeNumber("Share in percent", [required("Type a share, like 20.")], most=100)

    def validate_code(self, field: TextLine) -> None:
        typed = field.data or slug_of(self.name.data)[:LONGEST_CODE].strip("-")
        code = plain_code(typed)
        if (field.data or self.name.data) and code is None:
            raise StopValidation("Use 2 to 30 letters from a to z, digits and single dashes, like lee-beats.")
        field.data = code or field.data

    def details(self) -> PartnerDetails:
        return PartnerDetails(self.name.data, self.code.data, checked(self.share_percent.data))


class Sum(Amount):
    """An amount that may be larger than any price: of many bookings together."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.currency = replace(self.currency, most=HIGHEST_CHARGE)
        super().process_formdata(valuelist)


class PayoutForm(Form):
    form_key = FormKey()
    amount = Sum("Amount", [required("Type how much you paid.")])
    currency = SelectField("Currency", validate_choice=False)
    paid_on = DateField("Day", [required("Choose the day you paid.")])
    note = TextLine("Note", [Optional()], longest=200)

    # What may be chosen, and which day it is there.
    currencies: Sequence[str] = ()
    today: date = date.max

    def for_partner(self, currencies: Sequence[str], today: date) -> "PayoutForm":
        """The same form, with what may be chosen; the day is today unless another one was."""
        self.currency.choices = [(currency, currency) for currency in currencies]
        self.currencies = currencies
        if self.currency.data not in currencies and not self.currency.raw_data:
            self.currency.data = currencies[0]
        self.amount.set_currency(self.currency.data if self.currency.data in currencies else currencies[0])
        self.amount.label.text = f"Amount in {currencies[0]}" if len(currencies) == 1 else "Amount"
        self.today = today
        if self.paid_on.data is None and self.paid_on.raw_data is None:
            self.paid_on.data = today
        return self

    def validate_amount(self, field: Amount) -> None:
        if field.data == 0:
            raise StopValidation("Type how much you paid.")

    def validate_currency(self, field: SelectField) -> None:
        if field.data not in self.currencies:
            # The store's has changed since the page was drawn.
            field.data = self.currencies[0]
            raise StopValidation(f"Amounts are in {field.data} now. Look at yours once more.")

    def validate_paid_on(self, field: DateField) -> None:
        if field.data and field.data > self.today:
            raise StopValidation("Choose today or a day before.")

    def details(self) -> PayoutDetails:
        return PayoutDetails(checked(self.amount.data), self.currency.data, checked(self.paid_on.data), self.note.data)
