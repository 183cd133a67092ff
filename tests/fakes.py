"""Stand-ins for the outside world: they remember what they were asked and can be told to fail."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from flask import Flask, Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from coaching.calendars.faults import Fault as CalendarFault
from coaching.calendars.faults import FeedError
from coaching.calendars.source import FeedText
from coaching.guild_parts import CATEGORY, VOICE, Application, Channel, GuildName, HostGuild, Member, Overwrite, Role
from coaching.guild_rights import INVITE_RIGHTS, Right
from coaching.host import HIDDEN, HostError
from coaching.refusals import Refusal

BOT_ID = "1100000000000000100"
OWNER_ID = "1100000000000000009"
BOT_ROLE_ID = "1100000000000000020"
GUILD_ID = "1100000000000000001"
# Text, and the button's label and address.
Direct = tuple[str, tuple[str, str] | None]
SITES = ("http://localhost:8000", "https://greenroom.example")
APPLICATION = Application(
    BOT_ID,
    frozenset(f"{site}/api/auth/discord/callback" for site in SITES),
    is_public=True,
    requires_code_grant=False,
)


@dataclass
class FakeSignIn:
    """Discord's token address: it takes the application's id and secret, or refuses for a reason."""

    refusal: Refusal | None = None

    def check(self) -> None:
        if self.refusal:
            raise HostError(self.refusal.value, self.refusal)


@dataclass
class FakeFeeds:
    """Outside calendars by address: each a text, a whole answer, None for "not changed", or what goes wrong."""

    calendars: dict[str, str | FeedText | Exception | None] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def read_feed(self, address: str, etag: str = "", modified: str = "") -> FeedText | None:
        self.asked.append((address, etag, modified))
        answer = self.calendars.get(address, FeedError(CalendarFault.GONE))
        if isinstance(answer, Exception):
            raise answer
        return FeedText(answer) if isinstance(answer, str) else answer


class Killed(BaseException):
    """The process dies here: nothing of ours may catch it."""


@dataclass
class Fault:
    """One thing that goes wrong: at the call with this number, or at the next calls with this name."""

    error: BaseException
    at: int | None = None
    name: str | None = None
    guild_id: str | None = None
    times: int = 1
    after_effect: bool = False

    def hits(self, number: int, name: str, guild_id: str) -> bool:
        is_meant = self.at in (None, number) and self.name in (None, name) and self.guild_id in (None, guild_id)
        if not (is_meant and self.times > 0):
            return False
        self.times -= 1
        return True


@dataclass
class FakeHost:
    """Discord in memory, by the port of `coaching/host.py`. Everybody is a member of every guild unless in `gone`."""

    guilds: dict[str, HostGuild] = field(default_factory=dict)
    channels: dict[str, tuple[str, Channel]] = field(default_factory=dict)  # id -> (guild id, channel)
    forgets_nonces: bool = False  # as Discord does after minutes
    messages: list[tuple[str, str, str]] = field(default_factory=list)  # (channel id, nonce, text)
    member_roles: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    voice: dict[tuple[str, str], str] = field(default_factory=dict)  # (guild id, user id) -> channel id
    direct: dict[str, list[Direct]] = field(default_factory=lambda: defaultdict(list))  # by user id, the oldest first
    closed_dms: set[str] = field(default_factory=set)  # of these users
    apart: set[str] = field(default_factory=set)  # users who share no server with the bot
    gone: set[tuple[str, str]] = field(default_factory=set)  # (guild id, user id)
    hidden: set[str] = field(default_factory=set)  # channel ids that no list shows
    joined: dict[tuple[str, str], datetime] = field(default_factory=dict)  # (guild id, user id) -> when they came
    idle: set[tuple[str, str]] = field(default_factory=set)  # (channel id, user id): entries that let nobody in
    calls: list[tuple[str, ...]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    before_call: Callable[[], object] = field(default=lambda: None)
    application: Application = APPLICATION
    drift: timedelta = timedelta(0)  # how far Discord's clock is ahead of the machine's
    ids: Iterable[int] = field(default_factory=lambda: count(7_000_000_000_000_000_001))

    def fail(self, error: BaseException | Refusal, **where: object) -> Fault:
        """Let a call fail: `at` the nth one from now, or the next with that `name`; `after_effect` drops the answer."""
        if isinstance(error, Refusal):
            error = HostError(error.value, error)
        if isinstance(at := where.get("at"), int):
            where["at"] = len(self.calls) + at
        fault = Fault(error, **where)  # type: ignore[arg-type]
        self.faults.append(fault)
        return fault

    def names(self) -> list[str]:
        """The names of the calls so far, in order."""
        return [name for name, *_ in self.calls]

    def rooms_in(self, guild_id: str = GUILD_ID) -> list[Channel]:
        """The guild's voice channels, the oldest first."""
        return [channel for guild, channel in self.channels.values() if guild == guild_id and channel.kind == VOICE]

    def categories_in(self, guild_id: str = GUILD_ID) -> list[Channel]:
        """The guild's categories, the oldest first."""
        return [channel for guild, channel in self.channels.values() if guild == guild_id and channel.kind == CATEGORY]

    def roles_in(self, guild_id: str = GUILD_ID) -> list[Role]:
        """The roles that were made in the guild."""
        ordinary = {role.role_id for role in ordinary_guild(guild_id).roles}
        return [role for role in self._guild(guild_id).roles if role.role_id not in ordinary]

    def can_see(self, channel_id: str, user_id: str) -> bool:
        """True when the account, an ordinary one but for the roles it was given, is a member and sees the channel."""
        guild_id, channel = self.channels[channel_id]
        if (guild_id, user_id) in self.gone:
            return False
        own = {overwrite.target_id: overwrite for overwrite in channel.overwrites}
        if user_id in own and own[user_id].is_member and own[user_id].allow & 1024:
            return (channel_id, user_id) not in self.idle
        if any(own[role].allow & 1024 for role in self.member_roles.get((guild_id, user_id), ()) if role in own):
            return True
        return not (guild_id in own and own[guild_id].deny & 1024)

    # The port itself.

    def answered_with(self) -> int | None:
        return 200

    def bot_id(self) -> str:
        return BOT_ID

    def server_time(self) -> datetime:
        self._asked("server_time", "")
        return datetime.now(UTC) + self.drift

    def own_application(self) -> Application:
        self._asked("own_application", "")
        return self.application

    def own_guilds(self) -> list[GuildName]:
        self._asked("own_guilds", "")
        known = [guild for guild_id, guild in self.guilds.items() if (guild_id, BOT_ID) not in self.gone]
        return [GuildName(guild.guild_id, guild.name) for guild in known]

    def get_guild(self, guild_id: str) -> HostGuild:
        self._asked("get_guild", guild_id, guild_id)
        return self._guild(guild_id)

    def find_member(self, guild_id: str, user_id: str) -> Member | None:
        self._asked("find_member", guild_id, guild_id, user_id)
        if (guild_id, user_id) in self.gone:
            return None
        who = (guild_id, user_id)
        return Member(user_id, f"member {user_id}", self.member_roles.get(who, frozenset()), self.joined.get(who))

    def add_member(self, guild_id: str, user_id: str, access_token: str) -> bool:
        after = self._asked("add_member", guild_id, guild_id, user_id)
        was_gone = (guild_id, user_id) in self.gone
        self.gone.discard((guild_id, user_id))
        self._answered(after)
        return was_gone

    def list_channels(self, guild_id: str) -> list[Channel]:
        self._asked("list_channels", guild_id, guild_id)
        here = (channel for guild, channel in self.channels.values() if guild == guild_id)
        return [channel for channel in here if channel.channel_id not in self.hidden]

    def find_channel(self, channel_id: str) -> Channel | None:
        self._asked("find_channel", self._guild_of(channel_id), channel_id)
        return self.channels[channel_id][1] if channel_id in self.channels else None

    def create_channel(
        self, guild_id: str, name: str, overwrites: Iterable[Overwrite], reason: str, parent_id: str | None = None
    ) -> Channel:
        after = self._asked("create_channel", guild_id, guild_id, name, reason)
        if parent_id and parent_id not in self.channels:
            raise HostError("Unknown Channel", Refusal.UNKNOWN_CHANNEL, status=404, code=10003)
        channel = Channel(self._new_id(), name, overwrites=frozenset(overwrites), parent_id=parent_id)
        self._put(guild_id, channel)
        self._answered(after)
        return channel

    def create_category(self, guild_id: str, name: str, overwrites: Iterable[Overwrite], reason: str) -> Channel:
        after = self._asked("create_category", guild_id, guild_id, name, reason)
        channel = Channel(self._new_id(), name, CATEGORY, frozenset(overwrites))
        self._put(guild_id, channel)
        self._answered(after)
        return channel

    def set_overwrites(self, channel_id: str, overwrites: Iterable[Overwrite], reason: str) -> None:
        after = self._asked("set_overwrites", self._guild_of(channel_id), channel_id, reason)
        guild_id, channel = self._channel(channel_id)
        self._put(guild_id, replace(channel, overwrites=frozenset(overwrites)))
        self._answered(after)

    def delete_channel(self, channel_id: str, reason: str) -> bool:
        after = self._asked("delete_channel", self._guild_of(channel_id), channel_id, reason)
        was_there = self.channels.pop(channel_id, None) is not None
        self.voice = {who: where for who, where in self.voice.items() if where != channel_id}
        self._answered(after)
        return was_there

    def create_role(self, guild_id: str, name: str, reason: str) -> Role:
        after = self._asked("create_role", guild_id, guild_id, name, reason)
        guild, role = self._guild(guild_id), Role(self._new_id(), name, 0, 1)
        self.guilds[guild_id] = replace(guild, roles=(*guild.roles, role))
        self._answered(after)
        return role

    def delete_role(self, guild_id: str, role_id: str, reason: str) -> bool:
        after = self._asked("delete_role", guild_id, guild_id, role_id, reason)
        was_there = self.drop_role(guild_id, role_id)
        self._answered(after)
        return was_there

    def drop_role(self, guild_id: str, role_id: str) -> bool:
        """The role is gone, as after a moderator's deletion: nobody has it, and no channel names it."""
        guild = self._guild(guild_id)
        kept = tuple(role for role in guild.roles if role.role_id != role_id)
        self.guilds[guild_id] = replace(guild, roles=kept)
        self.member_roles = {who: roles - {role_id} for who, roles in self.member_roles.items()}
        for channel_id, (place, channel) in list(self.channels.items()):
            own = frozenset(overwrite for overwrite in channel.overwrites if overwrite.target_id != role_id)
            self.channels[channel_id] = (place, replace(channel, overwrites=own))
        return kept != guild.roles

    def give_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        after = self._asked("give_role", guild_id, guild_id, user_id, role_id)
        self._refuse_unknown(guild_id, user_id, role_id)
        who = (guild_id, user_id)
        self.member_roles[who] = self.member_roles.get(who, frozenset()) | {role_id}
        self._answered(after)

    def take_role(self, guild_id: str, user_id: str, role_id: str, reason: str) -> None:
        after = self._asked("take_role", guild_id, guild_id, user_id, role_id)
        self._refuse_unknown(guild_id, user_id, role_id)
        who = (guild_id, user_id)
        self.member_roles[who] = self.member_roles.get(who, frozenset()) - {role_id}
        self._answered(after)

    def find_voice_channel(self, guild_id: str, user_id: str, is_urgent: bool = False) -> str | None:
        self._asked("find_voice_channel", guild_id, guild_id, user_id)
        where = self.voice.get((guild_id, user_id))
        _, channel = self.channels.get(where or "", ("", None))
        entries = {entry.target_id: entry for entry in channel.overwrites} if channel else {}
        is_closed = guild_id in entries and bool(entries[guild_id].deny & Right.CONNECT)
        return HIDDEN if is_closed and BOT_ID not in entries else where

    def disconnect(self, guild_id: str, user_id: str, reason: str) -> bool:
        after = self._asked("disconnect", guild_id, guild_id, user_id)
        was_inside = self.voice.pop((guild_id, user_id), None) is not None
        self._answered(after)
        return was_inside

    def open_dm(self, user_id: str) -> str:
        self._asked("open_dm", "", user_id)
        return f"55{user_id}"

    def post_direct(self, channel_id: str, text: str, nonce: str, button: tuple[str, str] | None = None) -> str:
        after = self._asked("post_direct", "", channel_id, nonce)
        user_id = channel_id.removeprefix("55")
        self._refuse_direct(user_id)
        number = len(self.messages)
        message_id = self._post(channel_id, text, nonce)
        if len(self.messages) > number:
            self.direct[user_id].append((text, button))
        self._answered(after)
        return message_id

    def post_message(self, channel_id: str, text: str, nonce: str) -> str:
        after = self._asked("post_message", self._guild_of(channel_id), channel_id, nonce)
        self._channel(channel_id)
        message_id = self._post(channel_id, text, nonce)
        self._answered(after)
        return message_id

    def _post(self, channel_id: str, text: str, nonce: str) -> str:
        known = [
            index for index, (channel, used, _) in enumerate(self.messages) if (channel, used) == (channel_id, nonce)
        ]
        if self.forgets_nonces or not known:
            self.messages.append((channel_id, nonce, text))
            known = [len(self.messages) - 1]
            self._note_message(channel_id, str(8_000_000_000_000_000_001 + known[0]))
        return str(8_000_000_000_000_000_001 + known[0])

    def _note_message(self, channel_id: str, message_id: str) -> None:
        if channel_id in self.channels:
            guild_id, channel = self.channels[channel_id]
            self.channels[channel_id] = (guild_id, replace(channel, last_message_id=message_id))

    def leave(self, guild_id: str, user_id: str) -> None:
        """The member leaves the guild, and with it their roles and their voice channel."""
        self.gone.add((guild_id, user_id))
        self.member_roles.pop((guild_id, user_id), None)
        self.voice.pop((guild_id, user_id), None)

    def _new_id(self) -> str:
        return str(next(iter(self.ids)))

    def _guild(self, guild_id: str) -> HostGuild:
        return self.guilds.get(guild_id) or ordinary_guild(guild_id)

    def _refuse_unknown(self, guild_id: str, user_id: str, role_id: str) -> None:
        if (guild_id, user_id) in self.gone:
            raise HostError("Unknown Member", Refusal.UNKNOWN_MEMBER, status=404, code=10007)
        if role_id not in {role.role_id for role in self._guild(guild_id).roles}:
            raise HostError("Unknown Role", Refusal.UNKNOWN_ROLE, status=404, code=10011)

    def _refuse_direct(self, user_id: str) -> None:
        if user_id in self.apart:
            raise HostError("no mutual guilds", Refusal.NO_SHARED_SERVER, status=403, code=50278)
        if user_id in self.closed_dms:
            raise HostError("Cannot send messages to this user", Refusal.DM_REFUSED, status=403, code=50007)

    def _asked(self, name: str, guild_id: str, *details: str) -> BaseException | None:
        """Note the call; raise its fault now, or give back the one that strikes after the effect."""
        self.calls.append((name, *details))
        self.before_call()
        for fault in self.faults:
            if fault.hits(len(self.calls), name, guild_id):
                if not fault.after_effect:
                    raise fault.error
                return fault.error
        return None

    def _answered(self, after: BaseException | None) -> None:
        if after:
            raise after

    def _put(self, guild_id: str, channel: Channel) -> None:
        # People report that an entry for somebody who is not a member does nothing when they come.
        self.channels[channel.channel_id] = (guild_id, channel)
        for overwrite in channel.overwrites:
            change = self.idle.add if (guild_id, overwrite.target_id) in self.gone else self.idle.discard
            change((channel.channel_id, overwrite.target_id))

    def _guild_of(self, channel_id: str) -> str:
        return self.channels[channel_id][0] if channel_id in self.channels else ""

    def _channel(self, channel_id: str) -> tuple[str, Channel]:
        if channel_id not in self.channels:
            raise HostError("Unknown Channel", Refusal.UNKNOWN_CHANNEL, status=404, code=10003)
        return self.channels[channel_id]


def ordinary_guild(guild_id: str = GUILD_ID) -> HostGuild:
    """A guild whose owner is nobody of ours and whose bot has what it needs."""
    everyone = Role(guild_id, "@everyone", 0x400 | 0x800 | 0x100000 | 0x200000)
    bot = Role(BOT_ROLE_ID, "Greenroom", INVITE_RIGHTS, 1)
    return HostGuild(guild_id, "Nova Studio", OWNER_ID, (everyone, bot))


@dataclass
class FakeMailer:
    """A mail server that takes everything and keeps it."""

    sent: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage, from_name: str | None = None) -> None:
        self.sent.append(message)

    def check(self) -> None:
        """It lets us in."""


class AtOnce:
    """What is to be done after an answer is done before it: a test's client may never read it to its end."""

    def add(self, answer: Response, work: Callable[[], object]) -> None:
        work()


@dataclass
class FakeConsent:
    """Discord's side of a round trip: `account` is who is signed in there, and `asked` what it was asked."""

    account: str = "1100000000000000777"
    asked: list[str] = field(default_factory=list)

    def stand_in(self, app: Flask) -> None:
        """The application's OAuth client asks this instead of Discord. State and PKCE stay Authlib's own."""

        def request(_: OAuth2Session, method: str, url: str, **options: Any) -> requests.Response:
            answer = requests.Response()
            answer.status_code = 200
            answer._content = json.dumps(self._answer(url)).encode()
            return answer

        app.extensions["discord_oauth"].client_cls = type("FakeSession", (OAuth2Session,), {"request": request})

    def come_back(self, client: FlaskClient, set_off: str, refuses: bool = False) -> TestResponse:
        """The browser is back from the consent page whose address is `set_off`."""
        state = parse_qs(urlsplit(set_off).query)["state"][0]
        said = {"error": "access_denied"} if refuses else {"code": "a code"}
        return client.get("/api/auth/discord/callback", query_string=said | {"state": state})

    def _answer(self, url: str) -> dict[str, object]:
        self.asked.append(url)
        if url.endswith("/oauth2/token"):
            return {"access_token": "a token", "token_type": "Bearer", "scope": "identify guilds.join"}
        return {"id": self.account, "username": f"account{self.account[-3:]}"} if url.endswith("/@me") else {}
