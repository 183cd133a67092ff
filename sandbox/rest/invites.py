"""Invites to a channel."""

import secrets

from flask import request

from sandbox import answers, bodies, guilds
from sandbox.context import here
from sandbox.errors import BadForm, Refused
from sandbox.middleware import Answer, bot_call
from sandbox.permissions import Right
from sandbox.records import Invite
from sandbox.rest import rest
from sandbox.rest.access import audit, reachable_channel

MOST_INVITES = 1000


@rest.post("/channels/<channel_id>/invites")
@bot_call
def make_invite(channel_id: str) -> Answer:
    """An invite; a similar one is used again unless `unique`. The body must be there, if only `{}`."""
    sandbox = here()
    state = sandbox.state
    channel, rights = reachable_channel(channel_id)
    guilds.require(rights, Right.CREATE_INSTANT_INVITE)
    if not request.get_data():
        raise BadForm("", "BASE_TYPE_REQUIRED", "This field is required")
    body = bodies.json_body(request)
    wanted = Invite(
        code=secrets.token_hex(4),
        guild_id=channel.guild_id,
        channel_id=channel.id,
        max_age=bodies.whole(body, "max_age", least=0, most=604800, default=86400),
        max_uses=bodies.whole(body, "max_uses", least=0, most=100, default=0),
        temporary=bodies.flag(body, "temporary"),
        at=state.clock(),
    )
    existing = state.every(Invite, guild_id=channel.guild_id)
    similar = [invite for invite in existing if _terms(invite) == _terms(wanted)]
    if similar and not bodies.flag(body, "unique"):
        return answers.invite(state, similar[0], sandbox.bot_id), 200
    if len(existing) >= MOST_INVITES:
        raise Refused(30016)
    state.put(wanted)
    audit(channel.guild_id, "INVITE_CREATE", channel.id)
    return answers.invite(state, wanted, sandbox.bot_id), 200


def _terms(invite: Invite) -> tuple[str, int, int, bool]:
    return invite.channel_id, invite.max_age, invite.max_uses, invite.temporary
