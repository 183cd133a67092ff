"""Reads of the clockwork: the demo's clock, the last runs, the worker's heartbeat."""

from datetime import datetime, timedelta

from coaching.operation.models import Clock, Heartbeat, Run


def clock_offset() -> timedelta:
    """How far the product's clock stands from the machine's; zero outside demo mode."""
    row = Clock.select(Clock.offset_seconds).first()
    return timedelta(seconds=row.offset_seconds if row else 0)


def last_heartbeat(name: str) -> datetime | None:
    """When the process called `name` was last known to be alive, by the machine's clock."""
    row = Heartbeat.get_or_none(Heartbeat.name == name)
    return row.at if row else None


def recent_runs(limit: int = 60) -> list[Run]:
    """The last runs of the clockwork, the newest first."""
    return list(Run.select().order_by(Run.minute.desc()).limit(limit))
