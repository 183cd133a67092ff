"""What may lie in a folder, who may change what in it, and until when it is kept. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# So long after the end of its call; docs/security.md says the same.
KEPT = timedelta(days=365)
LONGEST_NOTE = 5000
LONGEST_TASK = 300
LONGEST_TITLE = 120
LONGEST_ADDRESS = 1000
CANCELLED = "This call was cancelled, so nothing more is written into its folder. What lies in it can still be read."
OVER = "This folder was kept for a year after the call, and that time is over."
ALONE = "The account of the other side was deleted, so nothing more is written into this folder."


class Kind(StrEnum):
    """What an entry is."""

    NOTE = "note"
    LINK = "link"
    TASK = "task"


MOST = {Kind.NOTE: 50, Kind.LINK: 50, Kind.TASK: 100}


@dataclass(frozen=True)
class EntryDetails:
    """What somebody has typed; an address is a link's alone."""

    kind: Kind
    words: str
    address: str = ""

    @property
    def text(self) -> str:
        """All of it, as one text of several lines."""
        return f"{self.words}\n{self.address}" if self.address else self.words


def kept_until(ends_at: datetime, promised: datetime | None = None) -> datetime:
    """Until when the folder of a call is kept that ends then; never shorter than was said before the call moved."""
    until = ends_at + KEPT
    return max(until, promised) if promised else until


def is_agreed(state: str, held_until: datetime | None) -> bool:
    """True once the call was booked for good, also if it was cancelled since: only then it has a folder."""
    return held_until is None and state not in ("declined", "expired")


def why_not_write(state: str, until: datetime, is_alone: bool, now: datetime) -> str:
    """Why the folder takes no new words, where only one of the two is left (`is_alone`), too; empty while it does."""
    if now >= until:
        return OVER
    return CANCELLED if state == "cancelled" else ALONE if is_alone else ""


def may_remove(writer_id: int | None, person_id: int) -> bool:
    """True for who wrote it; for either of the two where that account is gone."""
    return writer_id in (None, person_id)


def full(kind: Kind) -> str:
    """Why there is no room for one more of this kind."""
    return f"There are {MOST[kind]} {kind}s in this folder, and more do not fit. Remove one first."
