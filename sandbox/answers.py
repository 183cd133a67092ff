"""Records in the shapes of Discord's answers. Pure but for the state they look things up in."""

from datetime import UTC, datetime
from typing import Any

from sandbox import guilds
from sandbox.cdn import avatar_of
from sandbox.records import (
    TEXT,
    VOICE,
    Channel,
    DirectChannel,
    Guild,
    Invite,
    Member,
    Message,
    Overwrite,
    Person,
    Role,
    VoiceState,
)
from sandbox.state import State

Json = dict[str, Any]


def user(person: Person) -> Json:
    """The public face of an account."""
    answer: Json = {
        "id": person.id,
        "username": person.username,
        "global_name": person.global_name,
        "discriminator": "0",
        "avatar": None if person.is_bot else avatar_of(person.id),
        "avatar_decoration_data": None,
        "banner": None,
        "accent_color": None,
        "collectibles": None,
        "primary_guild": None,
        "public_flags": 0,
        "flags": 0,
    }
    if person.is_bot:
        answer["bot"] = True
    return answer


def own_user(person: Person, *, with_email: bool) -> Json:
    """An account as it sees itself."""
    answer = user(person) | {"mfa_enabled": False, "locale": "en-US", "premium_type": 0, "verified": True}
    if with_email:
        answer["email"] = f"{person.username}@example.com"
    return answer


def member(state: State, record: Member) -> Json:
    """A membership; the list of roles is without @everyone."""
    timed_out = record.timed_out_until > state.clock()
    return {
        "user": user(guilds.known_person(state, record.user_id)),
        "nick": record.nick,
        "avatar": None,
        "banner": None,
        "roles": list(record.role_ids),
        "joined_at": record.joined_at,
        "premium_since": None,
        "communication_disabled_until": instant(record.timed_out_until) if timed_out else None,
        "flags": 0,
        "pending": False,
        "mute": False,
        "deaf": False,
    }


def role(record: Role) -> Json:
    """A role; permissions are text."""
    answer: Json = {
        "id": record.id,
        "name": record.name,
        "description": None,
        "permissions": str(record.permissions),
        "position": record.position,
        "color": record.color,
        "colors": {"primary_color": record.color, "secondary_color": None, "tertiary_color": None},
        "hoist": record.hoist,
        "managed": record.managed_by is not None,
        "mentionable": record.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    if record.managed_by is not None:
        answer["tags"] = {"bot_id": record.managed_by}
    return answer


def overwrite(entry: Overwrite) -> Json:
    """A permission overwrite; its bits are text."""
    return {"id": entry.id, "type": entry.type, "allow": str(entry.allow), "deny": str(entry.deny)}


def channel(record: Channel) -> Json:
    """A channel of a guild; voice has what only voice has, text what only text has."""
    answer: Json = {
        "id": record.id,
        "type": record.type,
        "guild_id": record.guild_id,
        "name": record.name,
        "position": record.position,
        "parent_id": record.parent_id,
        "permission_overwrites": [overwrite(entry) for entry in record.overwrites],
        "flags": 0,
        "nsfw": record.nsfw,
    }
    if record.type in (TEXT, VOICE):
        answer |= {
            "last_message_id": record.last_message_id,
            "rate_limit_per_user": record.rate_limit_per_user,
        }
    if record.type == TEXT:
        answer |= {"topic": record.topic, "last_pin_timestamp": None}
    if record.type == VOICE:
        answer |= {"bitrate": record.bitrate, "user_limit": record.user_limit, "rtc_region": None}
    return answer


def direct_channel(state: State, record: DirectChannel) -> Json:
    """The talk between the bot and one person."""
    return {
        "id": record.id,
        "type": 1,
        "flags": 0,
        "last_message_id": record.last_message_id,
        "recipients": [user(guilds.known_person(state, record.user_id))],
    }


def message(state: State, record: Message) -> Json:
    """A message with its author."""
    answer: Json = {
        "id": record.id,
        "channel_id": record.channel_id,
        "author": user(guilds.known_person(state, record.author_id)),
        "content": record.content,
        "timestamp": instant(record.at),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [user(guilds.known_person(state, user_id)) for user_id in record.mentions],
        "mention_roles": [],
        "attachments": [],
        "embeds": [{"type": "rich", **embed} for embed in record.embeds],
        "pinned": False,
        "type": 0,
        "flags": record.flags,
        "components": list(record.components),
    }
    if record.nonce is not None:
        answer["nonce"] = record.nonce
    return answer


def voice_state(state: State, record: VoiceState) -> Json:
    """Where a member sits in voice."""
    answer: Json = {
        "guild_id": record.guild_id,
        "channel_id": record.channel_id,
        "user_id": record.user_id,
        "session_id": record.session_id,
        "deaf": False,
        "mute": False,
        "self_deaf": False,
        "self_mute": False,
        "self_stream": False,
        "self_video": False,
        "suppress": False,
        "request_to_speak_timestamp": None,
    }
    present = guilds.find_member(state, record.guild_id, record.user_id)
    if present is not None:
        answer["member"] = member(state, present)
    return answer


def guild_in_list(state: State, record: Guild, user_id: str) -> Json:
    """A guild as one who is in it finds it in the list of their guilds."""
    return {
        "id": record.id,
        "name": record.name,
        "icon": None,
        "banner": None,
        "owner": record.owner_id == user_id,
        "permissions": str(guilds.rights_in_guild(state, record, user_id)),
        "features": [],
    }


def guild(state: State, record: Guild, *, with_counts: bool = False) -> Json:
    """A guild with all its roles."""
    answer: Json = {
        **_guild_profile(record),
        "owner_id": record.owner_id,
        "roles": [role(entry) for entry in state.every(Role, guild_id=record.id)],
        "application_id": None,
        "region": "deprecated",
        "home_header": None,
        "discovery_splash": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "widget_enabled": False,
        "widget_channel_id": None,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "max_presences": None,
        "max_members": 500000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "public_updates_channel_id": None,
        "premium_progress_bar_enabled": False,
        "emojis": [],
        "stickers": [],
        "incidents_data": None,
    }
    if with_counts:
        members = state.every(Member, guild_id=record.id)
        answer |= {"approximate_member_count": len(members), "approximate_presence_count": len(members)}
    return answer


def invite(state: State, record: Invite, inviter_id: str) -> Json:
    """An invite to a channel of a guild."""
    target = guilds.known_channel(state, record.channel_id)
    return {
        "type": 0,
        "code": record.code,
        "inviter": user(guilds.known_person(state, inviter_id)),
        "guild_id": record.guild_id,
        "guild": _guild_profile(guilds.known_guild(state, record.guild_id)),
        "channel": {"id": target.id, "type": target.type, "name": target.name},
        "max_age": record.max_age,
        "max_uses": record.max_uses,
        "temporary": record.temporary,
        "uses": 0,
        "created_at": instant(record.at),
        "expires_at": instant(record.at + record.max_age) if record.max_age else None,
        "flags": 0,
    }


def instant(at: float) -> str:
    """A moment as Discord writes it."""
    return datetime.fromtimestamp(at, UTC).isoformat()


def _guild_profile(record: Guild) -> Json:
    return {
        "id": record.id,
        "name": record.name,
        "icon": None,
        "description": None,
        "splash": None,
        "banner": None,
        "features": [],
        "verification_level": 0,
        "vanity_url_code": None,
        "nsfw": False,
        "nsfw_level": 0,
        "premium_subscription_count": 0,
    }
