"""Changes of the clockwork's own rows: the demo's clock, the heartbeat, the claimed minutes; and of the doctor's."""

import json
import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from peewee import Expression, IntegrityError, fn

from coaching.catalog.models import Store
from coaching.db import database
from coaching.operation.checks import Check, as_plain
from coaching.operation.models import Clock, Examination, Heartbeat, Run, TrialRoom, Turn
from coaching.rooms.mark_mutations import new_room_code
from coaching.rooms.orphan_mutations import forget_orphans_with

ONE_MINUTE, MILLISECOND = timedelta(minutes=1), timedelta(milliseconds=1)
# The turn of whoever does the minute's own run.
MINUTE = "minute"
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


def claim_run(machine_now: datetime) -> Run | None:
    """This minute's run, or None when somebody else has it."""
    # The row is no claim: other runs of this minute may have made it before.
    until = _minute_of(machine_now) + ONE_MINUTE
    # Another minute, not a later one: a clock that was put back must not keep everybody waiting.
    if _claim(MINUTE, until, Turn.claimed_until != until) is None:
        return None
    # Until it has ended it has taken no time at all: by that one sees a run that never ended.
    run = _run_of(machine_now, took_ms=None)
    if run.took_ms is not None:
        # Another run made the row and has ended; what that took is less worth than to see that this one has not.
        with database.atomic():
            Run.update(took_ms=None).where(Run.id == run.id).execute()
    return run


def record_run(run: Run, due: int, done: int, failed: int, took: timedelta) -> None:
    """What came of the minute's own run."""
    _add(run, due, done, failed, fn.COALESCE(Run.took_ms, 0) + round(took / MILLISECOND))


def add_to_run(machine_now: datetime, due: int, done: int, failed: int, took: timedelta) -> None:
    """What came of a run beside the minute's own counts as that minute's, too."""
    # Nothing plus something is nothing: while the minute's own run has not ended, it stays to be seen.
    _add(_run_of(machine_now, took_ms=0), due, done, failed, Run.took_ms + round(took / MILLISECOND))


def _run_of(machine_now: datetime, took_ms: int | None) -> Run:
    """The row of this minute, made if need be."""
    minute = _minute_of(machine_now)
    with database.atomic():
        Run.insert(minute=minute, started_at=machine_now, took_ms=took_ms).on_conflict_ignore().execute()
        run: Run = Run.get(Run.minute == minute)
    return run


def _add(run: Run, due: int, done: int, failed: int, took_ms: Expression) -> None:
    # In one statement, so that of two runs that end together none is lost.
    with database.atomic():
        Run.update(due=Run.due + due, done=Run.done + done, failed=Run.failed + failed, took_ms=took_ms).where(
            Run.id == run.id
        ).execute()


def _minute_of(machine_now: datetime) -> datetime:
    return machine_now.replace(second=0, microsecond=0)


def forget_old_runs(machine_now: datetime) -> None:
    """Runs older than KEEP_RUNS are gone, or MOST_FORGOTTEN of them."""
    is_old = Run.minute < machine_now - KEEP_RUNS
    old = [run.id for run in Run.select(Run.id).where(is_old).order_by(Run.minute).limit(MOST_FORGOTTEN)]
    if old:
        with database.atomic():
            Run.delete().where(Run.id.in_(old)).execute()


def claim_turn(name: str, machine_now: datetime, lasts: timedelta) -> datetime | None:
    """Until when `name` is ours alone, or None while somebody else has it."""
    return _claim(name, machine_now + lasts, Turn.claimed_until <= machine_now)


def _claim(name: str, until: datetime, is_free: Expression) -> datetime | None:
    with database.atomic():
        if Turn.update(claimed_until=until).where(Turn.name == name, is_free).execute():
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
