"""Reads of the clockwork: the demo's clock, the last runs, the worker's heartbeat."""

from datetime import timedelta

from coaching.operation.models import Clock


def clock_offset() -> timedelta:
    """How far the product's clock stands from the machine's; zero outside demo mode."""
    row = Clock.select(Clock.offset_seconds).first()
    return timedelta(seconds=row.offset_seconds if row else 0)
