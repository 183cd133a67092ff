"""What a page said of a discount, as its form sends it back: by it nobody is charged more than they have seen. Pure."""

import re
from dataclasses import dataclass

from coaching.pricing.quote import DiscountLike

SAID = re.compile(r"([A-Z0-9_-]{2,30}) (?:([0-9]{1,3})%|([0-9]{1,9}))")


@dataclass(frozen=True, slots=True)
class SeenDiscount:
    """A code with what it took off."""

    code: str
    percent: int | None
    amount_cents: int | None


def say_discount(discount: DiscountLike) -> str:
    """`SPRING 20%` or `SPRING 500`."""
    return f"{discount.code} {discount.amount_cents if discount.percent is None else f'{discount.percent}%'}"


def read_discount(said: str) -> SeenDiscount | None:
    """What `say_discount` said; None for anything else."""
    parts = SAID.fullmatch(said)
    if parts is None:
        return None
    code, percent, amount_cents = parts.groups()
    return SeenDiscount(code, int(percent) if percent else None, int(amount_cents) if amount_cents else None)
