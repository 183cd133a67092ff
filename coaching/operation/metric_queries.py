"""Reads for whoever watches the site by its figures: counted when asked, so that every process tells the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Field, fn

from coaching.db import rows
from coaching.notices.models import Notice
from coaching.operation.models import Run
from coaching.operation.queries import WORKER, last_heartbeat
from coaching.rooms.models import Room, RoomEvent
from coaching.rooms.plan import RoomState
from coaching.rooms.queries import UNSETTLED

NOTICE_STATES = ("waiting", "sending", "sent", "unsure", "failed", "expired")


@dataclass(frozen=True)
class Metrics:
    """How much there is of what, and when something last happened by the machine's clock."""

    rooms: dict[str, int]  # by state
    rooms_in_trouble: int
    steps: dict[str, int]  # by outcome, as far back as the rooms' log goes
    notices: dict[str, int]  # by state
    last_tick_at: datetime | None
    last_tick_took: timedelta | None
    worker_heard_at: datetime | None


def metrics() -> Metrics:
    """The figures as they are now."""
    tick = Run.select().order_by(Run.minute.desc()).first()
    took_ms = tick.took_ms if tick else None
    return Metrics(
        rooms=_counted(Room.state, RoomState),
        rooms_in_trouble=Room.select().where(Room.last_error.is_null(False), Room.state.in_(UNSETTLED)).count(),
        steps=_by_outcome(_counted(RoomEvent.what)),
        notices=_counted(Notice.state, NOTICE_STATES),
        last_tick_at=tick.started_at if tick else None,
        last_tick_took=None if took_ms is None else timedelta(milliseconds=took_ms),
        worker_heard_at=last_heartbeat(WORKER),
    )


def _by_outcome(log_lines: Mapping[str, int]) -> dict[str, int]:
    """The lines of the rooms' log by what came of the step: most say what was done, two kinds what was not."""
    counts = dict.fromkeys(("done", "failed", "waited"), 0)
    for line, count in log_lines.items():
        outcome = "failed" if " failed: " in line else "waited" if " has to wait: " in line else "done"
        counts[outcome] += count
    return counts


def _counted(column: Field, known: Iterable[str] = ()) -> dict[str, int]:
    """How many rows have each value, the known ones of which there is none included."""
    model = column.model
    counts = rows(model.select(column, fn.COUNT(model.id)).group_by(column))
    return {str(value): 0 for value in known} | {str(value): count for value, count in counts}
