"""Guilds, their members and who sits in voice."""

from dataclasses import replace
from typing import Any

from flask import request

from sandbox import admin_actions, answers, bodies, guilds
from sandbox.context import here
from sandbox.errors import Refused
from sandbox.middleware import Answer, bot_call
from sandbox.oauth_records import Token
from sandbox.permissions import Right
from sandbox.records import Ban, Guild, Member, pair
from sandbox.rest import rest
from sandbox.rest.access import audit, own_guild, own_rights
from sandbox.secret import digest


@rest.get("/guilds/<guild_id>")
@bot_call
def guild(guild_id: str) -> Answer:
    with_counts = request.args.get("with_counts", "").lower() in ("true", "1")
    return answers.guild(here().state, own_guild(guild_id), with_counts=with_counts), 200


@rest.get("/guilds/<guild_id>/members/<user_id>")
@bot_call
def member(guild_id: str, user_id: str) -> Answer:
    own_guild(guild_id)
    state = here().state
    return answers.member(state, guilds.known_member(state, guild_id, user_id)), 200


@rest.put("/guilds/<guild_id>/members/<user_id>")
@bot_call
def add_member(guild_id: str, user_id: str) -> Answer:
    """A person joins by their own access token; 204 when they are in already."""
    state = here().state
    place = own_guild(guild_id)
    guilds.require(own_rights(place), Right.CREATE_INSTANT_INVITE)
    body = bodies.json_body(request)
    _require_join_token(body, user_id)
    person = guilds.known_person(state, user_id)
    if guilds.find_member(state, place.id, person.id):
        return None
    if state.find(Ban, pair(place.id, person.id)):
        raise Refused(40007)
    nick, roles = _wanted_profile(place, body)
    joined = admin_actions.join(state, place, person, here().bot_id)
    return answers.member(state, state.put(replace(joined, nick=nick, role_ids=roles or ()))), 201


@rest.patch("/guilds/<guild_id>/members/<user_id>")
@bot_call
def change_member(guild_id: str, user_id: str) -> Answer:
    """Roles, nickname, or the voice channel: null disconnects."""
    state = here().state
    place = own_guild(guild_id)
    changed = guilds.known_member(state, guild_id, user_id)
    body = bodies.json_body(request)
    nick, roles = _wanted_profile(place, body)
    if "nick" in body:
        changed = replace(changed, nick=nick)
        audit(place.id, "MEMBER_UPDATE", user_id)
    if roles is not None:
        for role_id in set(roles) ^ set(changed.role_ids):
            guilds.require_below(state, place, here().bot_id, guilds.known_role(state, place.id, role_id))
        changed = replace(changed, role_ids=roles)
        audit(place.id, "MEMBER_ROLE_UPDATE", user_id)
    if "channel_id" in body:
        _move(place, changed, bodies.snowflake(body, "channel_id"))
    state.put(changed)
    return answers.member(state, changed), 200


@rest.get("/guilds/<guild_id>/voice-states/<user_id>")
@bot_call
def voice_state(guild_id: str, user_id: str) -> Answer:
    """Where a member sits; 50001 for a channel which the bot could not enter itself."""
    sandbox = here()
    own_guild(guild_id)
    seat = guilds.find_voice(sandbox.state, guild_id, user_id)
    if seat is None:
        raise Refused(10065)
    if not guilds.may_enter(sandbox.state, guilds.known_channel(sandbox.state, seat.channel_id), sandbox.bot_id):
        raise Refused(50001)
    return answers.voice_state(sandbox.state, seat), 200


def _require_join_token(body: dict[str, Any], user_id: str) -> None:
    sent = bodies.text(body, "access_token", most=10240, required=True)
    state = here().state
    token = state.find(Token, digest(sent or ""))
    if token is None or token.expires_at <= state.clock() or token.user_id != user_id:
        raise Refused(50025)
    if "guilds.join" not in token.scopes:
        raise Refused(50026)


def _wanted_profile(place: Guild, body: dict[str, Any]) -> tuple[str | None, tuple[str, ...] | None]:
    """The nickname and roles in the body, once the bot may give them."""
    state, rights = here().state, own_rights(place)
    nick = bodies.text(body, "nick", most=32)
    if nick is not None:
        guilds.require(rights, Right.MANAGE_NICKNAMES)
    roles = bodies.snowflakes(body, "roles", most=250)
    if roles is not None:
        guilds.require(rights, Right.MANAGE_ROLES)
    for role_id in roles or ():
        guilds.known_role(state, place.id, role_id)
    return nick, roles


def _move(place: Guild, target: Member, channel_id: str | None) -> None:
    """The member is out of voice, or in another channel."""
    sandbox = here()
    state = sandbox.state
    seat = guilds.find_voice(state, place.id, target.user_id)
    if seat is None:
        raise Refused(40032)
    here_rights = guilds.rights_in_channel(state, guilds.known_channel(state, seat.channel_id), sandbox.bot_id)
    guilds.require(here_rights, Right.MOVE_MEMBERS)
    if channel_id is None:
        state.remove(seat)
        audit(place.id, "MEMBER_DISCONNECT", target.user_id)
        return
    channel = guilds.known_channel(state, channel_id)
    guilds.require(guilds.require_access(state, channel, sandbox.bot_id), Right.MOVE_MEMBERS)
    state.put(replace(seat, channel_id=channel.id, since=state.clock()))
    audit(place.id, "MEMBER_MOVE", channel.id)
