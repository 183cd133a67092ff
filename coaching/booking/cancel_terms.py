"""What a student's cancellation costs, in time and in amounts, by what their seat keeps of its product's policy. Pure.

Each line of the price is rounded on its own, half up to what its currency can pay. What was sold as not given
back stays paid; a discount is taken off the call alone (coaching/pricing/quote.py), which is never sold like that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Protocol

from coaching.booking.refund_tiers import RefundTiers
from coaching.money import Currency, currency_of


class LineLike(Protocol):
    """One line of a price; a discount's amount is below zero."""

    @property
    def amount_cents(self) -> int: ...
    @property
    def is_refundable(self) -> bool: ...


@dataclass(frozen=True)
class PriceLine:
    """A line of its own, where none is kept."""

    amount_cents: int
    is_refundable: bool = True


@dataclass(frozen=True)
class CancelTerms:
    """What the seat keeps: its tiers, never more than `most_percent`, of these lines, for a call that starts then."""

    starts_at: datetime
    tiers: RefundTiers
    lines: Sequence[LineLike]
    currency: str
    most_percent: int = 100

    @property
    def price_cents(self) -> int:
        return sum(line.amount_cents for line in self.lines)

    @property
    def refundable_cents(self) -> int:
        """What of the price can go back at all by the policy."""
        return share_of(self.lines, 100, self.currency)

    @property
    def binds(self) -> bool:
        """True where it matters when the student cancels."""
        return bool(self.refundable_cents) and self.percent_at(self.starts_at) < 100

    @property
    def until(self) -> datetime | None:
        """Until when a cancellation costs nothing; None where it always costs something."""
        first = next(iter(self.tiers.tiers), None)
        is_whole = first is not None and first.percent == self.most_percent == 100
        return first.ends_at(self.starts_at) if first and is_whole else None

    @property
    def is_plain(self) -> bool:
        """True where all of it goes back until an instant, and nothing after."""
        return len(self.tiers.tiers) == 1 and self.until is not None

    def percent_at(self, at: datetime) -> int:
        """So much of it goes back to a student who cancels at `at`."""
        return min(self.tiers.percent_at(self.starts_at, at), self.most_percent)

    def ends_at(self, at: datetime) -> datetime | None:
        """Until when that stays so; None where it does until the start."""
        tier = self.tiers.tier_at(self.starts_at, at)
        return tier.ends_at(self.starts_at) if tier and tier.minutes else None

    def back_at(self, at: datetime) -> int:
        """What of a price that was paid goes back, in the currency's smallest unit."""
        return share_of(self.lines, self.percent_at(at), self.currency)

    def due_at(self, at: datetime) -> int:
        """What the coach may keep of what can go back, or still ask for where nothing was paid."""
        return self.refundable_cents - self.back_at(at)


def is_late(terms: CancelTerms, now: datetime) -> bool:
    """True when a student who cancels at `now` gets back less than all, or owes some of the price all the same."""
    return bool(terms.due_at(now))


def due_after(terms: CancelTerms, by: str | None, at: datetime | None) -> int:
    """What the coach may have of the price of a call that was cancelled, by `by` (student, coach) at `at`."""
    return terms.due_at(at) if by == "student" and at is not None else 0


def share_of(lines: Sequence[LineLike], percent: int, currency: str) -> int:
    """So much of the lines goes back at this percent, without those that never do."""
    known = currency_of(currency)
    return max(sum(_percent_of(line.amount_cents, percent, known) for line in lines if line.is_refundable), 0)


def _percent_of(amount: int, percent: int, currency: Currency) -> int:
    # All of it is all of it, also of what the currency could not pay today. What is taken off is rounded as it stands.
    share = abs(amount) if percent == 100 else currency.rounded(Fraction(abs(amount) * percent, 100))
    return share if amount > 0 else -share
