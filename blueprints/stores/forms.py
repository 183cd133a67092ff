"""What a creator fills in about a store."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import Optional, StopValidation

from blueprints.forms import Form, FormKey, Hidden, TextLine, ZoneField, plain_number, required
from blueprints.wizard.thumbnail import read_cover
from coaching.catalog.details import HUES, StoreDetails
from coaching.catalog.slugs import is_slug, slug_of
from coaching.catalog.web_pictures import WebPicture
from coaching.money import CURRENCIES
from coaching.zones import zone_label

# By the number of the hue class in app.css.
HUE_NAMES = (
    *("Raspberry", "Brick", "Terracotta", "Copper", "Amber", "Honey", "Gold", "Olive"),
    *("Moss", "Fern", "Green", "Emerald", "Jade", "Lagoon", "Sea", "Azure"),
    *("Cobalt", "Indigo", "Iris", "Violet", "Purple", "Orchid", "Magenta", "Rose"),
)
ACCESS_MODES = {
    "members": "A private room for two (recommended)",
    "session_role": "A private room with a role for each call",
    "shared_role": "One role for all students, no private rooms",
}
LONGEST_LINE = 120
GUILD_ID = re.compile(r"[0-9]{15,21}")


class StoreForm(Form):
    """What every store has."""

    name = TextLine("Name", [required("Give your store a name.")], longest=60)
    currency = SelectField("Currency", choices={code: code for code in CURRENCIES})
    zone = ZoneField("Time zone")
    hue = RadioField("Colour", choices={str(hue): HUE_NAMES[hue] for hue in HUES}, coerce=plain_number, default=10)

    def details(self) -> StoreDetails:
        """The settings; the address is not among them."""
        return StoreDetails(self.name.data, "", self.currency.data, self.zone.data, self.hue.data)


class StoreSettingsForm(StoreForm):
    """A store's settings and its look, editable at any time."""

    line = TextLine("A line under the name", [Optional()], longest=LONGEST_LINE)
    # Not called "cover": filled in from a store, it would show what is no file.
    picture = FileField("Cover", [Optional()])
    removes_picture = BooleanField("Remove the cover")
    # A mark of the settings that the page showed.
    seen = Hidden()

    web_picture: WebPicture | None = None

    def validate_picture(self, field: FileField) -> None:
        self.web_picture = read_cover(field)

    def details(self) -> StoreDetails:
        return replace(
            super().details(), line=self.line.data, cover=self.web_picture, removes_cover=self.removes_picture.data
        )

    @property
    def had_picture(self) -> bool:
        """True when a picture was sent: no page can put it back into its field."""
        return bool(self.picture.data)


class NewStoreForm(StoreForm):
    """A store to be opened: its address is chosen once."""

    slug = TextLine("Address")
    # What the page suggested last: a suggestion follows the name, what somebody typed stays.
    suggested = Hidden()
    form_key = FormKey()

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        self.suggest_slug()
        return super().validate(extra_validators)

    def details(self) -> StoreDetails:
        return replace(super().details(), slug=self.slug.data)

    def suggest_slug(self) -> None:
        """The address follows the name as long as nobody typed one."""
        if not self.slug.data or self.slug.data == self.suggested.data:
            self.slug.data = self.suggested.data = slug_of(self.name.data)

    def validate_slug(self, field: TextLine) -> None:
        if self.name.data and not field.data:
            raise StopValidation("Choose an address: this name has no letters that can stand in one.")
        if field.data and not is_slug(field.data):
            raise StopValidation("Use 2 to 60 small letters, digits and single dashes, like nova-mixing.")


class AccessForm(Form):
    """How coach and student get into their room."""

    access_mode = RadioField("How people get into a room", choices=ACCESS_MODES)
    # The way that was chosen when the page was drawn.
    seen = Hidden()


class GuildForm(Form):
    """The Discord server a store's rooms are made in."""

    guild_id = TextLine("Server id", [required("Paste the id of your Discord server.")])

    def validate_guild_id(self, field: TextLine) -> None:
        if not GUILD_ID.fullmatch(field.data):
            raise StopValidation("A server id is a number of 15 to 21 digits. Copy it in Discord and paste it here.")


def settings_words(details: StoreDetails) -> dict[str, str]:
    """A store's settings in words; its cover is seen."""
    return {
        "Name": details.name,
        "A line under the name": details.line,
        "Currency": details.currency,
        "Time zone": zone_label(details.zone),
        "Colour": HUE_NAMES[details.hue],
    }
