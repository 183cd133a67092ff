"""From which address the mail of a site comes. Pure."""

from urllib.parse import parse_qs, unquote, urlsplit


def sender_address(mail_url: str) -> str:
    """The address that MAIL_URL tells, else its user's own, else one of the mail server's domain."""
    parts = urlsplit(mail_url)
    addresses = parse_qs(parts.query).get("from")
    user = unquote(parts.username or "")
    return addresses[0] if addresses else user if "@" in user else f"greenroom@{parts.hostname}"
