"""Changes of the clockwork's own rows: the demo's clock, the heartbeat, the claimed minutes; and of the doctor's."""

import json
import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import IntegrityError, fn

from coaching.catalog.models import Store
from coaching.checks import Check, as_plain
from coaching.db import database
from coaching.operation.models import Clock, Examination, Heartbeat, Run, TrialRoom, Turn
from coaching.rooms.orphans.mark_mutations import new_room_code
from coaching.rooms.orphans.mutations import forget_orphans_with

MILLISECOND = timedelta(milliseconds=1)
KEEP_RUNS = timedelta(days=14)
# A worker that was away for long comes back to many; they go minute by minute.
MOST_FORGOTTEN = 500


def set_clock_offset(offset: timedelta) -> None:
    """The product's clock stands `offset` from the machine's, for every process, and goes on running."""
    with database.atomic():
        Clock.delete().execute()
        if offset:
            # Rounded up: whoever jumps to a threshold wants to have reached it.
            Clock.create(offset_seconds=math.ceil(offset.total_seconds()))


def record_heartbeat(name: str, machine_now: datetime) -> None:
    """The process called `name` was alive at `machine_now`."""
    with database.atomic():
        if not Heartbeat.update(at=machine_now).where(Heartbeat.name == name).execute():
            Heartbeat.create(name=name, at=machine_now)


def add_to_run(machine_now: datetime, due: int, done: int, failed: int, took: timedelta) -> None:
    """Add to what was done in this minute."""
    minute = machine_now.replace(second=0, microsecond=0)
    with database.atomic():
        Run.insert(minute=minute, started_at=machine_now, took_ms=0).on_conflict_ignore().execute()
        # In one statement, so that of two who add at once none is lost.
        Run.update(
            due=Run.due + due,
            done=Run.done + done,
            failed=Run.failed + failed,
            took_ms=fn.COALESCE(Run.took_ms, 0) + round(took / MILLISECOND),
        ).where(Run.minute == minute).execute()


def forget_old_runs(machine_now: datetime) -> None:
    """Runs older than KEEP_RUNS are gone, or MOST_FORGOTTEN of them."""
    is_old = Run.minute < machine_now - KEEP_RUNS
    old = [run.id for run in Run.select(Run.id).where(is_old).order_by(Run.minute).limit(MOST_FORGOTTEN)]
    if old:
        with database.atomic():
            Run.delete().where(Run.id.in_(old)).execute()


def claim_turn(name: str, machine_now: datetime, lasts: timedelta) -> datetime | None:
    """Until when `name` is ours alone, or None while somebody else has it."""
    until = machine_now + lasts
    with database.atomic():
        if Turn.update(claimed_until=until).where(Turn.name == name, Turn.claimed_until <= machine_now).execute():
            return until
    try:
        with database.atomic():
            Turn.create(name=name, claimed_until=until)
    except IntegrityError:
        return None
    return until


def release_turn(name: str, claimed_until: datetime) -> None:
    """Somebody else may claim `name`, unless that has happened already."""
    with database.atomic():
        Turn.delete().where(Turn.name == name, Turn.claimed_until == claimed_until).execute()


def record_examination(store: Store | None, checks: Iterable[Check], machine_now: datetime) -> None:
    """What was found at a store's server, or without a store at the whole site; it replaces what was found before."""
    with database.atomic():
        # Found by hand: to a unique index two rows without a store are not the same.
        Examination.delete().where(Examination.store == store if store else Examination.store.is_null()).execute()
        Examination.create(store=store, at=machine_now, checks=json.dumps(as_plain(checks)))


def intend_trial_room(discord_guild_id: str, machine_now: datetime, kind: str = "channel") -> TrialRoom:
    """Something is about to be made on trial; written down first, so that a crash leaves nothing unknown behind."""
    with database.atomic():
        room: TrialRoom = TrialRoom.create(
            kind=kind, code=new_room_code(), discord_guild_id=discord_guild_id, intended_at=machine_now
        )
    return room


def record_trial_room(room: TrialRoom, discord_channel_id: str) -> None:
    """The room on trial is this channel."""
    with database.atomic():
        room.discord_channel_id = discord_channel_id
        room.save()


def record_trial_role(room: TrialRoom, discord_role_id: str) -> None:
    """What was made on trial is this role."""
    with database.atomic():
        room.discord_role_id = discord_role_id
        room.save()


def forget_trial_room(room: TrialRoom) -> None:
    """What was made on trial is gone."""
    with database.atomic():
        room.delete_instance()
        forget_orphans_with(room.code)
