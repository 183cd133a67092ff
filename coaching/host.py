"""The port to the place where rooms are: what we ask of it, what comes back, and how it can fail."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

VOICE = 2


@dataclass(frozen=True, order=True)
class Overwrite:
    """What one role or member may and may not do in one channel, beside what the guild says."""

    target_id: str
    is_member: bool
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True)
class Channel:
    channel_id: str
    name: str
    kind: int = VOICE
    overwrites: frozenset[Overwrite] = frozenset()


@dataclass(frozen=True)
class Role:
    role_id: str
    name: str
    permissions: int
    position: int = 0


@dataclass(frozen=True)
class Guild:
    guild_id: str
    name: str
    owner_id: str
    roles: tuple[Role, ...] = ()


@dataclass(frozen=True)
class Member:
    user_id: str
    name: str
    role_ids: frozenset[str] = field(default_factory=frozenset)


class Refusal(StrEnum):
    """Why a call failed, told apart as far as somebody would act differently."""

    UNAUTHORIZED = "unauthorized"
    MISSING_ACCESS = "missing_access"
    MISSING_PERMISSION = "missing_permission"
    TWO_FACTOR_REQUIRED = "two_factor_required"
    UNKNOWN_GUILD = "unknown_guild"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_MEMBER = "unknown_member"
    UNKNOWN_THING = "unknown_thing"
    GUILD_FULL = "guild_full"
    CATEGORY_FULL = "category_full"
    NAME_REFUSED = "name_refused"
    BANNED = "banned"
    TOO_MANY_GUILDS = "too_many_guilds"
    JOINING_LIMITED = "joining_limited"
    USER_TOKEN_INVALID = "user_token_invalid"
    USER_SCOPE_MISSING = "user_scope_missing"
    RATE_LIMITED = "rate_limited"
    BLOCKED = "blocked"
    SERVER_ERROR = "server_error"
    REFUSED_CONNECTION = "refused_connection"
    NO_ANSWER = "no_answer"
    BAD_ANSWER = "bad_answer"
    OTHER = "other"


# Nothing that we do or wait for changes these: a person has to act first.
PERMANENT = frozenset(Refusal) - {
    Refusal.NAME_REFUSED,
    Refusal.JOINING_LIMITED,
    Refusal.RATE_LIMITED,
    Refusal.BLOCKED,
    Refusal.SERVER_ERROR,
    Refusal.REFUSED_CONNECTION,
    Refusal.NO_ANSWER,
    Refusal.BAD_ANSWER,
}
# The call may have worked all the same: look before doing it again.
DOUBTFUL = frozenset({Refusal.SERVER_ERROR, Refusal.NO_ANSWER, Refusal.BAD_ANSWER})
WAITS = frozenset({Refusal.RATE_LIMITED, Refusal.BLOCKED})


class HostError(Exception):
    """A call that did not work. `status` and `code` are the host's own words, for the log."""

    def __init__(
        self,
        message: str,
        kind: Refusal,
        *,
        retry_after: timedelta | None = None,
        status: int | None = None,
        code: int | None = None,
        is_global: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.retry_after = retry_after
        self.status = status
        self.code = code
        self.is_global = is_global

    @property
    def permanent(self) -> bool:
        """True when waiting will not help."""
        return self.kind in PERMANENT

    @property
    def doubtful(self) -> bool:
        """True when the call may have taken effect."""
        return self.kind in DOUBTFUL


class Host(Protocol):
    """What Greenroom asks of Discord; each method is one call, and each may raise HostError."""

    def bot_id(self) -> str:
        """The bot's own user id; asked once, then remembered."""

    def get_guild(self, guild_id: str) -> Guild:
        """The guild with its owner and all its roles."""

    def find_member(self, guild_id: str, user_id: str) -> Member | None:
        """The member, or None for somebody who is not in the guild."""

    def add_member(self, guild_id: str, user_id: str, access_token: str) -> bool:
        """True when the person was added to the guild, False when they were in it before."""

    def list_channels(self, guild_id: str) -> list[Channel]:
        """The guild's channels that the bot can see: one that is missing here may exist all the same."""

    def find_channel(self, channel_id: str) -> Channel | None:
        """The channel, or None when it is certain that there is none."""

    def create_channel(self, guild_id: str, name: str, overwrites: Iterable[Overwrite], reason: str) -> Channel:
        """A new voice channel with all of its overwrites in place. Not repeatable: a second call makes a second one."""

    def set_overwrites(self, channel_id: str, overwrites: Iterable[Overwrite], reason: str) -> None:
        """The channel has exactly these overwrites and no others."""

    def delete_channel(self, channel_id: str, reason: str) -> None:
        """The channel is gone, whether it was there or not."""

    def post_message(self, channel_id: str, text: str, nonce: str) -> str:
        """The id of the posted message; the same nonce within minutes posts nothing new."""
