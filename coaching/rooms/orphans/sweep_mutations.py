"""When a guild is next searched for orphans, and what was removed there."""

from datetime import datetime

from coaching.db import database
from coaching.log_lines import Event
from coaching.rooms.models import GuildSweep, Room
from coaching.rooms.recording.event_mutations import record_event
from coaching.rooms.recording.events import EventKind, Orphan


def want_sweep(guild_id: str, at: datetime) -> None:
    """Have the guild searched at that time, or sooner if that was planned before."""
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
