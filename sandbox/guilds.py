"""Questions about guilds: who is in them, and who may do what where. Reads records, changes none."""

from sandbox import permissions
from sandbox.errors import Refused
from sandbox.permissions import Right
from sandbox.records import CATEGORY, VOICE, Application, Channel, Guild, Member, Person, Role, VoiceState, pair
from sandbox.state import State


def known_guild(state: State, guild_id: str) -> Guild:
    """The guild, or 10004."""
    guild = state.find(Guild, guild_id)
    if guild is None:
        raise Refused(10004)
    return guild


def own_application(state: State, application_id: str) -> Application:
    """The application, as its owner left it or as it begins."""
    return state.find(Application, application_id) or Application(application_id)


def guilds_managed_by(state: State, person_id: str) -> list[Guild]:
    """The guilds to which this person may add a bot."""
    return [
        guild
        for guild in state.every(Guild)
        if permissions.has(rights_in_guild(state, guild, person_id), Right.MANAGE_GUILD)
    ]


def known_person(state: State, user_id: str) -> Person:
    """The person, or 10013."""
    person = state.find(Person, user_id)
    if person is None:
        raise Refused(10013)
    return person


def known_member(state: State, guild_id: str, user_id: str) -> Member:
    """The member, or 10007; 10013 when there is no such person at all."""
    known_person(state, user_id)
    member = find_member(state, guild_id, user_id)
    if member is None:
        raise Refused(10007)
    return member


def known_role(state: State, guild_id: str, role_id: str) -> Role:
    """The guild's role, or 10011."""
    role = state.find(Role, role_id)
    if role is None or role.guild_id != guild_id:
        raise Refused(10011)
    return role


def known_channel(state: State, channel_id: str) -> Channel:
    """The guild channel, or 10003."""
    channel = state.find(Channel, channel_id)
    if channel is None:
        raise Refused(10003)
    return channel


def find_member(state: State, guild_id: str, user_id: str) -> Member | None:
    """The membership, or None."""
    return state.find(Member, pair(guild_id, user_id))


def find_voice(state: State, guild_id: str, user_id: str) -> VoiceState | None:
    """Where the member sits in voice, or None."""
    return state.find(VoiceState, pair(guild_id, user_id))


def roles_of(state: State, member: Member) -> list[Role]:
    """The member's roles without @everyone, highest first."""
    roles = [role for role in (state.find(Role, role_id) for role_id in member.role_ids) if role]
    return sorted(roles, key=permissions.rank, reverse=True)


def rights_in_guild(state: State, guild: Guild, user_id: str) -> int:
    """What a person may do in the guild as a whole; nothing, if not a member."""
    member = find_member(state, guild.id, user_id)
    everyone = state.find(Role, guild.id)
    if member is None or everyone is None:
        return 0
    return permissions.guild_rights(
        everyone,
        roles_of(state, member),
        is_owner=guild.owner_id == user_id,
        is_timed_out=_is_timed_out(state, member),
    )


def rights_in_channel(state: State, channel: Channel, user_id: str) -> int:
    """What a person may do in one channel, implicit denials included."""
    guild = known_guild(state, channel.guild_id)
    member = find_member(state, guild.id, user_id)
    if member is None:
        return 0
    base = rights_in_guild(state, guild, user_id)
    rights = permissions.channel_rights(
        base, channel.effective_overwrites, user_id, {*member.role_ids, guild.id}, guild.id
    )
    rights = permissions.after_implicit_denials(rights, channel.type)
    # The last word: whatever the channel's entries give back is taken again.
    may_be_held = not permissions.has(base, Right.ADMINISTRATOR)
    return permissions.in_time_out(rights) if may_be_held and _is_timed_out(state, member) else rights


def _is_timed_out(state: State, member: Member) -> bool:
    return member.timed_out_until > state.clock()


def may_see(state: State, channel: Channel, user_id: str) -> bool:
    """Whether the channel is in the person's list."""
    return permissions.has(rights_in_channel(state, channel, user_id), Right.VIEW_CHANNEL)


def may_enter(state: State, channel: Channel, user_id: str) -> bool:
    """Whether the person can connect to this voice channel."""
    needed = Right.VIEW_CHANNEL | Right.CONNECT
    return channel.type == VOICE and permissions.has(rights_in_channel(state, channel, user_id), needed)


def occupants(state: State, channel: Channel) -> list[VoiceState]:
    """Who sits in the voice channel."""
    return state.every(VoiceState, channel_id=channel.id)


def channels_in_order(state: State, guild_id: str) -> list[Channel]:
    """The guild's channels as Discord shows them: without a category first, then category by category."""
    channels = state.every(Channel, guild_id=guild_id)
    categories = {channel.id: channel for channel in channels if channel.type == CATEGORY}

    def place(channel: Channel) -> tuple[int, ...]:
        parent = channel if channel.type == CATEGORY else categories.get(channel.parent_id or "")
        group = (parent.position + 1, int(parent.id)) if parent else (0, 0)
        inside = -1 if channel.type == CATEGORY else int(channel.type == VOICE)
        return (*group, inside, channel.position, int(channel.id))

    return sorted(channels, key=place)


def require(rights: int, *needed: int) -> None:
    """Nothing, or 50013 where a right is missing."""
    if not permissions.has(rights, *needed):
        raise Refused(50013)


def require_access(state: State, channel: Channel, user_id: str) -> int:
    """The person's rights in a channel they can see (and enter, if it is voice), or 50001."""
    rights = rights_in_channel(state, channel, user_id)
    needed = Right.VIEW_CHANNEL | Right.CONNECT if channel.type == VOICE else Right.VIEW_CHANNEL
    if not permissions.has(rights, needed):
        raise Refused(50001)
    return rights


def require_below(state: State, guild: Guild, user_id: str, role: Role) -> None:
    """Nothing, or 50013 where the role is not below the person's highest."""
    if guild.owner_id == user_id:
        return
    own = roles_of(state, known_member(state, guild.id, user_id))
    if not own or permissions.rank(role) >= permissions.rank(own[0]):
        raise Refused(50013)
