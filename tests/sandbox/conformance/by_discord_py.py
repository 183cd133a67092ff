"""A session's life as discord.py leads it, over REST alone."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, cast

import discord
from discord.http import Route

from sandbox import seed
from tests.sandbox.conformance.served import BOT_TOKEN, LINK, REASON, Observations, ServedSandbox

GUILD, COACH, STUDENT, NEWCOMER = map(int, (seed.GUILD_ID, seed.COACH_ID, seed.STUDENT_ID, seed.NEWCOMER_ID))
PRIVATE = discord.PermissionOverwrite(view_channel=False, connect=False)
PERSON = discord.PermissionOverwrite(
    view_channel=True,
    connect=True,
    speak=True,
    stream=True,
    use_voice_activation=True,
    send_messages=True,
    read_message_history=True,
    embed_links=True,
    attach_files=True,
)
BOT = discord.PermissionOverwrite(view_channel=True, connect=True, manage_channels=True, send_messages=True)
Overwrites = dict[discord.Role | discord.Member | discord.Object, discord.PermissionOverwrite]


@asynccontextmanager
async def client(served: ServedSandbox, **options: Any) -> AsyncIterator[discord.Client]:
    """A client that is signed in at the stage."""
    Route.BASE = served.api_url
    async with discord.Client(intents=discord.Intents.none(), **options) as connected:
        await connected.login(BOT_TOKEN)
        yield connected


async def live(served: ServedSandbox) -> Observations:
    """The whole life of one session's room, from the bot's sign-in to the room's end."""
    observed = Observations()
    async with client(served) as connected:
        guild = await _look_around(observed, connected)
        await _join(served, observed, connected, guild)
        room = await _open_room(observed, guild)
        await _change_overwrites(observed, guild, room)
        await _write(observed, room)
        await _sit_in_voice(served, observed, guild, room)
        await _assign_role(served, observed, guild)
        await _meet_refusals(observed, connected, guild)
        await _write_directly(served, observed, connected)
        await _close_room(observed, connected, room)
    return observed


async def _look_around(observed: Observations, connected: discord.Client) -> discord.Guild:
    application = await connected.application_info()
    observed.facts["application"] = str(application.id)
    observed.facts["bot"] = str(connected.user.id)
    guild = await connected.fetch_guild(GUILD)
    observed.facts["guild"] = (guild.name, guild.approximate_member_count)
    observed.facts["roles"] = [role.name for role in sorted(await guild.fetch_roles(), reverse=True)]
    observed.facts["channels"] = sorted(channel.name for channel in await guild.fetch_channels())
    coach = await guild.fetch_member(COACH)
    observed.facts["coach"] = (coach.global_name, [role.name for role in coach.roles if not role.is_default()])
    return guild


async def _join(served: ServedSandbox, observed: Observations, connected: discord.Client, guild: discord.Guild) -> None:
    """discord.py has no call of its own for joining by token, so its HTTP client makes it."""
    await _refused(observed, "a person who is not in", guild.fetch_member(NEWCOMER))
    route = Route("PUT", "/guilds/{guild_id}/members/{user_id}", guild_id=GUILD, user_id=NEWCOMER)
    token = served.discord.access_token(seed.NEWCOMER_ID)
    joined = await connected.http.request(route, json={"access_token": token})
    observed.facts["joined"] = joined["user"]["id"]
    observed.facts["joined again"] = await connected.http.request(route, json={"access_token": token}) or None


async def _open_room(observed: Observations, guild: discord.Guild) -> discord.VoiceChannel:
    overwrites: Overwrites = {
        guild.default_role: PRIVATE,
        discord.Object(COACH, type=discord.Member): PERSON,
        discord.Object(STUDENT, type=discord.Member): PERSON,
        _bot(): BOT,
    }
    # Of the category discord.py reads the id alone.
    category = cast(discord.CategoryChannel, discord.Object(int(seed.STUDIO_CATEGORY_ID)))
    room = await guild.create_voice_channel(
        "Coaching  7f3k2p ", overwrites=overwrites, category=category, user_limit=4, reason=REASON
    )
    voice_channel = await _fetched(guild, room)
    observed.facts["room"] = (
        voice_channel.name,
        voice_channel.user_limit,
        voice_channel.bitrate,
        str(voice_channel.category_id),
        _entries(voice_channel),
    )
    return voice_channel


async def _change_overwrites(observed: Observations, guild: discord.Guild, room: discord.VoiceChannel) -> None:
    late = await guild.fetch_member(NEWCOMER)
    await room.set_permissions(late, overwrite=PERSON, reason="Late booking")
    observed.facts["after a late booking"] = _entries(await _fetched(guild, room))
    await room.set_permissions(late, overwrite=None)
    observed.facts["after a cancellation"] = _entries(await _fetched(guild, room))
    only_coach: Overwrites = {
        guild.default_role: PRIVATE,
        discord.Object(COACH, type=discord.Member): PERSON,
        _bot(): BOT,
    }
    edited = await room.edit(overwrites=only_coach)
    observed.facts["after a list of its own"] = _entries(edited)


async def _write(observed: Observations, room: discord.VoiceChannel) -> None:
    quiet = discord.AllowedMentions.none()
    first = await room.send(f"Hi <@{COACH}>", nonce="7f3k2p", allowed_mentions=quiet)
    again = await room.send(f"Hi <@{COACH}>", nonce="7f3k2p", allowed_mentions=quiet)
    observed.facts["the same nonce is one message"] = first.id == again.id
    observed.facts["nobody is told"] = first.mentions == []
    observed.facts["history"] = [message.content async for message in room.history(limit=10)]
    await first.delete()
    await _refused(observed, "the nonce of a deleted message", room.send("Hi", nonce="7f3k2p"))
    invite = await room.create_invite(max_age=3600, max_uses=1)
    observed.facts["invite"] = (invite.max_age, invite.max_uses, str(invite.channel.id) == str(room.id))


async def _sit_in_voice(
    served: ServedSandbox, observed: Observations, guild: discord.Guild, room: discord.VoiceChannel
) -> None:
    coach = await guild.fetch_member(COACH)
    await _refused(observed, "nobody in voice", coach.fetch_voice())
    await _refused(observed, "a move of nobody", coach.move_to(None))
    served.act("voice", guild_id=seed.GUILD_ID, user_id=seed.COACH_ID, channel_id=str(room.id))
    sits = await coach.fetch_voice()
    observed.facts["sits in the room"] = sits.channel.id == room.id
    # Of the channel, too, discord.py reads the id alone.
    lounge = cast(discord.VoiceChannel, discord.Object(int(seed.LOUNGE_CHANNEL_ID)))
    await coach.move_to(lounge, reason="Next door")
    observed.facts["moved"] = served.discord.guild()["voice"][0]["channel_id"]
    await coach.move_to(None, reason="The time is up")
    observed.facts["disconnected"] = served.discord.guild()["voice"]


async def _assign_role(served: ServedSandbox, observed: Observations, guild: discord.Guild) -> None:
    student = await guild.fetch_member(STUDENT)
    role = await guild.create_role(name="Session 7f3k2p", colour=0x2E7D5B, reason=REASON)
    observed.facts["role"] = (role.name, role.permissions.value, role.colour.value, role.position)
    await student.add_roles(role)
    observed.facts["has the role"] = str(role.id) in served.roles_of(seed.STUDENT_ID)
    await role.edit(name="Session over")
    await student.remove_roles(role)
    await role.delete(reason=REASON)
    await _refused(observed, "a role that has gone", role.delete())


async def _meet_refusals(observed: Observations, connected: discord.Client, guild: discord.Guild) -> None:
    student = await guild.fetch_member(STUDENT)
    team = discord.Object(int(seed.TEAM_ROLE_ID))
    await _refused(observed, "a role above the bot", student.add_roles(team))
    mighty = discord.Permissions(administrator=True)
    await _refused(observed, "a role mightier than the bot", guild.create_role(name="a", permissions=mighty))
    ban: Overwrites = {discord.Object(STUDENT, type=discord.Member): discord.PermissionOverwrite(ban_members=True)}
    await _refused(observed, "an overwrite the bot may not give", guild.create_voice_channel("a", overwrites=ban))
    await _refused(observed, "a hidden channel", connected.fetch_channel(int(seed.BACKSTAGE_CHANNEL_ID)))
    await _refused(observed, "a name without end", guild.create_voice_channel("a" * 101))
    text = await guild.create_text_channel("Nova’s  Room! No. 2", topic="Hello")
    observed.facts["text channel"] = (text.name, text.topic)
    await text.delete()


async def _write_directly(served: ServedSandbox, observed: Observations, connected: discord.Client) -> None:
    student = await connected.fetch_user(STUDENT)
    embed = discord.Embed(title="Booked", description="Mixing call")
    view = discord.ui.View().add_item(discord.ui.Button(label="Open", url=LINK))
    sent = await student.send("Your room is open.", embed=embed, view=view)
    [row] = sent.components
    assert isinstance(row, discord.ActionRow)
    button = row.children[0]
    assert isinstance(button, discord.Button)
    observed.facts["direct message"] = (sent.content, sent.embeds[0].title, button.label, button.url)
    served.act("direct-messages", user_id=seed.STUDENT_ID, is_open=False)
    await _refused(observed, "a person who takes no messages", student.send("Hello"))


async def _close_room(observed: Observations, connected: discord.Client, room: discord.VoiceChannel) -> None:
    await room.delete(reason="The session is over")
    await _refused(observed, "a room that has gone", room.delete())
    await _refused(observed, "a look at a room that has gone", connected.fetch_channel(room.id))


async def _refused(observed: Observations, call_name: str, call: Awaitable[Any]) -> None:
    """Discord's code for the refusal is in the story; a success would be 0."""
    try:
        await call
    except discord.HTTPException as error:
        observed.refusals[call_name] = error.code
    else:
        observed.refusals[call_name] = 0


async def _fetched(guild: discord.Guild, room: discord.VoiceChannel) -> discord.VoiceChannel:
    channel = await guild.fetch_channel(room.id)
    assert isinstance(channel, discord.VoiceChannel)
    return channel


def _entries(channel: discord.abc.GuildChannel) -> dict[str, tuple[int, int]]:
    pairs = {str(entry.id): entry for entry in channel._overwrites}
    return {target: (entry.allow, entry.deny) for target, entry in pairs.items()}


def _bot() -> discord.Object:
    return discord.Object(int(seed.APPLICATION_ID), type=discord.Member)
