"""Changes of what holds for all rooms of a guild: how long it is left alone, and when it is searched for strays."""

from datetime import datetime

from coaching.db import database
from coaching.refusals import Refusal
from coaching.rooms.models import Lane, Room, RoomEvent


def stop_lane(name: str, reason: Refusal, until: datetime) -> None:
    """The lane is left alone until then; a longer wait that stands already stays."""
    with database.atomic():
        lane = _lane(name)
        if lane.until is None or lane.until < until:
            lane.stopped_reason, lane.until = reason, until
            lane.save()


def want_sweep(guild_id: str, at: datetime) -> None:
    """The guild is searched for strays at that time, or sooner if that was planned before."""
    with database.atomic():
        lane = _lane(guild_id)
        if lane.sweep_due_at is None or lane.sweep_due_at > at:
            lane.sweep_due_at = at
            lane.save()


def record_swept(guild_id: str, next_at: datetime | None) -> None:
    """The guild was searched; the next time is set, or none."""
    with database.atomic():
        lane = _lane(guild_id)
        lane.sweep_due_at = next_at
        lane.save()


def record_stray_removed(room: Room, what: str, now: datetime) -> None:
    """A second channel or role with the room's code is gone."""
    RoomEvent.create(room=room, at=now, what="stray removed", why=f"{what} was not the room's own")


def _lane(name: str) -> Lane:
    lane: Lane = Lane.get_or_create(name=name)[0]  # type: ignore[no-untyped-call]
    return lane
