"""Messages, in guild channels and in direct ones."""

import re
from dataclasses import replace
from typing import Any

from flask import request

from sandbox import answers, bodies, components, guilds
from sandbox.context import here
from sandbox.errors import BadForm, Refused
from sandbox.middleware import Answer, bot_call
from sandbox.permissions import Right
from sandbox.records import CATEGORY, Channel, DirectChannel, Member, Message, Person, SpentNonce, pair
from sandbox.rest import rest
from sandbox.rest.access import reachable_channel

NONCE_SECONDS = 300
EMBED_TEXT = 6000


@rest.post("/channels/<channel_id>/messages")
@bot_call
def send_message(channel_id: str) -> Answer:
    """A new message; with `enforce_nonce` the earlier one of the same nonce instead."""
    sandbox = here()
    state = sandbox.state
    channel, rights = _writable(channel_id)
    body = bodies.json_body(request)
    nonce = _nonce(body)
    earlier = _earlier(nonce) if bodies.flag(body, "enforce_nonce") else None
    if earlier is not None:
        return answers.message(state, earlier), 200
    message = Message(
        id=state.new_id(),
        channel_id=channel.id,
        author_id=sandbox.bot_id,
        content=bodies.text(body, "content", most=2000) or "",
        at=state.clock(),
        embeds=_embeds(body) if rights & Right.EMBED_LINKS else (),
        components=components.rows(body),
        nonce=nonce,
        flags=bodies.whole(body, "flags", least=0, most=1 << 20, default=0),
    )
    if not message.content.strip() and not message.embeds:
        raise Refused(50006)
    message = state.put(replace(message, mentions=_mentions(message.content, body)))
    state.put(replace(channel, last_message_id=message.id))
    if nonce is not None:
        state.put(SpentNonce(sandbox.bot_id, str(nonce), message.id, state.clock()))
    return answers.message(state, message), 200


@rest.get("/channels/<channel_id>/messages")
@bot_call
def messages(channel_id: str) -> Answer:
    """The newest messages first; nothing without the right to read the history."""
    state = here().state
    channel, rights = _readable(channel_id)
    most = bodies.whole(dict(request.args), "limit", least=1, most=100, default=50)
    readable = state.every(Message, channel_id=channel.id) if rights & Right.READ_MESSAGE_HISTORY else []
    before = bodies.snowflake(dict(request.args), "before")
    after = bodies.snowflake(dict(request.args), "after")
    readable = [
        m for m in readable if (not before or int(m.id) < int(before)) and (not after or int(m.id) > int(after))
    ]
    chosen = readable[:most] if after and not before else readable[-most:]
    return [answers.message(state, message) for message in reversed(chosen)], 200


@rest.get("/channels/<channel_id>/messages/<message_id>")
@bot_call
def message(channel_id: str, message_id: str) -> Answer:
    _, rights = _readable(channel_id)
    guilds.require(rights, Right.READ_MESSAGE_HISTORY)
    return answers.message(here().state, _known_message(channel_id, message_id)), 200


@rest.delete("/channels/<channel_id>/messages/<message_id>")
@bot_call
def delete_message(channel_id: str, message_id: str) -> Answer:
    """One of the bot's own messages is gone; its nonce stays spent."""
    sandbox = here()
    _readable(channel_id)
    doomed = _known_message(channel_id, message_id)
    if doomed.author_id != sandbox.bot_id:
        raise Refused(50013)
    sandbox.state.remove(doomed)
    return None


def _writable(channel_id: str) -> tuple[Channel | DirectChannel, int]:
    """A channel the bot may write to, and its rights there."""
    channel, rights = _readable(channel_id)
    if isinstance(channel, DirectChannel):
        _require_open_ears(channel)
        return channel, rights
    if channel.type == CATEGORY:
        raise Refused(50008)
    guilds.require(rights, Right.SEND_MESSAGES)
    return channel, rights


def _readable(channel_id: str) -> tuple[Channel | DirectChannel, int]:
    talk = here().state.find(DirectChannel, channel_id)
    if talk is not None:
        return talk, int(Right.READ_MESSAGE_HISTORY | Right.EMBED_LINKS)
    return reachable_channel(channel_id)


def _require_open_ears(talk: DirectChannel) -> None:
    """Nothing, or the refusal of a person who shares no guild with the bot or takes no messages."""
    sandbox = here()
    state = sandbox.state
    own = {member.guild_id for member in state.every(Member, user_id=sandbox.bot_id)}
    if not own & {member.guild_id for member in state.every(Member, user_id=talk.user_id)}:
        raise Refused(50278)
    if guilds.known_person(state, talk.user_id).refuses_messages:
        raise Refused(50007)


def _known_message(channel_id: str, message_id: str) -> Message:
    message = here().state.find(Message, message_id)
    if message is None or message.channel_id != channel_id:
        raise Refused(10008)
    return message


def _nonce(body: dict[str, Any]) -> int | str | None:
    nonce = body.get("nonce")
    if isinstance(nonce, bool) or not isinstance(nonce, int | str | None):
        raise BadForm("nonce", "NONCE_TYPE_CONVERT", "Could not interpret value as a nonce.")
    if nonce is not None and len(str(nonce)) > 25:
        raise BadForm("nonce", "NONCE_TYPE_TOO_LONG", "Nonce must be 25 characters or less.")
    return nonce


def _earlier(nonce: int | str | None) -> Message | None:
    """The message this nonce was spent on within the last minutes; 10008 if that one was deleted."""
    sandbox = here()
    state = sandbox.state
    spent = state.find(SpentNonce, pair(sandbox.bot_id, str(nonce))) if nonce is not None else None
    if spent is None or state.clock() >= spent.at + NONCE_SECONDS:
        return None
    earlier_message = state.find(Message, spent.message_id)
    if earlier_message is None:
        raise Refused(10008)
    return earlier_message


def _embeds(body: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    embeds = body.get("embeds") or []
    if not isinstance(embeds, list) or not all(isinstance(embed, dict) for embed in embeds):
        raise BadForm("embeds", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
    if len(embeds) > 10:
        raise BadForm("embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length.")
    if sum(len(str(embed.get(part) or "")) for embed in embeds for part in ("title", "description")) > EMBED_TEXT:
        raise BadForm("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")
    return tuple(embeds)


def _mentions(content: str, body: dict[str, Any]) -> tuple[str, ...]:
    """The people who are told of this message, as far as `allowed_mentions` lets them be."""
    allowed = body.get("allowed_mentions")
    named = dict.fromkeys(re.findall(r"<@!?([0-9]+)>", content))
    if isinstance(allowed, dict) and "users" not in allowed.get("parse", []):
        chosen = {str(user_id) for user_id in allowed.get("users", [])}
        named = {user_id: None for user_id in named if user_id in chosen}
    return tuple(user_id for user_id in named if here().state.find(Person, user_id))
