"""The Discord call of each kind of step, with the looks it needs, and the mutation that writes down its answer."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from coaching.guild_parts import Channel
from coaching.guild_rights import missing_rights, right_name, rights_of
from coaching.host import Host, HostError
from coaching.refusals import Refusal
from coaching.rooms import mutations, role_mutations
from coaching.rooms.case_queries import greeting_facts, is_room_of_session, names_of
from coaching.rooms.claim_mutations import Claim, Stamp
from coaching.rooms.greeting import greeting, warning
from coaching.rooms.names import CHANNEL_KINDS, channel_name, code_of_channel, code_of_role, role_name
from coaching.rooms.planning.case import AccessMode, RoomKind, StepKind

Record = Callable[[Stamp], None]

# Discord counts new roles over two days: whoever is told to wait so long for one does without.
LONG = timedelta(minutes=10)


def perform(host: Host, claim: Claim) -> Record:
    """Make the claimed step's call, with the looks it needs. What comes back writes down the answer, else HostError."""
    return _CALLS[claim.step.kind](host, claim)


def lacking_rights(host: Host, guild_id: str) -> str:
    """The rights that the bot needs and does not hold in the guild, as Discord calls them; "" where none is known."""
    try:
        guild = host.get_guild(guild_id)
        itself = host.find_member(guild_id, host.bot_id())
    except HostError:
        return ""
    rights = missing_rights(rights_of(itself, guild)) if itself else ()
    return ", ".join(f"“{right_name(right)}”" for right in rights)


def _find(host: Host, claim: Claim) -> Record:
    if claim.case.recorded.intends_role:
        return _find_role(host, claim)
    kind = CHANNEL_KINDS[claim.case.kind]
    listed, bot_id = host.list_channels(_guild_id(claim)), host.bot_id()
    found = [channel for channel in listed if code_of_channel(channel, bot_id) == claim.code and channel.kind == kind]
    if not found:
        return partial(mutations.record_not_found, claim)
    # Should there be two, the older one is the room; the sweep removes the other.
    oldest = min(found, key=lambda channel: int(channel.channel_id))
    return partial(mutations.record_found, claim, oldest, bot_id)


def _find_role(host: Host, claim: Claim) -> Record:
    roles = host.get_guild(_guild_id(claim)).roles
    found = [role.role_id for role in roles if code_of_role(role) == claim.code]
    if not found:
        return partial(mutations.record_not_found, claim)
    return partial(role_mutations.record_role_found, claim, min(found, key=int))


def _make_role(host: Host, claim: Claim) -> Record:
    try:
        role = host.create_role(_guild_id(claim), role_name(claim.code, claim.case.kind), _reason(claim))
    except HostError as error:
        if claim.case.kind == RoomKind.SESSION and takes_no_more_roles(error):
            return partial(role_mutations.record_fallback, claim, error.kind)
        raise
    return partial(role_mutations.record_role_made, claim, role.role_id)


def takes_no_more_roles(error: HostError) -> bool:
    """True when the guild has as many roles as it may, or is told to make none for so long that nobody can wait."""
    is_told_to_wait = error.kind == Refusal.RATE_LIMITED and not error.is_global
    return error.kind == Refusal.ROLES_FULL or (is_told_to_wait and (error.retry_after or timedelta()) >= LONG)


def _make(host: Host, claim: Claim) -> Record:
    parent_id = claim.case.parent.channel_id
    try:
        channel = _created(host, claim, _words(claim))
    except HostError as error:
        if _is_without_its_role(host, claim, error):
            return partial(role_mutations.record_role_lost, claim)
        if parent_id and error.kind == Refusal.CATEGORY_FULL:
            return partial(mutations.record_category_full, claim)
        if parent_id and error.kind == Refusal.UNKNOWN_CHANNEL and host.find_channel(parent_id) is None:
            return partial(mutations.record_category_lost, claim)
        raise
    return partial(mutations.record_made, claim, channel)


def _created(host: Host, claim: Claim, words: Sequence[str]) -> Channel:
    guild_id, kind, entries = _guild_id(claim), claim.case.kind, claim.step.overwrites
    name, reason = channel_name(claim.code, kind, words), _reason(claim)
    try:
        if kind != RoomKind.SESSION:
            return host.create_category(guild_id, name, entries, reason)
        return host.create_channel(guild_id, name, entries, reason, claim.case.parent.channel_id)
    except HostError as error:
        if words and error.kind == Refusal.NAME_REFUSED:
            # Servers in Discovery refuse some words: a title or a person's name must not cost a room.
            return _created(host, claim, ())
        raise


def _words(claim: Claim) -> Sequence[str]:
    """What tells people whose room it is; nothing where a role of the same code opens it."""
    if claim.case.kind != RoomKind.SESSION or claim.case.acting_mode != AccessMode.MEMBERS:
        return ()
    assert claim.case.session_id
    title, students = names_of(claim.case.session_id)
    return (title, ", ".join(students)) if students else (title,)


def _set_access(host: Host, claim: Claim) -> Record:
    try:
        host.set_overwrites(_channel_id(claim), claim.step.overwrites, _reason(claim))
    except HostError as error:
        if _is_without_its_role(host, claim, error):
            return partial(role_mutations.record_role_lost, claim)
        return _record_lost(host, claim, error)
    return partial(mutations.record_access, claim)


def _give_role(host: Host, claim: Claim) -> Record:
    try:
        host.give_role(_guild_id(claim), claim.step.user_id, _role_id(claim), _reason(claim))
    except HostError as error:
        if error.kind == Refusal.UNKNOWN_MEMBER:
            return partial(mutations.record_member_checked, claim, None)
        if _is_without_its_role(host, claim, error):
            return partial(role_mutations.record_role_lost, claim)
        raise
    return partial(role_mutations.record_role_given, claim)


def _take_role(host: Host, claim: Claim) -> Record:
    try:
        host.take_role(_guild_id(claim), claim.step.user_id, _role_id(claim), _reason(claim))
    except HostError as error:
        # With the member or the role, this is gone too. Who is taken for gone by mistake would keep the role for good.
        if error.kind not in (Refusal.UNKNOWN_MEMBER, Refusal.UNKNOWN_ROLE) or _has_role(host, claim):
            raise
    return partial(role_mutations.record_role_taken, claim)


def _has_role(host: Host, claim: Claim) -> bool:
    member = host.find_member(_guild_id(claim), claim.step.user_id)
    return member is not None and claim.case.role_id in member.role_ids


def _is_without_its_role(host: Host, claim: Claim, error: HostError) -> bool:
    """True when the call was refused because the room's role is gone; only the guild itself is proof of that."""
    return bool(error.kind == Refusal.UNKNOWN_ROLE and claim.case.role_id) and not _role_stands(host, claim)


def _role_stands(host: Host, claim: Claim) -> bool:
    return claim.case.role_id in {role.role_id for role in host.get_guild(_guild_id(claim)).roles}


def _disconnect(host: Host, claim: Claim) -> Record:
    if not _sits_inside(host, claim):
        # Discord puts people out of whichever channel they are in, and they may sit in another one by now.
        return partial(mutations.record_disconnected, claim, False)
    try:
        was_inside = host.disconnect(_guild_id(claim), claim.step.user_id, _reason(claim))
    except HostError as error:
        if error.kind != Refusal.UNKNOWN_MEMBER or host.find_member(_guild_id(claim), claim.step.user_id):
            raise
        was_inside = False
    return partial(mutations.record_disconnected, claim, was_inside)


def _sits_inside(host: Host, claim: Claim) -> bool:
    where = host.find_voice_channel(_guild_id(claim), claim.step.user_id, is_urgent=True)
    if where is None or not claim.case.is_of_shared_role:
        return where is not None and where == claim.case.recorded.channel_id
    # What the role opens is the category with the channels in it.
    channel, category_id = host.find_channel(where), claim.case.shared_category_id
    return channel is not None and category_id is not None and channel.parent_id == category_id


def _remove(host: Host, claim: Claim) -> Record:
    was_there = host.delete_channel(_channel_id(claim), _reason(claim))
    return partial(mutations.record_removed, claim, was_there)


def _remove_role(host: Host, claim: Claim) -> Record:
    was_there = host.delete_role(_guild_id(claim), _role_id(claim), _reason(claim))
    return partial(role_mutations.record_role_removed, claim, was_there)


def _settle(host: Host, claim: Claim) -> Record:
    return partial(mutations.record_settled, claim)


def _greet(host: Host, claim: Claim) -> Record:
    assert claim.case.session_id
    recorded = claim.case.recorded
    if recorded.claimed_until or recorded.failing_step == StepKind.GREET:
        # Begun before, and of unknown outcome. Discord remembers a nonce for minutes only.
        channel = host.find_channel(_channel_id(claim))
        if channel and channel.last_message_id:
            return partial(mutations.record_greeted, claim, channel.last_message_id)
    # The nonce is the channel's: a room that is made again is greeted again, a call that is repeated is not.
    return _post(host, claim, greeting(greeting_facts(claim.case.session_id)), "open", mutations.record_greeted)


def _warn(host: Host, claim: Claim) -> Record:
    return _post(host, claim, warning(claim.case.talk_ends_at), "over", mutations.record_warned)


def _post(host: Host, claim: Claim, text: str, nonce: str, record: Callable[[Claim, str, Stamp], None]) -> Record:
    channel_id = _channel_id(claim)
    try:
        message_id = host.post_message(channel_id, text, f"{nonce}{channel_id}")
    except HostError as error:
        return _record_lost(host, claim, error)
    return partial(record, claim, message_id)


def _check(host: Host, claim: Claim) -> Record:
    channel = host.find_channel(_channel_id(claim))
    if channel is None:
        return partial(mutations.record_lost, claim)
    if _lost_its_role(claim, channel) and not _role_stands(host, claim):
        return partial(role_mutations.record_role_lost, claim)
    return partial(mutations.record_checked, claim, channel)


def _lost_its_role(claim: Claim, channel: Channel) -> bool:
    """True when the entry of the room's own role has gone: with the role, or by hand."""
    entries = {one.target_id for one in claim.case.recorded.overwrites} - {one.target_id for one in channel.overwrites}
    return claim.case.has_own_role and claim.case.role_id in entries


def _check_member(host: Host, claim: Claim) -> Record:
    return partial(mutations.record_member_checked, claim, host.find_member(_guild_id(claim), claim.step.user_id))


def _look(host: Host, claim: Claim) -> Record:
    return partial(mutations.record_seen, claim, is_inside(host, claim))


def is_inside(host: Host, claim: Claim) -> bool:
    """True when the person whom the step looks for is in the room just now."""
    where = host.find_voice_channel(_guild_id(claim), claim.step.user_id, claim.step.is_urgent)
    # A session without a channel of its own takes place in one of the coach's, whichever that is, but in nobody's room.
    is_anywhere = claim.case.is_of_shared_role and where is not None and not is_room_of_session(where)
    return is_anywhere or (where is not None and where == claim.case.recorded.channel_id)


def _record_lost(host: Host, claim: Claim, error: HostError) -> Record:
    """What to write down when a room turns out to be gone; any other refusal goes on."""
    # Only asking for the channel itself is proof: taken for gone by mistake it would get a double.
    if error.kind != Refusal.UNKNOWN_CHANNEL or host.find_channel(_channel_id(claim)) is not None:
        raise error
    return partial(mutations.record_lost, claim)


def _reason(claim: Claim) -> str:
    """For the guild's audit log."""
    what = "session " if claim.case.kind == RoomKind.SESSION else ""
    return f"Greenroom, {what}{claim.case.session_code}: {claim.step.why}"


def _guild_id(claim: Claim) -> str:
    # What is made first goes where the store's guild is now; everything later goes where the room was begun.
    is_making = claim.step.kind in (StepKind.MAKE, StepKind.MAKE_ROLE)
    guild_id = claim.case.standing_guild_id if is_making else claim.case.home_guild_id
    assert guild_id
    return guild_id


def _channel_id(claim: Claim) -> str:
    assert claim.case.recorded.channel_id
    return claim.case.recorded.channel_id


def _role_id(claim: Claim) -> str:
    assert claim.case.role_id
    return claim.case.role_id


_CALLS: dict[StepKind, Callable[[Host, Claim], Record]] = {
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
