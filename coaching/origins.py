"""Who sits behind a network address, as far as it can tell. Pure."""

from ipaddress import IPv6Address, ip_address, ip_network

# A household or a rented machine has all the addresses of one such network.
IPV6_NETWORK = 64


def origin_of(address: str) -> str:
    """What is counted together: an IPv4 address, or an IPv6 network."""
    try:
        known = ip_address(address)
    except ValueError:
        return address[:64]  # a proxy's word that is no address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known.packed, IPV6_NETWORK), strict=False))
    return str(known)


def is_loopback(address: str) -> bool:
    """True for this machine, and for a proxy on it that nobody declared."""
    try:
        known = ip_address(address)
    except ValueError:
        return False
    return (getattr(known, "ipv4_mapped", None) or known).is_loopback
