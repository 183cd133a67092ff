"""Addresses as mail has them: which one a site writes from, and how a header takes one. Pure."""

from email.errors import NonASCIILocalPartDefect
from email.headerregistry import Address
from urllib.parse import parse_qs, unquote, urlsplit


def sender_address(mail_url: str) -> str:
    """The address that MAIL_URL tells, else its user's own, else one of the mail server's domain."""
    parts = urlsplit(mail_url)
    told = parse_qs(parts.query).get("from")
    user = unquote(parts.username or "")
    return told[0] if told else user if "@" in user else f"greenroom@{parts.hostname}"


def mail_address(text: str, display_name: str = "") -> Address:
    """The address as a header takes it; ValueError for what is none."""
    try:
        return Address(display_name, addr_spec=text)
    except NonASCIILocalPartDefect:
        # Python counts a mailbox beyond ASCII as a fault of the text; headers carry it all the same (RFC 6532).
        username, _, domain = text.rpartition("@")
        return Address(display_name, username, domain)
