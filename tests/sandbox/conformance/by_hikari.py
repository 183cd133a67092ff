"""A session's life as hikari leads it, over REST alone."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

import hikari
from hikari.impl import RESTApp, RESTClientImpl

from sandbox import seed
from tests.sandbox.conformance.served import BOT_TOKEN, LINK, REASON, Observations, ServedSandbox

GUILD, COACH, STUDENT, NEWCOMER = map(int, (seed.GUILD_ID, seed.COACH_ID, seed.STUDENT_ID, seed.NEWCOMER_ID))
BOT_ID = int(seed.APPLICATION_ID)
Right = hikari.Permissions
PRIVATE = Right.VIEW_CHANNEL | Right.CONNECT
PERSON = (
    Right.VIEW_CHANNEL
    | Right.CONNECT
    | Right.SPEAK
    | Right.STREAM
    | Right.USE_VOICE_ACTIVITY
    | Right.SEND_MESSAGES
    | Right.READ_MESSAGE_HISTORY
    | Right.EMBED_LINKS
    | Right.ATTACH_FILES
)
BOT = Right.VIEW_CHANNEL | Right.CONNECT | Right.MANAGE_CHANNELS | Right.SEND_MESSAGES
MEMBER, ROLE = hikari.PermissionOverwriteType.MEMBER, hikari.PermissionOverwriteType.ROLE


@asynccontextmanager
async def client(served: ServedSandbox, **options: Any) -> AsyncIterator[RESTClientImpl]:
    """A client that carries the bot's token."""
    app = RESTApp(url=served.api_url, **options)
    await app.start()
    try:
        async with app.acquire(BOT_TOKEN, hikari.TokenType.BOT) as rest:
            yield rest
    finally:
        await app.close()


async def live(served: ServedSandbox) -> Observations:
    """The whole life of one session's room, from the bot's sign-in to the room's end."""
    observed = Observations()
    async with client(served) as rest:
        await _look_around(observed, rest)
        await _join(served, observed, rest)
        room = await _open_room(observed, rest)
        await _change_overwrites(observed, rest, room)
        await _write(observed, rest, room)
        await _sit_in_voice(served, observed, rest, room)
        await _assign_role(served, observed, rest)
        await _meet_refusals(observed, rest)
        await _write_directly(served, observed, rest)
        await _close_room(observed, rest, room)
    return observed


async def _look_around(observed: Observations, rest: RESTClientImpl) -> None:
    observed.facts["application"] = str((await rest.fetch_application()).id)
    observed.facts["bot"] = str((await rest.fetch_my_user()).id)
    guild = await rest.fetch_guild(GUILD)
    observed.facts["guild"] = (guild.name, guild.approximate_member_count)
    roles = {role.id: role for role in await rest.fetch_roles(GUILD)}
    in_order = sorted(roles.values(), key=lambda role: role.position, reverse=True)
    observed.facts["roles"] = [role.name for role in in_order]
    observed.facts["channels"] = sorted(channel.name for channel in await rest.fetch_guild_channels(GUILD))
    coach = await rest.fetch_member(GUILD, COACH)
    # hikari adds @everyone to a member's roles itself.
    observed.facts["coach"] = (
        coach.global_name,
        [roles[role_id].name for role_id in coach.role_ids if role_id != GUILD],
    )


async def _join(served: ServedSandbox, observed: Observations, rest: RESTClientImpl) -> None:
    await _refused(observed, "a person who is not in", rest.fetch_member(GUILD, NEWCOMER))
    token = served.discord.access_token(seed.NEWCOMER_ID)
    joined = await rest.add_user_to_guild(token, GUILD, NEWCOMER)
    observed.facts["joined"] = str(joined.id)
    observed.facts["joined again"] = await rest.add_user_to_guild(token, GUILD, NEWCOMER)


async def _open_room(observed: Observations, rest: RESTClientImpl) -> hikari.GuildVoiceChannel:
    overwrites = [_private(), _person(COACH), _person(STUDENT), _bot()]
    room = await rest.create_guild_voice_channel(
        GUILD,
        "Coaching  7f3k2p ",
        permission_overwrites=overwrites,
        category=int(seed.STUDIO_CATEGORY_ID),
        user_limit=4,
        reason=REASON,
    )
    guild_voice_channel = await rest.fetch_channel(room.id)
    assert isinstance(guild_voice_channel, hikari.GuildVoiceChannel)
    observed.facts["room"] = (
        guild_voice_channel.name,
        guild_voice_channel.user_limit,
        guild_voice_channel.bitrate,
        str(guild_voice_channel.parent_id),
        _entries(guild_voice_channel),
    )
    return guild_voice_channel


async def _change_overwrites(observed: Observations, rest: RESTClientImpl, room: hikari.GuildVoiceChannel) -> None:
    await rest.edit_permission_overwrite(room, NEWCOMER, target_type=MEMBER, allow=PERSON, reason="Late booking")
    observed.facts["after a late booking"] = _entries(await rest.fetch_channel(room.id))
    await rest.delete_permission_overwrite(room, NEWCOMER)
    observed.facts["after a cancellation"] = _entries(await rest.fetch_channel(room.id))
    edited = await rest.edit_channel(room, permission_overwrites=[_private(), _person(COACH), _bot()])
    observed.facts["after a list of its own"] = _entries(edited)


async def _write(observed: Observations, rest: RESTClientImpl, room: hikari.GuildVoiceChannel) -> None:
    first = await rest.create_message(room, f"Hi <@{COACH}>", nonce="7f3k2p", user_mentions=False)
    again = await rest.create_message(room, f"Hi <@{COACH}>", nonce="7f3k2p", user_mentions=False)
    observed.facts["the same nonce is one message"] = first.id == again.id
    observed.facts["nobody is told"] = not first.user_mentions
    observed.facts["history"] = [message.content for message in await rest.fetch_messages(room).limit(10)]
    await rest.delete_message(room, first)
    await _refused(observed, "the nonce of a deleted message", rest.create_message(room, "Hi", nonce="7f3k2p"))
    invite = await rest.create_invite(room, max_age=3600, max_uses=1)
    observed.facts["invite"] = (int(invite.max_age.total_seconds()), invite.max_uses, invite.channel.id == room.id)


async def _sit_in_voice(
    served: ServedSandbox, observed: Observations, rest: RESTClientImpl, room: hikari.GuildVoiceChannel
) -> None:
    await _refused(observed, "nobody in voice", rest.fetch_voice_state(GUILD, COACH))
    await _refused(observed, "a move of nobody", rest.edit_member(GUILD, COACH, voice_channel=None))
    served.act("voice", guild_id=seed.GUILD_ID, user_id=seed.COACH_ID, channel_id=str(room.id))
    sits = await rest.fetch_voice_state(GUILD, COACH)
    observed.facts["sits in the room"] = sits.channel_id == room.id
    await rest.edit_member(GUILD, COACH, voice_channel=int(seed.LOUNGE_CHANNEL_ID), reason="Next door")
    observed.facts["moved"] = served.discord.guild()["voice"][0]["channel_id"]
    await rest.edit_member(GUILD, COACH, voice_channel=None, reason="The time is up")
    observed.facts["disconnected"] = served.discord.guild()["voice"]


async def _assign_role(served: ServedSandbox, observed: Observations, rest: RESTClientImpl) -> None:
    role = await rest.create_role(GUILD, name="Session 7f3k2p", color=0x2E7D5B, reason=REASON)
    observed.facts["role"] = (role.name, int(role.permissions), int(role.color), role.position)
    await rest.add_role_to_member(GUILD, STUDENT, role)
    observed.facts["has the role"] = str(role.id) in served.roles_of(seed.STUDENT_ID)
    await rest.edit_role(GUILD, role, name="Session over")
    await rest.remove_role_from_member(GUILD, STUDENT, role)
    await rest.delete_role(GUILD, role, reason=REASON)
    await _refused(observed, "a role that has gone", rest.delete_role(GUILD, role))


async def _meet_refusals(observed: Observations, rest: RESTClientImpl) -> None:
    await _refused(observed, "a role above the bot", rest.add_role_to_member(GUILD, STUDENT, int(seed.TEAM_ROLE_ID)))
    mighty = rest.create_role(GUILD, name="a", permissions=Right.ADMINISTRATOR)
    await _refused(observed, "a role mightier than the bot", mighty)
    ban = [hikari.PermissionOverwrite(id=STUDENT, type=MEMBER, deny=Right.BAN_MEMBERS)]
    forbidden = rest.create_guild_voice_channel(GUILD, "a", permission_overwrites=ban)
    await _refused(observed, "an overwrite the bot may not give", forbidden)
    await _refused(observed, "a hidden channel", rest.fetch_channel(int(seed.BACKSTAGE_CHANNEL_ID)))
    await _refused(observed, "a name without end", rest.create_guild_voice_channel(GUILD, "a" * 101))
    text = await rest.create_guild_text_channel(GUILD, "Nova’s  Room! No. 2", topic="Hello")
    observed.facts["text channel"] = (text.name, text.topic)
    await rest.delete_channel(text)


async def _write_directly(served: ServedSandbox, observed: Observations, rest: RESTClientImpl) -> None:
    student = await rest.fetch_user(STUDENT)
    talk = await rest.create_dm_channel(student)
    embed = hikari.Embed(title="Booked", description="Mixing call")
    link = rest.build_message_action_row().add_link_button(LINK, label="Open")
    sent = await rest.create_message(talk, "Your room is open.", embed=embed, component=link)
    row = sent.components[0]
    assert isinstance(row, hikari.ActionRowComponent)
    button = row.components[0]
    assert isinstance(button, hikari.ButtonComponent)
    observed.facts["direct message"] = (sent.content, sent.embeds[0].title, button.label, button.url)
    served.act("direct-messages", user_id=seed.STUDENT_ID, is_open=False)
    await _refused(observed, "a person who takes no messages", rest.create_message(talk, "Hello"))


async def _close_room(observed: Observations, rest: RESTClientImpl, room: hikari.GuildVoiceChannel) -> None:
    await rest.delete_channel(room, reason="The session is over")
    await _refused(observed, "a room that has gone", rest.delete_channel(room))
    await _refused(observed, "a look at a room that has gone", rest.fetch_channel(room))


async def _refused(observed: Observations, call_name: str, call: Awaitable[Any]) -> None:
    """Discord's code for the refusal is in the story; a success would be 0."""
    try:
        await call
    except hikari.ClientHTTPResponseError as error:
        observed.refusals[call_name] = error.code
    else:
        observed.refusals[call_name] = 0


def _private() -> hikari.PermissionOverwrite:
    return hikari.PermissionOverwrite(id=GUILD, type=ROLE, deny=PRIVATE)


def _person(user_id: int) -> hikari.PermissionOverwrite:
    return hikari.PermissionOverwrite(id=user_id, type=MEMBER, allow=PERSON)


def _bot() -> hikari.PermissionOverwrite:
    return hikari.PermissionOverwrite(id=BOT_ID, type=MEMBER, allow=BOT)


def _entries(channel: hikari.PartialChannel) -> dict[str, tuple[int, int]]:
    assert isinstance(channel, hikari.PermissibleGuildChannel)
    return {
        str(overwrite.id): (int(overwrite.allow), int(overwrite.deny))
        for overwrite in channel.permission_overwrites.values()
    }
