"""Addresses of outside calendars: which may be asked, where on the network they may lead, how they are shown. Pure.

Source: https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry.
"""

import ipaddress
import re
from contextlib import suppress
from urllib.parse import SplitResult, urlsplit, urlunsplit

LONGEST = 2000
LAST_SIGNS = 6
# Not where it seems to lead: translated to IPv4, tunnelled there, or an assignment of protocols.
_MISLEADING = [
    ipaddress.ip_network(network)
    for network in ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b::/96", "2001::/23", "2002::/16")
]
_UNICAST_V6 = ipaddress.ip_network("2000::/3")
_SCHEMES = {"webcal": "https", "webcals": "https", "https": "https"}

SAMPLE = "https://calendar.example.com/private/basic.ics"
NO_ADDRESS = f"Paste the whole address, like {SAMPLE}."
NO_TLS = "This address begins with http://, so anybody on the way could read your calendar. Use the one with https://."
HAS_PASSWORD = "This address has a name or a password before an @. Use the private address of the calendar instead."
ODD_PORT = "This address names a port (the number after the colon). Only the usual one is asked."
NOT_PUBLIC = "This address lies in a private network, where this site does not look. Use one that works everywhere."


class WrongAddress(Exception):
    """No address that a calendar is read from; `sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def checked_address(typed: str, *, allows_loopback: bool = False) -> str:
    """The address as it is asked for, webcal:// as https://; WrongAddress where it is none.

    Where a name leads is seen only on connecting (`may_be_asked`). This machine itself, plain http and any port
    included, may be asked where that is allowed: in a demo, and in tests.
    """
    try:
        parts = urlsplit(typed.strip())
        port = parts.port
    except ValueError:
        raise WrongAddress(NO_ADDRESS) from None
    host = parts.hostname or ""
    if not host or len(typed) > LONGEST or re.search(r"[\s\x00-\x1f\x7f\\]", typed.strip()):
        raise WrongAddress(NO_ADDRESS)
    if parts.username is not None or parts.password is not None:
        raise WrongAddress(HAS_PASSWORD)
    if allows_loopback and is_this_machine(host) and parts.scheme in ("http", *_SCHEMES):
        return _without_fragment(parts, parts.scheme if parts.scheme == "http" else "https")
    if parts.scheme == "http":
        raise WrongAddress(NO_TLS)
    if parts.scheme not in _SCHEMES:
        raise WrongAddress(NO_ADDRESS)
    if port not in (None, 443):
        raise WrongAddress(ODD_PORT)
    if _is_inside(host):
        raise WrongAddress(NOT_PUBLIC)
    return _without_fragment(parts, "https")


def may_be_asked(network_address: str) -> bool:
    """True for a network address that belongs to the public internet: no other is even connected to."""
    try:
        address = ipaddress.ip_address(network_address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return may_be_asked(str(address.ipv4_mapped))
        if address not in _UNICAST_V6:
            return False
    is_misleading = any(address in network for network in _MISLEADING if network.version == address.version)
    return address.is_global and not address.is_multicast and not is_misleading


def is_this_machine(host: str) -> bool:
    """True for a host that by its name is the machine itself."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def shown_address(address: str) -> str:
    """The address as a page may show it: its host and its last signs. Whoever knows all of it can read the calendar."""
    host, rest = host_of(address), address.partition("//")[2].partition("/")[2]
    return f"{host}/…{rest[-LAST_SIGNS:] if len(rest) > 3 * LAST_SIGNS else ''}" if host else "…"


def host_of(address: str) -> str:
    """The host of an address; empty where it has none."""
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _without_fragment(parts: SplitResult, scheme: str) -> str:
    return urlunsplit((scheme, parts.netloc, parts.path or "/", parts.query, ""))


def _is_inside(host: str) -> bool:
    """True for a host that by its name is no public one."""
    with suppress(ValueError):
        return not may_be_asked(str(ipaddress.ip_address(host)))
    # 127.1, 2130706433 and 0x7f.1 are network addresses too, for who looks them up: https://url.spec.whatwg.org
    is_number = re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)", host.rstrip(".").rpartition(".")[2])
    return is_number is not None or "." not in host.rstrip(".") or host.endswith((".localhost", ".local", ".internal"))
