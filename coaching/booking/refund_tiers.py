"""What of a price goes back when a student cancels: less of it, the closer to the start. Pure.

Kept as text: "1440:100 120:50" is all of it until a day before the start, half until two hours before, nothing after.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

MOST_TIERS = 5
LONGEST_BEFORE = 30 * 24 * 60  # minutes
PRESETS = {"flexible": "1440:100 120:50", "standard": "1440:100", "strict": "10080:100 2880:50"}
OWN = "own"
_TIER = re.compile(r"(?<!\S)(\d{1,6}):(\d{1,3})(?!\S)")
_SHARES = {100: "all of it", 50: "half of it"}


@dataclass(frozen=True)
class Tier:
    """So much of it goes back to whoever cancels at least so many minutes before the start."""

    minutes: int
    percent: int

    def ends_at(self, starts_at: datetime) -> datetime:
        """Until when it counts, for a call that starts then."""
        return starts_at - timedelta(minutes=self.minutes)


@dataclass(frozen=True)
class RefundTiers:
    """The tiers in the order in which they end. Without any nothing goes back."""

    tiers: tuple[Tier, ...] = ()

    def __str__(self) -> str:
        """As it is kept."""
        return " ".join(f"{tier.minutes}:{tier.percent}" for tier in self.tiers)

    def tier_at(self, starts_at: datetime, at: datetime) -> Tier | None:
        """The tier that counts at `at`; None once nothing goes back any more."""
        return next((tier for tier in self.tiers if at <= tier.ends_at(starts_at)), None)

    def percent_at(self, starts_at: datetime, at: datetime) -> int:
        """So much goes back to a student who cancels at `at`; at the very end of a tier it still counts."""
        tier = self.tier_at(starts_at, at)
        return tier.percent if tier else 0

    def left_at(self, starts_at: datetime, at: datetime) -> "RefundTiers":
        """What still counts at `at` for a call that starts then."""
        return RefundTiers(tuple(tier for tier in self.tiers if at <= tier.ends_at(starts_at)))

    @property
    def clause(self) -> str:
        """A clause: "all of it goes back until 24 h before the start, half of it until 2 h before, nothing after"."""
        if not self.tiers:
            return "nothing goes back"
        first, *others = self.tiers
        parts = [f"{share_label(first.percent)} goes back {_until(first.minutes)}"]
        parts += [f"{share_label(tier.percent)} {_until(tier.minutes, is_first=False)}" for tier in others]
        if self.tiers[-1].minutes:
            parts.append("nothing after")
        return ", ".join(parts)


@lru_cache(maxsize=256)
def tiers_of(text: str) -> RefundTiers:
    """The tiers that a column keeps. What cannot be read, or can never count, is left out."""
    return in_order(Tier(int(minutes), int(percent)) for minutes, percent in _TIER.findall(text))


def in_order(tiers: Iterable[Tier]) -> RefundTiers:
    """The tiers that count, in order: one that gives no more than a later one adds nothing."""
    counted: list[Tier] = []
    for tier in sorted(tiers, key=lambda tier: (tier.minutes, -tier.percent)):
        if 0 < tier.percent <= 100 and tier.percent > max((later.percent for later in counted), default=0):
            counted.append(tier)
    return RefundTiers(tuple(reversed(counted))[-MOST_TIERS:])


def preset_of(tiers: RefundTiers) -> str:
    """The name of the preset with these tiers; OWN where there is none."""
    return next((name for name, text in PRESETS.items() if tiers_of(text) == tiers), OWN)


def share_label(percent: int) -> str:
    """`50` -> "half of it", `30` -> "30 % of it"."""
    return _SHARES.get(percent, f"{percent} % of it")


def length_before(minutes: int) -> str:
    """`1440` -> "24 h", `4320` -> "3 days"."""
    days, rest = divmod(minutes, 24 * 60)
    if days > 2 and not rest:
        return f"{days} days"
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest else "") if part) or "0 min"


def _until(minutes: int, *, is_first: bool = True) -> str:
    if not minutes:
        return "until the start"
    return f"until {length_before(minutes)} before{' the start' if is_first else ''}"
