"""Fields and the form base every flow uses: strings in, typed values or messages beside the field out."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from markupsafe import Markup, escape
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field, PasswordField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]  # newer than the types of WTForms
from wtforms.form import BaseForm
from wtforms.validators import Length, StopValidation
from wtforms.widgets import HiddenInput, TextInput

from blueprints import web
from coaching.db import new_code
from coaching.money import currency_of
from coaching.plain_text import clean
from coaching.zones import ZoneChoice, is_zone, zone_groups

# What WTForms calls when a form is checked; it stops with a sentence for the page.
Validator = Callable[[Any, Any], object]
Kept = TypeVar("Kept")
# Words that a field's name has in it when what is typed there is neither kept nor shown again.
SECRET_NAMES = ("password", "factor_code", "recovery_code", "stripe_key", "signing_secret")


def is_secret(name: str) -> bool:
    """True for a field of this name that takes a password, a code of a second factor, or a key."""
    return any(word in name.lower() for word in SECRET_NAMES)


class Form(FlaskForm):
    """A form without a token of its own: blueprints/same_origin.py checks where every POST comes from."""

    @property
    def further_faults(self) -> Sequence[tuple[str, str, str]]:
        """What is wrong beside the fields: where it stands on the page, what it is called, and a sentence."""
        return ()

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF has no types
        csrf = False

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """What was sent; a file stands for nothing where none is asked for."""
            sent = super().wrap_formdata(form, formdata)
            if not isinstance(sent, CombinedMultiDict):
                return sent
            files: MultiDict[str, Any] = MultiDict(
                (name, file)
                for name, file in request.files.items(multi=True)
                if isinstance(form._fields.get(name), FileField)
            )
            return CombinedMultiDict([files, request.form])


class Text(StringField):
    """Text as it was typed: where nothing was, it is empty."""

    data: str

    def process_data(self, value: str | None) -> None:
        self.data = value or ""


class QuickHiddenInput(HiddenInput):
    """A hidden field with nothing special about it, written in one go: WTForms asks itself about each attribute."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        if attributes:
            return super().__call__(field, **attributes)
        named = escape(field.name)
        return Markup(f'<input id="{escape(field.id)}" name="{named}" type="hidden" value="{escape(field._value())}">')


class Hidden(Text):
    """What our own page sends along; nobody types it."""

    widget = QuickHiddenInput()


class Password(Text, PasswordField):
    """A password, which no page shows again."""


class TextLine(Text):
    """One cleaned line of text."""

    def __init__(self, label: str, validators: Iterable[Validator] = (), *, longest: int = 200, **options: Any) -> None:
        super().__init__(label, [*validators, at_most(longest)], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = clean(valuelist[0]) if valuelist else ""


class TextBlock(Text, TextAreaField):
    """Cleaned text of several lines."""

    def __init__(
        self, label: str, validators: Iterable[Validator] = (), *, longest: int = 2000, **options: Any
    ) -> None:
        super().__init__(label, [*validators, at_most(longest)], **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = clean(valuelist[0], many_lines=True) if valuelist else ""


class ReadField(Field):
    """What is typed in it is read as something else than text: of what cannot be read, nothing more is said."""

    def pre_validate(self, form: BaseForm) -> None:
        if self.process_errors:
            raise StopValidation()


class WholeNumber(ReadField):
    """A whole number in plain digits; what was typed stays in `raw_data` for the page."""

    widget = TextInput()
    data: int | None

    def __init__(
        self,
        label: str,
        validators: Iterable[Validator] = (),
        *,
        least: int = 0,
        most: int = 999_999_999,
        **options: Any,
    ) -> None:
        super().__init__(label, list(validators), **options)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed = valuelist[0].strip() if valuelist else ""
        if not typed:
            return
        try:
            self.data = plain_number(typed)
        except ValueError:
            raise ValueError("Type a whole number, like 30.") from None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def pre_validate(self, form: BaseForm) -> None:
        super().pre_validate(form)
        if self.data is not None and not self.least <= self.data <= self.most:
            raise StopValidation(f"Choose a number from {self.least} to {self.most}.")


class FormKey(Hidden):
    """Drawn with the page: by it a form that is sent twice is known."""

    def __init__(self, label: str = "", **options: Any) -> None:
        super().__init__(label, default=new_code, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0] if valuelist else ""
        self.data = typed if re.fullmatch(r"[a-z0-9]{10}", typed) else new_code()


class Money(ReadField):
    """A price such as 49 or 49.50, as a whole number of its currency's smallest units: euros until it is told."""

    widget = TextInput()
    data: int | None
    too_high = "The highest price is {}."

    def __init__(self, label: str, validators: Iterable[Validator] = (), **options: Any) -> None:
        super().__init__(label, list(validators), **options)
        self.currency = currency_of("EUR")

    def set_currency(self, code: str) -> None:
        """What was typed is meant in this currency, with as many decimals as it has."""
        self.currency = currency_of(code)
        if self.raw_data is not None:
            self.process_errors = []
            try:
                self.process_formdata(self.raw_data)
            except ValueError as error:
                self.process_errors.append(error.args[0])

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        typed, known = valuelist[0].strip() if valuelist else "", self.currency
        if not typed:
            return
        parts = re.fullmatch(r"([0-9]{1,9})(?:[.,]([0-9]{1,3}))?", typed)
        if not parts or len(parts[2] or "") > known.decimals:
            like = f"49 or {known.number(known.units(Decimal('49.5')))}" if known.decimals else "4900"
            raise ValueError(f"Type an amount like {like}. Without a minus or a currency sign.")
        typed_units = Decimal(typed.replace(",", ".")).scaleb(known.decimals)
        if typed_units % known.step:
            raise ValueError(f"The last digit of an amount in {known.code} is 0.")
        if typed_units > known.most:
            raise ValueError(self.too_high.format(f"{known.most // known.scale:,}"))
        self.data = int(typed_units)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else self.currency.number(self.data)


class Amount(Money):
    """Money that is no price: what has come, goes back or comes off."""

    too_high = "The highest amount is {}."


class ZoneField(SelectField):
    """A time zone by its name, e.g. Europe/Berlin: a list of today's zones by region, its own value always in it."""

    data: str

    def __init__(
        self, label: str, validators: Iterable[Validator] = (), *, is_optional: bool = False, **options: Any
    ) -> None:
        # static/zones.js adds a field to search the list by typing.
        super().__init__(label, list(validators), choices=[], render_kw={"data-zones": ""}, **options)
        self.is_optional = is_optional

    def has_groups(self) -> bool:
        return True

    def process_data(self, value: str | None) -> None:
        self.data = value or ""

    # The types of WTForms know no choice outside of all groups.
    def iter_groups(self) -> Iterator[tuple[str | None, list[Choice]]]:  # type: ignore[override]
        if not is_zone(self.data):
            yield None, [Choice("", "Choose a time zone", True, {})]
        for region, choices in zone_groups(self.data, web.now()):
            yield (
                region,
                [Choice(choice.name, choice.label, choice.name == self.data, words_of(choice)) for choice in choices],
            )

    def pre_validate(self, form: BaseForm) -> None:
        if not (is_zone(self.data) or (self.is_optional and not self.data)):
            raise StopValidation("Choose a time zone from the list.")


def words_of(choice: ZoneChoice) -> dict[str, str]:
    """What else a zone in the list is found by, for static/zones.js and static/app.js."""
    return {"data-also": "|".join(choice.also), "data-clock": "|".join(choice.clock)}


def plain_number(value: object) -> int:
    """The number that plain digits mean, or ValueError for anything else."""
    # Not int(): it takes "１２", "1_000" and "+5".
    if not re.fullmatch(r"[0-9]{1,9}", str(value)):
        raise ValueError("not a whole number")
    return int(str(value))


def checked(value: Kept | None) -> Kept:
    """The value of a field in a form that has passed, which asks for one."""
    if value is None:
        raise ValueError("the form has not passed")
    return value


def at_most(longest: int) -> Length:
    """A length limit that says how long is right."""
    return Length(max=longest, message=f"At most {longest} characters.")


def required(message: str) -> Validator:
    """A validator that asks for an answer in plain words."""

    def check(form: BaseForm, field: Field) -> None:
        if field.process_errors:
            raise StopValidation()
        if field.data is None or field.data == "":
            field.errors = []  # where there is nothing, it says so alone, not that nothing is no valid choice
            raise StopValidation(message)

    check.field_flags = {"required": True}  # type: ignore[attr-defined]  # WTForms reads it off the function
    return check
