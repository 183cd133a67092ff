"""Changes of what holds for all rooms of a guild: how long it is left alone, and when it is searched for strays."""

from datetime import datetime, timedelta

from coaching.db import database
from coaching.log_lines import Event
from coaching.refusals import Refusal
from coaching.rooms.event_mutations import record_event
from coaching.rooms.events import EventKind, Orphan
from coaching.rooms.models import Lane, Room

LONGEST_AFTER_HANGING = timedelta(seconds=30)
# As long as a call waits for its answer, and a little more.
AT_ONCE_AGAIN = timedelta(seconds=15)


def stop_lane(name: str, reason: Refusal, until: datetime) -> None:
    """The lane is left alone until then; a longer wait that stands already stays."""
    with database.atomic():
        lane = _lane(name)
        if lane.until is None or lane.until < until:
            lane.stopped_reason, lane.until = reason, until
            lane.save(only=[Lane.stopped_reason, Lane.until])


def leave_alone(guild_id: str, now: datetime) -> datetime:
    """The guild is left alone since a call to it has hung: until when; for longer each time that this comes at once."""
    with database.atomic():
        lane = _lane(guild_id)
        if lane.until is None or lane.until <= now:
            is_again = lane.stopped_reason == Refusal.NO_ANSWER and lane.until and lane.until > now - AT_ONCE_AGAIN
            lane.hung = lane.hung + 1 if is_again else 1
            # A guild that hangs for hours would otherwise come to a pause that no clock can hold.
            pause = min(timedelta(seconds=2 ** min(lane.hung, 5)), LONGEST_AFTER_HANGING)
            lane.stopped_reason, lane.until = Refusal.NO_ANSWER, now + pause
            lane.save(only=[Lane.hung, Lane.stopped_reason, Lane.until])
        until: datetime = lane.until
        return until


def want_sweep(guild_id: str, at: datetime) -> None:
    """The guild is searched for strays at that time, or sooner if that was planned before."""
    with database.atomic():
        lane = _lane(guild_id)
        if lane.sweep_due_at is None or lane.sweep_due_at > at:
            lane.sweep_due_at = at
            lane.save(only=[Lane.sweep_due_at])


def record_swept(guild_id: str, next_at: datetime | None) -> None:
    """The guild was searched; the next time is set, or none."""
    with database.atomic():
        lane = _lane(guild_id)
        lane.sweep_due_at = next_at
        lane.save(only=[Lane.sweep_due_at])


def record_stray_removed(room: Room, thing: str, discord_id: str, now: datetime) -> None:
    """Record that a second "channel" or "role" with the room's code is gone."""
    record_event([room.id], Event(EventKind.ORPHAN_REMOVED, Orphan(thing, discord_id)), now)


def _lane(name: str) -> Lane:
    lane: Lane = Lane.get_or_create(name=name)[0]  # type: ignore[no-untyped-call]
    return lane
