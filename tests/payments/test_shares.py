"""What partners are owed: by hand-made bookings with odd amounts, currencies, refunds and months."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import count
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.payments.models import Dispute, Payment, Refund
from coaching.payments.share_queries import (
    months_of,
    months_of_store,
    shared_bookings,
    totals_of,
    totals_of_partner,
    years_of,
)
from coaching.payments.share_rules import MonthOfShares, Shares, csv_of
from coaching.pricing.models import Partner, Payout
from coaching.pricing.partner_rules import share_of
from tests import factories

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)
keys = count(1)


@pytest.fixture
def product(alice: Person) -> Product:
    return factories.make_product(factories.make_store(alice, slug="nova"))


@pytest.fixture
def lee(product: Product) -> Partner:
    return make_partner(product, "lee")


def make_partner(product: Product, code: str) -> Partner:
    return Partner.create(store=product.store, name=code, code=code, share_percent=20, made_at=factories.MADE_AT)


def sent_by(
    partner: Partner,
    product: Product,
    *paid: int,
    back: tuple[tuple[int, str], ...] = (),
    currency: str = "EUR",
    percent: int = 20,
    paid_at: datetime = NOW - 10 * DAY,
    payment: Mapping[str, Any] = MappingProxyType({}),
    **differences: Any,
) -> Seat:
    """A booking through the partner, with these payments; refunds of the first of them with their states."""
    ordinary: dict[str, Any] = {"starts_at": NOW - next(keys) * DAY, "state": "completed", "created_at": NOW - 20 * DAY}
    # The same student each time: making one costs more than a booking.
    student = Person.get_or_none(Person.name == "Student") or factories.make_person("Student")
    session: CoachingSession = factories.make_coaching_session(product, student, **ordinary | differences)
    seat = session.seats.get()
    Seat.update(partner=partner, share_percent=percent, currency=currency).where(Seat.id == seat.id).execute()
    rows = [pay(seat, cents, currency, paid_at, **payment) for cents in paid]
    for cents, state in back:
        Refund.create(
            payment=rows[0], key=f"r{next(keys)}", cause="x", amount_cents=cents, state=state, owed_at=NOW, due_at=NOW
        )
    return seat


def pay(seat: Seat, cents: int, currency: str, at: datetime, **differences: Any) -> Payment:
    ordinary = {"provider": "outside", "state": "paid", "amount_cents": cents, "currency": currency, "seat": seat}
    return Payment.create(**ordinary | {"key": f"p{next(keys)}", "begun_at": at, "paid_at": at} | differences)


def test_shares_are_rounded_on_each_booking_as_every_amount_is(product: Product, lee: Partner) -> None:
    cases = [(3333, 0, 10), (3335, 0, 10), (4950, 1234, 33), (1, 0, 50), (4900, 4900, 20), (4900, 0, 0), (4900, 0, 100)]
    for currency in ("EUR", "JPY", "ISK", "HUF", "KWD"):
        for paid, back, percent in cases:
            paid, back = (10 * paid, 10 * back) if currency == "KWD" else (paid, back)
            refunds = ((back, "succeeded"),) if back else ()
            sent_by(lee, product, paid, back=refunds, currency=currency, percent=percent)
    rows = list(shared_bookings(lee, 2027, NOW))
    assert len(rows) == 35
    for row in rows:
        kept = row.paid_cents - row.refunded_cents
        assert row.share_cents == share_of(row.share_percent, kept, row.currency), row
    by_hand = {"EUR": [333, 334, 1226, 1, 0, 0, 4900], "KWD": [3330, 3340, 12260, 10, 0, 0, 49000]}
    for currency, shares in by_hand.items():
        assert sorted(row.share_cents for row in rows if row.currency == currency) == sorted(shares)
    # The months and the totals are the sums of the rows.
    for currency in {row.currency for row in rows}:
        total = sum(row.share_cents for row in rows if row.currency == currency)
        (month,) = (
            partner_month.shares
            for partner_month in months_of(lee, 2027, NOW)
            if partner_month.shares.currency == currency
        )
        (whole,) = (totals for totals in totals_of_partner(lee, NOW) if totals.currency == currency)
        assert month == whole
        assert month.earned_cents == total


def test_what_counts_what_is_earned_and_what_is_pending(product: Product, lee: Partner) -> None:
    coming: dict[str, Any] = {"starts_at": NOW + DAY, "state": "scheduled"}
    sent_by(lee, product, 5000)
    sent_by(lee, product, 5000, **coming)  # pending
    sent_by(lee, product, 5000, 5000, back=((5000, "succeeded"),))  # paid twice, once given back
    sent_by(lee, product, 5000, back=((2500, "owed"), (100, "failed"), (50, "dropped")), state="cancelled")
    sent_by(lee, product, 5000, back=((5000, "by_hand"),), state="cancelled")
    sent_by(lee, product)  # not paid: a booking all the same
    for state in ("expired", "declined", "cancelled"):  # nothing came of it
        sent_by(lee, product, state=state)
    sent_by(lee, product, 5000, state="expired", payment={"state": "expired"})
    sent_by(lee, product, 5000, state="expired", back=((5000, "owed"),))  # paid too late
    sent_by(lee, product, state="held", starts_at=NOW + 2 * DAY)
    sent_by(make_partner(product, "kim"), product, 700)
    Payout.create(partner=lee, amount_cents=3000, currency="EUR", paid_on=date(2027, 2, 1), made_at=NOW)
    (whole,) = totals_of_partner(lee, NOW)
    assert whole == Shares("EUR", False, 6, 30000, 12500, 1000 + 1000 + 500, 1000, 3000)
    assert whole.owed_cents == -500
    assert totals_of(product.store, NOW)[lee.id] == [whole]
    assert len(totals_of(product.store, NOW)) == 2
    # Once it is over what was pending is earned, with nothing written anywhere.
    (later,) = totals_of_partner(lee, NOW + 2 * DAY)
    assert (later.earned_cents, later.pending_cents) == (3500, 0)
    nobody = make_partner(product, "new")
    assert totals_of_partner(nobody, NOW) == [Shares("EUR")]
    assert years_of(nobody, NOW) == [2027]
    assert months_of(nobody, 2027, NOW) == []


def test_a_lost_dispute_takes_the_share_with_it(product: Product, lee: Partner) -> None:
    states = {"lost": ((2000, "succeeded"),), "won": (), "needs_response": ()}
    for number, (state, back) in enumerate(states.items()):
        payment = sent_by(lee, product, 5000, back=back).payments.get()
        Dispute.create(payment=payment, reference=f"d{number}", state=state, amount_cents=5000, opened_at=NOW)
    assert totals_of_partner(lee, NOW) == [Shares("EUR", False, 3, 15000, 5000, 2000)]


def test_a_booking_stands_in_the_month_it_was_paid_by_the_clock_of_its_store(product: Product, lee: Partner) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for paid_at in (
        datetime(2027, 2, 1, 0, 0, tzinfo=berlin),
        datetime(2027, 1, 31, 23, 59, 59, tzinfo=berlin),
        datetime(2027, 1, 1, 0, 0, tzinfo=berlin),  # in UTC still the year before
        datetime(2026, 12, 31, 23, 59, 59, tzinfo=berlin),
    ):
        sent_by(lee, product, 1000, paid_at=paid_at)
    sent_by(lee, product, created_at=datetime(2026, 11, 30, 23, 30, tzinfo=UTC))  # not paid: when it was booked
    sent_by(lee, product, 300, currency="USD", paid_at=datetime(2027, 2, 3, tzinfo=UTC))

    def month(year: int, number: int, currency: str, bookings: int, paid: int) -> MonthOfShares:
        return MonthOfShares(date(year, number, 1), Shares(currency, False, bookings, paid, 0, paid // 5))

    february = [month(2027, 2, "EUR", 1, 1000), month(2027, 2, "USD", 1, 300)]
    assert months_of(lee, 2027, NOW) == [*february, month(2027, 1, "EUR", 2, 2000)]
    kim = make_partner(product, "kim")
    sent_by(kim, product, 1000, paid_at=datetime(2027, 1, 5, tzinfo=UTC))
    every = [(lee, month(2027, 1, "EUR", 2, 2000)), *((lee, partner_month) for partner_month in february)]
    assert months_of_store(product.store, 2027, NOW) == [(kim, month(2027, 1, "EUR", 1, 1000)), *every]
    assert months_of(lee, 2026, NOW) == [month(2026, 12, "EUR", 2, 1000)]
    assert years_of(lee, NOW) == [2027, 2026]
    assert [row.paid_cents for row in shared_bookings(lee, 2026, NOW)] == [0, 1000]


def test_test_payments_stand_apart_and_no_cell_is_a_formula(product: Product, lee: Partner) -> None:
    title = '=HYPERLINK("https://example.com")'
    sent_by(lee, product, 5000, payment={"provider": "stripe", "livemode": True}, title=title, code="aaaa")
    sent_by(lee, product, 700, payment={"provider": "stripe"}, code="bbbb", starts_at=NOW + DAY, state="scheduled")
    totals = totals_of_partner(lee, NOW)
    assert totals == [Shares("EUR", False, 1, 5000, 0, 1000), Shares("EUR", True, 1, 700, 0, 0, 140)]
    assert [month.shares for month in months_of(lee, 2027, NOW)] == totals
    _, real, test = csv_of(shared_bookings(lee, 2027, NOW), "Europe/Berlin").splitlines()
    counted_on = f"{NOW - 10 * DAY:%Y-%m-%d}"
    start = CoachingSession.get(CoachingSession.code == "aaaa").starts_at
    link = """"'=HYPERLINK(""https://example.com"")\""""
    assert real == f"{counted_on},aaaa,{link},{start:%Y-%m-%d},EUR,50.00,0.00,20,10.00,earned,"
    assert test == f"{counted_on},bbbb,Mixing call,2027-03-02,EUR,7.00,0.00,20,1.40,pending,test"
