"""The port to the place where rooms are: what we ask of it, what comes back, and how it can fail. Port."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from coaching.call_permits import CallAnswer, CallPermit, Rank
from coaching.guild_parts import Application, Channel, GuildName, HostGuild, Member, Overwrite, Role
from coaching.refusals import OUTCOME_UNKNOWN, PERMANENT, Refusal

__all__ = [
    "Application",
    "Channel",
    "GuildName",
    "Host",
    "HostError",
    "HostGuild",
    "Member",
    "Overwrite",
    "Refusal",
    "Role",
]


# In place of the id of a channel that the bot may not enter.
HIDDEN = "hidden"


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
    def is_outcome_unknown(self) -> bool:
        """True when the call may have taken effect."""
        return self.kind in OUTCOME_UNKNOWN


class Host(Protocol):
    """What Greenroom asks of Discord; each method is one call, and each may raise HostError."""

    def answered_with(self) -> int | None:
        """The HTTP status of the last answer that this thread was given, for the log; no call."""

    def bot_id(self) -> str:
        """The bot's own user id; asked once, then remembered."""

    def server_time(self) -> datetime:
        """What Discord's clock says; asked anew with the bot's token each time, so that a refused one shows."""

    def own_application(self) -> Application:
        """The application that the bot's token belongs to."""

    def own_guilds(self) -> list[GuildName]:
        """The guilds that the bot is in, at most 200 of them."""

    def get_guild(self, guild_id: str) -> HostGuild:
        """The guild with its owner and all its roles."""

    def find_member(self, guild_id: str, user_id: str) -> Member | None:
        """The member, or None for somebody who is not in the guild."""

    def add_member(self, guild_id: str, user_id: str, access_token: str) -> bool:
        """True when the person was added to the guild, False when they were in it before."""

    def list_channels(self, guild_id: str) -> list[Channel]:
        """The guild's channels that the bot can see: one that is missing here may exist all the same."""

    def find_channel(self, channel_id: str) -> Channel | None:
        """The channel, or None when it is certain that there is none."""

    def create_channel(
        self, guild_id: str, name: str, overwrites: Iterable[Overwrite], reason: str, parent_id: str | None = None
    ) -> Channel:
        """A new voice channel with all of its overwrites in place. Not repeatable: a second call makes a second one."""

    def create_category(self, guild_id: str, name: str, overwrites: Iterable[Overwrite], reason: str) -> Channel:
        """A new category with all of its overwrites in place. Not repeatable either."""

    def set_overwrites(self, channel_id: str, overwrites: Iterable[Overwrite], reason: str) -> None:
        """The channel has exactly these overwrites and no others."""

    def delete_channel(self, channel_id: str, reason: str) -> bool:
        """The channel, or category, is gone; False when Discord says that there was none."""

    def create_role(self, guild_id: str, name: str, reason: str) -> Role:
        """A new role without any rights of its own. Not repeatable."""

    def delete_role(self, guild_id: str, role_id: str, reason: str) -> bool:
        """The role is gone, and nobody has it; False when Discord says that there was none."""

    def give_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member has the role."""

    def take_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member does not have the role."""

    def find_voice_channel(self, guild_id: str, user_id: str, is_urgent: bool = False) -> str | None:
        """The id of the voice channel in which the person is; None for none, HIDDEN for one that the bot may not enter.

        Urgent: a room waits for this answer, which therefore gives way to nothing.
        """

    def disconnect(self, guild_id: str, user_id: str, reason: str) -> bool:
        """The member is in no voice channel of the guild; False when they were in none before."""

    def open_dm(self, user_id: str) -> str:
        """The id of the channel for direct messages with the person. Whether they take any shows at the first one."""

    def post_message(self, channel_id: str, text: str, nonce: str) -> str:
        """The id of the posted message; the same nonce within minutes posts nothing new."""

    def post_direct(self, channel_id: str, text: str, nonce: str, button: tuple[str, str] | None = None) -> str:
        """The same in a channel for direct messages, with a button that opens an address; it gives way to rooms."""


class SignInHost(Protocol):
    """Where people sign in with Discord, as seen by the application that sends them there."""

    def check(self) -> None:
        """Return if it takes the application's id and secret. HostError: UNAUTHORIZED if not, else nobody knows."""


class CallBudget(Protocol):
    """One budget of calls for everybody who uses the bot's token: asked before each call, told of each answer."""

    def take(self, method: str, path: str, rank: Rank | None = None) -> CallPermit:
        """When the call may go, or when to ask again. Without a rank it is a look or a change by what it asks."""

    def learn(self, method: str, path: str, permit: CallPermit, answer: CallAnswer) -> None:
        """What was answered counts for the calls that follow."""
