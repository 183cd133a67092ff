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
class Device:
    """A browser that people have signed in with before, and who they are."""

    id: str
    person_ids: tuple[int, ...]


@dataclass(frozen=True)
class Visit:
    """Where a request came from, for the person's list of sign-ins, the security log and the limits."""

    browser: str = ""
    address: str = ""
    device: Device | None = None


UNKNOWN = Visit()
