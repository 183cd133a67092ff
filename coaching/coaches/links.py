"""Where a coach can be found elsewhere: which addresses may stand on their page, and how they are shown. Pure."""

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import idna

from coaching.plain_text import BIDI_CONTROLS, clean

MOST_LINKS = 5
LONGEST_LINK = 300
SAMPLE = "https://example.com/me"
NO_ADDRESS = f"This is no address of a page: {{}}. Write it like {SAMPLE}."
NO_TLS = "Only addresses with https:// may stand here: {}."
HAS_NAME = "An address with a name before an @ may not stand here: {}."
# What a URL has no use for unless it is percent-encoded (RFC 3986, section 2).
NOT_IN_AN_ADDRESS = re.compile(r"[\s\x00-\x1f\x7f\"<>\\^`{|}]")
HOST = re.compile(r"(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


class WrongLink(Exception):
    """No address that may stand on a page; `sentence` says why."""

    def __init__(self, sentence: str, typed: str) -> None:
        self.sentence = sentence.format(typed if len(typed) <= 60 else f"{typed[:60]}…")
        super().__init__(self.sentence)


@dataclass(frozen=True)
class Link:
    """An address, and the host by which it is shown."""

    href: str
    host: str


def links_of(text: str) -> tuple[Link, ...]:
    """What a column keeps, one address a line; what is none (any more) is left out."""
    links = []
    for line in text.splitlines():
        with suppress(WrongLink):
            links.append(link_of(line))
    return tuple(links)


def typed_links(text: str) -> tuple[str, ...]:
    """The addresses of a typed text, one a line, each once; WrongLink where one is none, or there are too many."""
    links = {link_of(line).href: None for line in text.splitlines() if line.strip()}
    if len(links) > MOST_LINKS:
        raise WrongLink(f"At most {MOST_LINKS} links.", "")
    return tuple(links)


def link_of(typed: str, longest: int = LONGEST_LINK) -> Link:
    """An https address of a page on the public internet; WrongLink where it is none. The scheme may be left out."""
    address = clean(typed)
    if len(address) > longest or NOT_IN_AN_ADDRESS.search(address) or BIDI_CONTROLS.search(typed):
        raise WrongLink(NO_ADDRESS, address)
    scheme, mark, rest = address.partition("://")
    if not mark:
        scheme, rest = "https", address
    if scheme.lower() == "http":
        raise WrongLink(NO_TLS, address)
    if scheme.lower() != "https":
        raise WrongLink(NO_ADDRESS, address)
    try:
        parts = urlsplit(f"https://{rest}")
        port, named = parts.port, parts.hostname or ""
    except ValueError:
        raise WrongLink(NO_ADDRESS, address) from None
    if parts.username is not None or parts.password is not None:
        raise WrongLink(HAS_NAME, address)
    host = _ascii(named.removesuffix("."))
    if port not in (None, 443) or not HOST.fullmatch(host) or _is_number(host):
        raise WrongLink(NO_ADDRESS, address)
    path = parts._replace(scheme="https", netloc=host).geturl()
    # Shown as it is asked for: two alphabets have letters that look the same.
    return Link(path, host.removeprefix("www."))


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    try:
        return idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        return ""


def _is_number(host: str) -> bool:
    with suppress(ValueError):
        ipaddress.ip_address(host)
        return True
    return False
