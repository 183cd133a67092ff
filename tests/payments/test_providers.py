"""One protocol, three providers: by card against the stand-in, directly, and for nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.payments.own_providers import FreeProvider, OutsideProvider
from coaching.payments.provider import (
    CheckoutState,
    Fault,
    Order,
    OrderLine,
    Provider,
    ProviderError,
    ProviderOf,
    RefundState,
)
from sandbox.stripe import seed
from tests.payments.conftest import NOW, SITE
from tests.sandbox.stripe.conftest import Stripe

LATER = NOW + timedelta(minutes=45)


def order_for(cents: int) -> Order:
    lines = [OrderLine("Mixing call", cents)]
    return Order(lines, "EUR", {"payment": "key"}, f"{SITE}/sessions/x/paid", f"{SITE}/sessions/x", None)


def fault_of(call, *arguments: object) -> Fault:
    with pytest.raises(ProviderError) as refused:
        call(*arguments)
    return refused.value.fault


@pytest.mark.one_database
def test_every_provider_begins_looks_up_ends_and_gives_back_by_the_same_protocol(
    stripe: Stripe, provider_of: ProviderOf
) -> None:
    stripe.clock.now = NOW.timestamp()
    paid_at = datetime(2027, 3, 1, 6, 5, tzinfo=UTC)
    card: Provider = provider_of(seed.COACH_KEY)
    outside: Provider = OutsideProvider(4900, "EUR", NOW, None)
    ticked: Provider = OutsideProvider(4900, "EUR", NOW, paid_at)
    free: Provider = FreeProvider("EUR", NOW)
    # Begun: one leads to a page, one waits for the coach, one is done.
    begun = {
        name: provider.begin(order_for(cents), f"key-{name}", LATER)
        for name, provider, cents in (("card", card, 4900), ("outside", outside, 4900), ("free", free, 0))
    }
    assert [
        (begun_payment.state, begun_payment.amount_cents, begun_payment.currency, bool(begun_payment.page_url))
        for begun_payment in begun.values()
    ] == [
        (CheckoutState.OPEN, 4900, "EUR", True),
        (CheckoutState.OPEN, 4900, "EUR", False),
        (CheckoutState.PAID, 0, "EUR", False),
    ]
    assert all(begun_payment.facts == {"payment": "key"} for begun_payment in begun.values())
    # Sent twice it is begun once.
    assert card.begin(order_for(4900), "key-card", LATER).reference == begun["card"].reference
    # Looked up: what its page, or its coach, says.
    stripe.control("/pay", session=begun["card"].reference)
    paid = card.look_up(begun["card"].reference)
    assert paid.state is ticked.look_up("key").state is free.look_up("key").state is CheckoutState.PAID
    assert outside.look_up("key").state is CheckoutState.OPEN
    # Ended: what was paid ends no more, and what was not does.
    other = card.begin(order_for(4900), "another", LATER)
    assert card.expire(other.reference).state is outside.expire("key").state is CheckoutState.EXPIRED
    assert {fault_of(provider.expire, paid.reference) for provider in (card, ticked, free)} == {Fault.NOT_OPEN}
    # Given back: at once, by the coach's hand, never of nothing, and never more than was paid.
    charge = paid.charge_reference or ""
    sent = [provider.refund(charge, 900, "EUR", {"refund": "a"}, "refund-a") for provider in (card, ticked)]
    assert [(refund.state, refund.amount_cents) for refund in sent] == [
        (RefundState.SUCCEEDED, 900),
        (RefundState.BY_HAND, 900),
    ]
    assert {fault_of(provider.refund, charge, 4901, "EUR", {}, "b") for provider in (card, ticked, free)} == {
        Fault.NOTHING_LEFT
    }
    assert fault_of(outside.refund, charge, 1, "EUR", {}, "c") is Fault.NOTHING_LEFT
    assert fault_of(free.begin, order_for(1), "d", LATER) is Fault.REFUSED
