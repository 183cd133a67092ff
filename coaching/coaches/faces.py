"""A coach as other pages show them: picture, name, and the line under it. Pure."""

import unicodedata
from dataclasses import dataclass

from coaching.plain_text import has_visible


@dataclass(frozen=True)
class Face:
    """Who it is; `slug` is None where no page of theirs can be opened, `portrait` the code of their picture."""

    name: str
    slug: str | None = None
    headline: str = ""
    portrait: str | None = None

    @property
    def initials(self) -> str:
        """What stands in place of a picture: "NH"."""
        return initials_of(self.name)


def initials_of(name: str) -> str:
    """The first letters of the first and the last word, of letters alone; else the first sign that shows."""
    initials = [letter for word in name.split() if (letter := next(filter(str.isalnum, word), None))]
    if not initials:
        return next(filter(has_visible, name), "?")
    # Not every capital is one letter: "ß" becomes two.
    return "".join(
        unicodedata.normalize("NFC", letter.upper())[:1] for letter in dict.fromkeys((initials[0], initials[-1]))
    )
