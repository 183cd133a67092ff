"""Discount codes: how one is written, and why it does not count for a booking. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

LONGEST_CODE = 30
MOST_CODES = 200  # of one store
WRITTEN = re.compile(r"[A-Z0-9](?:[A-Z0-9_-]{0,28}[A-Z0-9])")
# The same for one that is not there, is switched off or belongs to another store: who tries some learns nothing.
UNKNOWN = "This code does not count here. Check how it is written, or take it out and book without it."


@dataclass(frozen=True, slots=True)
class CodeLimits:
    """Within which limits a code counts; `product_ids` are empty for all."""

    from_at: datetime | None = None
    until_at: datetime | None = None
    most_uses: int | None = None
    most_per_person: int | None = None
    first_booking_only: bool = False
    is_active: bool = True
    product_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class CodeUses:
    """How often it was used: by everybody, by this student; and whether they have booked with the coach before."""

    by_all: int = 0
    by_student: int = 0
    has_booked: bool = False


def normal(typed: str) -> str:
    """The code as it is kept: in capitals, without the blanks around and in it."""
    return "".join(typed.split()).upper()[:100]


def is_written_well(code: str) -> bool:
    """True for 2 to 30 letters and digits, with hyphens or underscores inside."""
    return bool(WRITTEN.fullmatch(code))


def why_not(limits: CodeLimits, uses: CodeUses, product_id: int, now: datetime) -> str | None:
    """Why the code does not count for this booking, in a sentence for its student; None where it does."""
    if not limits.is_active:
        return UNKNOWN
    if limits.product_ids and product_id not in limits.product_ids:
        return "This code is for other calls of this store. Take it out to book without it."
    if limits.from_at and now < limits.from_at:
        return "This code does not count yet. Book later, or take it out to book without it."
    if limits.until_at and now >= limits.until_at:
        return "This code counted for some time, and that is over. Take it out to book without it."
    if limits.first_booking_only and uses.has_booked:
        return "This code is for a first call, and you have booked with this coach before. Take it out to go on."
    if limits.most_per_person is not None and uses.by_student >= limits.most_per_person:
        return "You have used this code as often as one person may. Take it out to book without it."
    if limits.most_uses is not None and uses.by_all >= limits.most_uses:
        return "This code has been used up. Take it out to book without it."
    return None
