"""What a coach says of a discount code. Pure."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CodeDetails:
    """`percent` or `amount_cents` is taken off; both days count, in the store's zone; no products are all of them."""

    code: str
    percent: int | None = None
    amount_cents: int | None = None
    from_on: date | None = None
    until_on: date | None = None
    most_uses: int | None = None
    most_per_person: int | None = None
    first_booking_only: bool = False
    product_ids: frozenset[int] = frozenset()
