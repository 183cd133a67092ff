"""Writes down what a call to Discord came to: the room's row, the line of its log, and whatever else that changes."""

from collections.abc import Mapping
from typing import Any

from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.queries import find_link_of_account, find_membership
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.db import database
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.notices.queries import ROOM_OPEN_BEFORE, is_owed
from coaching.rooms.models import Room
from coaching.rooms.orphans.mark_mutations import new_room_code
from coaching.rooms.orphans.sweep_mutations import want_sweep
from coaching.rooms.planning.case import AccessMode, RoomKind, StepKind
from coaching.rooms.planning.lateness import LATE, LATE_SUM, STEPS, bucket_of
from coaching.rooms.recording.changes import NOBODY_HOLDS, changes_after
from coaching.rooms.recording.claim_mutations import SWEEP_AFTER_DOUBT, ClaimLost
from coaching.rooms.recording.event_mutations import record_event
from coaching.rooms.recording.events import EventKind
from coaching.rooms.recording.presence_mutations import record_presence
from coaching.rooms.recording.results import Change, Claim, Delayed, Failure, Refused, Result, Stamp
from coaching.tallies.mutations import count

# With these lines of a room's log its people are let in.
LETS_IN = (EventKind.MADE_OPEN, EventKind.OPENED, EventKind.ROLE_GIVEN)


def record(claim: Claim, result: Result, stamp: Stamp) -> bool:
    """Record what the claimed step's call came to, in one transaction that ends the claim.

    True when that owes somebody a message.
    ClaimLost, with nothing written, when somebody else has written to the room since.
    """
    change = changes_after(claim.case, claim.step, result, stamp)
    with database.atomic():
        if change.category:
            _update_category(claim, change.category)
        if change.loses_shared_role:
            _forget_shared_role(claim)
        _update_room(claim, change)
        if change.presence:
            record_presence(claim.room_id, change.presence)
        if change.is_member is not None:
            _record_membership(claim, change.is_member, stamp)
        _log(claim, change, result, stamp)
        _count(claim, change)
        lets_in = change.event is not None and change.event.kind in LETS_IN
        if lets_in:
            _owe_way_in(claim, stamp)
    if change.wants_search:
        want_sweep(claim.case.home_guild_id, stamp.at.machine + SWEEP_AFTER_DOUBT)
    return lets_in


def _owe_way_in(claim: Claim, stamp: Stamp) -> None:
    """Owe the session's students a message with the way into the room, once for each room that is made for it."""
    session_id = claim.case.session_id
    if is_owed(ROOM_OPEN_BEFORE.format(session_id=session_id)):
        return
    open_product = Product.select(Product.id).where(Product.says_when_open)
    seats = Seat.select(Seat.student).join(CoachingSession)
    room = claim.case.recorded.channel_id or claim.room_id
    for seat in seats.where(CoachingSession.id == session_id, CoachingSession.product.in_(open_product)):
        key = f"{MessageKind.ROOM_OPEN}:{session_id}:{room}"
        owe(MessageKind.ROOM_OPEN, key, seat.student_id, stamp.at.product, session_id=session_id)


def record_failure(claim: Claim, failure: Failure, stamp: Stamp) -> None:
    """Record that the step failed."""
    record(claim, Refused(failure), stamp)


def record_told_to_wait(claim: Claim, failure: Failure, stamp: Stamp) -> None:
    """Record that nothing was done yet, and until when it has to wait."""
    record(claim, Delayed(failure), stamp)


def _update_room(claim: Claim, change: Change) -> None:
    columns = {"version": Room.version + 1, "claimed_until": None, **change.columns}
    if change.wants_code:
        columns["code"] = new_room_code()
    is_ours = (Room.id == claim.room_id) & (Room.version == claim.version)
    if not Room.update(**columns).where(is_ours).execute():
        raise ClaimLost


def _update_category(claim: Claim, columns: Mapping[str, Any]) -> None:
    """The category into which the room was to be made, or from which it is being removed."""
    if claim.step.kind == StepKind.MAKE:
        which = (Room.kind != RoomKind.SESSION) & (Room.discord_channel_id == claim.case.parent.channel_id)
    else:
        parent_id = Room.select(Room.parent_id).where(Room.id == claim.room_id)
        which = (Room.kind == RoomKind.CATEGORY) & (Room.discord_channel_id == parent_id) & Room.is_full
    if "state" in columns:
        columns = {**columns, "version": Room.version + 1}
    Room.update(**columns).where(which).execute()


def _forget_shared_role(claim: Claim) -> None:
    """The shared role is gone from its own row, and nobody of its store on this server is taken to have it any more."""
    case, is_another = claim.case, Room.id != claim.room_id
    is_it = (Room.kind == RoomKind.SHARED) & (Room.discord_role_id == case.role_id)
    bare: dict[str, Any] = {"discord_role_id": None, "overwrites": frozenset()}
    Room.update(version=Room.version + 1, **bare).where(is_it, is_another).execute()
    sessions = CoachingSession.select(CoachingSession.id).join(Product).where(Product.store == case.store_id)
    is_here = (Room.mode == AccessMode.SHARED_ROLE) & (Room.discord_guild_id == case.home_guild_id)
    had_any = (Room.holders != "[]") | (Room.maybe_holders != "[]")
    Room.update(version=Room.version + 1, **NOBODY_HOLDS).where(
        is_here, Room.coaching_session.in_(sessions), had_any, is_another
    ).execute()


def _record_membership(claim: Claim, is_member: bool, stamp: Stamp) -> None:
    link, guild_id = find_link_of_account(claim.step.user_id), claim.case.home_guild_id
    if link:
        known = find_membership(link, guild_id)
        # Discord does not say why somebody is missing; a ban learned at joining holds until they get in.
        absent = "banned" if known and known.state == "banned" else "left"
        record_membership(link, guild_id, "joined" if is_member else absent, stamp.at.machine)


def _log(claim: Claim, change: Change, result: Result, stamp: Stamp) -> None:
    if change.event is None:
        return
    failure = result.failure if isinstance(result, Refused | Delayed) else None
    record_event(
        [claim.room_id],
        change.event,
        stamp.at.product,
        reason=claim.step.why,
        status=failure.status if failure else stamp.status,
        discord_code=failure.code if failure else None,
        took_ms=round(stamp.took.total_seconds() * 1000),
    )


def _count(claim: Claim, change: Change) -> None:
    """For whoever watches the figures. In the same order everywhere: see `tallies.mutations.count`."""
    count(STEPS, f"{claim.step.kind} {change.outcome}")
    if change.late is not None:
        count(LATE, f"{claim.step.state} {bucket_of(change.late)}")
        count(LATE_SUM, claim.step.state, round(change.late.total_seconds() * 1000))
