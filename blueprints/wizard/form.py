"""What the forms of the four steps have in common."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol, Self

from werkzeug.datastructures import MultiDict

from blueprints.forms import Form
from coaching.catalog.models import Product
from coaching.catalog.queries import offers_of

Fields = MultiDict[str, Any]


class OfferLike(Protocol):
    """A length with its price, kept or only typed."""

    minutes: int
    price_cents: int


class StepForm(Form):
    """One step: filled from the draft or from what was typed; ends in `details()`."""

    # What the page asks on top of this step.
    focus: str | None = None
    # What a button has done to the form, for those who do not see it.
    said: str = ""
    needs_upload: ClassVar[bool] = False
    # Each step has its own: the typed value that its mutation takes.
    details: Callable[..., Any]

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

    def show_on(self, product: Product) -> Sequence[OfferLike]:
        """Put what is typed on the (unsaved) product for the preview; the offers to show come back."""
        return offers_of(product) if product.id else []
