"""What the directory says of a coach, worked out from what they sell, when it is free, and what students said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Sold(Protocol):
    """A published product."""

    @property
    def product_id(self) -> int: ...
    @property
    def store_id(self) -> int: ...
    @property
    def currency(self) -> str: ...
    @property
    def is_bookable(self) -> bool: ...
    @property
    def is_unlisted(self) -> bool: ...
    @property
    def from_price_cents(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Summary:
    """The columns of a summary that follow from other rows; the instant as the database has it."""

    is_shown: bool = False
    next_free_at: Any = None
    from_price_cents: int | None = None
    currency: str = ""
    reviews: int = 0
    stars: int = 0


def summary_of(
    is_listed: bool, sold: Sequence[Sold], next_free: dict[int, Any], reviews: tuple[int, int] = (0, 0)
) -> Summary:
    """The summary of a coach who may stand in the directory, or may not, and sells this.

    Prices are those in the currency of their oldest store that has something to book: others cannot be compared.
    """
    bookable = [listing for listing in sold if listing.is_bookable and not listing.is_unlisted]
    if not is_listed or not bookable:
        return Summary(reviews=reviews[0], stars=reviews[1])
    currency = min(bookable, key=lambda listing: listing.store_id).currency
    prices = [
        listing.from_price_cents
        for listing in bookable
        if listing.currency == currency and listing.from_price_cents is not None
    ]
    free = [start for listing in bookable if (start := next_free.get(listing.product_id)) is not None]
    return Summary(True, min(free, default=None), min(prices, default=None), currency, *reviews)
