"""Marks that are ours, when a guild is next searched for what carries one, and what was found or removed there."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from peewee import Expression

from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.db import database, new_code
from coaching.marks import new_marked_code
from coaching.now import Now
from coaching.rooms.models import GuildSweep, Installation, Orphan
from coaching.rooms.orphans.queries import has_unsettled_rooms
from coaching.rooms.orphans.rules import Disposal, Marked
from coaching.rooms.planning.case import Part

ID_LENGTH = 16
# Whenever Discord may have told us something untrue about a channel, the guild is searched a little later.
SWEEP_AFTER_UNKNOWN_OUTCOME = timedelta(minutes=1)


def new_room_code() -> str:
    """Return a new code with a check of this installation, whose id is drawn with the first one."""
    first = Installation.select().order_by(Installation.id).first()
    # Should two draw one at the same time, both are ours.
    return new_marked_code((first or Installation.create(code=new_code(ID_LENGTH))).code)


def keep_installations(codes: Iterable[str]) -> None:
    """Take what these installations have marked for our own, too: a backup came in the place of their database."""
    with database.atomic():
        for code in codes:
            Installation.insert(code=code).on_conflict_ignore().execute()


def want_sweep(guild_id: str, at: datetime) -> None:
    """Have the guild searched at that time, or sooner if that was planned before."""
    _plan_sweep(guild_id, at, GuildSweep.due_at.is_null() | (GuildSweep.due_at > at))


def begin_sweep(guild_id: str, next_at: datetime) -> None:
    """Record that the guild is being searched, and is to be again at `next_at`."""
    _plan_sweep(guild_id, next_at)


def end_sweeps(guild_id: str, next_at: datetime) -> None:
    """Have a guild without rooms not searched at `next_at` after all; what somebody wants meanwhile stays wanted."""
    with database.atomic():
        if not has_unsettled_rooms(guild_id):
            is_meant = (GuildSweep.discord_guild_id == guild_id) & (GuildSweep.due_at == next_at)
            GuildSweep.update(due_at=None).where(is_meant).execute()


def record_orphans(guild_id: str, parts: Collection[Part], orphans: Collection[Marked], now: Now) -> None:
    """Keep these, which are all the orphans of these parts in the guild, and forget others that were known."""
    is_meant = (Orphan.discord_guild_id == guild_id) & Orphan.kind.in_(parts)
    if not orphans and not Orphan.select().where(is_meant).exists():
        return
    with database.atomic():
        Orphan.delete().where(is_meant, Orphan.discord_id.not_in([mark.discord_id for mark in orphans])).execute()
        for mark in orphans:
            facts = {"name": mark.name, "lets_in": mark.lets_in, "seen_at": now.machine}
            # A channel's id stays its own for ever; two searches at a time write the same.
            Orphan.insert(
                discord_guild_id=guild_id, discord_id=mark.discord_id, kind=mark.part, code=mark.code, **facts
            ).on_conflict(conflict_target=[Orphan.discord_id], update=facts).execute()


def record_disposal(orphan: Orphan, disposal: Disposal, admin: Person | None, now: Now) -> None:
    """Record what came of the orphan; without an admin that was at the command line."""
    with database.atomic():
        if disposal == Disposal.CLOSED:
            Orphan.update(lets_in=False).where(Orphan.id == orphan.id).execute()
        else:
            orphan.delete_instance()
        if disposal in (Disposal.CLOSED, Disposal.REMOVED):
            detail = f"{orphan.kind} {orphan.discord_id} on server {orphan.discord_guild_id}: {orphan.name}"
            note(f"orphan {disposal}", now.machine, admin, detail)


def _plan_sweep(guild_id: str, at: datetime, only_if: Expression | None = None) -> None:
    planned = GuildSweep.insert(discord_guild_id=guild_id, due_at=at)
    with database.atomic():
        planned.on_conflict(
            conflict_target=[GuildSweep.discord_guild_id], update={GuildSweep.due_at: at}, where=only_if
        ).execute()
