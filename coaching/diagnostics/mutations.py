"""Changes of what the doctor found, and of what it made on trial."""

import json
from collections.abc import Iterable
from datetime import datetime

from coaching.catalog.models import Store
from coaching.checks import Check, as_plain
from coaching.db import database
from coaching.diagnostics.models import Diagnosis, ProbeRoom
from coaching.rooms.orphans.mark_mutations import new_room_code
from coaching.rooms.orphans.mutations import forget_orphans_with


def record_diagnosis(store: Store | None, checks: Iterable[Check], machine_now: datetime) -> None:
    """What was found at a store's server, or without a store at the whole site; it replaces what was found before."""
    with database.atomic():
        # Found by hand: to a unique index two rows without a store are not the same.
        Diagnosis.delete().where(Diagnosis.store == store if store else Diagnosis.store.is_null()).execute()
        Diagnosis.create(store=store, at=machine_now, checks=json.dumps(as_plain(checks)))


def intend_probe(discord_guild_id: str, machine_now: datetime, kind: str = "channel") -> ProbeRoom:
    """Something is about to be made on trial; written down first, so that a crash leaves nothing unknown behind."""
    with database.atomic():
        room: ProbeRoom = ProbeRoom.create(
            kind=kind, code=new_room_code(), discord_guild_id=discord_guild_id, intended_at=machine_now
        )
    return room


def record_probe_channel(room: ProbeRoom, discord_channel_id: str) -> None:
    """The room on trial is this channel."""
    with database.atomic():
        room.discord_channel_id = discord_channel_id
        room.save()


def record_probe_role(room: ProbeRoom, discord_role_id: str) -> None:
    """What was made on trial is this role."""
    with database.atomic():
        room.discord_role_id = discord_role_id
        room.save()


def forget_probe(room: ProbeRoom) -> None:
    """What was made on trial is gone."""
    with database.atomic():
        room.delete_instance()
        forget_orphans_with(room.code)
