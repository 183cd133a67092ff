"""What the forms of the four steps have in common."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, Self

from werkzeug.datastructures import MultiDict
from wtforms import Field, FieldList, FormField

from blueprints.forms import Form
from coaching.catalog.models import Picture, Product
from coaching.catalog.queries import offers_of
from coaching.catalog.step_queries import mark_of
from coaching.catalog.steps import STEPS
from coaching.plain_text import clean

Fields = MultiDict[str, Any]
# What a page sends along by itself: nobody types it.
NOT_SAID = {"form_key", "shown", "payment", "key"}
SEEN = "seen-"
MARK = re.compile(r"[a-z0-9]{1,16}")


class OfferLike(Protocol):
    """A length with its price, kept or only typed."""

    @property
    def minutes(self) -> int: ...
    @property
    def price_cents(self) -> int: ...


@dataclass(frozen=True)
class Preview:
    """What the shop window shows of a product."""

    title: str
    description_html: str
    picture: Picture | None
    display_style: str
    session_type: str
    offers: Sequence[OfferLike]
    # What the shop says of calls that stand in it; this one is looked at alone.
    lacks_server: bool = False
    is_stopped: bool = False


def preview_of(product: Product) -> Preview:
    """The product as it is kept."""
    return Preview(
        title=product.title,
        description_html=product.description_html,
        picture=product.picture,
        display_style=product.display_style,
        session_type=product.session_type,
        offers=offers_of(product) if product.id else (),
    )


class StepForm(Form):
    """One step: filled from the draft or from what was typed; ends in `details()`."""

    # What the page asks on top of this step.
    focus: str | None = None
    # What a button has done to the form, for those who do not see it.
    said: str = ""
    needs_upload: ClassVar[bool] = False
    # Each step has its own: the typed value that its mutation takes.
    details: Callable[..., Any]
    # What the sent page was drawn from (coaching/catalog/mutations.py, Seen), and the mark of the form as it was drawn.
    seen: Mapping[str, str] | None = None
    drawn: str | None = None

    @classmethod
    def of_draft(cls, product: Product, now: datetime) -> Self:
        """The form as the draft has it."""
        return cls(formdata=None, obj=product)

    @classmethod
    def of_fields(cls, product: Product, fields: Fields, now: datetime) -> Self:
        """The form as somebody typed it."""
        return cls(formdata=fields)

    @classmethod
    def rearranged(cls, product: Product, fields: Fields, now: datetime) -> Self | None:
        """The form after a button that adds, removes or moves something in it; None after any other button."""
        return None

    def sent_with(self, fields: Fields) -> Self:
        """The same form, which knows what its page was drawn from."""
        sent = {part: mark_in(fields, SEEN + part) for part in ("state", *STEPS)}
        self.seen = {part: mark for part, mark in sent.items() if mark} or None
        self.drawn = mark_in(fields, "drawn")
        return self

    def says_the_same_as(self, other: "StepForm") -> bool:
        """True when nothing was changed on the page: compared with how it was drawn, else with `other`."""
        return self.mark() == (self.drawn or other.mark())

    def mark(self) -> str:
        """A mark of what the form says, however it was typed."""
        return mark_of(self.content())

    def content(self) -> dict[str, object]:
        """What the form says, by field."""
        return {name: said(field) for name, field in self._fields.items() if name not in NOT_SAID}

    def preview(self, product: Product) -> Preview:
        """The product as this form would have it in the shop window."""
        return preview_of(product)


def mark_in(fields: Fields, name: str) -> str | None:
    """What our own page sends under this name; None for anything else."""
    return fields[name] if MARK.fullmatch(fields.get(name, "")) else None


def said(field: Field) -> object:
    """What a field says; what cannot be read counts as it was typed."""
    if isinstance(field, FieldList):
        return [said(entry) for entry in field if not entry.form.is_blank]
    if isinstance(field, FormField):
        return {part.short_name: said(part) for part in field.form if part.short_name not in NOT_SAID}
    if field.process_errors:
        return str(field.raw_data)
    if field.type == "FileField":
        return bool(field.data)
    if field.data is None:
        return ""
    return clean(field.data, many_lines=True) if isinstance(field.data, str) else field.data
