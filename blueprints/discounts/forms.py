"""What a coach fills in about a discount code."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.validators import Optional, ValidationError
from wtforms.widgets import CheckboxInput, DateInput, ListWidget

from blueprints.forms import (
    Amount,
    Form,
    FormKey,
    Hidden,
    ReadField,
    TextLine,
    WholeNumber,
    plain_number,
    required,
)
from coaching.catalog.models import Product, Store
from coaching.catalog.step_queries import mark_of
from coaching.pricing.code_rules import LONGEST_CODE, is_written_well, normal
from coaching.pricing.details import CodeDetails

KINDS = {"percent": "A percentage", "amount": "An amount"}
ONLY_THESE = "Choose calls of this list."
DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


class DayField(ReadField):
    """A day, as browsers send it; what was typed stays."""

    widget = DateInput()
    data: date | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        try:
            if not DAY.fullmatch(typed):
                raise ValueError
            self.data = date.fromisoformat(typed)
        except ValueError:
            raise ValueError("Type a day like 2027-03-09.") from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.isoformat() if self.data else ""


class CallsField(SelectMultipleField):
    """Which of the store's calls, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(ONLY_THESE) from None


class CodeForm(Form):
    form_key = FormKey()
    known: Sequence[int] = ()
    # A mark of the code as the page showed it.
    seen = Hidden()
    code = TextLine("Code", [required("Choose a code.")], longest=LONGEST_CODE + 10)
    kind = RadioField("What it takes off the call", choices=KINDS, default="percent")
    percent = WholeNumber("Percent", [Optional()], least=1, most=100)
    amount = Amount("Amount", [Optional()])
    from_on = DayField("First day", [Optional()])
    until_on = DayField("Last day", [Optional()])
    most_uses = WholeNumber("How often in all", [Optional()], least=1, most=1_000_000)
    most_per_person = WholeNumber("How often for one student", [Optional()], least=1, most=1000)
    first_booking_only = BooleanField("Only for a student’s first call with you")
    products = CallsField("Which calls", coerce=plain_number, validate_choice=False)

    def of(self, store: Store, products: Sequence[Product]) -> "CodeForm":
        """The same form, for one store."""
        self.amount.set_currency(store.currency)
        self.amount.label.text = f"Amount in {store.currency}"
        self.known = [product.id for product in products]
        self.products.choices = [(product.id, product.title or "Untitled coaching call") for product in products]
        return self

    def show(self, kept: CodeDetails) -> "CodeForm":
        """The same form, filled with a code as it is kept."""
        self.code.data, self.percent.data, self.amount.data = kept.code, kept.percent, kept.amount_cents
        self.kind.data = "amount" if kept.percent is None else "percent"
        self.from_on.data, self.until_on.data = kept.from_on, kept.until_on
        self.most_uses.data, self.most_per_person.data = kept.most_uses, kept.most_per_person
        self.first_booking_only.data = kept.first_booking_only
        self.products.data = sorted(kept.product_ids)
        self.seen.data = seen_mark(kept)
        return self

    def validate_code(self, field: TextLine) -> None:
        if not is_written_well(normal(field.data)):
            raise ValidationError(f"Use 2 to {LONGEST_CODE} letters and digits, like SPRING20.")

    def validate_kind(self, field: RadioField) -> None:
        wanted = self.percent if field.data == "percent" else self.amount
        if not wanted.data and not wanted.errors:
            raise ValidationError("Type how much it takes off.")

    def validate_until_on(self, field: DayField) -> None:
        if field.data and self.from_on.data and field.data < self.from_on.data:
            raise ValidationError("The last day is before the first.")

    def validate_products(self, field: SelectMultipleField) -> None:
        known = set(self.known)
        if not set(field.data or ()) <= known:
            raise ValidationError(ONLY_THESE)

    def details(self) -> CodeDetails:
        is_percent = self.kind.data == "percent"
        return CodeDetails(
            code=normal(self.code.data),
            percent=self.percent.data if is_percent else None,
            amount_cents=None if is_percent else self.amount.data,
            from_on=self.from_on.data,
            until_on=self.until_on.data,
            most_uses=self.most_uses.data,
            most_per_person=self.most_per_person.data,
            first_booking_only=self.first_booking_only.data,
            product_ids=frozenset(self.products.data or ()),
        )


def seen_mark(kept: CodeDetails) -> str:
    """A short text that is another one for a code that counts otherwise."""
    values: dict[str, Any] = vars(kept) | {"product_ids": sorted(kept.product_ids)}
    return mark_of(sorted(values.items()))
