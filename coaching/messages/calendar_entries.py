"""What an entry for somebody's calendar says, as plain values; calendar.py makes iCalendar text of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Method(StrEnum):
    """What a calendar is asked to do with an entry (RFC 5546)."""

    REQUEST = "REQUEST"  # take it in, or bring it up to date
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class Entry:
    """One session in one person's calendar; `reminders` are minutes before its start, `zone` is the person's."""

    code: str
    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    revision: int
    is_cancelled: bool
    address: str  # the session's lasting one
    reminders: Sequence[int] = ()
    changed_at: datetime | None = None  # with it the same session is the same text at any time


@dataclass(frozen=True)
class Party:
    """Somebody with their mail address."""

    name: str
    address: str


def description_of(entry: Entry) -> str:
    """What the entry says besides when and what."""
    return f"Everything about this call: {entry.address}"
