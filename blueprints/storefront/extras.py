"""What a link to a store brings along: it stands in each further address and in the booking form, never in a cookie."""

import re
from collections.abc import Mapping

from flask import request
from werkzeug.datastructures import MultiDict

from coaching.booking.sources import DIRECTORY, PAGE

# By its name in addresses and forms, how it may look; whether it means anything is for the booking to say.
SHAPES = {
    "via": re.compile(r"[A-Za-z0-9-]{1,40}"),
    "code": re.compile(r"[^\s&#%+]{1,40}"),
    "from": re.compile(rf"{DIRECTORY}|{PAGE}"),  # which public page of ours led here
}


def carried(typed: Mapping[str, str] | None = None) -> dict[str, str]:
    """By name, what this page's address brings along, else the form that was sent, else one that was saved (`typed`).

    So of two tabs each keeps its own.
    """
    sources = [source for source in (request.args, request.form, typed) if source]
    values_by_name = {
        name: [text for source in sources if (text := last_of(source, name)) and shape.fullmatch(text)]
        for name, shape in SHAPES.items()
    }
    return {name: values[0] for name, values in values_by_name.items() if values}


def last_of(fields: Mapping[str, str], name: str) -> str:
    """What stands under the name; of a link's and a field's the field's, which htmx sends last."""
    values = fields.getlist(name) if isinstance(fields, MultiDict) else [fields.get(name, "")]
    return values[-1] if values else ""
