"""What a public page tells those who show a link to it: previews in chats, search engines.

A route hands its `Share` to `render`. A page without one asks not to be indexed, and so does its answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import shorten
from typing import Any

from flask import Flask, Response, current_app, g

from blueprints.filters import in_one_line
from blueprints.same_origin import origin_of
from coaching.catalog.colours import hex_of

Data = Mapping[str, Any]
SCHEMA = "https://schema.org"
# What a preview shows of it before it cuts.
LONGEST_TITLE = 90
LONGEST_DESCRIPTION = 200
DESCRIPTION = "Coaching calls in a private Discord room that exists only around the call."


@dataclass(frozen=True)
class SharedPicture:
    """The picture of a preview; its path is one of this site."""

    path: str
    alt: str
    width: int = 1200
    height: int = 630
    kind: str = "image/jpeg"

    @property
    def address(self) -> str:
        return address_of(self.path)


@dataclass(frozen=True)
class Share:
    """A page as others show it. Texts are plain words, the path is without what a link brought along."""

    title: str
    description: str
    path: str
    picture: SharedPicture | None = None
    kind: str = "website"  # of Open Graph: website, profile, product
    hue: int | None = None  # of the store's class: the stripe beside a preview
    data: tuple[Data, ...] = ()  # JSON-LD, each without its context
    is_indexed: bool = True

    @property
    def address(self) -> str:
        """The canonical address."""
        return address_of(self.path)

    @property
    def colour(self) -> str | None:
        return None if self.hue is None else hex_of(self.hue)

    @property
    def linked_data(self) -> Data | None:
        """All of `data` as one JSON-LD document."""
        if not self.data:
            return None
        context = {"@context": SCHEMA}
        return context | dict(self.data[0]) if len(self.data) == 1 else context | {"@graph": list(self.data)}


def init_app(app: Flask) -> None:
    """Have every answer say whether it is to be found."""
    app.after_request(index_only_shared)


def address_of(path: str) -> str:
    """A path of this site as others reach it: never by the name that a request brought."""
    return origin_of(current_app.config["APP_URL"]) + path


def plain_words(html: str, longest: int = LONGEST_DESCRIPTION) -> str:
    """The first words of safe HTML, without its tags."""
    return first_words(in_one_line(html), longest)


def first_words(words: str, longest: int = LONGEST_DESCRIPTION) -> str:
    """As much of plain words as fits, cut between two of them."""
    # One word that is too long leaves nothing else.
    return shorten(words, longest, placeholder=" …") if " " in words[:longest] else words[:longest]


def index_only_shared(answer: Response) -> Response:
    """Every page asks not to be indexed, but those that were drawn to be shared."""
    if answer.mimetype == "text/html" and not (answer.status_code == 200 and g.get("is_indexed")):
        answer.headers.setdefault("X-Robots-Tag", "noindex")
    return answer
