"""What a provider of our own says of a seat is a payment like any other, and what it takes back is none."""

from coaching.booking.models import Seat
from coaching.payments.models import Payment, Refund
from coaching.payments.own_provider_queries import own_provider_of
from coaching.payments.own_providers import OwnProvider
from coaching.payments.provider_parts import Checkout, CheckoutState, Order, OrderLine
from coaching.payments.refund_mutations import drop_refund

# In these a refund has left the coach's hands, and what it is of was paid, whoever says otherwise.
GONE = ("succeeded", "ticked")


def record_own_payment(known: Seat) -> None:
    """Of a seat whose provider is ours there is one payment while that says that it is paid, and else none.

    Level, not edge: it may run any number of times. What costs nothing is no payment. Call it in a transaction.
    """
    if own_provider_of(known) is None:
        return
    Seat.update(moves=Seat.moves).where(Seat.id == known.id).execute()  # others wait
    seat: Seat = Seat.get_by_id(known.id)
    if (provider := own_provider_of(seat)) is None:
        return
    is_paid = (Payment.seat == seat) & (Payment.provider == seat.payment) & (Payment.state == "paid")
    paid: Payment | None = Payment.get_or_none(is_paid)
    if paid is None:
        _begin(seat, provider)
    elif provider.look_up(paid.key).state is CheckoutState.OPEN:
        _take_back(paid, provider)


def _begin(seat: Seat, provider: OwnProvider) -> None:
    key = f"{seat.payment}:{seat.id}:{Payment.select().where(Payment.seat == seat).count()}"
    asked = provider.look_up(key).amount_cents
    order = Order([OrderLine(seat.coaching_session.title, asked)], seat.currency, {"payment": key}, "", "", None)
    begun = provider.begin(order, key, seat.ends_at)
    if begun.state is CheckoutState.PAID and begun.amount_cents > 0:
        _record(seat, key, begun)


def _record(seat: Seat, key: str, begun: Checkout) -> None:
    Payment.create(
        seat=seat,
        provider=seat.payment,
        state="paid",
        amount_cents=begun.amount_cents,
        currency=begun.currency,
        key=key,
        begun_at=seat.paid_at,
        paid_at=seat.paid_at,
    )


def _take_back(payment: Payment, provider: OwnProvider) -> None:
    """It has not come after all: nothing goes back of it, unless something has gone already."""
    refunds = list(Refund.select().where(Refund.payment == payment))
    if any(refund.state in GONE for refund in refunds):
        return
    for refund in refunds:
        drop_refund(refund.key)
    if provider.expire(payment.key).state is CheckoutState.EXPIRED:
        Payment.update(state="failed").where(Payment.id == payment.id).execute()
