"""Changes of the running site: the demo's clock, heartbeats, what was done in a minute, leases."""

import math
from datetime import datetime, timedelta

from peewee import IntegrityError, fn

from coaching.db import database
from coaching.fields import MILLISECOND
from coaching.runtime.models import Clock, Heartbeat, Lease, Run

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


def record_heartbeat(name: str, now: datetime) -> None:
    """The process called `name` was alive at `now`."""
    with database.atomic():
        if not Heartbeat.update(at=now).where(Heartbeat.name == name).execute():
            Heartbeat.create(name=name, at=now)


def add_to_run(now: datetime, due: int, done: int, failed: int, took: timedelta) -> None:
    """Add to what was done in this minute."""
    minute = now.replace(second=0, microsecond=0)
    with database.atomic():
        Run.insert(minute=minute, started_at=now, took_ms=0).on_conflict_ignore().execute()
        # In one statement, so that of two who add at once none is lost.
        Run.update(
            due=Run.due + due,
            done=Run.done + done,
            failed=Run.failed + failed,
            took_ms=fn.COALESCE(Run.took_ms, 0) + round(took / MILLISECOND),
        ).where(Run.minute == minute).execute()


def forget_old_runs(now: datetime) -> None:
    """Runs older than KEEP_RUNS are gone, or MOST_FORGOTTEN of them."""
    is_old = Run.minute < now - KEEP_RUNS
    old = [run.id for run in Run.select(Run.id).where(is_old).order_by(Run.minute).limit(MOST_FORGOTTEN)]
    if old:
        with database.atomic():
            Run.delete().where(Run.id.in_(old)).execute()


def claim_lease(name: str, now: datetime, lasts: timedelta) -> datetime | None:
    """Until when `name` is ours alone, or None while somebody else has it."""
    until = now + lasts
    with database.atomic():
        if Lease.update(claimed_until=until).where(Lease.name == name, Lease.claimed_until <= now).execute():
            return until
    try:
        with database.atomic():
            Lease.create(name=name, claimed_until=until)
    except IntegrityError:
        return None
    return until


def release_lease(name: str, claimed_until: datetime) -> None:
    """Somebody else may claim `name`, unless that has happened already."""
    with database.atomic():
        Lease.delete().where(Lease.name == name, Lease.claimed_until == claimed_until).execute()
