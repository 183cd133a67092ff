"""Reads of the running site: the demo's clock, the last runs, heartbeats."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.paging import page_of
from coaching.reading import Selection, Statement, given
from coaching.runtime.models import Clock, Heartbeat, Run

WORKER = "worker"
BROKEN_LOOP = "broken loop"
BACKUP, FAILED_BACKUP = "backup", "failed backup"
READY = "readyz"
UNREADABLE_ROWS = "unreadable rows"
UNDECLARED_PROXY = "undeclared proxy"
SILENT_AFTER = timedelta(minutes=3)

_BEAT: Selection[Heartbeat] = Selection(lambda: Heartbeat.select().where(Heartbeat.name == given("name")))
_OFFSET = Statement(lambda: Clock.select(Clock.offset_seconds).limit(1))  # each page asks it


def clock_offset() -> timedelta:
    """How far the product's clock stands from the machine's; zero outside demo mode."""
    row = next(iter(_OFFSET.rows()), (0,))
    return timedelta(seconds=row[0])


def last_heartbeat(name: str) -> datetime | None:
    """When the process called `name` was last known to be alive, by the machine's clock."""
    row = _BEAT.first(name=name)
    return row.at if row else None


def recent_runs(limit: int) -> list[Run]:
    """What the worker did in the last minutes, the newest first."""
    return list(Run.select().order_by(Run.minute.desc()).limit(limit))


def runs_page(page: int, size: int) -> tuple[list[Run], bool]:
    """Every run that is kept, the newest first; and whether there are more."""
    return page_of(Run.select().order_by(Run.minute.desc()), page, size)


@dataclass(frozen=True)
class WorkerState:
    """When the worker was last heard of, and what is wrong with it, if anything."""

    heard_at: datetime | None
    is_silent: bool
    broke_at: datetime | None  # when its loop last broke, while that is news
    meets_unreadable_rows: bool

    @property
    def is_fine(self) -> bool:
        return not (self.is_silent or self.broke_at)


def worker_state(now: datetime) -> WorkerState:
    """How the worker is, by its heartbeats."""
    beats = {beat.name: beat.at for beat in Heartbeat.select()}
    lately = {name for name, at in beats.items() if now - at <= SILENT_AFTER}
    return WorkerState(
        heard_at=beats.get(WORKER),
        is_silent=WORKER not in lately,
        broke_at=beats[BROKEN_LOOP] if BROKEN_LOOP in lately else None,
        meets_unreadable_rows=UNREADABLE_ROWS in lately,
    )
