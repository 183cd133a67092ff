"""Whether new accounts are made on this site, as its settings say. Pure."""

from enum import StrEnum


class Signup(StrEnum):
    """Who may make an account."""

    OPEN = "open"
    CLOSED = "closed"  # nobody; who has an account signs in as ever
