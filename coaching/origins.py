"""Who sits behind a network address, as far as it can tell. Pure."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# A household or a rented machine has all the addresses of one such network.
IPV6_NETWORK = 64
WITH_PORT = re.compile(r"\[(.+)\](?::[0-9]+)?|([0-9.]+):[0-9]+")


def origin_of(address: str) -> str:
    """What is counted together: an IPv4 address, or an IPv6 network."""
    known = _read(address)
    if isinstance(known, IPv6Address):
        return str(ip_network((known.packed, IPV6_NETWORK), strict=False))
    return str(known) if known else address[:64]  # a proxy's word that is no address


def is_loopback(address: str) -> bool:
    """True for this machine, and for a proxy on it that nobody declared."""
    known = _read(address)
    return known is not None and known.is_loopback


def _read(address: str) -> IPv4Address | IPv6Address | None:
    # Some proxies name the port as well, which each request has another of.
    with_port = WITH_PORT.fullmatch(address)
    try:
        known = ip_address((with_port[1] or with_port[2]) if with_port else address)
    except ValueError:
        return None
    return getattr(known, "ipv4_mapped", None) or known
