"""What a booking costs, line by line: the call, what a code takes off it, and the extras. Pure.

Each line is rounded on its own (coaching/money.py). A code takes off the call, never the extras, so what goes back of
an extra is what was paid for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from coaching.money import currency_of


class BumpLike(Protocol):
    """An extra."""

    id: int
    title: str
    price_cents: int
    is_refundable: bool
    gives: str


class DiscountLike(Protocol):
    """What a code takes off: a percentage, or an amount."""

    @property
    def code(self) -> str: ...
    @property
    def percent(self) -> int | None: ...
    @property
    def amount_cents(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One line of what is paid; `kind` is session, discount or bump, a discount's amount is below zero."""

    kind: str
    title: str
    amount_cents: int
    bump_id: int | None = None
    is_refundable: bool = True
    gives: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """The lines of a booking. It can stand where only the price of an offer counts."""

    lines: tuple[Line, ...]
    currency: str

    @property
    def price_cents(self) -> int:
        """All that is to be paid."""
        return sum(line.amount_cents for line in self.lines)

    @property
    def extras(self) -> tuple[Line, ...]:
        """The extras among the lines."""
        return tuple(line for line in self.lines if line.kind == "bump")

    @property
    def kept_lines(self) -> tuple[Line, ...]:
        """The lines as a seat keeps them: of a call that is free and nothing else, none."""
        return self.lines if len(self.lines) > 1 or self.price_cents else ()


def quote_of(
    title: str, price_cents: int, currency: str, bumps: Iterable[BumpLike] = (), discount: DiscountLike | None = None
) -> Quote:
    """The lines of a call at this price with these extras and this discount, in the order in which people read them."""
    lines = [Line("session", title, price_cents)]
    if discount and (off := taken_off(price_cents, currency, discount)):
        lines.append(Line("discount", f"Code {discount.code}", -off))
    lines += [Line("bump", bump.title, bump.price_cents, bump.id, bump.is_refundable, bump.gives) for bump in bumps]
    return Quote(tuple(lines), currency)


def taken_off(price_cents: int, currency: str, discount: DiscountLike) -> int:
    """What the code takes off this price: never more than all of it."""
    if discount.percent is not None:
        off = currency_of(currency).rounded(Fraction(price_cents * discount.percent, 100))
    else:
        off = discount.amount_cents or 0
    return min(off, price_cents)
