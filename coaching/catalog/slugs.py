"""The readable part of an address, made from a name. Pure."""

import re
import unicodedata

LONGEST_SLUG = 60
CLOSING = re.compile(r"</([a-z][a-z0-9]*)>")
TAG = re.compile(r"</?([a-z][a-z0-9]*)(?: [^<>]*)?>")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def slug_of(name: str) -> str:
    """`Mixing & Mastering, Vol. 2` -> "mixing-mastering-vol-2", `Ina’s beats` -> "inas-beats", `<i>Nova</i>` -> "nova".

    Empty when nothing of it can stand in an address.
    """
    whole = re.sub("['’ʼ]", "", without_tags(name.casefold()))
    plain = unicodedata.normalize("NFKD", whole).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")


def without_tags(text: str) -> str:
    """The text without the tags of which one is closed in it; `<nova> beats` is a name."""
    closed = set(CLOSING.findall(text))
    return TAG.sub(lambda tag: "" if tag[1] in closed else tag[0], text)


def is_slug(text: str) -> bool:
    """True for small letters, digits and single dashes between them."""
    return 2 <= len(text) <= LONGEST_SLUG and SLUG.fullmatch(text) is not None


def numbered(slug: str, number: int) -> str:
    """The slug with a number, for when the plain one is taken."""
    return f"{slug[: LONGEST_SLUG - 4]}-{number}"
