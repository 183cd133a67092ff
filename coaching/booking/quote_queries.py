"""What a booking costs, with the extras and the code that its student chose, or why it cannot be had like that."""

from collections.abc import Collection, Iterable
from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.discount_queries import find_discount
from coaching.catalog.bump_queries import bumps_of
from coaching.catalog.models import Bump, Offer, Product
from coaching.errors import DiscountRefused, LimitReached, TermsChanged
from coaching.money import HIGHEST_CHARGE, amount, least_charge
from coaching.pricing.models import DiscountCode
from coaching.pricing.quote import Quote, quote_of, taken_off
from coaching.pricing.seen_discount import read_discount

TOO_MUCH = "Together this is more than can be paid at once. Leave out an extra."
TOO_LITTLE = (
    "{total} cannot be paid by card: the least is {least}. Nothing was booked. Write to your coach, who can change the "
    "price."
)


def agreed_quote(
    product: Product, offer: Offer, student: Person, details: BookingDetails, now: datetime
) -> tuple[Quote, DiscountCode | None]:
    """What the booking costs, and the code that counts for it; never more than its student has seen.

    TermsChanged where an extra is not on offer any more, or less is taken off than the page said; DiscountRefused
    where the code does not count; LimitReached where it is more than can be paid at once.
    """
    bumps = chosen_bumps(product, details.bumps)
    if len(bumps) < len(set(details.bumps)):
        raise TermsChanged
    discount = find_discount(product, details.code, student, now) if price_of(product, offer) else None
    if takes_less_off(product, offer, discount, details.seen_discount):
        raise TermsChanged
    quote = quote_for(product, offer, bumps, discount)
    require_payable(product, quote, discount)
    return quote, discount


def chosen_bumps(product: Product, ids: Collection[int]) -> list[Bump]:
    """Those of the product's extras on offer that were chosen."""
    return [bump for bump in bumps_of(product) if bump.id in ids] if ids else []


def quote_for(
    product: Product, offer: Offer, bumps: Iterable[Bump] = (), discount: DiscountCode | None = None
) -> Quote:
    """What this length of the product costs with these extras and this code."""
    return quote_of(product.title, price_of(product, offer), product.store.currency, bumps, discount)


def price_of(product: Product, offer: Offer) -> int:
    """What the call alone costs."""
    return 0 if product.payment == "free" else int(offer.price_cents)


def takes_less_off(product: Product, offer: Offer, discount: DiscountCode | None, seen: str) -> bool:
    """True where the page said that more is taken off; `seen` is how it said so."""
    before = read_discount(seen)
    if before is None:
        return False
    price, currency = price_of(product, offer), product.store.currency
    return (taken_off(price, currency, discount) if discount else 0) < taken_off(price, currency, before)


def require_payable(product: Product, quote: Quote, discount: DiscountCode | None) -> None:
    """Raise what keeps this amount from being paid in the product's way."""
    total, currency = quote.price_cents, quote.currency
    if total > HIGHEST_CHARGE:
        raise LimitReached(TOO_MUCH)
    least = least_charge(currency)
    if product.payment != "stripe" or not 0 < total < least:
        return
    if discount:
        raise DiscountRefused(
            f"With this code {amount(total, currency)} would be left to pay, and less than {amount(least, currency)} "
            "cannot be paid by card. Take it out to book without it."
        )
    if quote.extras:
        raise LimitReached(f"Less than {amount(least, currency)} cannot be paid by card. Add another extra, or none.")
    # As after the store has changed its currency: the coach reads it beside the price when they save it next.
    raise LimitReached(TOO_LITTLE.format(total=amount(total, currency), least=amount(least, currency)))
