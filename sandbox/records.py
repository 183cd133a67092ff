"""What the sandbox remembers, one frozen dataclass a kind. Ids are snowflakes and always text."""

from dataclasses import dataclass
from typing import Any

from sandbox.oauth_records import Code, Consent, Token

TEXT, DIRECT, VOICE, CATEGORY = 0, 1, 2, 4
FOR_ROLE, FOR_MEMBER = 0, 1


@dataclass(frozen=True)
class Person:
    """An account at the stand-in, a bot's included."""

    id: str
    username: str
    global_name: str | None
    is_bot: bool = False
    refuses_messages: bool = False

    @property
    def key(self) -> str:
        return self.id

    @property
    def name(self) -> str:
        return self.global_name or self.username


@dataclass(frozen=True)
class Application:
    """What its owner has chosen for the application in the developer portal."""

    id: str
    is_public: bool = True
    requires_code_grant: bool = False

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class Guild:
    id: str
    name: str
    owner_id: str

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class Role:
    id: str
    guild_id: str
    name: str
    permissions: int
    position: int
    managed_by: str | None = None
    color: int = 0
    hoist: bool = False
    mentionable: bool = False

    @property
    def key(self) -> str:
        return self.id

    @property
    def is_everyone(self) -> bool:
        return self.id == self.guild_id


@dataclass(frozen=True)
class Member:
    guild_id: str
    user_id: str
    joined_at: str
    role_ids: tuple[str, ...] = ()
    nick: str | None = None
    timed_out_until: float = 0

    @property
    def key(self) -> str:
        return pair(self.guild_id, self.user_id)


@dataclass(frozen=True)
class Ban:
    guild_id: str
    user_id: str

    @property
    def key(self) -> str:
        return pair(self.guild_id, self.user_id)


@dataclass(frozen=True)
class Overwrite:
    """What one role or one member is allowed and denied in one channel."""

    id: str
    type: int
    allow: int = 0
    deny: int = 0


@dataclass(frozen=True)
class Channel:
    id: str
    guild_id: str
    type: int
    name: str
    position: int = 0
    parent_id: str | None = None
    overwrites: tuple[Overwrite, ...] = ()
    # Set while an edit was answered with 204 and yet has no effect, as people reported: what really holds.
    holding_overwrites: tuple[Overwrite, ...] | None = None
    topic: str | None = None
    bitrate: int = 64000
    user_limit: int = 0
    nsfw: bool = False
    rate_limit_per_user: int = 0
    last_message_id: str | None = None

    @property
    def key(self) -> str:
        return self.id

    @property
    def effective_overwrites(self) -> tuple[Overwrite, ...]:
        return self.overwrites if self.holding_overwrites is None else self.holding_overwrites


@dataclass(frozen=True)
class DirectChannel:
    """The talk between the bot and one person."""

    id: str
    user_id: str
    last_message_id: str | None = None

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class Message:
    id: str
    channel_id: str
    author_id: str
    content: str
    at: float
    mentions: tuple[str, ...] = ()
    embeds: tuple[dict[str, Any], ...] = ()
    components: tuple[dict[str, Any], ...] = ()
    nonce: int | str | None = None
    flags: int = 0

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class SpentNonce:
    """A nonce stays spent for a few minutes, even when its message is deleted."""

    author_id: str
    nonce: str
    message_id: str
    at: float

    @property
    def key(self) -> str:
        return pair(self.author_id, self.nonce)


@dataclass(frozen=True)
class VoiceState:
    guild_id: str
    user_id: str
    channel_id: str
    session_id: str
    since: float

    @property
    def key(self) -> str:
        return pair(self.guild_id, self.user_id)


@dataclass(frozen=True)
class Invite:
    code: str
    guild_id: str
    channel_id: str
    max_age: int
    max_uses: int
    temporary: bool
    at: float

    @property
    def key(self) -> str:
        return self.code


@dataclass(frozen=True)
class AuditEntry:
    id: str
    guild_id: str
    action: str
    target_id: str
    reason: str | None
    at: float

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class Window:
    """A rate limit that is longer than any restart."""

    name: str
    started_at: float
    used: int

    @property
    def key(self) -> str:
        return self.name


KINDS = (
    Person,
    Application,
    Guild,
    Role,
    Member,
    Ban,
    Channel,
    DirectChannel,
    Message,
    SpentNonce,
    VoiceState,
    Invite,
    AuditEntry,
    Consent,
    Code,
    Token,
    Window,
)


def pair(first: str, second: str) -> str:
    """The key of what belongs to two things at once."""
    return f"{first}/{second}"
