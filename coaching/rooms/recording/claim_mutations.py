"""The claim on a room: one step of it is ours for one call, and a making is written down before it begins."""

from datetime import timedelta
from typing import Any

from peewee import IntegrityError

from coaching.db import database
from coaching.rooms.models import Room
from coaching.rooms.orphans.mark_mutations import new_room_code
from coaching.rooms.planning.case import Part, RoomCase, RoomKind, StepKind
from coaching.rooms.planning.steps import Step
from coaching.rooms.recording.results import CREATIONS, Claim, Failure, Stamp

__all__ = ["Claim", "ClaimLost", "Failure", "Stamp", "claim_step"]

# Longer than the longest call, so that nobody takes a room over while its claimer waits for Discord.
CLAIMED_FOR = timedelta(seconds=30)
# Whenever Discord may have told us something untrue about a channel, the guild is searched a little later.
SWEEP_AFTER_DOUBT = timedelta(minutes=1)


class ClaimLost(Exception):
    """Somebody else has written to the room since it was claimed: what was learned belongs to nobody now."""


def claim_step(case: RoomCase, step: Step, stamp: Stamp) -> Claim | None:
    """The room is ours for one call, or None when somebody else is at it. A making is written down before it begins."""
    changes: dict[str, Any] = {"claimed_until": stamp.at.machine + CLAIMED_FOR}
    if not case.recorded.has_anything:
        # It begins here, in the way its store has now and in the guild its store has now.
        changes |= {"mode": case.acting_mode, "asked_mode": case.mode}
    if step.kind in CREATIONS:
        # Whoever finds this after a crash knows that there may be a channel or a role.
        intent = Part.ROLE if step.kind == StepKind.MAKE_ROLE else Part.CHANNEL
        changes |= {"intent": intent, "intended_at": stamp.at.machine, "looked_at": None}
        changes["discord_guild_id"] = case.standing_guild_id
    elif step.kind == StepKind.GIVE_ROLE:
        changes["discord_guild_id"] = case.home_guild_id
        # An answer that is never written down must not leave the role with them.
        changes["maybe_holders"] = case.recorded.maybe_holders | {step.user_id}
    with database.atomic():
        if case.recorded.id is None:
            return _claim_new_room(case, step, stamp, changes)
        is_free = Room.claimed_until.is_null() | (Room.claimed_until <= stamp.at.machine)
        is_same = (Room.id == case.recorded.id) & (Room.version == case.recorded.version)
        if not Room.update(version=Room.version + 1, **changes).where(is_same, is_free).execute():
            return None
        return Claim(case.recorded.id, case.recorded.code, case.recorded.version + 1, case, step)


def _claim_new_room(case: RoomCase, step: Step, stamp: Stamp, changes: dict[str, Any]) -> Claim | None:
    try:
        # A savepoint of its own: on PostgreSQL a refused insert would spoil the whole transaction.
        with database.atomic():
            room = Room.create(
                kind=case.kind,
                coaching_session=case.session_id,
                place=case.place,
                store=case.store_id if case.kind == RoomKind.SHARED else None,
                code=new_room_code(),
                version=1,
                created_at=stamp.at.product,
                **{"discord_guild_id": case.guild_id, **changes},
            )
    except IntegrityError:
        return None
    return Claim(room.id, room.code, room.version, case, step)
