"""What forms and Discord tell about a person, typed. Pure."""

from dataclasses import dataclass, field

from coaching.accounts.addresses import EmailAddress


@dataclass(frozen=True)
class SignUpDetails:
    """What somebody typed to get an account."""

    name: str
    address: EmailAddress
    password: str = field(repr=False)
    zone: str | None = None


@dataclass(frozen=True)
class DiscordAccount:
    """A Discord account as Discord describes it to its owner's browser."""

    user_id: str
    username: str
    name: str
    avatar: str | None = None


@dataclass(frozen=True)
class Visit:
    """Where a request came from, for the person's list of sign-ins and the security log."""

    browser: str = ""
    address: str = ""


UNKNOWN = Visit()
