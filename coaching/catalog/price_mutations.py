"""Changes of prices that follow from something else."""

from coaching.catalog.models import Bump, Offer, Product, Store
from coaching.money import currency_of, in_other_currency


def keep_numbers(store: Store, before: str, after: str) -> None:
    """The store's prices keep their numbers in another currency: 49.00 becomes 49 where there are no decimals.

    Call it in the transaction that gives the store its currency. What is booked keeps price and currency.
    """
    if before == after or (
        currency_of(before).decimals == currency_of(after).decimals and currency_of(after).step == 1
    ):
        return
    for offer in Offer.select().join(Product).where(Product.store == store, ~Offer.is_retired):
        offer.price_cents = in_other_currency(offer.price_cents, before, after)
        offer.save(only=[Offer.price_cents])
    for bump in Bump.select().join(Product).where(Product.store == store, Bump.retired_at.is_null()):
        bump.price_cents = in_other_currency(bump.price_cents, before, after)
        bump.save(only=[Bump.price_cents])
