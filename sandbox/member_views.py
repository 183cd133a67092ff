"""A guild as its members see it, for the control address and the guild page. Reads records, changes none."""

from typing import Any

from sandbox import answers, guilds, permissions
from sandbox.context import Sandbox
from sandbox.records import AuditEntry, Ban, Channel, DirectChannel, Guild, Member, Message, Person, VoiceState
from sandbox.state import State

KEPT_IN_VIEW = 100


def guild_view(sandbox: Sandbox, guild: Guild) -> dict[str, Any]:
    """Everything about a guild, with who sees and who may enter each channel."""
    state = sandbox.state
    members = state.every(Member, guild_id=guild.id)
    answer = answers.guild(state, guild)
    return {
        "id": guild.id,
        "name": guild.name,
        "owner_id": guild.owner_id,
        "bot_id": sandbox.bot_id,
        "bot_is_member": any(member.user_id == sandbox.bot_id for member in members),
        "roles": answer["roles"],
        "members": [_member_view(sandbox, guild, member) for member in members],
        "channels": [_channel_view(sandbox, channel, members) for channel in guilds.channels_in_order(state, guild.id)],
        "voice": [_seat_view(seat) for seat in state.every(VoiceState, guild_id=guild.id)],
        "bans": [ban.user_id for ban in state.every(Ban, guild_id=guild.id)],
        "audit_log": [_audit_view(entry) for entry in state.every(AuditEntry, guild_id=guild.id)[-KEPT_IN_VIEW:]],
    }


def people_view(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Every account, with the guilds it is in."""
    state = sandbox.state
    return [
        {
            "id": person.id,
            "username": person.username,
            "name": person.name,
            "is_bot": person.is_bot,
            "refuses_messages": person.refuses_messages,
            "guild_ids": [member.guild_id for member in state.every(Member, user_id=person.id)],
        }
        for person in state.every(Person)
    ]


def direct_messages(state: State, user_id: str) -> list[Message]:
    """What the bot wrote to a person, the oldest first."""
    talks = state.every(DirectChannel, user_id=user_id)
    return [message for talk in talks for message in state.every(Message, channel_id=talk.id)]


def _member_view(sandbox: Sandbox, guild: Guild, member: Member) -> dict[str, Any]:
    person = guilds.known_person(sandbox.state, member.user_id)
    rights = guilds.rights_in_guild(sandbox.state, guild, member.user_id)
    return {
        "user_id": member.user_id,
        "username": person.username,
        "name": member.nick or person.name,
        "is_bot": person.is_bot,
        "is_owner": guild.owner_id == member.user_id,
        "roles": list(member.role_ids),
        "permissions": str(rights),
        "permission_names": permissions.names(rights),
    }


def _channel_view(sandbox: Sandbox, channel: Channel, members: list[Member]) -> dict[str, Any]:
    state = sandbox.state
    return {
        **answers.channel(channel),
        "visible_to": [m.user_id for m in members if guilds.may_see(state, channel, m.user_id)],
        "connectable_by": [m.user_id for m in members if guilds.may_enter(state, channel, m.user_id)],
        "occupants": [seat.user_id for seat in guilds.occupants(state, channel)],
        "messages": [_message_view(m) for m in state.every(Message, channel_id=channel.id)[-KEPT_IN_VIEW:]],
    }


def _message_view(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "author_id": message.author_id,
        "content": message.content,
        "at": answers.instant(message.at),
    }


def _seat_view(seat: VoiceState) -> dict[str, Any]:
    return {"user_id": seat.user_id, "channel_id": seat.channel_id, "since": answers.instant(seat.since)}


def _audit_view(entry: AuditEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "action": entry.action,
        "target_id": entry.target_id,
        "reason": entry.reason,
        "at": answers.instant(entry.at),
    }
