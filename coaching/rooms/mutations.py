"""Changes of what is recorded about rooms: facts learned from Discord about channels, members and who is inside."""

from datetime import timedelta
from typing import Any

from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.queries import find_link_of_account, find_membership
from coaching.db import database
from coaching.guild_parts import Channel, Member, Overwrite
from coaching.guild_rights import BOT_RIGHTS
from coaching.rooms.claim_mutations import (
    HEALED,
    NOBODY_HOLDS,
    SWEEP_AFTER_DOUBT,
    Claim,
    Stamp,
    packed,
    packed_ids,
    record,
    without_intent,
)
from coaching.rooms.models import Room
from coaching.rooms.planning.case import Occupant, RoomKind, RoomState
from coaching.rooms.presence_mutations import record_presence
from coaching.rooms.sweep_mutations import want_sweep

# Discord's clock says when somebody joined, ours when a room was told.
CLOCKS_DIFFER = timedelta(seconds=10)


def record_made(claim: Claim, channel: Channel, stamp: Stamp) -> None:
    """The channel stands with the overwrites it was made with."""
    record(
        claim,
        stamp,
        "made hidden" if claim.step.state == RoomState.HIDDEN else "made open",
        state=claim.step.state,
        discord_channel_id=channel.channel_id,
        parent_id=channel.parent_id,
        overwrites=packed(claim.step.overwrites),
        intended_at=None,
        looked_at=None,
        made_at=stamp.machine_now,
        granted_at=stamp.machine_now - stamp.took,
        checked_at=stamp.machine_now,
        greeting_message_id=None,
        warned_at=None,
    )


def record_category_full(claim: Claim, stamp: Stamp) -> None:
    """Discord takes no more channels in this category; the room goes into the next one."""
    with database.atomic():
        Room.update(is_full=True).where(_is_parent_of(claim)).execute()
        record(claim, stamp, "the category is full", intended_at=None)


def record_category_lost(claim: Claim, stamp: Stamp) -> None:
    """The category is gone although nobody here removed it; the room goes into another one."""
    with database.atomic():
        gone = {**_NO_CHANNEL, "state": RoomState.ABSENT, "is_full": False, "version": Room.version + 1}
        Room.update(**gone).where(_is_parent_of(claim)).execute()
        record(claim, stamp, "the category is gone", intended_at=None)


def _is_parent_of(claim: Claim) -> Any:
    return (Room.kind != RoomKind.SESSION) & (Room.discord_channel_id == claim.case.parent.channel_id)


def record_found(claim: Claim, channel: Channel, bot_id: str, stamp: Stamp) -> None:
    """The channel in doubt stands and is ours, with the overwrites it was found with."""
    lets_in = {one.target_id for one in channel.overwrites if one.is_member} - {bot_id}
    record(
        claim,
        stamp,
        "found again",
        **HEALED,
        state=RoomState.OPEN if lets_in else RoomState.HIDDEN,
        discord_channel_id=channel.channel_id,
        parent_id=channel.parent_id,
        overwrites=packed(channel.overwrites),
        intended_at=None,
        looked_at=None,
        made_at=stamp.machine_now,
        granted_at=claim.case.recorded.intended_at,
        checked_at=stamp.machine_now,
    )


def record_not_found(claim: Claim, stamp: Stamp) -> None:
    """No channel carries the room's code, as far as the bot can see."""
    record(claim, stamp, "looked in vain", looked_at=stamp.machine_now)


def record_access(claim: Claim, stamp: Stamp) -> None:
    """The channel lets in exactly whom the step named."""
    what = {RoomState.OPEN: "opened", RoomState.CLOSED: "closed", RoomState.HIDDEN: "hidden"}[claim.step.state]
    is_new = claim.step.state != claim.case.recorded.state
    record(
        claim,
        stamp,
        what if is_new else "access corrected",
        state=claim.step.state,
        overwrites=packed(claim.step.overwrites),
        granted_at=stamp.machine_now - stamp.took,
        to_put_out=_to_put_out(claim, claim.step.overwrites),
    )


def _to_put_out(claim: Claim, overwrites: frozenset[Overwrite]) -> str:
    """Who may still be inside, now that the channel lets in these: who lost their entry, and is not looked for."""
    recorded = claim.case.recorded
    # The bot itself sits in no call.
    lost = {one.target_id for one in recorded.overwrites if one.is_member and one.allow != BOT_RIGHTS}
    if recorded.role_id not in {one.target_id for one in overwrites}:
        lost |= recorded.may_hold
    lost -= {one.target_id for one in overwrites} | {one.discord_user_id for one in claim.case.occupants}
    return packed_ids(recorded.to_put_out | lost)


def record_removed(claim: Claim, was_there: bool, stamp: Stamp) -> None:
    """The channel is gone because we wanted it gone."""
    what = "removed" if was_there else "was gone already"
    with database.atomic():
        parent_id = Room.select(Room.parent_id).where(Room.id == claim.room_id)
        is_parent = (Room.kind == RoomKind.CATEGORY) & (Room.discord_channel_id == parent_id)
        Room.update(is_full=False).where(is_parent, Room.is_full).execute()
        record(claim, stamp, what, state=claim.step.state, checked_at=stamp.machine_now, **_NO_CHANNEL)
    if not was_there:
        want_sweep(claim.case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def record_lost(claim: Claim, stamp: Stamp) -> None:
    """The channel is gone although nobody here removed it."""
    record(claim, stamp, "found deleted", state=RoomState.ABSENT, checked_at=stamp.machine_now, **_NO_CHANNEL)
    want_sweep(claim.case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def record_disconnected(claim: Claim, was_inside: bool, stamp: Stamp) -> None:
    """The person is not in the room any more."""
    left = claim.case.recorded.to_put_out - {claim.step.user_id}
    with database.atomic():
        if any(one.discord_user_id == claim.step.user_id for one in claim.case.occupants):
            _record_presence(claim, is_inside=False, stamp=stamp)
        record(claim, stamp, "put out of the call" if was_inside else None, to_put_out=packed_ids(left))


def record_seen(claim: Claim, is_inside: bool, stamp: Stamp) -> None:
    """The person was seen in the room, or was not there."""
    with database.atomic():
        was_inside = _record_presence(claim, is_inside=is_inside, stamp=stamp)
        name = "coach" if _who(claim).is_coach else "student"
        changed = f"{name} {'came' if is_inside else 'left'}" if is_inside != was_inside else None
        record(claim, stamp, changed)


def _record_presence(claim: Claim, is_inside: bool, stamp: Stamp) -> bool:
    return record_presence(claim.room_id, _who(claim).person_id, is_inside, stamp)


def _who(claim: Claim) -> Occupant:
    return next(one for one in claim.case.occupants if one.discord_user_id == claim.step.user_id)


def record_settled(claim: Claim, stamp: Stamp) -> None:
    """The room is in this state without any call: nothing of it stands, or nobody is left to let in."""
    what = {RoomState.REMOVED: "settled", RoomState.CLOSED: "closed", RoomState.OPEN: "opened"}
    changes: dict[str, Any] = dict(NOBODY_HOLDS) if claim.step.state != RoomState.OPEN else {}
    if claim.step.state == RoomState.REMOVED:
        changes |= _NO_CHANNEL
    record(claim, stamp, what.get(claim.step.state, "settled"), state=claim.step.state, **changes)


def record_greeted(claim: Claim, message_id: str, stamp: Stamp) -> None:
    """The first message stands in the room."""
    record(claim, stamp, "greeted", greeting_message_id=message_id)


def record_warned(claim: Claim, message_id: str, stamp: Stamp) -> None:
    """Those inside have been told that the planned time is over."""
    record(claim, stamp, "told them that the time is over", warned_at=stamp.machine_now)


def record_checked(claim: Claim, channel: Channel, stamp: Stamp) -> None:
    """The channel was seen with these overwrites."""
    is_changed = channel.overwrites != claim.case.recorded.overwrites
    record(
        claim,
        stamp,
        "found changed by hand" if is_changed else None,
        overwrites=packed(channel.overwrites),
        checked_at=stamp.machine_now,
        to_put_out=_to_put_out(claim, channel.overwrites),
    )


def record_member_checked(claim: Claim, member: Member | None, stamp: Stamp) -> None:
    """Somebody is a member or not; one who joined after the room was told to let them in has to be let in anew."""
    with database.atomic():
        _record_membership(claim, member, stamp)
        _record_access_of(claim, member, stamp)


def _record_membership(claim: Claim, member: Member | None, stamp: Stamp) -> None:
    link, guild_id = find_link_of_account(claim.step.user_id), claim.case.home_guild_id
    if link:
        known = find_membership(link, guild_id)
        # Discord does not say why somebody is missing; a ban learned at joining holds until they get in.
        absent = "banned" if known and known.state == "banned" else "left"
        record_membership(link, guild_id, "joined" if member else absent, stamp.machine_now)


def _record_access_of(claim: Claim, member: Member | None, stamp: Stamp) -> None:
    holders = claim.case.recorded.holders
    if claim.step.user_id in holders and (member is None or claim.case.role_id not in member.role_ids):
        # Discord takes its roles from whoever leaves.
        record(claim, stamp, "without their role", holders=packed_ids(holders - {claim.step.user_id}))
        return
    told_at, overwrites = claim.case.recorded.granted_at, claim.case.recorded.overwrites
    others = frozenset(one for one in overwrites if one.target_id != claim.step.user_id)
    # An entry that was there before they came does nothing: it counts as if it were not there.
    joined_at = member.joined_at if member else None
    if others != overwrites and told_at and joined_at and joined_at > told_at - CLOCKS_DIFFER:
        record(claim, stamp, "joined after the opening", overwrites=packed(others))
    else:
        # Somebody who is not there was given no role.
        record(claim, stamp, None, **without_intent(claim))


_NO_CHANNEL: dict[str, Any] = {
    "discord_channel_id": None,
    "parent_id": None,
    "overwrites": "[]",
    "to_put_out": "[]",
    "greeting_message_id": None,
    "warned_at": None,
    "made_at": None,
    "granted_at": None,
    "intended_at": None,
    "looked_at": None,
}
