"""Changes of what is recorded about the roles that let people into rooms: made, given, taken, removed, lost."""

from typing import Any

from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product
from coaching.db import database
from coaching.refusals import Refusal
from coaching.rooms.claim_mutations import HEALED, NOBODY_HOLDS, SWEEP_AFTER_DOUBT, Claim, Stamp, packed_ids, record
from coaching.rooms.models import Room
from coaching.rooms.planning.case import AccessMode, RoomKind
from coaching.rooms.sweep_mutations import want_sweep


def record_role_made(claim: Claim, role_id: str, stamp: Stamp) -> None:
    """The role stands, and nobody has it."""
    _record_role(claim, role_id, "role made", stamp)


def record_role_found(claim: Claim, role_id: str, stamp: Stamp) -> None:
    """The role in doubt stands and is ours; it had not been given to anybody yet."""
    _record_role(claim, role_id, "role found again", stamp)


def _record_role(claim: Claim, role_id: str, what: str, stamp: Stamp) -> None:
    changes = HEALED | NOBODY_HOLDS | {"discord_role_id": role_id, "intended_at": None, "looked_at": None}
    record(claim, stamp, what, **changes)


def record_fallback(claim: Claim, reason: Refusal, stamp: Stamp) -> None:
    """The room has no role, since the server takes no more of them: it lets in the two people by name instead."""
    what = "no more roles on this server: entries for each person instead"
    changes = {"mode": AccessMode.MEMBERS, "intended_at": None, "looked_at": None}
    record(claim, stamp, f"{what} ({reason})", **changes)


def record_role_removed(claim: Claim, was_there: bool, stamp: Stamp) -> None:
    """The role is gone because we wanted it gone."""
    what = "role removed" if was_there else "the role was gone already"
    record(claim, stamp, what, state=claim.step.state, discord_role_id=None, **NOBODY_HOLDS)
    if not was_there:
        want_sweep(claim.case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def record_role_lost(claim: Claim, stamp: Stamp) -> None:
    """The role is gone although nobody here removed it, and with it everybody's right to enter."""
    case = claim.case
    with database.atomic():
        if case.is_of_shared_role or case.kind == RoomKind.SHARED:
            is_lost = (Room.kind == RoomKind.SHARED) & (Room.discord_role_id == case.role_id)
            bare = {"discord_role_id": None, "overwrites": "[]", "version": Room.version + 1}
            Room.update(**bare).where(is_lost, Room.id != claim.room_id).execute()
            _forget_holders(claim)
        changes = {} if case.is_of_shared_role else {"discord_role_id": None}
        record(claim, stamp, "the role was found deleted", intended_at=None, **NOBODY_HOLDS, **changes)
    want_sweep(case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def _forget_holders(claim: Claim) -> None:
    """Of no session of the claim's store on this server is anybody taken to have the shared role any more."""
    sessions = CoachingSession.select(CoachingSession.id).join(Product).where(Product.store == claim.case.store_id)
    is_here = (Room.mode == AccessMode.SHARED_ROLE) & (Room.discord_guild_id == claim.case.home_guild_id)
    had_any = (Room.holders != "[]") | (Room.maybe_holders != "[]")
    Room.update(version=Room.version + 1, **NOBODY_HOLDS).where(
        is_here, Room.coaching_session.in_(sessions), had_any, Room.id != claim.room_id
    ).execute()


def record_role_given(claim: Claim, stamp: Stamp) -> None:
    """One more of those whom the room is for has its role."""
    is_first = claim.case.recorded.state != claim.step.state
    holders = claim.case.recorded.holders | {claim.step.user_id}
    changes = {"holders": packed_ids(holders), "maybe_holders": _doubted(claim)}
    changes["to_put_out"] = packed_ids(claim.case.recorded.to_put_out - {claim.step.user_id})
    record(claim, stamp, "opened" if is_first else "role given", state=claim.step.state, **changes)


def record_role_taken(claim: Claim, stamp: Stamp) -> None:
    """One of those who had the room's role has it no more."""
    holders = claim.case.recorded.holders - {claim.step.user_id}
    changes: dict[str, Any] = {"state": claim.step.state} if claim.step.state != claim.case.recorded.state else {}
    looked_for = {one.discord_user_id for one in claim.case.occupants}
    if claim.case.is_of_shared_role or claim.step.user_id not in looked_for:
        changes["to_put_out"] = packed_ids(claim.case.recorded.to_put_out | {claim.step.user_id})
    if claim.case.recorded.channel_id:
        changes["granted_at"] = stamp.machine_now
    record(claim, stamp, "role taken", holders=packed_ids(holders), maybe_holders=_doubted(claim), **changes)


def _doubted(claim: Claim) -> str:
    """Who may still have the role without anybody knowing, now that this person's answer has come."""
    return packed_ids(claim.case.recorded.maybe_holders - {claim.step.user_id})
