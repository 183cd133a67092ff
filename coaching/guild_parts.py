"""What a Discord guild consists of, and the application whose bot is in it, as plain values. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

VOICE = 2
CATEGORY = 4


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
    parent_id: str | None = None
    last_message_id: str | None = None
    # Members without age verification do not see it (since March 2026).
    is_age_restricted: bool = False


@dataclass(frozen=True)
class Role:
    role_id: str
    name: str
    permissions: int
    position: int = 0


@dataclass(frozen=True)
class HostGuild:
    guild_id: str
    name: str
    owner_id: str
    roles: tuple[Role, ...] = ()
    is_age_restricted: bool = False


@dataclass(frozen=True)
class GuildName:
    """A guild that the bot is in, as a list of them tells it."""

    guild_id: str
    name: str


@dataclass(frozen=True)
class Member:
    user_id: str
    name: str
    role_ids: frozenset[str] = field(default_factory=frozenset)
    joined_at: datetime | None = None


@dataclass(frozen=True)
class Application:
    """The application that a bot's token belongs to; None for what Discord does not tell."""

    application_id: str
    redirect_addresses: frozenset[str] | None = None
    is_public: bool | None = None  # anybody may add its bot to a server they manage
    requires_code_grant: bool | None = None  # its bot is added by a whole sign-in only, not by a plain link
