"""Reads of what people asked to download about themselves."""

from dataclasses import dataclass
from datetime import datetime

from coaching.accounts.models import Person
from coaching.own_data.export_models import Export
from coaching.own_data.export_rules import LATE, ExportState, size_label


@dataclass(frozen=True)
class ExportView:
    """How a person's file stands. `name` is that of the file on disk; until when it is there, `ends_at` says."""

    state: ExportState
    asked_at: datetime | None = None
    made_at: datetime | None = None
    ends_at: datetime | None = None
    size_bytes: int = 0
    name: str = ""
    is_late: bool = False  # asked for a while ago, and still being made

    @property
    def size(self) -> str:
        return size_label(self.size_bytes)


NOTHING = ExportView(ExportState.NONE)


def export_of(person: Person, now: datetime) -> ExportView:
    """How the person's file stands at this time of the machine's."""
    row = Export.get_or_none(Export.person == person)
    if row is None or (row.ends_at and row.ends_at <= now):
        return NOTHING
    state = ExportState.FAILED if row.failed_at else ExportState.READY if row.made_at else ExportState.MAKING
    name = row.claim if state is ExportState.READY else ""
    is_late = state is ExportState.MAKING and now - row.asked_at > LATE
    return ExportView(state, row.asked_at, row.made_at, row.ends_at, row.size_bytes, name, is_late)


def wanted_names() -> set[str]:
    """The names of all files that somebody writes or may download."""
    return {row.claim for row in Export.select(Export.claim).where(Export.claim != "")}
