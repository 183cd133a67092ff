"""When a guild is next searched for orphans, and what was removed there."""

from datetime import datetime, timedelta

from coaching.db import database
from coaching.log_lines import Event
from coaching.rooms.models import GuildSweep, Room
from coaching.rooms.recording.event_mutations import record_event
from coaching.rooms.recording.events import EventKind, Orphan

# Whenever Discord may have told us something untrue about a channel, the guild is searched a little later.
SWEEP_AFTER_DOUBT = timedelta(minutes=1)


def want_sweep(guild_id: str, machine_now: datetime, pause: timedelta = timedelta(0)) -> None:
    """Have the guild searched in a minute, or after a longer pause; sooner if that was planned before."""
    at = machine_now + max(SWEEP_AFTER_DOUBT, pause)
    with database.atomic():
        known = _sweep_of(guild_id)
        if known.due_at is None or known.due_at > at:
            _keep(known, at)


def record_swept(guild_id: str, next_at: datetime | None) -> None:
    """Record a search; `next_at` is when the next one is due, if ever."""
    with database.atomic():
        _keep(_sweep_of(guild_id), next_at)


def record_duplicate_removed(room: Room, thing: str, discord_id: str, now: datetime) -> None:
    """Record that a second "channel" or "role" with the room's code is gone."""
    record_event([room.id], Event(EventKind.ORPHAN_REMOVED, Orphan(thing, discord_id)), now)


def _sweep_of(guild_id: str) -> GuildSweep:
    sweep: GuildSweep = GuildSweep.get_or_create(discord_guild_id=guild_id)[0]  # type: ignore[no-untyped-call]
    return sweep


def _keep(sweep: GuildSweep, due_at: datetime | None) -> None:
    sweep.due_at = due_at
    sweep.save(only=[GuildSweep.due_at])
