"""What is written down of orphans: which ones stand, as they were last seen."""

from collections.abc import Collection
from datetime import datetime

from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.db import database
from coaching.rooms.models import Orphan
from coaching.rooms.orphans.rules import FoundOrphan, OrphanKind


def record_orphans(
    guild_id: str, kinds: Collection[OrphanKind], found: Collection[FoundOrphan], machine_now: datetime
) -> None:
    """Keep what was found of these kinds in the guild, and forget what was not found any more."""
    is_meant = (Orphan.discord_guild_id == guild_id) & Orphan.kind.in_(kinds)
    known = {one.discord_id: one for one in Orphan.select().where(is_meant)}
    if not known and not found:
        return
    with database.atomic():
        Orphan.delete().where(is_meant, Orphan.discord_id.not_in([one.discord_id for one in found])).execute()
        for one in found:
            facts = {"name": one.name, "lets_in": one.lets_in, "seen_at": machine_now}
            # A channel's id stays its own for ever; two searches at a time write the same.
            Orphan.insert(
                discord_guild_id=guild_id, discord_id=one.discord_id, kind=one.kind, code=one.code, **facts
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


def _words(orphan: Orphan) -> str:
    return f"{orphan.kind} {orphan.discord_id} on server {orphan.discord_guild_id}: {orphan.name}"
