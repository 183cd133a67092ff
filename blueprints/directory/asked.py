"""What an address asks of the directory: the form that says it, as a filter, and written as short as it can be."""

from datetime import datetime
from typing import Any

from flask import request, url_for
from wtforms import BooleanField, SelectField

from blueprints import zones
from blueprints.forms import Form, Money, TextLine
from blueprints.languages import first_weekday
from coaching.coaches.languages import language_name
from coaching.directory.filters import LONGEST_WORDS, RATINGS, SORTS, Filter, week_ends_at
from coaching.directory.search_queries import Choices

SORT_LABELS = {"next": "Next free", "rating": "Best rated", "price": "Lowest price", "newest": "Newest"}


class DirectoryForm(Form):
    """What somebody looks for. What none of the choices is counts as not asked."""

    specialty = TextLine("What do you want to learn?", longest=LONGEST_WORDS)
    price = Money("Highest price")
    currency = SelectField("Currency", validate_choice=False)
    language = SelectField("Language", validate_choice=False)
    rating = SelectField("Rating", validate_choice=False)
    free = BooleanField("Free this week", render_kw={"value": "week"})
    sort = SelectField("Order", choices=SORT_LABELS, validate_choice=False)

    def offer(self, choices: Choices) -> None:
        """What there is to choose from; what was asked for is always among it."""
        codes = choices.currencies or ["EUR"]
        self.currency.choices = {code: code for code in codes}
        tags = sorted({*choices.languages, *filter(None, [self.tag])}, key=language_name)
        self.language.choices = {"": "Any language"} | {tag: language_name(tag) for tag in tags}
        self.rating.choices = {"": "Any rating"} | {stars: f"{stars} stars and more" for stars in RATINGS}
        if self.currency.data not in codes:
            self.currency.data = codes[0]
        self.price.set_currency(self.currency.data)
        self.language.data, self.rating.data = self.tag, self.stars
        if self.sort.data not in SORTS:
            self.sort.data = SORTS[0]

    @property
    def tag(self) -> str:
        """The language asked for, if it is one."""
        tag = self.language.data or ""
        return tag if language_name(tag) != tag else ""

    @property
    def price_hint(self) -> str:
        """What a price is compared with."""
        if len(self.currency.choices or ()) > 1:
            return "Compared within one currency. What is free fits too."
        return f"In {self.currency.data}, for the shortest call."

    @property
    def is_narrowed(self) -> bool:
        """True where one of the folded fields says something."""
        is_said = bool(self.price.raw_data and self.price.raw_data[0]) or self.tag or self.stars
        return bool(is_said) or self.sort.data != SORTS[0]

    @property
    def stars(self) -> str:
        return self.rating.data if self.rating.data in RATINGS else ""


def kept_fields(form: DirectoryForm) -> dict[str, str]:
    """What an address says of it, as fields of another form."""
    return {name: value for name, value in _asked(form).items() if value}


def directory_form(choices: Choices, week_ends: str) -> DirectoryForm:
    """The form as the address fills it in; `week_ends` is the last day of this week."""
    form = DirectoryForm(formdata=request.args)
    form.offer(choices)
    form.free.label.text = f"Free this week, until {week_ends}"
    form.validate()
    return form


def filter_of(form: DirectoryForm, now: datetime, zone: str) -> Filter:
    """What the form asks for; a price that cannot be read asks for nothing."""
    return Filter(
        specialty=form.specialty.data or "",
        highest_cents=form.price.data,
        currency=form.currency.data,
        language=form.tag,
        rating=form.stars,
        free_until=week_ends_at(now, zone, first_weekday()) if form.free.data else None,
    )


def address_of(form: DirectoryForm, page: int = 1, without: str = "") -> str:
    """The directory's address that asks for the same, as short as can be: what is not asked for does not stand in it.

    A zone in it is that of a visitor whom their browser has told us about, as on the pages of products.
    """
    asked = _asked(form) | {
        "page": str(page) if page > 1 else None,
        "zone": None if zones.own_zone() else zones.asked_zone(),
    }
    # A currency says nothing without a price.
    dropped = {"price": {"price", "currency"}}.get(without, {without})
    kept: dict[str, Any] = {name: value for name, value in asked.items() if value and name not in dropped}
    return url_for("directory.show", **kept)


def _asked(form: DirectoryForm) -> dict[str, str | None]:
    is_priced = form.price.data is not None
    return {
        "specialty": form.specialty.data,
        "price": form.price._value() if is_priced else None,
        "currency": form.currency.data if is_priced else None,
        "language": form.tag,
        "rating": form.stars,
        "free": "week" if form.free.data else None,
        "sort": form.sort.data if form.sort.data != SORTS[0] else None,
    }
