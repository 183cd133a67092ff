"""Marks that are ours, when a guild is next searched for what carries one, and what was found or removed there."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.db import database, new_code
from coaching.log_lines import Event
from coaching.marks import new_marked_code
from coaching.rooms.models import GuildSweep, Installation, Orphan, Room
from coaching.rooms.orphans.rules import Marked
from coaching.rooms.planning.case import Part
from coaching.rooms.recording import events
from coaching.rooms.recording.event_mutations import record_event

ID_LENGTH = 16
# Whenever Discord may have told us something untrue about a channel, the guild is searched a little later.
SWEEP_AFTER_DOUBT = timedelta(minutes=1)


def new_room_code() -> str:
    """Return a new code with a check of this installation, whose id is drawn with the first one."""
    first = Installation.select().order_by(Installation.id).first()
    # Should two draw one at the same time, both are ours.
    return new_marked_code((first or Installation.create(code=new_code(ID_LENGTH))).code)


def keep_installations(codes: Iterable[str]) -> None:
    """Take what these installations have marked for our own, too: a backup came in the place of their database."""
    with database.atomic():
        known = {installation.code for installation in Installation.select()}
        for code in dict.fromkeys(codes):
            if code not in known:
                Installation.create(code=code)


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
    """Record that a second channel or role with the room's code is gone."""
    record_event([room.id], Event(events.EventKind.ORPHAN_REMOVED, events.Orphan(thing, discord_id)), now)


def record_orphans(guild_id: str, parts: Collection[Part], found: Collection[Marked], machine_now: datetime) -> None:
    """Keep what was found of these parts in the guild, and forget what was not found any more."""
    is_meant = (Orphan.discord_guild_id == guild_id) & Orphan.kind.in_(parts)
    known = {orphan.discord_id: orphan for orphan in Orphan.select().where(is_meant)}
    if not known and not found:
        return
    with database.atomic():
        Orphan.delete().where(is_meant, Orphan.discord_id.not_in([one.discord_id for one in found])).execute()
        for one in found:
            facts = {"name": one.name, "lets_in": one.lets_in, "seen_at": machine_now}
            # A channel's id stays its own for ever; two searches at a time write the same.
            Orphan.insert(
                discord_guild_id=guild_id, discord_id=one.discord_id, kind=one.part, code=one.code, **facts
            ).on_conflict(conflict_target=[Orphan.discord_id], update=facts).execute()


def record_orphan_closed(orphan: Orphan, admin: Person, machine_now: datetime) -> None:
    """Record that it lets nobody in any more."""
    with database.atomic():
        Orphan.update(lets_in=False).where(Orphan.id == orphan.id).execute()
        note("orphan closed", machine_now, admin, _words(orphan))


def record_orphan_removed(orphan: Orphan, admin: Person | None, machine_now: datetime) -> None:
    """Record that it is gone; without an admin it was removed from the command line."""
    with database.atomic():
        orphan.delete_instance()
        note("orphan removed", machine_now, admin, _words(orphan))


def forget_orphan(orphan: Orphan) -> None:
    """It is gone, or was never ours."""
    with database.atomic():
        orphan.delete_instance()


def _sweep_of(guild_id: str) -> GuildSweep:
    sweep: GuildSweep = GuildSweep.get_or_create(discord_guild_id=guild_id)[0]  # type: ignore[no-untyped-call]
    return sweep


def _keep(sweep: GuildSweep, due_at: datetime | None) -> None:
    sweep.due_at = due_at
    sweep.save(only=[GuildSweep.due_at])


def _words(orphan: Orphan) -> str:
    return f"{orphan.kind} {orphan.discord_id} on server {orphan.discord_guild_id}: {orphan.name}"
