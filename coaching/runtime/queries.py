"""Reads of the running site: the demo's clock, the last runs, heartbeats."""

from datetime import datetime, timedelta

from coaching.runtime.models import Clock, Heartbeat, Run

WORKER = "worker"
BROKEN_LOOP = "broken loop"
BACKUP, FAILED_BACKUP = "backup", "failed backup"
READY = "readyz"
UNREADABLE_ROWS = "unreadable rows"
UNDECLARED_PROXY = "undeclared proxy"
SILENT_AFTER = timedelta(minutes=3)


def clock_offset() -> timedelta:
    """How far the product's clock stands from the machine's; zero outside demo mode."""
    row = Clock.select(Clock.offset_seconds).first()
    return timedelta(seconds=row.offset_seconds if row else 0)


def last_heartbeat(name: str) -> datetime | None:
    """When the process called `name` was last known to be alive, by the machine's clock."""
    row = Heartbeat.get_or_none(Heartbeat.name == name)
    return row.at if row else None


def recent_runs(limit: int = 60, page: int = 1) -> list[Run]:
    """The last runs of the clockwork, the newest first."""
    return list(Run.select().order_by(Run.minute.desc()).paginate(page, limit))


def worker_is_silent(machine_now: datetime) -> bool:
    """True when nothing was heard of the worker for too long."""
    return _is_silent(last_heartbeat(WORKER), machine_now)


def loop_broke_at(machine_now: datetime) -> datetime | None:
    """When the worker's loop last broke, while that is news."""
    broke_at = last_heartbeat(BROKEN_LOOP)
    return broke_at if broke_at and machine_now - broke_at < SILENT_AFTER else None


def has_unreadable_rows(machine_now: datetime) -> bool:
    """True while the worker comes upon rows of rooms that it cannot read."""
    seen_at = last_heartbeat(UNREADABLE_ROWS)
    return seen_at is not None and machine_now - seen_at <= SILENT_AFTER


def _is_silent(heard_at: datetime | None, machine_now: datetime) -> bool:
    return heard_at is None or machine_now - heard_at > SILENT_AFTER
