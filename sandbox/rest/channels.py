"""Channels of a guild: list, make, read, change, delete."""

from dataclasses import replace
from typing import Any

from flask import request

from sandbox import admin_actions, answers, bodies, guilds
from sandbox.context import here
from sandbox.errors import BadForm, Refused
from sandbox.middleware import Answer, bot_call
from sandbox.names import channel_name
from sandbox.permissions import Right
from sandbox.records import CATEGORY, TEXT, VOICE, Channel, Guild
from sandbox.rest import rest
from sandbox.rest.access import audit, own_guild, own_rights, reachable_channel
from sandbox.rest.overwrites import require_grantable, require_targets, with_overwrites

MOST_CHANNELS = 500
MOST_CATEGORIES = 50
MOST_IN_CATEGORY = 50
COMMUNITY_TYPES = (5, 13, 14, 15)


@rest.get("/guilds/<guild_id>/channels")
@bot_call
def channels(guild_id: str) -> Answer:
    """Every channel the bot can view; the others are left out."""
    sandbox = here()
    guild = own_guild(guild_id)
    everything = guilds.channels_in_order(sandbox.state, guild.id)
    return [answers.channel(c) for c in everything if guilds.may_see(sandbox.state, c, sandbox.bot_id)], 200


@rest.post("/guilds/<guild_id>/channels")
@bot_call
def make_channel(guild_id: str) -> Answer:
    """A new channel, last in its category; without overwrites of its own it starts with the category's."""
    sandbox = here()
    state = sandbox.state
    guild = own_guild(guild_id)
    guilds.require(own_rights(guild), Right.MANAGE_CHANNELS)
    body = bodies.json_body(request)
    bodies.text(body, "name", least=1, most=100, required=True)
    draft = _with_fields(Channel("", guild.id, _wanted_type(body), ""), body)
    own = bodies.overwrites(body)
    require_grantable(guild, None, own or ())
    require_targets(guild, own or ())
    parent = _wanted_parent(draft, body)
    _require_room(guild, draft, parent)
    if own is None:
        own = parent.overwrites if parent else ()
    parent_id = parent.id if parent else None
    siblings = state.every(Channel, guild_id=guild.id, parent_id=parent_id)
    channel = state.put(
        replace(
            draft,
            id=state.new_id(),
            overwrites=own,
            parent_id=parent_id,
            position=bodies.whole(body, "position", least=0, most=1 << 31, default=len(siblings)),
        )
    )
    audit(guild.id, "CHANNEL_CREATE", channel.id)
    return answers.channel(channel), 201


@rest.get("/channels/<channel_id>")
@bot_call
def channel(channel_id: str) -> Answer:
    sandbox = here()
    known_channel = guilds.known_channel(sandbox.state, channel_id)
    if not guilds.may_see(sandbox.state, known_channel, sandbox.bot_id):
        raise Refused(50001)
    return answers.channel(known_channel), 200


@rest.patch("/channels/<channel_id>")
@bot_call
def change_channel(channel_id: str) -> Answer:
    """The named fields change; a list of overwrites replaces the whole list."""
    sandbox = here()
    state = sandbox.state
    before, rights = reachable_channel(channel_id)
    guilds.require(rights, Right.MANAGE_CHANNELS)
    guild = guilds.known_guild(state, before.guild_id)
    body = bodies.json_body(request)
    after = _with_fields(before, body)
    if (after.name, after.topic) != (before.name, before.topic):
        sandbox.limits.take_rename(before.id)
    if "parent_id" in body:
        parent = _wanted_parent(after, body)
        if parent and parent.id != before.parent_id:
            _require_room_in(parent)
        after = replace(after, parent_id=parent.id if parent else None)
    own = bodies.overwrites(body)
    if own is not None:
        guilds.require(rights, Right.MANAGE_ROLES)
        require_grantable(guild, before, own)
        require_targets(guild, own)
        after = with_overwrites(after, own)
    after = replace(after, position=bodies.whole(body, "position", least=0, most=1 << 31, default=before.position))
    state.put(after)
    audit(guild.id, "CHANNEL_UPDATE", after.id)
    return answers.channel(after), 200


@rest.delete("/channels/<channel_id>")
@bot_call
def delete_channel(channel_id: str) -> Answer:
    doomed, rights = reachable_channel(channel_id)
    guilds.require(rights, Right.MANAGE_CHANNELS)
    admin_actions.delete_channel(here().state, doomed)
    audit(doomed.guild_id, "CHANNEL_DELETE", doomed.id)
    return answers.channel(doomed), 200


def _wanted_type(body: dict[str, Any]) -> int:
    kind = bodies.whole(body, "type", least=0, most=99, default=TEXT)
    if kind in COMMUNITY_TYPES:
        raise Refused(50024)
    if kind not in (TEXT, VOICE, CATEGORY):
        raise BadForm("type", "BASE_TYPE_CHOICES", "Value must be one of (0, 2, 4, 5, 13, 14, 15).")
    return kind


def _with_fields(channel: Channel, body: dict[str, Any]) -> Channel:
    """The channel with the body's plain fields; what its type does not have is left out silently."""
    name = bodies.text(body, "name", least=1, most=100)
    if name is not None:
        name = channel_name(name, channel.type)
        if not name:
            raise BadForm("name", "BASE_TYPE_BAD_LENGTH", "Must be between 1 and 100 in length.")
        channel = replace(channel, name=name)
    topic = bodies.text(body, "topic", most=1024)
    if channel.type == TEXT and "topic" in body:
        channel = replace(channel, topic=topic or None)
    bitrate = bodies.whole(body, "bitrate", least=8000, most=96000, default=channel.bitrate)
    user_limit = bodies.whole(body, "user_limit", least=0, most=99, default=channel.user_limit)
    return replace(
        channel,
        bitrate=bitrate,
        user_limit=user_limit,
        nsfw=bodies.flag(body, "nsfw", channel.nsfw),
        rate_limit_per_user=bodies.whole(
            body, "rate_limit_per_user", least=0, most=21600, default=channel.rate_limit_per_user
        ),
    )


def _wanted_parent(channel: Channel, body: dict[str, Any]) -> Channel | None:
    """The category in the body, where the bot may put channels, or None."""
    sandbox = here()
    parent_id = bodies.snowflake(body, "parent_id")
    if parent_id is None:
        return None
    parent = guilds.known_channel(sandbox.state, parent_id)
    if parent.guild_id != channel.guild_id:
        raise Refused(10003)
    if parent.type != CATEGORY:
        raise BadForm("parent_id", "CHANNEL_PARENT_INVALID_TYPE", "Not a category")
    if channel.type == CATEGORY:
        raise BadForm("parent_id", "CHANNEL_PARENT_INVALID", "Categories cannot have subcategories")
    guilds.require(guilds.require_access(sandbox.state, parent, sandbox.bot_id), Right.MANAGE_CHANNELS)
    return parent


def _require_room(guild: Guild, draft: Channel, parent: Channel | None) -> None:
    """Nothing, or the refusal of one channel too many."""
    existing = here().state.every(Channel, guild_id=guild.id)
    if len(existing) >= MOST_CHANNELS:
        raise Refused(30013)
    if draft.type == CATEGORY and sum(c.type == CATEGORY for c in existing) >= MOST_CATEGORIES:
        raise Refused(30013)
    if parent:
        _require_room_in(parent)


def _require_room_in(parent: Channel) -> None:
    if len(here().state.every(Channel, parent_id=parent.id)) >= MOST_IN_CATEGORY:
        raise BadForm("parent_id", "CHANNEL_PARENT_MAX_CHANNELS", "Maximum number of channels in category reached (50)")
