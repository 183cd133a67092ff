"""What a coach teaches, in free words: cleaned, counted, and compared. Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from coaching.plain_text import clean, without_unseen

MOST_SPECIALTIES = 6
LONGEST_SPECIALTY = 40


@dataclass(frozen=True)
class Specialty:
    """`words` as their coach writes them, `key` by which they are the same as another coach's."""

    key: str
    words: str


def specialties_of(typed: Iterable[str]) -> tuple[Specialty, ...]:
    """Each of them once, in their order; commas part several. Whoever takes them counts and measures them."""
    specialties: dict[str, Specialty] = {}
    for text in typed:
        for part in text.split(","):
            name = " ".join(clean(part).split()).strip("#.;· ")
            if key := key_of(name):
                specialties.setdefault(key, Specialty(key, name))
    return tuple(specialties.values())


def key_of(text: str) -> str:
    """By which "Mixing" and " mixing" are one: NFKC, without case, single spaces, and nothing that one does not see.

    Empty where there is no letter.
    """
    seen = without_unseen(clean(text))
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    key = " ".join(plain.split())
    return key if any(map(str.isalnum, key)) else ""


def fault_in(specialties: tuple[Specialty, ...]) -> str | None:
    """What is wrong with them, as a sentence."""
    if len(specialties) > MOST_SPECIALTIES:
        return f"At most {MOST_SPECIALTIES}: keep those that students look for."
    if any(
        len(specialty.words) > LONGEST_SPECIALTY or len(specialty.key) > 2 * LONGEST_SPECIALTY
        for specialty in specialties
    ):
        return f"At most {LONGEST_SPECIALTY} characters each: a word or two, like “vocal mixing”."
    return None
