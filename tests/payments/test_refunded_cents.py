"""The right cents, in every kind of currency, here and at the stand-in for Stripe: extras, codes and odd percents."""

from datetime import timedelta

import pytest

from coaching.booking.models import CoachingSession, Seat, SeatLine
from coaching.booking.mutations import cancel_session
from coaching.catalog.models import Offer, Store
from coaching.payments.actions import settle_due
from coaching.payments.models import Payment, Refund
from coaching.payments.money_queries import money_of
from coaching.payments.refund_actions import refund_due
from coaching.payments.refund_mutations import give_back
from coaching.payments.settling_mutations import owe_due_refunds
from sandbox.stripe import seed
from tests.payments.conftest import TEN, Rig

# Sums; refunds run on both databases in test_refunds.py.
pytestmark = pytest.mark.one_database

CALL, OFF, EXTRA, NEVER = "session", "discount", "bump", "never"
CASES: list[tuple[str, int, list[tuple[str, int]], int]] = [
    ("EUR", 50, [(CALL, 4999), (OFF, -501), (EXTRA, 1501), (NEVER, 900)], 2500 - 251 + 751),
    ("JPY", 50, [(CALL, 4901), (OFF, -701), (EXTRA, 999)], 2451 - 351 + 500),
    ("KWD", 33, [(CALL, 12500), (EXTRA, 1010)], 4130 + 330),
    ("ISK", 25, [(CALL, 4999), (NEVER, 500)], 1250),
    ("HUF", 15, [(CALL, 1999900), (OFF, -333300)], 299985 - 49995),
    ("EUR", 100, [(CALL, 4999), (OFF, -501), (EXTRA, 1501), (NEVER, 900)], 4999 - 501 + 1501),
]


def test_what_goes_back_is_the_same_here_and_at_the_provider(rig: Rig) -> None:
    for number, (currency, percent, lines, back) in enumerate(CASES):
        seat = paid(rig, number, currency, lines, f"0:{percent}")
        cancel_session(seat.coaching_session, rig.student, rig.now)
        owe_due_refunds(rig.now)
        refund_due(rig.provider_of, rig.now)
        assert (money_of(seat).given_back_cents, sent(rig, seat)) == (back, back), (currency, percent)


def test_three_parts_of_a_third_leave_the_odd_cent_and_never_less(rig: Rig) -> None:
    for number, (currency, amount, third) in enumerate((("EUR", 10000, 3333), ("KWD", 10000, 3330))):
        seat = paid(rig, number, currency, [(CALL, amount)], "")
        for form in ("one", "two", "three"):
            give_back(seat, rig.product.store.owner, third, "Sorry.", form, rig.now)
            refund_due(rig.provider_of, rig.now)
        assert money_of(seat).left_cents == amount - 3 * third
        assert sent(rig, seat) == 3 * third
        CoachingSession.update(state="cancelled").execute()
        Seat.update(is_live=False).execute()


def test_whatever_the_provider_does_with_the_call_one_refund_is_left(rig: Rig) -> None:
    for number, (kind, state) in enumerate(
        (
            ("drop_after", "succeeded"),
            ("5xx_after", "succeeded"),
            ("429", "succeeded"),
            ("refund_pending", "pending"),
            ("refund_failed", "failed"),
        )
    ):
        seat = paid(rig, number, "EUR", [(CALL, 4900)], "0:50")
        cancel_session(seat.coaching_session, rig.student, rig.now)
        owe_due_refunds(rig.now)
        rig.fault(kind, "/v1/refunds", **({"method": "POST"} if kind[0] != "r" else {}))
        for minutes in (0, 3, 9):
            refund_due(rig.provider_of, rig.now + timedelta(minutes=minutes))
        refund = Refund.get(Refund.key == f"{seat.id}:student_cancelled")
        assert (refund.state, refund.amount_cents) == (state, 2450), kind
        assert sent(rig, seat) == 2450
        assert money_of(seat).given_back_cents == (0 if state == "failed" else 2450)


def paid(rig: Rig, number: int, currency: str, lines: list[tuple[str, int]], tiers: str) -> Seat:
    """A call with these lines, paid by card at the stand-in."""
    Store.update(currency=currency).execute()
    rig.product.store.currency = currency
    Offer.update(price_cents=sum(amount for _, amount in lines)).execute()
    rig.set_clock(rig.now + timedelta(hours=1))
    session = rig.book(TEN + timedelta(hours=number % 4))
    seat = Seat.get(Seat.coaching_session == session)
    SeatLine.delete().where(SeatLine.seat == seat).execute()
    for kind, amount in lines:
        is_refundable = kind != NEVER
        SeatLine.create(seat=seat, kind=kind, title=kind.title(), amount_cents=amount, is_refundable=is_refundable)
    Seat.update(price_cents=sum(amount for _, amount in lines), refund_tiers=tiers).where(Seat.id == seat.id).execute()
    rig.pay(rig.begin(session))
    rig.set_clock(rig.now + timedelta(minutes=2))
    settle_due(rig.provider_of, rig.now)
    assert Payment.get(Payment.seat == seat).state == "paid", currency
    return Seat.get_by_id(seat.id)


def sent(rig: Rig, seat: Seat) -> int:
    """What has gone back of it at the stand-in, by its own list."""
    charge = Payment.get(Payment.seat == seat).charge_reference
    made = rig.provider_of(seed.COACH_KEY).refunds_since(rig.now - timedelta(days=9))
    known = {refund.reference for refund in Refund.select()}
    return sum(
        refund.amount_cents for refund in made if refund.charge_reference == charge and refund.reference in known
    )
