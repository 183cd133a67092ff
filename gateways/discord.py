"""Discord's REST API v10 behind the port of `coaching/host.py`: one method, one call, no retries of its own."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from coaching.call_permits import Rank
from coaching.guild_parts import CATEGORY, VOICE, Application, Channel, GuildName, HostGuild, Member, Overwrite, Role
from coaching.host import HIDDEN, HostError
from coaching.refusals import Refusal
from gateways.discord_answers import application_in, channel_in, list_in, member_in, object_in, role_in, text_in
from gateways.discord_calls import DiscordCalls

# Of a button.
LONGEST_LABEL = 80
LONGEST_ADDRESS = 512
AGE_RESTRICTED = (1, 3)  # of a guild's nsfw_level: explicit, age-restricted


class DiscordHost(DiscordCalls):
    """Discord as seen by the bot that holds `bot_token`."""

    _bot_id: str | None = None

    def bot_id(self) -> str:
        """The bot's own user id; asked once, then remembered."""
        if self._bot_id is None:
            self._bot_id = text_in(object_in(self._call("GET", "/users/@me")), "id")
        return self._bot_id

    def server_time(self) -> datetime:
        """What Discord's clock says; asked anew with the bot's token each time, so that a refused one shows."""
        answer, _ = self._exchange("GET", "/users/@me")
        try:
            return parsedate_to_datetime(answer.headers.get("Date", "")).astimezone(UTC)
        except ValueError:
            raise HostError("Discord's answer has no date", Refusal.BAD_ANSWER) from None

    def own_application(self) -> Application:
        """The application that the bot's token belongs to."""
        return application_in(object_in(self._call("GET", "/applications/@me")))

    def own_guilds(self) -> list[GuildName]:
        """The guilds that the bot is in, at most 200 of them."""
        answer = list_in(self._call("GET", "/users/@me/guilds"))
        return [GuildName(text_in(guild, "id"), text_in(guild, "name")) for guild in map(object_in, answer)]

    def get_guild(self, guild_id: str) -> HostGuild:
        """The guild with its owner and all its roles."""
        answer = object_in(self._call("GET", f"/guilds/{_id(guild_id)}"))
        roles = tuple(role_in(object_in(role)) for role in list_in(answer.get("roles")))
        is_age_restricted = answer.get("nsfw_level") in AGE_RESTRICTED
        return HostGuild(
            text_in(answer, "id"), text_in(answer, "name"), text_in(answer, "owner_id"), roles, is_age_restricted
        )

    def find_member(self, guild_id: str, user_id: str) -> Member | None:
        """The member, or None for somebody who is not in the guild."""
        try:
            answer = object_in(self._call("GET", f"/guilds/{_id(guild_id)}/members/{_id(user_id)}"))
        except HostError as error:
            if error.kind == Refusal.UNKNOWN_MEMBER:
                return None
            raise
        return member_in(answer)

    def add_member(self, guild_id: str, user_id: str, access_token: str) -> bool:
        """True when the person was added to the guild, False when they were in it before."""
        path = f"/guilds/{_id(guild_id)}/members/{_id(user_id)}"
        answer = self._call("PUT", path, {"access_token": access_token})
        # 201 brings the new member; 204 has no body and means that they were in the guild before.
        return answer is not None

    def list_channels(self, guild_id: str) -> list[Channel]:
        """The guild's channels that the bot can see: one that is missing here may exist all the same."""
        answer = list_in(self._call("GET", f"/guilds/{_id(guild_id)}/channels"))
        return [channel_in(object_in(channel)) for channel in answer]

    def find_channel(self, channel_id: str) -> Channel | None:
        """The channel, or None when it is certain that there is none."""
        try:
            return channel_in(object_in(self._call("GET", f"/channels/{_id(channel_id)}")))
        except HostError as error:
            if error.kind == Refusal.UNKNOWN_CHANNEL:
                return None
            raise

    def create_channel(
        self, guild_id: str, name: str, overwrites: Iterable[Overwrite], reason: str, parent_id: str | None = None
    ) -> Channel:
        """A new voice channel with all of its overwrites in place. Not repeatable: a second call makes a second one."""
        place = {"parent_id": parent_id} if parent_id else {}
        body = {"name": name, "type": VOICE, "permission_overwrites": _on_the_wire(overwrites), **place}
        return channel_in(object_in(self._call("POST", f"/guilds/{_id(guild_id)}/channels", body, reason)))

    def create_category(self, guild_id: str, name: str, overwrites: Iterable[Overwrite], reason: str) -> Channel:
        """A new category with all of its overwrites in place. Not repeatable either."""
        body = {"name": name, "type": CATEGORY, "permission_overwrites": _on_the_wire(overwrites)}
        return channel_in(object_in(self._call("POST", f"/guilds/{_id(guild_id)}/channels", body, reason)))

    def set_overwrites(self, channel_id: str, overwrites: Iterable[Overwrite], reason: str) -> None:
        """The channel has exactly these overwrites and no others."""
        body = {"permission_overwrites": _on_the_wire(overwrites)}
        self._call("PATCH", f"/channels/{_id(channel_id)}", body, reason)

    def delete_channel(self, channel_id: str, reason: str) -> bool:
        """The channel, or category, is gone; False when Discord says that there was none."""
        # Discord answers 404 both for "never existed" and "already deleted". Either way our work is done.
        return self._unless(Refusal.UNKNOWN_CHANNEL, "DELETE", f"/channels/{_id(channel_id)}", None, reason)

    def create_role(self, guild_id: str, name: str, reason: str) -> Role:
        """A new role without any rights of its own. Not repeatable."""
        # Without "permissions" it would get those of @everyone.
        body = {"name": name, "permissions": "0"}
        return role_in(object_in(self._call("POST", f"/guilds/{_id(guild_id)}/roles", body, reason)))

    def delete_role(self, guild_id: str, role_id: str, reason: str) -> bool:
        """The role is gone, and nobody has it; False when Discord says that there was none."""
        path = f"/guilds/{_id(guild_id)}/roles/{_id(role_id)}"
        return self._unless(Refusal.UNKNOWN_ROLE, "DELETE", path, None, reason)

    def give_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member has the role."""
        self._call("PUT", f"/guilds/{_id(guild_id)}/members/{_id(user_id)}/roles/{_id(role_id)}", reason=reason)

    def take_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        """The member does not have the role."""
        self._call("DELETE", f"/guilds/{_id(guild_id)}/members/{_id(user_id)}/roles/{_id(role_id)}", reason=reason)

    def find_voice_channel(self, guild_id: str, user_id: str, is_urgent: bool = False) -> str | None:
        """The id of the voice channel in which the person is; None for none, HIDDEN for one closed to the bot."""
        path = f"/guilds/{_id(guild_id)}/voice-states/{_id(user_id)}"
        try:
            answer = object_in(self._call("GET", path, rank=Rank.CHANGE if is_urgent else None))
        except HostError as error:
            # 10065: in no voice channel. 50001: in one that is closed to the bot, or the whole server is.
            if error.code == 50001:
                return HIDDEN
            if error.code == 10065 or error.kind == Refusal.UNKNOWN_MEMBER:
                return None
            raise
        return text_in(answer, "channel_id") if answer.get("channel_id") else None

    def disconnect(self, guild_id: str, user_id: str, reason: str) -> bool:
        """The member is in no voice channel of the guild; False when they were in none before."""
        path = f"/guilds/{_id(guild_id)}/members/{_id(user_id)}"
        try:
            self._call("PATCH", path, {"channel_id": None}, reason)
        except HostError as error:
            # In no voice channel.
            if error.code == 40032:
                return False
            raise
        return True

    def open_dm(self, user_id: str) -> str:
        """The id of the channel for direct messages with the person. Whether they take any shows at the first one."""
        body = {"recipient_id": _id(user_id)}
        return text_in(object_in(self._call("POST", "/users/@me/channels", body, rank=Rank.LAST)), "id")

    def post_message(self, channel_id: str, text: str, nonce: str) -> str:
        """The id of the posted message; the same nonce within minutes posts nothing new."""
        return self._post(channel_id, text, nonce)

    def post_direct(self, channel_id: str, text: str, nonce: str, button: tuple[str, str] | None = None) -> str:
        """The same in a channel for direct messages, with a button that opens an address; it gives way to rooms."""
        return self._post(channel_id, text, nonce, _button(*button) if button else (), Rank.LAST)

    def _post(
        self, channel_id: str, text: str, nonce: str, rows: Sequence[dict[str, Any]] = (), rank: Rank | None = None
    ) -> str:
        body = {"content": text, "nonce": nonce, "enforce_nonce": True, "allowed_mentions": {"parse": []}}
        if rows:
            body["components"] = list(rows)
        return text_in(object_in(self._call("POST", f"/channels/{_id(channel_id)}/messages", body, rank=rank)), "id")


def _on_the_wire(overwrites: Iterable[Overwrite]) -> list[dict[str, Any]]:
    return [
        {
            "id": overwrite.target_id,
            "type": int(overwrite.is_member),
            "allow": str(overwrite.allow),
            "deny": str(overwrite.deny),
        }
        for overwrite in sorted(overwrites)
    ]


def _button(label: str, url: str) -> tuple[dict[str, Any], ...]:
    """A row with a button that opens an address, which Discord calls a link; none for an address it does not take."""
    link = {"type": 2, "style": 5, "label": label[:LONGEST_LABEL], "url": url}
    return ({"type": 1, "components": [link]},) if len(url) <= LONGEST_ADDRESS else ()


def _id(value: str) -> str:
    """`value`, which goes into a path and therefore has to be a snowflake."""
    if not (value.isascii() and value.isdigit()):
        raise ValueError("a Discord id has digits only")
    return value
