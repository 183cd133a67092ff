"""Calls on sale by card for which nobody can pay as things are, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.catalog.models import Offer, Product, Store
from coaching.money import least_charge
from coaching.payments.account_queries import can_take_cards, current_account
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.own_provider_queries import own_provider_of
from coaching.payments.provider_parts import Fault

# A refusal from longer ago says nothing of today.
OF_LATE = timedelta(days=7)
OnSale = dict[Store, list[Product]]
FOR_GOOD = (Fault.REFUSED, Fault.NOT_FOUND)


@dataclass(frozen=True)
class Unpayable:
    """Calls of one store, by title, that are on sale by card; `least_cents` where a price is below that."""

    store: Store
    titles: Sequence[str]
    least_cents: int = 0


def on_sale_by_card(coach: Person | None) -> OnSale:
    """What the coach sells by card, by store; without one what everybody does."""
    by_store: OnSale = {}
    query = Product.select(Product, Store).join(Store).where(Store.owner == coach if coach else True)
    for product in query.where(Product.payment == "stripe", Product.state == "published").order_by(Product.id):
        by_store.setdefault(product.store, []).append(product)
    return by_store


def stores_without_cards(on_sale: OnSale) -> list[Unpayable]:
    """Those of the stores that have no key, each with what cannot be booked there.

    A key that does not work any more is told of by itself.
    """
    return [
        Unpayable(store, [product.title for product in products])
        for store, products in on_sale.items()
        if not can_take_cards(store) and current_account(store) is None
    ]


def cannot_be_paid(seat: Seat, store: Store) -> bool:
    """True where the seat is to be paid by card, and as things are nobody can pay the store by one."""
    return seat.price_cents > 0 and own_provider_of(seat) is None and not can_take_cards(store)


def prices_too_low(on_sale: OnSale) -> list[Unpayable]:
    """What has a price that no card can pay, as after a store has changed its currency; free is none."""
    unpayable = []
    for store, products in on_sale.items():
        least = least_charge(store.currency)
        too_low = Offer.select(Offer.product).where(
            Offer.product.in_(products), ~Offer.is_retired, Offer.price_cents > 0, Offer.price_cents < least
        )
        ids = {row.product_id for row in too_low}
        if ids:
            unpayable.append(Unpayable(store, [product.title for product in products if product.id in ids], least))
    return unpayable


def find_refused(account: PaymentAccount, now: datetime) -> Payment | None:
    """The account's last payment, where its provider has refused it of late, and would refuse the next one."""
    mine = Payment.select().where(Payment.payment_account == account).order_by(Payment.id.desc())
    last: Payment | None = mine.first()
    return last if last and is_refused_for_good(last) and last.begun_at > now - OF_LATE else None


def is_refused_for_good(payment: Payment) -> bool:
    """True where its provider has not let it begin, and not for want of a key or for a moment."""
    return payment.state == "failed" and payment.reference is None and payment.fault in FOR_GOOD
