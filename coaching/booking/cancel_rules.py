"""What a cancellation costs, in words and in time; amounts are the price that was agreed on. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class CancelTerms:
    """What the seat keeps of its product's policy: its student owes nothing for what is cancelled by `until`."""

    starts_at: datetime
    notice_minutes: int
    price_cents: int

    @property
    def until(self) -> datetime:
        return self.starts_at - timedelta(minutes=self.notice_minutes)

    @property
    def binds(self) -> bool:
        """True where it matters when the student cancels."""
        return bool(self.price_cents and self.notice_minutes)


def is_owed(terms: CancelTerms, by: str | None, at: datetime | None) -> bool:
    """True when the coach may have the price of a call that was cancelled, by `by` (student, coach) at `at`."""
    return by == "student" and at is not None and is_late(terms, at)


def is_late(terms: CancelTerms, now: datetime) -> bool:
    """True when a student who cancels at `now` may owe the price all the same."""
    return terms.binds and now > terms.until
