"""What people and moderators do in Discord itself, by hand: join, leave, enter voice, delete, ban.

Each act changes the state inside the caller's transaction.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from sandbox import guilds, secret
from sandbox.errors import Refused
from sandbox.oauth_records import Consent, Token
from sandbox.permissions import BOT_INVITE
from sandbox.records import CATEGORY, Ban, Channel, Guild, Invite, Member, Message, Person, Role, VoiceState, pair
from sandbox.seed import EVERYONE
from sandbox.state import State


def found_guild(state: State, guild: Guild, members: Iterable[str], bot_id: str) -> None:
    """The guild stands with these members and the bot."""
    state.put(guild)
    state.put(Role(guild.id, guild.id, "@everyone", EVERYONE, 0))
    for user_id in members:
        person = state.find(Person, user_id) or state.put(Person(user_id, f"person{user_id}", None))
        join(state, guild, person, bot_id)
    invite_bot(state, guild, bot_id, BOT_INVITE)


def join(state: State, guild: Guild, person: Person, bot_id: str) -> Member:
    """The person is a member; a banned one is refused. The bot brings its managed role."""
    if state.find(Ban, pair(guild.id, person.id)):
        raise Refused(40007)
    if person.id == bot_id:
        return invite_bot(state, guild, bot_id, BOT_INVITE)
    present = guilds.find_member(state, guild.id, person.id)
    return present or state.put(Member(guild.id, person.id, _now(state)))


def invite_bot(state: State, guild: Guild, bot_id: str, permissions: int) -> Member:
    """The bot is a member with exactly these permissions on its managed role; without any it has none."""
    roles = state.every(Role, guild_id=guild.id, managed_by=bot_id)
    role = roles[0] if roles else Role(state.new_id(), guild.id, "Greenroom", 0, 1, managed_by=bot_id)
    present = guilds.find_member(state, guild.id, bot_id) or Member(guild.id, bot_id, _now(state))
    if permissions:
        state.put(replace(role, permissions=permissions))
        present = replace(present, role_ids=tuple(dict.fromkeys((*present.role_ids, role.id))))
    return state.put(present)


def leave(state: State, guild: Guild, user_id: str) -> None:
    """The person is no member; roles and the voice seat are gone, member overwrites stay."""
    member = guilds.known_member(state, guild.id, user_id)
    if guild.owner_id == user_id:
        raise Refused(50013)
    leave_voice(state, guild.id, user_id)
    state.remove(member, *state.every(Role, guild_id=guild.id, managed_by=user_id))


def ban(state: State, guild: Guild, user_id: str) -> None:
    """The person is out and stays out."""
    guilds.known_person(state, user_id)
    if guilds.find_member(state, guild.id, user_id):
        leave(state, guild, user_id)
    state.put(Ban(guild.id, user_id))


def lift_ban(state: State, guild: Guild, user_id: str) -> None:
    """The person may join again."""
    state.remove(Ban(guild.id, user_id))


def take_direct_messages(state: State, person: Person, is_open: bool) -> None:
    """The person takes direct messages from members of their servers, or none."""
    state.put(replace(person, refuses_messages=not is_open))


def withdraw(state: State, user_id: str) -> None:
    """Nothing the person agreed to holds any more: their tokens are dead, the next sign-in asks again."""
    consent = state.find(Consent, user_id)
    state.remove(*state.every(Token, user_id=user_id), *([consent] if consent else []))


def set_bot_rights(state: State, guild: Guild, bot_id: str, permissions: int) -> None:
    """The bot's own role has exactly these permissions; 10011 where it has no role of its own."""
    own = state.every(Role, guild_id=guild.id, managed_by=bot_id)
    if not own:
        raise Refused(10011)
    state.put(replace(own[0], permissions=permissions))


def enter_voice(state: State, channel: Channel, user_id: str) -> VoiceState:
    """The member sits in the voice channel, and in no other of the guild."""
    guilds.known_member(state, channel.guild_id, user_id)
    if not guilds.may_see(state, channel, user_id):
        raise Refused(10003)
    if not guilds.may_enter(state, channel, user_id):
        raise Refused(50013)
    others = [seat for seat in guilds.occupants(state, channel) if seat.user_id != user_id]
    if channel.user_limit and len(others) >= channel.user_limit:
        raise Refused(50013)
    leave_voice(state, channel.guild_id, user_id)
    return state.put(VoiceState(channel.guild_id, user_id, channel.id, secret.draw()[:32], state.clock()))


def leave_voice(state: State, guild_id: str, user_id: str) -> None:
    """The member sits in no voice channel of the guild."""
    seat = guilds.find_voice(state, guild_id, user_id)
    if seat is not None:
        state.remove(seat)


def delete_channel(state: State, channel: Channel) -> None:
    """The channel is gone with its messages and invites; those inside are out, a category's channels stay."""
    state.remove(
        channel,
        *guilds.occupants(state, channel),
        *state.every(Message, channel_id=channel.id),
        *state.every(Invite, channel_id=channel.id),
    )
    if channel.type == CATEGORY:
        for child in state.every(Channel, parent_id=channel.id):
            state.put(replace(child, parent_id=None))


def _now(state: State) -> str:
    return datetime.fromtimestamp(state.clock(), UTC).isoformat()
