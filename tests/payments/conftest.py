"""Money against the stand-in for Stripe: a product sold by card, its coach's account, and the stand-in's own ledger."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.mutations import book_session
from coaching.catalog.models import Product, Store
from coaching.db import new_code
from coaching.payments.actions import begin_payment
from coaching.payments.checkout_rules import ReturnAddresses
from coaching.payments.models import Payment, PaymentAccount
from coaching.payments.provider import ProviderOf
from gateways.providers import open_provider_of
from sandbox.app import create_app
from sandbox.config import SandboxConfig
from sandbox.stripe import seed
from tests import factories
from tests.in_process import stand_at
from tests.sandbox.stripe.conftest import ADDRESS, Clock, Stripe

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
SITE = "http://localhost:8000"
BACK_TO = ReturnAddresses(f"{SITE}/sessions/x/paid", f"{SITE}/sessions/x")


class Rig:
    """What a test of payments has at hand: the stand-in, a store that takes cards, its student; and one clock."""

    def __init__(self, stripe: Stripe, provider_of: ProviderOf, product: Product, student: Person) -> None:
        self.stripe, self.provider_of, self.product, self.student = stripe, provider_of, product, student
        self.now = NOW
        self.set_clock(NOW)

    def set_clock(self, now: datetime) -> None:
        """It is `now`, here and at Stripe's."""
        self.now = now
        self.stripe.clock.now = now.timestamp()

    def book(self, starts_at: datetime = TEN, student: Person | None = None) -> CoachingSession:
        offer = self.product.offers.get()
        return book_session(self.product, student or self.student, BookingDetails(offer.id, starts_at), self.now)

    def begin(self, session: CoachingSession, student: Person | None = None) -> Payment:
        return begin_payment(session, student or self.student, BACK_TO, self.provider_of, self.now)

    def pay(self, payment: Payment, outcome: str = "pays") -> None:
        """The student pays on the hosted page."""
        self.stripe.control("/pay", session=payment.reference, outcome=outcome)

    def checkout(self, payment: Payment) -> Any:
        return self.provider_of(seed.COACH_KEY).look_up(payment.reference)

    def fault(self, kind: str, route: str, **more: Any) -> None:
        self.stripe.control("/faults", kind=kind, route=route, **{"times": 1} | more)

    def ledger(self) -> list[Any]:
        """The coach's payments as the stand-in has them: paid and refunded."""
        return list(self.stripe.fetch(f"/ledger?account={seed.COACH}")["accounts"][seed.COACH]["payments"])


def make_account(store: Store | None, key: str = seed.COACH_KEY, **differences: Any) -> PaymentAccount:
    """An account that takes cards."""
    ordinary = {"code": new_code(), "store": store, "key": key, "key_last4": key[-4:], "livemode": False}
    return PaymentAccount.create(**ordinary | {"added_at": factories.MADE_AT} | differences)


def state_of(session: CoachingSession) -> SimpleNamespace:
    """What has become of a session, its seat and the seat's payments."""
    seat = Seat.get(Seat.coaching_session == session)
    payments = [payment.state for payment in Payment.select().where(Payment.seat == seat).order_by(Payment.id)]
    return SimpleNamespace(
        session=CoachingSession.get_by_id(session.id).state, is_paid=bool(seat.paid_at), payments=payments
    )


@pytest.fixture
def stripe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    clock = Clock()
    config = SandboxConfig(tmp_path, SITE, "a-client-secret", "a-bot-token", clock=clock, sends_events=False)
    app = create_app(config)
    stand_at({ADDRESS: app}, monkeypatch)
    yield Stripe(app, clock)
    app.extensions["stripe_sandbox"].sender.stop()
    app.extensions["stripe_sandbox"].state.close()
    app.extensions["sandbox"].state.close()


@pytest.fixture
def provider_of() -> ProviderOf:
    return open_provider_of(f"{ADDRESS}/stripe")


@pytest.fixture
def make_rig(stripe: Stripe, provider_of: ProviderOf, alice: Person, bob: Person) -> Callable[..., Rig]:
    def make(**differences: Any) -> Rig:
        product = factories.make_product(coach=alice, payment="stripe", pay_text="", **differences)
        make_account(product.store)
        return Rig(stripe, provider_of, product, bob)

    return make


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig()
