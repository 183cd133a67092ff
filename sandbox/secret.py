"""Random strings for people and tokens, and how they are compared."""

import hashlib
import hmac
import secrets


def draw() -> str:
    """A new secret, safe in addresses and headers."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(sent: str, kept: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return hmac.compare_digest(sent.encode(), kept.encode())
