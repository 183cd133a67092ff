"""What looking after a room changes: messages, checks, who is on the server, who is inside. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from coaching.guild_parts import Channel, Member, Overwrite
from coaching.guild_rights import BOT_RIGHTS
from coaching.log_lines import Event
from coaching.rooms.planning.case import Occupant, RoomCase, StepKind
from coaching.rooms.planning.coverage import LONGEST_GAP, with_look
from coaching.rooms.planning.steps import CREATIONS, Step
from coaching.rooms.recording.events import EventKind, OfSide, Side
from coaching.rooms.recording.results import Change, Stamp

# Discord's clock says when somebody joined, ours when a room's access was set.
CLOCKS_DIFFER = timedelta(seconds=10)


def greeted(message_id: str, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    return Change({"greeting_message_id": message_id}, Event(EventKind.GREETED))


def warned(case: RoomCase, step: Step, stamp: Stamp) -> Change:
    return Change({"warned_at": stamp.at.machine}, Event(EventKind.WARNED))


def checked(channel: Channel, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """The channel exists, and looks like this."""
    overwrites = channel.overwrites
    columns = {
        "overwrites": overwrites,
        "checked_at": stamp.at.machine,
        "to_disconnect": to_disconnect(case, overwrites),
    }
    return Change(columns, Event(EventKind.CHANGED_BY_OTHERS) if overwrites != case.recorded.overwrites else None)


def member_checked(member: Member | None, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    """Somebody is a member or not; one who joined after the room was told to let them in has to be let in anew."""
    recorded = case.recorded
    others = frozenset(entry for entry in recorded.overwrites if entry.target_id != step.user_id)
    if step.user_id in recorded.holders and (member is None or case.role_id not in member.role_ids):
        # Discord takes its roles from whoever leaves.
        change = Change({"holders": recorded.holders - {step.user_id}}, Event(EventKind.ROLE_MISSING))
    elif others != recorded.overwrites and _joined_since(member, recorded.granted_at):
        # An entry that was there before they came does nothing: it counts as if it were not there.
        change = Change({"overwrites": others}, Event(EventKind.JOINED_LATE))
    else:
        # Somebody who is not there was given no role.
        change = Change(without_intent(case, step))
    return replace(change, is_member=member is not None)


def _joined_since(member: Member | None, granted_at: datetime | None) -> bool:
    joined_at = member.joined_at if member else None
    return bool(joined_at and granted_at and joined_at > granted_at - CLOCKS_DIFFER)


def looked(is_inside: bool, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    occupant = find_occupant(case, step)
    assert occupant
    event = None
    if is_inside != occupant.is_inside:
        came = EventKind.CAME_BACK if occupant.last_seen_at else EventKind.CAME
        side = Side.COACH if occupant.is_coach else Side.STUDENT
        event = Event(came if is_inside else EventKind.LEFT, OfSide(side))
    return Change(event=event, presence=_presence(occupant, is_inside, stamp))


def _presence(occupant: Occupant, is_inside: bool, stamp: Stamp) -> dict[str, Any]:
    gap = stamp.at.machine - occupant.looked_at if occupant.looked_at else timedelta(0)
    # Somebody seen at two looks was there in between.
    was_there = is_inside and occupant.is_inside and timedelta(0) < gap <= LONGEST_GAP
    columns: dict[str, Any] = {
        "person": occupant.person_id,
        "is_inside": is_inside,
        "seconds": round(gap.total_seconds()) if was_there else 0,
        "looked_at": stamp.at.machine,
        "looks": with_look(occupant.looks, stamp.at.product),
    }
    if is_inside:
        # A demo's clock that was put back takes nobody's coming back.
        present_at = max(stamp.at.product, occupant.present_at or stamp.at.product)
        columns |= {"last_seen_at": stamp.at.machine, "present_at": present_at}
    return columns


def disconnected(was_inside: bool, case: RoomCase, step: Step, stamp: Stamp) -> Change:
    occupant = find_occupant(case, step)
    return Change(
        {"to_disconnect": case.recorded.to_disconnect - {step.user_id}},
        Event(EventKind.DISCONNECTED) if was_inside else None,
        _presence(occupant, False, stamp) if occupant else None,
    )


def find_occupant(case: RoomCase, step: Step) -> Occupant | None:
    """The step's person, if they are looked for in the room."""
    return next((occupant for occupant in case.occupants if occupant.discord_user_id == step.user_id), None)


def to_disconnect(case: RoomCase, overwrites: frozenset[Overwrite]) -> frozenset[str]:
    """Who may still be inside, now that the channel lets in these: who lost their entry, and is not looked for."""
    recorded, lets_in = case.recorded, {entry.target_id for entry in overwrites}
    # The bot itself sits in no call.
    lost = {entry.target_id for entry in recorded.overwrites if entry.is_member and entry.allow != BOT_RIGHTS}
    if recorded.discord_role_id not in lets_in:
        lost |= recorded.may_hold
    return recorded.to_disconnect | (lost - lets_in - {occupant.discord_user_id for occupant in case.occupants})


def without_intent(case: RoomCase, step: Step) -> dict[str, Any]:
    """The columns that take back what the claim wrote down in case no answer came: Discord has done nothing."""
    if step.kind in CREATIONS:
        return {"intended_at": None}
    if step.kind == StepKind.GIVE_ROLE:
        # An earlier call with an unknown outcome may have given it to them.
        return {"maybe_holders": case.recorded.maybe_holders}
    return {}
