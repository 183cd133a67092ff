"""The writing side of a step: the claim on a room, the record of what came of it, and the room's log."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import IntegrityError

from coaching.db import database, new_code
from coaching.guild_parts import Overwrite
from coaching.refusals import DOUBTFUL, Refusal
from coaching.rooms.lane_mutations import want_sweep
from coaching.rooms.models import Room, RoomEvent
from coaching.rooms.planning.case import RoomCase, RoomKind, StepKind
from coaching.rooms.planning.lateness import LATE, LATE_SUM, STEPS, bucket_of
from coaching.rooms.planning.pauses import attempts_with
from coaching.rooms.planning.status import due_since
from coaching.rooms.planning.steps import UPKEEP, Step
from coaching.tallies.mutations import count

# Longer than the longest call, so that nobody takes a room over while its claimer waits for Discord.
CLAIMED_FOR = timedelta(seconds=30)
CODE_LENGTH = 8
# Whenever Discord may have told us something untrue about a channel, the guild is searched a little later.
SWEEP_AFTER_DOUBT = timedelta(minutes=1)
# So short that nobody notices when the room's next change comes later by this.
LOOK_AGAIN_AFTER = timedelta(seconds=1)
CREATIONS = (StepKind.MAKE, StepKind.MAKE_ROLE)
# A check that works says nothing about a greeting that does not; a look for a room in doubt nothing about its making.
HEALS_ONLY_ITSELF = UPKEEP | {StepKind.FIND}
HEALED: dict[str, Any] = {
    "failing_step": None,
    "attempts": 0,
    "last_error": None,
    "lacking": "",
    "next_try_at": None,
}
NOBODY_HOLDS: dict[str, Any] = {"holders": "[]", "maybe_holders": "[]"}
LONGEST_LACKING = 250


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
    """When a call was answered, by both clocks, how long it took, and with which status."""

    now: datetime
    machine_now: datetime
    took: timedelta = timedelta()
    status: int | None = None


@dataclass(frozen=True)
class Failure:
    """Why a step did not work, in Discord's words, and when to try again."""

    kind: Refusal
    next_try_at: datetime | None = None
    status: int | None = None
    code: int | None = None
    lacking: str = ""


def claim_step(case: RoomCase, step: Step, stamp: Stamp) -> Claim | None:
    """The room is ours for one call, or None when somebody else is at it. A making is written down before it begins."""
    changes: dict[str, Any] = {"claimed_until": stamp.machine_now + CLAIMED_FOR}
    if not case.recorded.has_anything:
        # It begins here, in the way its store has now and in the guild its store has now.
        changes |= {"mode": case.acting_mode, "asked_mode": case.mode}
    if step.kind in CREATIONS:
        # Whoever finds this after a crash knows that there may be a channel or a role.
        intent = "role" if step.kind == StepKind.MAKE_ROLE else "channel"
        changes |= {"intent": intent, "intended_at": stamp.machine_now, "looked_at": None}
        changes["discord_guild_id"] = case.standing_guild_id
    elif step.kind == StepKind.GIVE_ROLE:
        changes["discord_guild_id"] = case.home_guild_id
        # An answer that is never written down must not leave the role with them.
        changes["maybe_holders"] = packed_ids(case.recorded.maybe_holders | {step.user_id})
    with database.atomic():
        if case.recorded.room_id is None:
            return _claim_new_room(case, step, stamp, changes)
        is_free = Room.claimed_until.is_null() | (Room.claimed_until <= stamp.machine_now)
        is_same = (Room.id == case.recorded.room_id) & (Room.version == case.recorded.version)
        if not Room.update(version=Room.version + 1, **changes).where(is_same, is_free).execute():
            return None
        # Not the whole row: reading it would cost more than the rest of the claim.
        code = Room.select(Room.code).where(Room.id == case.recorded.room_id).scalar()
        return Claim(case.recorded.room_id, code, case.recorded.version + 1, case, step)


def _claim_new_room(case: RoomCase, step: Step, stamp: Stamp, changes: dict[str, Any]) -> Claim | None:
    try:
        # A savepoint of its own: on PostgreSQL a refused insert would spoil the whole transaction.
        with database.atomic():
            room = Room.create(
                kind=case.kind,
                coaching_session=case.session_id,
                place=case.place,
                store=case.store_id if case.kind == RoomKind.SHARED else None,
                code=new_code(CODE_LENGTH),
                version=1,
                created_at=stamp.now,
                **{"discord_guild_id": case.guild_id, **changes},
            )
    except IntegrityError:
        return None
    return Claim(room.id, room.code, room.version, case, step)


def record(claim: Claim, stamp: Stamp, what: str | None, **changes: Any) -> None:
    """Write down a success: the room's row, the end of its claim, and a line in its log unless nothing changed."""
    if "state" in changes:
        changes["thresholds"] = claim.case.thresholds
    heals = claim.case.recorded.failing_step
    if heals is not None and (heals == claim.step.kind or claim.step.kind not in HEALS_ONLY_ITSELF):
        changes |= HEALED
    with database.atomic():
        write(claim, changes)
        if what:
            log_change(claim, what, stamp, stamp.status)
        count(STEPS, f"{claim.step.kind} done")
        _count_lateness(claim, stamp)


def _count_lateness(claim: Claim, stamp: Stamp) -> None:
    """How long after its time the room came into its new state, for whoever watches the figures."""
    state = claim.step.state
    due_at = due_since(claim.case, state) if state != claim.case.recorded.state else None
    if due_at is None or claim.step.is_upkeep:
        return
    late = max(stamp.now - due_at, timedelta(0))
    count(LATE, f"{state} {bucket_of(late)}")
    count(LATE_SUM, state, round(late.total_seconds() * 1000))


def write(claim: Claim, changes: dict[str, Any]) -> None:
    """The changes stand in the room's row and its claim has ended; ClaimLost when somebody else has written to it."""
    is_ours = (Room.id == claim.room_id) & (Room.version == claim.version)
    changes = {"version": Room.version + 1, "claimed_until": None} | changes
    if not Room.update(**changes).where(is_ours).execute():
        raise ClaimLost


def log_change(claim: Claim, what: str, stamp: Stamp, status: int | None = None, code: int | None = None) -> None:
    RoomEvent.create(
        room=claim.room_id,
        at=stamp.now,
        what=what,
        why=claim.step.why,
        status=status,
        discord_code=code,
        took_ms=round(stamp.took.total_seconds() * 1000),
    )


def record_failure(claim: Claim, failure: Failure, stamp: Stamp) -> None:
    """The step failed: kept for people to read, and to be tried again at its time."""
    step = claim.step.kind
    changes: dict[str, Any] = {
        "failing_step": step,
        "attempts": attempts_with(claim.case.recorded, step),
        "last_error": failure.kind,
        "lacking": failure.lacking[:LONGEST_LACKING],
        "next_try_at": failure.next_try_at,
    }
    if failure.kind not in DOUBTFUL:
        changes |= without_intent(claim)
    if failure.kind == Refusal.NAME_REFUSED:
        # Servers in Discovery refuse some words in names: other letters may pass.
        changes["code"] = new_code(CODE_LENGTH)
    if step == StepKind.CHECK:
        changes["checked_at"] = stamp.machine_now
    with database.atomic():
        write(claim, changes)
        log_change(claim, f"{step} failed: {failure.kind}", stamp, failure.status, failure.code)
        count(STEPS, f"{step} failed")
    if failure.kind in DOUBTFUL:
        want_sweep(claim.case.home_guild_id, stamp.machine_now + SWEEP_AFTER_DOUBT)


def record_told_to_wait(claim: Claim, failure: Failure, stamp: Stamp) -> None:
    """Discord did nothing and named a time: no failure of this room, but people may want to know why it is late."""
    # Our own budget puts off looks that come too thick for it: nothing about that is worth telling anybody.
    is_news = failure.status is not None or not claim.step.is_upkeep
    changes: dict[str, Any] = {"next_try_at": failure.next_try_at}
    if not is_news and claim.case.recorded.failing_step == StepKind.DISCONNECT:
        # The room's pause is that of somebody who cannot be put out: it must neither end now nor hold up this look.
        changes = {"claimed_until": stamp.machine_now + LOOK_AGAIN_AFTER}
    if is_news:
        changes |= {"failing_step": claim.step.kind, "last_error": failure.kind}
    changes |= without_intent(claim)
    with database.atomic():
        write(claim, changes)
        count(STEPS, f"{claim.step.kind} waited")
        if is_news:
            log_change(claim, f"{claim.step.kind} has to wait: {failure.kind}", stamp, failure.status, failure.code)


def without_intent(claim: Claim) -> dict[str, Any]:
    """The changes that take back what the claim wrote down in case no answer came: Discord has done nothing."""
    if claim.step.kind in CREATIONS:
        return {"intended_at": None}
    if claim.step.kind == StepKind.GIVE_ROLE:
        # Whoever was in doubt before may have the role from an earlier call.
        return {"maybe_holders": packed_ids(claim.case.recorded.maybe_holders)}
    return {}


def packed(overwrites: Iterable[Overwrite]) -> str:
    """Overwrites as text; `records.unpacked` reads it."""
    return json.dumps([[one.target_id, one.is_member, one.allow, one.deny] for one in sorted(overwrites)])


def packed_ids(ids: Iterable[str]) -> str:
    """Discord ids as text; `records.record_of` reads it."""
    return json.dumps(sorted(ids))
