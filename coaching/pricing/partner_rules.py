"""Partners: what a code looks like, whose share counts, and how much it is. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from coaching.money import currency_of

MOST_PARTNERS = 100  # a store, active ones
SHORTEST_CODE, LONGEST_CODE = 2, 30
_CODE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class PartnerDetails:
    """What a coach says of a partner; the code in small letters."""

    name: str
    code: str
    share_percent: int


@dataclass(frozen=True)
class PayoutDetails:
    """What a coach has paid to a partner, in the currency's smallest unit."""

    amount_cents: int
    currency: str
    paid_on: date
    note: str = ""


def plain_code(typed: str) -> str | None:
    """The code as it is kept: capitals and small letters mean the same. None for what is no code."""
    code = typed.strip().lower()
    is_code = SHORTEST_CODE <= len(code) <= LONGEST_CODE and _CODE.fullmatch(code)
    return code if is_code else None


def share_percent_of(partner_percent: int, product_percent: int | None) -> int:
    """What a partner gets of a booking: what the product says, else what was agreed with the partner."""
    return partner_percent if product_percent is None else product_percent


def share_of(percent: int, kept_cents: int, currency: str) -> int:
    """A partner's share of what was paid for one booking and not given back, rounded as every amount is."""
    return currency_of(currency).rounded(Fraction(percent * kept_cents, 100))
