"""Roles and who has them, with Discord's hierarchy."""

from dataclasses import replace

from flask import request

from sandbox import answers, bodies, guilds, permissions
from sandbox.context import here
from sandbox.errors import Refused
from sandbox.middleware import Answer, bot_call
from sandbox.permissions import Right
from sandbox.records import Channel, Guild, Member, Role
from sandbox.rest import rest
from sandbox.rest.access import audit, own_guild, own_rights

MOST_ROLES = 250


@rest.get("/guilds/<guild_id>/roles")
@bot_call
def roles(guild_id: str) -> Answer:
    own_guild(guild_id)
    return [answers.role(role) for role in here().state.every(Role, guild_id=guild_id)], 200


@rest.post("/guilds/<guild_id>/roles")
@bot_call
def make_role(guild_id: str) -> Answer:
    """A new role at the bottom; without `permissions` it gets those of @everyone."""
    state = here().state
    guild = own_guild(guild_id)
    guilds.require(own_rights(guild), Right.MANAGE_ROLES)
    everyone = guilds.known_role(state, guild.id, guild.id)
    draft = _with_changes(Role("", guild.id, "new role", everyone.permissions, 1), guild)
    if len(state.every(Role, guild_id=guild.id)) >= MOST_ROLES:
        raise Refused(30005)
    role = state.put(replace(draft, id=state.new_id()))
    audit(guild.id, "ROLE_CREATE", role.id)
    return answers.role(role), 200


@rest.patch("/guilds/<guild_id>/roles/<role_id>")
@bot_call
def change_role(guild_id: str, role_id: str) -> Answer:
    state = here().state
    guild, role = _own_role(guild_id, role_id)
    role = state.put(_with_changes(role, guild))
    audit(guild.id, "ROLE_UPDATE", role.id)
    return answers.role(role), 200


@rest.delete("/guilds/<guild_id>/roles/<role_id>")
@bot_call
def delete_role(guild_id: str, role_id: str) -> Answer:
    """The role is gone, from its members and from every channel's overwrites."""
    state = here().state
    guild, role = _own_role(guild_id, role_id)
    if role.is_everyone or role.managed_by:
        raise Refused(50028)
    for member in state.every(Member, guild_id=guild.id):
        if role.id in member.role_ids:
            state.put(replace(member, role_ids=tuple(r for r in member.role_ids if r != role.id)))
    for channel in state.every(Channel, guild_id=guild.id):
        if any(entry.id == role.id for entry in channel.overwrites):
            state.put(replace(channel, overwrites=tuple(o for o in channel.overwrites if o.id != role.id)))
    state.remove(role)
    audit(guild.id, "ROLE_DELETE", role.id)
    return None


@rest.put("/guilds/<guild_id>/members/<user_id>/roles/<role_id>")
@bot_call
def give_role(guild_id: str, user_id: str, role_id: str) -> Answer:
    state = here().state
    guild, role, member = _own_role_of(guild_id, user_id, role_id)
    if role.id not in member.role_ids:
        state.put(replace(member, role_ids=(*member.role_ids, role.id)))
        audit(guild.id, "MEMBER_ROLE_UPDATE", user_id)
    return None


@rest.delete("/guilds/<guild_id>/members/<user_id>/roles/<role_id>")
@bot_call
def take_role(guild_id: str, user_id: str, role_id: str) -> Answer:
    state = here().state
    guild, role, member = _own_role_of(guild_id, user_id, role_id)
    if role.id in member.role_ids:
        state.put(replace(member, role_ids=tuple(r for r in member.role_ids if r != role.id)))
        audit(guild.id, "MEMBER_ROLE_UPDATE", user_id)
    return None


def _own_role(guild_id: str, role_id: str) -> tuple[Guild, Role]:
    """The guild and a role in it that stands below the bot's highest."""
    sandbox = here()
    guild = own_guild(guild_id)
    role = guilds.known_role(sandbox.state, guild.id, role_id)
    guilds.require(own_rights(guild), Right.MANAGE_ROLES)
    guilds.require_below(sandbox.state, guild, sandbox.bot_id, role)
    return guild, role


def _own_role_of(guild_id: str, user_id: str, role_id: str) -> tuple[Guild, Role, Member]:
    state = here().state
    member = guilds.known_member(state, own_guild(guild_id).id, user_id)
    guild, role = _own_role(guild_id, role_id)
    if role.is_everyone or role.managed_by:
        raise Refused(50028)
    return guild, role, member


def _with_changes(role: Role, guild: Guild) -> Role:
    """The role as the body wants it; a bit the bot lacks itself is refused."""
    body = bodies.json_body(request)
    wanted = bodies.rights(body, "permissions", role.permissions)
    # A right that is there already, or given by default, is not the bot's gift.
    if not permissions.has(own_rights(guild), wanted & ~role.permissions):
        raise Refused(50013)
    return replace(
        role,
        name=bodies.text(body, "name", most=100) or role.name,
        permissions=wanted,
        color=_color(body, role.color),
        hoist=bodies.flag(body, "hoist", role.hoist),
        mentionable=bodies.flag(body, "mentionable", role.mentionable),
    )


def _color(body: bodies.Body, default: int) -> int:
    """The colour in the body, by its newer name or by its older one."""
    colors = body.get("colors")
    if isinstance(colors, dict):
        return bodies.whole(colors, "primary_color", least=0, most=0xFFFFFF, default=default)
    return bodies.whole(body, "color", least=0, most=0xFFFFFF, default=default)
