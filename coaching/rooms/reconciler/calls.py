"""The Discord call of each kind of step, with the looks it needs; what the answer changes comes back as a function."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from coaching.guild_parts import Channel
from coaching.guild_rights import missing_rights, right_name, rights_of
from coaching.host import Host, HostError
from coaching.refusals import Refusal
from coaching.rooms.cases.queries import greeting_facts, is_room_of_session
from coaching.rooms.greeting import greeting, warning
from coaching.rooms.names import CHANNEL_KINDS, channel_name, code_of_channel, code_of_role, role_name
from coaching.rooms.planning.case import AccessMode, Part, RoomCase, RoomKind, StepKind
from coaching.rooms.planning.steps import Step
from coaching.rooms.recording import changes, upkeep_changes
from coaching.rooms.recording.results import Result

# Discord counts new roles over two days: whoever is told to wait so long for one does without.
LONG = timedelta(minutes=10)


def perform(host: Host, case: RoomCase, step: Step) -> Result:
    """Make the step's call, with the looks it needs; HostError for a refusal that says nothing more."""
    try:
        return _CALLS[step.kind](host, case, step)
    except HostError as error:
        if result := _verified(host, case, step, error):
            return result
        raise


def lacking_rights(host: Host, guild_id: str) -> str:
    """The rights that the bot needs and does not hold in the guild, as Discord calls them; "" where none is known."""
    try:
        guild = host.get_guild(guild_id)
        itself = host.find_member(guild_id, host.bot_id())
    except HostError:
        return ""
    rights = missing_rights(rights_of(itself, guild)) if itself else ()
    return ", ".join(f"“{right_name(right)}”" for right in rights)


def takes_no_more_roles(error: HostError) -> bool:
    """True when the guild has as many roles as it may, or is told to make none for so long that nobody can wait."""
    must_wait = error.kind == Refusal.RATE_LIMITED and not error.is_global
    return error.kind == Refusal.ROLES_FULL or (must_wait and (error.retry_after or timedelta()) >= LONG)


# --- One call for each kind of step


def _find(host: Host, case: RoomCase, step: Step) -> Result:
    if case.recorded.intent == Part.ROLE:
        return _find_role(host, case, step)
    kind = CHANNEL_KINDS[case.kind]
    listed, bot_id = host.list_channels(_guild_id(case, step)), host.bot_id()
    channels = [
        channel for channel in listed if code_of_channel(channel, bot_id) == case.recorded.code and channel.kind == kind
    ]
    if not channels:
        return changes.not_found
    # Should there be two, the older one is the room; the sweep removes the other.
    return partial(changes.found, min(channels, key=lambda channel: int(channel.channel_id)), bot_id)


def _find_role(host: Host, case: RoomCase, step: Step) -> Result:
    roles = host.get_guild(_guild_id(case, step)).roles
    found = [role.role_id for role in roles if code_of_role(role) == case.recorded.code]
    return partial(changes.role_made, min(found, key=int)) if found else changes.not_found


def _make_role(host: Host, case: RoomCase, step: Step) -> Result:
    role = host.create_role(_guild_id(case, step), role_name(case.recorded.code, case.kind), _reason(case, step))
    return partial(changes.role_made, role.role_id)


def _make(host: Host, case: RoomCase, step: Step) -> Result:
    return partial(changes.made, _created(host, case, step, _words(case)))


def _created(host: Host, case: RoomCase, step: Step, words: Sequence[str]) -> Channel:
    guild_id, kind, entries = _guild_id(case, step), case.kind, step.overwrites
    name, reason = channel_name(case.recorded.code, kind, words), _reason(case, step)
    try:
        if kind != RoomKind.SESSION:
            return host.create_category(guild_id, name, entries, reason)
        return host.create_channel(guild_id, name, entries, reason, case.parent.channel_id)
    except HostError as error:
        if words and error.kind == Refusal.NAME_REFUSED:
            # Servers in Discovery refuse some words: a title or a person's name must not cost a room.
            return _created(host, case, step, ())
        raise


def _words(case: RoomCase) -> Sequence[str]:
    """What tells people whose room it is; nothing where a role of the same code opens it."""
    if case.kind != RoomKind.SESSION or case.acting_mode != AccessMode.MEMBERS:
        return ()
    assert case.session_id
    facts = greeting_facts(case.session_id)
    students = ", ".join(name for name in facts.students if name)
    return (facts.title, students) if students else (facts.title,)


def _set_access(host: Host, case: RoomCase, step: Step) -> Result:
    host.set_overwrites(_channel_id(case), step.overwrites, _reason(case, step))
    return changes.access_set


def _give_role(host: Host, case: RoomCase, step: Step) -> Result:
    host.give_role(_guild_id(case, step), step.user_id, _role_id(case), _reason(case, step))
    return changes.role_given


def _take_role(host: Host, case: RoomCase, step: Step) -> Result:
    host.take_role(_guild_id(case, step), step.user_id, _role_id(case), _reason(case, step))
    return changes.role_taken


def _disconnect(host: Host, case: RoomCase, step: Step) -> Result:
    # Discord disconnects people from whichever channel they are in, and they may sit in another one by now.
    is_here = _sits_inside(host, case, step)
    was_here = is_here and host.disconnect(_guild_id(case, step), step.user_id, _reason(case, step))
    return partial(upkeep_changes.disconnected, was_here)


def _sits_inside(host: Host, case: RoomCase, step: Step) -> bool:
    where = host.find_voice_channel(_guild_id(case, step), step.user_id, is_urgent=True)
    if where is None or not case.is_of_shared_role:
        return where is not None and where == case.recorded.discord_channel_id
    # What the role opens is the category with the channels in it.
    channel, category_id = host.find_channel(where), case.shared_category_id
    return channel is not None and category_id is not None and channel.parent_id == category_id


def _remove(host: Host, case: RoomCase, step: Step) -> Result:
    return partial(changes.removed, host.delete_channel(_channel_id(case), _reason(case, step)))


def _remove_role(host: Host, case: RoomCase, step: Step) -> Result:
    return partial(changes.role_removed, host.delete_role(_guild_id(case, step), _role_id(case), _reason(case, step)))


def _settle(host: Host, case: RoomCase, step: Step) -> Result:
    return changes.settled


def _greet(host: Host, case: RoomCase, step: Step) -> Result:
    assert case.session_id
    recorded = case.recorded
    if recorded.claimed_until or recorded.failing_step == StepKind.GREET:
        # Begun before, and of unknown outcome. Discord remembers a nonce for minutes only.
        channel = host.find_channel(_channel_id(case))
        if channel and channel.last_message_id:
            return partial(upkeep_changes.greeted, channel.last_message_id)
    message_id = _post(host, case, greeting(greeting_facts(case.session_id)), "open")
    return partial(upkeep_changes.greeted, message_id)


def _warn(host: Host, case: RoomCase, step: Step) -> Result:
    _post(host, case, warning(case.talk_ends_at), "over")
    return upkeep_changes.warned


def _post(host: Host, case: RoomCase, text: str, nonce: str) -> str:
    # The nonce is the channel's: a room that is made again is greeted again, a call that is repeated is not.
    channel_id = _channel_id(case)
    return host.post_message(channel_id, text, f"{nonce}{channel_id}")


def _check(host: Host, case: RoomCase, step: Step) -> Result:
    channel = host.find_channel(_channel_id(case))
    if channel is None:
        return changes.channel_lost
    if _lost_its_role(case, channel) and not _role_stands(host, case, step):
        return changes.role_lost
    return partial(upkeep_changes.checked, channel)


def _lost_its_role(case: RoomCase, channel: Channel) -> bool:
    """True when the entry of the room's own role has gone: with the role, or by hand."""
    entries = {overwrite.target_id for overwrite in case.recorded.overwrites} - {
        overwrite.target_id for overwrite in channel.overwrites
    }
    return case.has_own_role and case.role_id in entries


def _check_member(host: Host, case: RoomCase, step: Step) -> Result:
    return partial(upkeep_changes.member_checked, host.find_member(_guild_id(case, step), step.user_id))


def _look(host: Host, case: RoomCase, step: Step) -> Result:
    where = host.find_voice_channel(_guild_id(case, step), step.user_id, step.is_urgent)
    is_here = where is not None and where == case.recorded.discord_channel_id
    # A session without a channel of its own takes place in one of the coach's, whichever that is, but in nobody's room.
    is_anywhere = case.is_of_shared_role and where is not None and not is_room_of_session(where)
    return partial(upkeep_changes.looked, is_here or is_anywhere)


_CALLS: dict[StepKind, Callable[[Host, RoomCase, Step], Result]] = {
    StepKind.FIND: _find,
    StepKind.MAKE_ROLE: _make_role,
    StepKind.MAKE: _make,
    StepKind.SET_ACCESS: _set_access,
    StepKind.GIVE_ROLE: _give_role,
    StepKind.TAKE_ROLE: _take_role,
    StepKind.DISCONNECT: _disconnect,
    StepKind.REMOVE: _remove,
    StepKind.REMOVE_ROLE: _remove_role,
    StepKind.SETTLE: _settle,
    StepKind.GREET: _greet,
    StepKind.WARN: _warn,
    StepKind.CHECK: _check,
    StepKind.CHECK_MEMBER: _check_member,
    StepKind.LOOK: _look,
}

# --- What a refusal verifies. Taken for gone by mistake a room would get a double, and somebody would keep a role for
# good: so each asks Discord for the thing itself.


def _verified(host: Host, case: RoomCase, step: Step, error: HostError) -> Result | None:
    """What the refusal verifies to have happened; None where it says no more than that it is one."""
    match step.kind, error.kind:
        case (StepKind.MAKE_ROLE, Refusal.ROLES_FULL | Refusal.RATE_LIMITED):
            is_so = case.kind == RoomKind.SESSION and takes_no_more_roles(error)
            return partial(changes.roles_full, error.kind) if is_so else None
        case (StepKind.MAKE | StepKind.SET_ACCESS | StepKind.GIVE_ROLE, Refusal.UNKNOWN_ROLE):
            return changes.role_lost if case.role_id and not _role_stands(host, case, step) else None
        case (StepKind.MAKE, Refusal.UNKNOWN_CHANNEL):
            parent_id = case.parent.channel_id
            return changes.category_lost if parent_id and host.find_channel(parent_id) is None else None
        case (StepKind.MAKE, Refusal.CATEGORY_FULL):
            return changes.category_full if case.parent.channel_id else None
        case (StepKind.SET_ACCESS | StepKind.GREET | StepKind.WARN, Refusal.UNKNOWN_CHANNEL):
            return changes.channel_lost if host.find_channel(_channel_id(case)) is None else None
        case (StepKind.GIVE_ROLE, Refusal.UNKNOWN_MEMBER):
            return partial(upkeep_changes.member_checked, None)
        case (StepKind.TAKE_ROLE, Refusal.UNKNOWN_ROLE | Refusal.UNKNOWN_MEMBER):
            # With the member or the role, their having it is gone too.
            member = host.find_member(_guild_id(case, step), step.user_id)
            return None if member and case.role_id in member.role_ids else changes.role_taken
        case (StepKind.DISCONNECT, Refusal.UNKNOWN_MEMBER):
            is_member = host.find_member(_guild_id(case, step), step.user_id)
            return None if is_member else partial(upkeep_changes.disconnected, False)
    return None


def _role_stands(host: Host, case: RoomCase, step: Step) -> bool:
    return case.role_id in {role.role_id for role in host.get_guild(_guild_id(case, step)).roles}


def _reason(case: RoomCase, step: Step) -> str:
    """For the guild's audit log."""
    what = "session " if case.kind == RoomKind.SESSION else ""
    return f"Greenroom, {what}{case.session_code}: {step.why.words}"


def _guild_id(case: RoomCase, step: Step) -> str:
    # What is made first goes where the store's guild is now; everything later goes where the room was begun.
    is_making = step.kind in (StepKind.MAKE, StepKind.MAKE_ROLE)
    guild_id = case.standing_guild_id if is_making else case.home_guild_id
    assert guild_id
    return guild_id


def _channel_id(case: RoomCase) -> str:
    assert case.recorded.discord_channel_id
    return case.recorded.discord_channel_id


def _role_id(case: RoomCase) -> str:
    assert case.role_id
    return case.role_id
