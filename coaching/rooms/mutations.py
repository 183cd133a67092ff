"""Changes of what is recorded about rooms: claims, intents, facts learned from Discord, failures, and their log."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import IntegrityError

from coaching.db import database, new_code
from coaching.guild_parts import Channel, Overwrite
from coaching.refusals import DOUBTFUL, Refusal
from coaching.rooms.lane_mutations import want_sweep
from coaching.rooms.models import Room, RoomEvent
from coaching.rooms.plan import RoomCase, RoomState, Step, StepKind, attempts_with

# Longer than the longest call, so that nobody takes a room over while its claimer waits for Discord.
CLAIMED_FOR = timedelta(seconds=30)
CODE_LENGTH = 8
# Whenever Discord may have told us something untrue about a channel, the guild is searched a little later.
SWEEP_AFTER_DOUBT = timedelta(minutes=1)
# Discord's clock says when somebody joined, ours when a room was told.
CLOCKS_DIFFER = timedelta(seconds=10)


class ClaimLost(Exception):
    """Somebody else has written to the room since it was claimed: what was learned belongs to nobody now."""


@dataclass(frozen=True)
class Claim:
    """One step of one room, ours alone until `version` changes."""

    room_id: int
    code: str
    version: int
    case: RoomCase
    step: Step


@dataclass(frozen=True)
class Stamp:
    """When a call was answered, by both clocks, and how long it took."""

    now: datetime
    machine_now: datetime
    took: timedelta = timedelta()


@dataclass(frozen=True)
class Failure:
    """Why a step did not work, in Discord's words, and when to try again."""

    kind: Refusal
    next_try_at: datetime | None = None
    status: int | None = None
    code: int | None = None


def claim_step(case: RoomCase, step: Step, stamp: Stamp) -> Claim | None:
    """The room is ours for one call, or None when somebody else is at it. A making is written down before it begins."""
    changes: dict[str, Any] = {"claimed_until": stamp.machine_now + CLAIMED_FOR}
    if step.kind == StepKind.MAKE:
        # Whoever finds this after a crash knows that there may be a channel.
        changes |= {"intended_at": stamp.machine_now, "looked_at": None, "discord_guild_id": case.guild_id}
    with database.atomic():
        if case.recorded.room_id is None:
            return _claim_new_room(case, step, stamp, changes)
        is_free = Room.claimed_until.is_null() | (Room.claimed_until <= stamp.machine_now)
        is_same = (Room.id == case.recorded.room_id) & (Room.version == case.recorded.version)
        if not Room.update(version=Room.version + 1, **changes).where(is_same, is_free).execute():
            return None
        return _claim_of(Room.get_by_id(case.recorded.room_id), case, step)


def _claim_new_room(case: RoomCase, step: Step, stamp: Stamp, changes: dict[str, Any]) -> Claim | None:
    try:
        # A savepoint of its own: on PostgreSQL a refused insert would spoil the whole transaction.
        with database.atomic():
            room = Room.create(
                coaching_session=case.session_id,
                code=new_code(CODE_LENGTH),
                version=1,
                created_at=stamp.now,
                **{"discord_guild_id": case.guild_id, **changes},
            )
    except IntegrityError:
        return None
    return _claim_of(room, case, step)


def _claim_of(room: Room, case: RoomCase, step: Step) -> Claim:
    return Claim(room.id, room.code, room.version, case, step)


def record_made(claim: Claim, channel: Channel, stamp: Stamp) -> None:
    """The channel stands with the overwrites it was made with."""
    _record(
        claim,
        stamp,
        "made hidden" if claim.step.state == RoomState.HIDDEN else "made open",
        state=claim.step.state,
        discord_channel_id=channel.channel_id,
        overwrites=packed(claim.step.overwrites),
        intended_at=None,
        looked_at=None,
        made_at=stamp.machine_now,
        granted_at=stamp.machine_now - stamp.took,
        checked_at=stamp.machine_now,
        greeting_message_id=None,
    )


def record_found(claim: Claim, channel: Channel, bot_id: str, stamp: Stamp) -> None:
    """The channel in doubt stands and is ours, with the overwrites it was found with."""
    lets_in = {one.target_id for one in channel.overwrites if one.is_member} - {bot_id}
    _record(
        claim,
        stamp,
        "found again",
        state=RoomState.OPEN if lets_in else RoomState.HIDDEN,
        discord_channel_id=channel.channel_id,
        overwrites=packed(channel.overwrites),
        intended_at=None,
        looked_at=None,
        made_at=stamp.machine_now,
        granted_at=claim.case.recorded.intended_at,
        checked_at=stamp.machine_now,
    )


def record_not_found(claim: Claim, stamp: Stamp) -> None:
    """No channel carries the room's code, as far as the bot can see."""
    _record(claim, stamp, "looked in vain", looked_at=stamp.machine_now)


def record_access(claim: Claim, stamp: Stamp) -> None:
    """The channel lets in exactly whom the step named."""
    what = {RoomState.OPEN: "opened", RoomState.CLOSED: "closed", RoomState.HIDDEN: "hidden"}[claim.step.state]
    is_new = claim.step.state != claim.case.recorded.state
    _record(
        claim,
        stamp,
        what if is_new else "access corrected",
        state=claim.step.state,
        overwrites=packed(claim.step.overwrites),
        granted_at=stamp.machine_now - stamp.took,
    )


def record_removed(claim: Claim, was_there: bool, stamp: Stamp) -> None:
    """The channel is gone because we wanted it gone."""
    what = "removed" if was_there else "was gone already"
    _record(claim, stamp, what, state=claim.step.state, checked_at=stamp.machine_now, **_NO_CHANNEL)
    if not was_there:
        want_sweep(claim.case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def record_lost(claim: Claim, stamp: Stamp) -> None:
    """The channel is gone although nobody here removed it."""
    _record(claim, stamp, "found deleted", state=RoomState.ABSENT, checked_at=stamp.machine_now, **_NO_CHANNEL)
    want_sweep(claim.case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def record_settled(claim: Claim, stamp: Stamp) -> None:
    """Nothing of the room is left and nothing will come."""
    _record(claim, stamp, "settled", state=RoomState.REMOVED, **_NO_CHANNEL)


def record_greeted(claim: Claim, message_id: str, stamp: Stamp) -> None:
    """The first message stands in the room."""
    _record(claim, stamp, "greeted", greeting_message_id=message_id)


def record_checked(claim: Claim, channel: Channel, stamp: Stamp) -> None:
    """The channel was seen with these overwrites."""
    is_changed = channel.overwrites != claim.case.recorded.overwrites
    _record(
        claim,
        stamp,
        "found changed by hand" if is_changed else None,
        overwrites=packed(channel.overwrites),
        checked_at=stamp.machine_now,
    )


def record_member_checked(claim: Claim, joined_at: datetime | None, stamp: Stamp) -> None:
    """Somebody is a member or not; one who joined after the room was told to let them in has to be let in anew."""
    told_at, overwrites = claim.case.recorded.granted_at, claim.case.recorded.overwrites
    others = frozenset(one for one in overwrites if one.target_id != claim.step.user_id)
    # An entry that was there before they came does nothing: it counts as if it were not there.
    if others != overwrites and told_at and joined_at and joined_at > told_at - CLOCKS_DIFFER:
        _record(claim, stamp, "joined after the opening", overwrites=packed(others))
    else:
        _record(claim, stamp, None)


def record_failure(claim: Claim, failure: Failure, stamp: Stamp) -> None:
    """The step failed: kept for people to read, and to be tried again at its time."""
    step = claim.step.kind
    changes: dict[str, Any] = {
        "failing_step": step,
        "attempts": attempts_with(claim.case.recorded, step),
        "last_error": failure.kind,
        "next_try_at": failure.next_try_at,
    }
    if step == StepKind.MAKE and failure.kind not in DOUBTFUL:
        changes["intended_at"] = None
    if failure.kind == Refusal.NAME_REFUSED:
        # Servers in Discovery refuse some words in names: other letters may pass.
        changes["code"] = new_code(CODE_LENGTH)
    if step == StepKind.CHECK:
        changes["checked_at"] = stamp.machine_now
    with database.atomic():
        _write(claim, changes)
        _log(claim, f"{step} failed: {failure.kind}", stamp, failure.status, failure.code)
    if failure.kind in DOUBTFUL:
        want_sweep(claim.case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def record_told_to_wait(claim: Claim, failure: Failure, stamp: Stamp) -> None:
    """Discord did nothing and named a time: no failure of this room, but people may want to know why it is late."""
    changes: dict[str, Any] = {
        "failing_step": claim.step.kind,
        "last_error": failure.kind,
        "next_try_at": failure.next_try_at,
    }
    if claim.step.kind == StepKind.MAKE:
        changes["intended_at"] = None
    with database.atomic():
        _write(claim, changes)
        _log(claim, f"{claim.step.kind} has to wait: {failure.kind}", stamp, failure.status, failure.code)


def packed(overwrites: Iterable[Overwrite]) -> str:
    """Overwrites as text; `case_queries.unpacked` reads it."""
    return json.dumps([[one.target_id, one.is_member, one.allow, one.deny] for one in sorted(overwrites)])


_NO_CHANNEL: dict[str, Any] = {
    "discord_channel_id": None,
    "overwrites": "[]",
    "greeting_message_id": None,
    "made_at": None,
    "granted_at": None,
    "intended_at": None,
    "looked_at": None,
}
_HEALED: dict[str, Any] = {"failing_step": None, "attempts": 0, "last_error": None, "next_try_at": None}


def _record(claim: Claim, stamp: Stamp, what: str | None, **changes: Any) -> None:
    """Write down a success: the room's row, the end of its claim, and a line in its log unless nothing changed."""
    if "state" in changes:
        changes["thresholds"] = claim.case.thresholds
    heals = claim.case.recorded.failing_step
    # A check that works says nothing about a greeting that does not.
    if heals is not None and (heals == claim.step.kind or not claim.step.is_upkeep):
        changes |= _HEALED
    with database.atomic():
        _write(claim, changes)
        if what:
            _log(claim, what, stamp)


def _write(claim: Claim, changes: dict[str, Any]) -> None:
    is_ours = (Room.id == claim.room_id) & (Room.version == claim.version)
    changes = {"version": Room.version + 1, "claimed_until": None} | changes
    if not Room.update(**changes).where(is_ours).execute():
        raise ClaimLost


def _log(claim: Claim, what: str, stamp: Stamp, status: int | None = None, code: int | None = None) -> None:
    RoomEvent.create(
        room=claim.room_id,
        at=stamp.now,
        what=what,
        why=claim.step.why,
        status=status,
        discord_code=code,
        took_ms=round(stamp.took.total_seconds() * 1000),
    )
