"""Both libraries behind the same few calls, each in a run of its own: `caller.run(lambda bot: bot.send("Hi"))`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar

import discord
import hikari
from hikari.impl import RESTClientImpl

from sandbox import seed
from tests.sandbox.conformance import by_discord_py, by_hikari
from tests.sandbox.conformance.served import ServedSandbox, lead

T = TypeVar("T")
GUILD, LOUNGE = int(seed.GUILD_ID), int(seed.LOUNGE_CHANNEL_ID)
# The shortest that discord.py takes.
PATIENCE = 30.0


class Bot(Protocol):
    """What the tests ask a library for."""

    async def send(self, text: str) -> str: ...
    async def rename(self, name: str) -> None: ...
    async def make_room(self, name: str) -> str: ...
    async def make_role(self, name: str) -> None: ...
    async def let_in(self, channel_id: str, user_id: str) -> None: ...
    async def look(self) -> None: ...


class Caller(Protocol):
    """A library that signs in, acts, and signs out."""

    def run(self, act: Callable[[Bot], Awaitable[T]]) -> T: ...

    too_long: ClassVar[type[Exception]]
    refused: ClassVar[type[Exception]]
    unauthorized: ClassVar[type[Exception]]


@dataclass
class DiscordPy:
    served: ServedSandbox
    too_long: ClassVar[type[Exception]] = discord.RateLimited
    refused: ClassVar[type[Exception]] = discord.HTTPException
    unauthorized: ClassVar[type[Exception]] = discord.LoginFailure

    def run(self, act: Callable[[Bot], Awaitable[T]]) -> T:
        async def signed_in() -> T:
            async with by_discord_py.client(self.served, max_ratelimit_timeout=PATIENCE) as connected:
                return await act(DiscordPyBot(connected))

        return lead(signed_in())


@dataclass
class DiscordPyBot:
    connected: discord.Client

    async def send(self, text: str) -> str:
        return str((await self.connected.get_partial_messageable(LOUNGE).send(text)).id)

    async def rename(self, name: str) -> None:
        await self.connected.http.edit_channel(LOUNGE, name=name)

    async def make_room(self, name: str) -> str:
        made = await self.connected.http.create_channel(GUILD, 2, name=name, permission_overwrites=_hidden_room())
        return str(made["id"])

    async def make_role(self, name: str) -> None:
        await self.connected.http.create_role(GUILD, name=name, permissions="0")

    async def let_in(self, channel_id: str, user_id: str) -> None:
        await self.connected.http.edit_channel_permissions(int(channel_id), int(user_id), "1049600", "0", 1)

    async def look(self) -> None:
        await self.connected.fetch_channel(LOUNGE)


@dataclass
class Hikari:
    served: ServedSandbox
    too_long: ClassVar[type[Exception]] = hikari.RateLimitTooLongError
    refused: ClassVar[type[Exception]] = hikari.HTTPError
    unauthorized: ClassVar[type[Exception]] = hikari.UnauthorizedError

    def run(self, act: Callable[[Bot], Awaitable[T]]) -> T:
        async def signed_in() -> T:
            # Its own tries after a failure begin a second apart; the sandbox is the one on trial.
            async with by_hikari.client(self.served, max_rate_limit=PATIENCE, max_retries=0) as rest:
                return await act(HikariBot(rest))

        return lead(signed_in())


@dataclass
class HikariBot:
    rest: RESTClientImpl

    async def send(self, text: str) -> str:
        return str((await self.rest.create_message(LOUNGE, text)).id)

    async def rename(self, name: str) -> None:
        await self.rest.edit_channel(LOUNGE, name=name)

    async def make_room(self, name: str) -> str:
        entries = [
            hikari.PermissionOverwrite(id=entry["id"], type=entry["type"], allow=entry["allow"], deny=entry["deny"])
            for entry in _hidden_room()
        ]
        return str((await self.rest.create_guild_voice_channel(GUILD, name, permission_overwrites=entries)).id)

    async def make_role(self, name: str) -> None:
        await self.rest.create_role(GUILD, name=name)

    async def let_in(self, channel_id: str, user_id: str) -> None:
        allow = by_hikari.PRIVATE
        kind = hikari.PermissionOverwriteType.MEMBER
        await self.rest.edit_permission_overwrite(int(channel_id), int(user_id), target_type=kind, allow=allow)

    async def look(self) -> None:
        await self.rest.fetch_channel(LOUNGE)


CALLERS: dict[str, Callable[[ServedSandbox], Caller]] = {"discord.py": DiscordPy, "hikari": Hikari}


def _hidden_room() -> list[dict[str, Any]]:
    """Everybody but the bot and the coach is kept out."""
    return [
        {"id": GUILD, "type": 0, "allow": 0, "deny": 1049600},
        {"id": int(seed.COACH_ID), "type": 1, "allow": 1049600, "deny": 0},
        {"id": int(seed.APPLICATION_ID), "type": 1, "allow": 1051664, "deny": 0},
    ]
