"""Step 1: the picture and how the shop window shows it."""

from dataclasses import replace

from flask import current_app
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField
from wtforms.validators import ValidationError

from blueprints.forms import FormKey
from blueprints.wizard.form import Preview, StepForm
from coaching.catalog.details import ThumbnailDetails
from coaching.catalog.models import Product
from coaching.catalog.picture_actions import prepare_picture
from coaching.catalog.web_pictures import WebPicture
from coaching.checks import LEAST_FREE_BYTES
from coaching.diagnostics.actions import free_bytes
from coaching.errors import PictureRefused

# As wide as a card is on a phone; covers are drawn across it.
NARROWEST_COVER = 360
STYLES = {"cover": "Cover", "card": "Card", "minimal": "Minimal"}


class ThumbnailForm(StepForm):
    picture = FileField("Picture")
    removes_picture = BooleanField("Remove the picture")
    display_style = RadioField("Display style", choices=STYLES, default="cover")
    # Of the page that makes the draft: sent twice, it makes one.
    form_key = FormKey()

    needs_upload = True
    web_picture: WebPicture | None = None

    def validate_picture(self, field: FileField) -> None:
        self.web_picture = read_cover(field)

    def details(self) -> ThumbnailDetails:
        return ThumbnailDetails(self.display_style.data, self.web_picture, self.removes_picture.data)

    @property
    def had_picture(self) -> bool:
        """True when a picture was sent: no page can put it back into its field."""
        return bool(self.picture.data)

    def preview(self, product: Product) -> Preview:
        is_without = self.removes_picture.data and not self.had_picture
        return replace(
            super().preview(product),
            display_style=self.display_style.data or product.display_style,
            picture=None if is_without else product.picture,
        )


def read_cover(field: FileField) -> WebPicture | None:
    """The same as read_picture, of one that is drawn across a phone: ValidationError, too, where it is too narrow."""
    picture = read_picture(field)
    if picture and picture.width < NARROWEST_COVER:
        raise ValidationError(
            f"This picture is {picture.width} pixels wide, and would be blown up in your store. "
            f"It needs at least {NARROWEST_COVER}."
        )
    return picture


def read_picture(field: FileField) -> WebPicture | None:
    """The picture that was sent, as it is kept; None where none was. ValidationError says what is wrong with it."""
    if not field.data:
        return None
    folder = current_app.extensions["settings"].data_dir
    if free_bytes(folder) < LEAST_FREE_BYTES:
        # What is left is for bookings, and for rooms that have to close.
        raise ValidationError("This site has no room for pictures now. Leave it empty, and tell whoever runs it.")
    try:
        return prepare_picture(field.data.stream, folder)
    except PictureRefused as refusal:
        raise ValidationError(refusal.sentence) from None
