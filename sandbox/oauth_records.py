"""What the sandbox remembers of those who sign in with it: their consent, codes and tokens."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Consent:
    """A person has said yes to these scopes before."""

    user_id: str
    scopes: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.user_id


@dataclass(frozen=True)
class Code:
    """A sign-in that waits to be exchanged. Only the code's digest is kept."""

    digest: str
    user_id: str
    scopes: tuple[str, ...]
    redirect_uri: str
    challenge: str | None
    expires_at: float
    guild_id: str | None = None
    # Of a bot that comes only with the exchange; None where it came before, or none comes.
    permissions: int | None = None

    @property
    def key(self) -> str:
        return self.digest


@dataclass(frozen=True)
class Token:
    """An access token with its refresh token, both as digests."""

    digest: str
    refresh_digest: str
    user_id: str
    scopes: tuple[str, ...]
    expires_at: float

    @property
    def key(self) -> str:
        return self.digest
