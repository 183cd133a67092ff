"""The Discord call of each kind of step, with the looks it needs; what the answer changes comes back as a function."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from coaching.guild_parts import Channel
from coaching.guild_rights import missing_rights, right_name, rights_of
from coaching.host import HIDDEN, Host, HostError
from coaching.refusals import Refusal
from coaching.rooms.cases.queries import greeting_facts, is_room_of_session
from coaching.rooms.greeting import greeting, warning
from coaching.rooms.names import CHANNEL_KINDS, channel_name, code_of_channel, code_of_role, role_name
from coaching.rooms.planning.case import AccessMode, Part, RoomCase, RoomKind, StepKind
from coaching.rooms.planning.steps import UPKEEP, Step
from coaching.rooms.planning.wanted import lets_in
from coaching.rooms.recording import changes, upkeep_changes
from coaching.rooms.recording.results import Result

# Discord counts new roles over two days: whoever is told to wait so long for one does without.
LONG = timedelta(minutes=10)


def perform(host: Host, case: RoomCase, step: Step) -> Result:
    """Make the step's call, with the looks it needs; HostError for a refusal that says nothing more."""
    try:
        return _look_after(host, case, step) if step.kind in UPKEEP else _change(host, case, step)
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


def _change(host: Host, case: RoomCase, step: Step) -> Result:
    """The calls that bring a room nearer to what it ought to be."""
    if step.kind == StepKind.SETTLE:
        return changes.settled
    guild_id, reason, user_id = _guild_id(case, step), _reason(case, step), step.user_id
    match step.kind:
        case StepKind.FIND:
            return _find(host, case, guild_id)
        case StepKind.MAKE_ROLE:
            role = host.create_role(guild_id, role_name(case.recorded.code, case.kind), reason)
            return partial(changes.role_made, role.role_id)
        case StepKind.MAKE:
            return partial(changes.made, _created(host, case, step, _words(case)))
        case StepKind.SET_ACCESS:
            host.set_overwrites(_channel_id(case), step.overwrites, reason)
            return changes.access_set
        case StepKind.GIVE_ROLE:
            host.give_role(guild_id, user_id, _role_id(case), reason)
            return changes.role_given
        case StepKind.TAKE_ROLE:
            host.take_role(guild_id, user_id, _role_id(case), reason)
            return changes.role_taken
        case StepKind.DISCONNECT:
            # Discord disconnects people from whichever channel they are in, and they may sit in another one by now.
            was_here = _sits_inside(host, case, step) and host.disconnect(guild_id, user_id, reason)
            return partial(upkeep_changes.disconnected, was_here)
        case StepKind.REMOVE:
            return partial(changes.removed, host.delete_channel(_channel_id(case), reason))
        case StepKind.REMOVE_ROLE:
            return partial(changes.role_removed, host.delete_role(guild_id, _role_id(case), reason))
    raise AssertionError(step.kind)


def _look_after(host: Host, case: RoomCase, step: Step) -> Result:
    """The calls of upkeep."""
    match step.kind:
        case StepKind.GREET:
            return partial(upkeep_changes.greeted, _greet(host, case))
        case StepKind.WARN:
            _post(host, case, warning(case.talk_ends_at), "over")
            return upkeep_changes.warned
        case StepKind.CHECK:
            return _check(host, case, step)
        case StepKind.CHECK_MEMBER:
            return partial(upkeep_changes.member_checked, host.find_member(_guild_id(case, step), step.user_id))
        case StepKind.LOOK:
            return partial(upkeep_changes.looked, _is_seen(host, case, step))
    raise AssertionError(step.kind)


def _find(host: Host, case: RoomCase, guild_id: str) -> Result:
    """Look for what carries the room's code. Should there be two, the older one is its; the sweep removes the other."""
    code = case.recorded.code
    if case.recorded.intent == Part.ROLE:
        role_ids = [role.role_id for role in host.get_guild(guild_id).roles if code_of_role(role) == code]
        return partial(changes.role_made, min(role_ids, key=int)) if role_ids else changes.not_found
    listed, bot_id, kind = host.list_channels(guild_id), host.bot_id(), CHANNEL_KINDS[case.kind]
    channels = [channel for channel in listed if code_of_channel(channel, bot_id) == code and channel.kind == kind]
    if not channels:
        return changes.not_found
    return partial(changes.found, min(channels, key=lambda channel: int(channel.channel_id)), bot_id)


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


def _sits_inside(host: Host, case: RoomCase, step: Step) -> bool:
    where = _voice_channel(host, case, step, is_urgent=True)
    if where is None or not case.is_of_shared_role:
        return where is not None and where == case.recorded.discord_channel_id
    # What the role opens is the category with the channels in it.
    channel, category_id = host.find_channel(where), case.shared_category_id
    return channel is not None and category_id is not None and channel.parent_id == category_id


def _greet(host: Host, case: RoomCase) -> str:
    """The id of the room's first message."""
    assert case.session_id
    recorded = case.recorded
    if recorded.claimed_until or recorded.failed_step == StepKind.GREET:
        # Begun before, and of unknown outcome. Discord remembers a nonce for minutes only.
        channel = host.find_channel(_channel_id(case))
        if channel and channel.last_message_id:
            return channel.last_message_id
    return _post(host, case, greeting(greeting_facts(case.session_id)), "open")


def _post(host: Host, case: RoomCase, text: str, nonce: str) -> str:
    # The nonce is the channel's: a room that is made again is greeted again, a call that is repeated is not.
    channel_id = _channel_id(case)
    return host.post_message(channel_id, text, f"{nonce}{channel_id}")


def _check(host: Host, case: RoomCase, step: Step) -> Result:
    channel = host.find_channel(_channel_id(case))
    if channel is None:
        return changes.channel_lost
    lost = {entry.target_id for entry in case.recorded.overwrites} - {entry.target_id for entry in channel.overwrites}
    # The entry of a room's own role goes with the role, or by hand.
    if case.has_own_role and case.role_id in lost and not _role_exists(host, case, step):
        return changes.role_lost
    return partial(upkeep_changes.checked, channel)


def _is_seen(host: Host, case: RoomCase, step: Step) -> bool:
    where = _voice_channel(host, case, step, step.is_urgent)
    if where is None or where == case.recorded.discord_channel_id:
        return where is not None
    # A session without a channel of its own takes place in one of the coach's, whichever that is, but in nobody's room.
    return case.is_of_shared_role and not is_room_of_session(where)


def _voice_channel(host: Host, case: RoomCase, step: Step, is_urgent: bool) -> str | None:
    """Where the person sits, None for nowhere; HostError where that may be the room, which somebody closed to the bot.

    Taken for absent then, money would go back for a call that was held.
    """
    where, own_id = (
        host.find_voice_channel(_guild_id(case, step), step.user_id, is_urgent),
        case.recorded.discord_channel_id,
    )
    if where != HIDDEN:
        return where
    channel = host.find_channel(own_id) if own_id else None
    if channel and not lets_in(channel.overwrites, host.bot_id()):
        raise HostError("the bot is shut out of the room", Refusal.MISSING_ACCESS)
    return None


# --- What a refusal verifies. Taken for gone by mistake a room would get a double, and somebody would keep a role for
# good: so each asks Discord for the thing itself.


def _verified(host: Host, case: RoomCase, step: Step, error: HostError) -> Result | None:
    """What the refusal verifies to have happened; None where it says no more than that it is one."""
    match step.kind, error.kind:
        case (StepKind.MAKE_ROLE, Refusal.ROLES_FULL | Refusal.RATE_LIMITED):
            is_so = case.kind == RoomKind.SESSION and takes_no_more_roles(error)
            return partial(changes.roles_full, error.kind) if is_so else None
        case (StepKind.MAKE | StepKind.SET_ACCESS | StepKind.GIVE_ROLE, Refusal.UNKNOWN_ROLE):
            return changes.role_lost if case.role_id and not _role_exists(host, case, step) else None
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


def _role_exists(host: Host, case: RoomCase, step: Step) -> bool:
    return case.role_id in {role.role_id for role in host.get_guild(_guild_id(case, step)).roles}


def _reason(case: RoomCase, step: Step) -> str:
    """For the guild's audit log."""
    subject = "session " if case.kind == RoomKind.SESSION else ""
    return f"Greenroom, {subject}{case.session_code}: {step.why.label}"


def _guild_id(case: RoomCase, step: Step) -> str:
    # What is made first goes where the store's guild is now; everything later goes where the room was begun.
    is_making = step.kind in (StepKind.MAKE, StepKind.MAKE_ROLE)
    guild_id = case.current_guild_id if is_making else case.home_guild_id
    assert guild_id
    return guild_id


def _channel_id(case: RoomCase) -> str:
    assert case.recorded.discord_channel_id
    return case.recorded.discord_channel_id


def _role_id(case: RoomCase) -> str:
    assert case.role_id
    return case.role_id
