"""Permission overwrites of a channel, and which bits the bot may put into them."""

from collections.abc import Iterable
from dataclasses import replace

from flask import g, request

from sandbox import bodies, guilds, permissions
from sandbox.context import here
from sandbox.errors import Refused
from sandbox.middleware import Answer, bot_call
from sandbox.permissions import ALL_RIGHTS, Right
from sandbox.records import FOR_ROLE, Channel, Guild, Overwrite
from sandbox.rest import rest
from sandbox.rest.access import audit, own_rights, reachable_channel

MOST_OVERWRITES = 1000


@rest.put("/channels/<channel_id>/permissions/<overwrite_id>")
@bot_call
def set_overwrite(channel_id: str, overwrite_id: str) -> Answer:
    """The one entry is as told, in place of what it was."""
    channel, guild = _editable(channel_id)
    entry = bodies.overwrite(bodies.json_body(request), str(int(overwrite_id)))
    require_grantable(guild, channel, [entry])
    require_targets(guild, [entry])
    others = tuple(other for other in channel.overwrites if other.id != entry.id)
    if len(others) >= MOST_OVERWRITES:
        raise Refused(30060)
    here().state.put(with_overwrites(channel, (*others, entry)))
    is_new = len(others) == len(channel.overwrites)
    audit(guild.id, f"CHANNEL_OVERWRITE_{'CREATE' if is_new else 'UPDATE'}", channel.id)
    return None


@rest.delete("/channels/<channel_id>/permissions/<overwrite_id>")
@bot_call
def delete_overwrite(channel_id: str, overwrite_id: str) -> Answer:
    channel, guild = _editable(channel_id)
    left = tuple(entry for entry in channel.overwrites if entry.id != overwrite_id)
    if len(left) == len(channel.overwrites):
        raise Refused(10009)
    here().state.put(with_overwrites(channel, left))
    audit(guild.id, "CHANNEL_OVERWRITE_DELETE", channel.id)
    return None


def with_overwrites(channel: Channel, entries: tuple[Overwrite, ...]) -> Channel:
    """The channel with these overwrites; when a lost edit is ordered, the old ones go on holding unseen."""
    lost = g.fault is not None and g.fault.kind == "edit_lost"
    held = channel.effective_overwrites if lost else None
    return replace(channel, overwrites=entries, holding_overwrites=held)


def require_grantable(guild: Guild, channel: Channel | None, entries: Iterable[Overwrite]) -> None:
    """Nothing, or 50013 for a bit which the bot may neither allow nor deny here."""
    grantable = _grantable(guild, channel)
    for entry in entries:
        if (entry.allow | entry.deny) & ~grantable:
            raise Refused(50013)


def require_targets(guild: Guild, entries: Iterable[Overwrite]) -> None:
    """Nothing, or the refusal of a role or person that does not exist; a person need not be a member."""
    state = here().state
    for entry in entries:
        if entry.type == FOR_ROLE:
            guilds.known_role(state, guild.id, entry.id)
        else:
            guilds.known_person(state, entry.id)


def _editable(channel_id: str) -> tuple[Channel, Guild]:
    channel, rights = reachable_channel(channel_id)
    guilds.require(rights, Right.MANAGE_ROLES)
    return channel, guilds.known_guild(here().state, channel.guild_id)


def _grantable(guild: Guild, channel: Channel | None) -> int:
    """The bits the bot may set: its own in the guild, or in the parent category of an existing channel."""
    sandbox = here()
    rights = own_rights(guild)
    if rights & Right.ADMINISTRATOR:
        return ALL_RIGHTS
    if channel is not None:
        bot = guilds.known_member(sandbox.state, guild.id, sandbox.bot_id)
        roles = {*bot.role_ids, guild.id}
        if permissions.granted_by_overwrite(channel.effective_overwrites, bot.user_id, roles, Right.MANAGE_ROLES):
            return ALL_RIGHTS
        if channel.parent_id:
            parent = guilds.known_channel(sandbox.state, channel.parent_id)
            rights |= guilds.rights_in_channel(sandbox.state, parent, sandbox.bot_id)
    return rights & ~int(Right.MANAGE_ROLES)
