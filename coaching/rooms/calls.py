"""One Discord call for each kind of step, and with its answer the mutation that writes it down."""

from collections.abc import Callable
from functools import partial

from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.queries import find_link_of_account, find_membership
from coaching.guild_parts import VOICE
from coaching.host import Channel, Host, HostError, Member
from coaching.refusals import Refusal
from coaching.rooms import mutations
from coaching.rooms.case_queries import greeting_facts
from coaching.rooms.greeting import greeting
from coaching.rooms.mutations import Claim, Stamp
from coaching.rooms.names import channel_name
from coaching.rooms.plan import StepKind

Record = Callable[[Stamp], None]


def perform(host: Host, claim: Claim) -> Record:
    """Make the claimed step's one call. What comes back writes down the answer; HostError when there is none."""
    return _CALLS[claim.step.kind](host, claim)


def _find(host: Host, claim: Claim) -> Record:
    name = channel_name(claim.code)
    listed = host.list_channels(_guild_id(claim))
    found = [channel for channel in listed if channel.name == name and channel.kind == VOICE]
    if not found:
        return partial(mutations.record_not_found, claim)
    # Should there be two, the older one is the room; the sweep removes the other.
    return partial(mutations.record_found, claim, min(found, key=_age), host.bot_id())


def _age(channel: Channel) -> int:
    return int(channel.channel_id)


def _make(host: Host, claim: Claim) -> Record:
    channel = host.create_channel(_guild_id(claim), channel_name(claim.code), claim.step.overwrites, _reason(claim))
    return partial(mutations.record_made, claim, channel)


def _set_access(host: Host, claim: Claim) -> Record:
    try:
        host.set_overwrites(_channel_id(claim), claim.step.overwrites, _reason(claim))
    except HostError as error:
        return _record_lost(host, claim, error)
    return partial(mutations.record_access, claim)


def _remove(host: Host, claim: Claim) -> Record:
    was_there = host.delete_channel(_channel_id(claim), _reason(claim))
    return partial(mutations.record_removed, claim, was_there)


def _settle(host: Host, claim: Claim) -> Record:
    return partial(mutations.record_settled, claim)


def _greet(host: Host, claim: Claim) -> Record:
    text = greeting(greeting_facts(claim.case.session_id))
    try:
        # The nonce is the channel's: a room that is made again is greeted again, a call that is repeated is not.
        message_id = host.post_message(_channel_id(claim), text, f"open{_channel_id(claim)}")
    except HostError as error:
        return _record_lost(host, claim, error)
    return partial(mutations.record_greeted, claim, message_id)


def _check(host: Host, claim: Claim) -> Record:
    channel = host.find_channel(_channel_id(claim))
    if channel is None:
        return partial(mutations.record_lost, claim)
    return partial(mutations.record_checked, claim, channel)


def _check_member(host: Host, claim: Claim) -> Record:
    user_id, guild_id = claim.step.user_id, _guild_id(claim)
    return partial(_record_member, claim, host.find_member(guild_id, user_id))


def _record_member(claim: Claim, member: Member | None, stamp: Stamp) -> None:
    link, guild_id = find_link_of_account(claim.step.user_id), _guild_id(claim)
    if link:
        known = find_membership(link, guild_id)
        # Discord does not say why somebody is missing; a ban learned at joining holds until they get in.
        absent = "banned" if known and known.state == "banned" else "left"
        record_membership(link, guild_id, "joined" if member else absent, stamp.machine_now)
    mutations.record_member_checked(claim, member.joined_at if member else None, stamp)


def _record_lost(host: Host, claim: Claim, error: HostError) -> Record:
    """What to write down when a room turns out to be gone; any other refusal goes on."""
    # Only asking for the channel itself is proof: taken for gone by mistake it would get a double.
    if error.kind != Refusal.UNKNOWN_CHANNEL or host.find_channel(_channel_id(claim)) is not None:
        raise error
    return partial(mutations.record_lost, claim)


def _reason(claim: Claim) -> str:
    """For the guild's audit log."""
    return f"Greenroom, session {claim.case.session_code}: {claim.step.why}"


def _guild_id(claim: Claim) -> str:
    # A making goes where the store's guild is now; everything later goes where the room was made.
    is_making = claim.step.kind == StepKind.MAKE
    guild_id = claim.case.guild_id if is_making else claim.case.recorded.guild_id
    assert guild_id
    return guild_id


def _channel_id(claim: Claim) -> str:
    assert claim.case.recorded.channel_id
    return claim.case.recorded.channel_id


_CALLS: dict[StepKind, Callable[[Host, Claim], Record]] = {
    StepKind.FIND: _find,
    StepKind.MAKE: _make,
    StepKind.SET_ACCESS: _set_access,
    StepKind.REMOVE: _remove,
    StepKind.SETTLE: _settle,
    StepKind.GREET: _greet,
    StepKind.CHECK: _check,
    StepKind.CHECK_MEMBER: _check_member,
}
