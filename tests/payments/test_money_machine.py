"""Booked, paid, paid late, refunded, disputed, moved, cancelled, cut off, in any order, against a provider’s ledger.

Whatever happened: what a seat has paid and what has gone back of it are the same here and at the provider; no time is
two students'; nobody's money is kept for nothing. `--lives 20000` takes so many steps, other ones each time.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from coaching.accounts.models import Person
from coaching.booking import move_mutations, request_mutations
from coaching.booking.details import BookingDetails
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.mutations import book_session, cancel_session, correct_outcome, record_outcome
from coaching.booking.outcome_rules import Absent
from coaching.catalog.models import Product
from coaching.db import database
from coaching.errors import CoachingError
from coaching.payments.actions import begin_payment, settle_payment
from coaching.payments.checkout_rules import UNDER_WAY
from coaching.payments.event_mutations import record_event
from coaching.payments.events import WebhookEvent
from coaching.payments.models import Payment, PaymentAccount, Receipt, Refund
from coaching.payments.provider import ProviderError, ProviderOf
from coaching.payments.refund_mutations import give_back, send_again
from coaching.payments.statement_queries import totals_of
from coaching.payments.sweep_actions import look_after_payments
from tests import factories
from tests.clocks import at
from tests.payments.conftest import BACK_TO, make_account
from tests.payments.test_cut_off import Fate, Killed
from tests.sandbox.stripe.conftest import Stripe
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOURS = 10
# The acts of people, the provider's own, and the ways in which a call to it fails; the likely ones more often.
BOOKING = ("buy", "buy", "buy", "book", "book", "book")
PEOPLE = ("begin", "accept", "decline", "move", "cancel", "cancel", "cancel", "cancel", "give", "give")
AFTERWARDS = ("outcome", "correct", "again", "return")
AT_THE_PROVIDER = ("pay", "pay", "decline_card", "delay", "settle", "fail_refund", "dispute", "told", "told", "key")
FAULTS = ("drop_before", "drop_after", "5xx", "5xx_after", "429")
ROUTES = ("/v1/checkout/sessions", "/v1/checkout/sessions/**", "/v1/refunds", "/v1/refunds/**", "/**")
ABSENT: tuple[Absent | None, ...] = (None, "student", "coach", "both", "unknown")
numbers = count(1)

# What is done; to which of the newest sessions or payments; by which student; an hour, an amount, a choice.
steps = st.tuples(
    st.sampled_from((*AFTERWARDS, *AT_THE_PROVIDER, *PEOPLE, *BOOKING)),
    *(st.integers(0, 4), st.integers(0, 1), st.integers(0, HOURS - 1)),
)
EXPECTED = (CoachingError, ProviderError)


class Money(RuleBasedStateMachine):
    """A coach who takes cards for calls that are booked at once and for those that they accept, and two students."""

    stripe: Stripe
    real: ProviderOf

    def __init__(self) -> None:
        super().__init__()
        self.account_id = f"acct_{next(numbers)}"
        self.stripe.control("/accounts", id=self.account_id, name="Ann")
        coach, *self.students = [
            factories.make_person(name, linked_as=f"7{next(numbers):06}") for name in ("Ann", "Cleo", "Dan")
        ]
        tiers: dict[str, Any] = {"refund_tiers": "1440:100 120:50", "absent_percent": 25}
        at_once = factories.make_product(coach=coach, payment="stripe", pay_text="", offers=((30, 4999),), **tiers)
        asked = factories.make_product(
            at_once.store, payment="stripe", pay_text="", offers=((30, 3333),), needs_approval=True, **tiers
        )
        self.coach, self.products = coach, [at_once, at_once, asked]
        self.account = make_account(at_once.store, self.new_key())
        self.fate = Fate()
        self.promised: dict[int, int] = {}  # percent, by session
        self.set_clock(NOW)
        self.take(("buy", 0, 0, 2))
        self.take(("buy", 1, 1, 2))
        self.take(("buy", 2, 0, 5))

    def new_key(self) -> str:
        return str(self.stripe.control("/keys", account=self.account_id, livemode=False, rights=None)["secret"])

    def set_clock(self, now: datetime) -> None:
        self.now = now
        self.stripe.clock.now = now.timestamp()

    def provider_of(self, key: str) -> Any:
        return self.fate.provider_of(self.real)(key)

    # --- What happens

    @rule(some=st.lists(steps, min_size=4, max_size=12))
    def some(self, some: list[tuple[str, int, int, int]]) -> None:
        for step in some:
            self.take(step)

    @rule(step=steps, point=st.integers(1, 12))
    def cut_off(self, step: tuple[str, int, int, int], point: int) -> None:
        """The process ends at one of the commits and calls that it comes to."""
        self.dying(point, partial(self.take, step))

    @rule(point=st.integers(1, 25))
    def worker_cut_off(self, point: int) -> None:
        self.dying(point, self.sweep)

    @rule(together=st.lists(steps, min_size=2, max_size=2))
    def both(self, together: list[tuple[str, int, int, int]]) -> None:
        all_at_once(*(partial(self.take, step) for step in together))

    @rule(minutes=st.sampled_from((1, 14, 16, 61, 7 * 60, 20 * 60)))
    def later(self, minutes: int) -> None:
        self.set_clock(self.now + timedelta(minutes=minutes))

    @rule(step=steps, kind=st.sampled_from(FAULTS), route=st.sampled_from(ROUTES), times=st.integers(1, 3))
    def trouble(self, step: tuple[str, int, int, int], kind: str, route: str, times: int) -> None:
        """So many of the provider's answers to come are lost, or say nothing."""
        self.stripe.control("/faults", kind=kind, route=route, times=times)
        self.take(step)
        self.sweep()

    @rule(minutes=st.sampled_from((0, 1, 3, 30)))
    def worker(self, minutes: int) -> None:
        self.set_clock(self.now + timedelta(minutes=minutes))
        self.sweep()

    def sweep(self) -> None:
        lapse_due(self.now)
        look_after_payments(self.provider_of, lambda: at(self.now))

    def dying(self, point: int, act: Callable[[], None]) -> None:
        self.fate = Fate(point)
        try:
            with self.fate.of_commits(), suppress(Killed):
                act()
        finally:
            self.fate = Fate()
            # The process is gone, and with it its connection.
            database.close()
            database.connect()

    def take(self, step: tuple[str, int, int, int]) -> None:
        act, which, who, hour = step
        today = self.now.replace(hour=0, minute=0)
        student, starts_at = self.students[who], today + (1 + which % 2) * DAY + (8 + hour) * HOUR
        with suppress(*EXPECTED):
            if act in BOOKING:
                self.book(self.products[which % 3], student, starts_at, act, comes_back=bool(hour % 3))
            elif act in AT_THE_PROVIDER:
                self.at_the_provider(act, which, hour)
            elif sessions := list(self.sessions().order_by(CoachingSession.id.desc()).limit(5)):
                self.change(act, sessions[which % len(sessions)], starts_at, hour)

    def book(self, product: Product, student: Person, starts_at: datetime, act: str, *, comes_back: bool) -> None:
        """A time is booked, and its page to pay on opened; some leave it open, some never come back from it."""
        coaching_session = book_session(product, student, BookingDetails(product.offers.get().id, starts_at), self.now)
        if coaching_session.state == "requested" and comes_back:
            coaching_session = request_mutations.accept_request(coaching_session, self.coach, self.now)
        payment = begin_payment(coaching_session, student, BACK_TO, self.provider_of, self.now)
        if act == "buy":
            self.press("/pay", session=payment.reference)
            if comes_back:
                settle_payment(payment, self.provider_of, self.now)

    def change(self, act: str, coaching_session: CoachingSession, starts_at: datetime, hour: int) -> None:
        coach, now, seat = self.coach, self.now, coaching_session.seats.get()
        match act:
            case "begin":
                begin_payment(coaching_session, seat.student, BACK_TO, self.provider_of, now)
            case "accept":
                request_mutations.accept_request(coaching_session, coach, now)
            case "decline":
                request_mutations.decline_request(coaching_session, coach, "No time.", now)
            case "move":
                move_mutations.move_session(coaching_session, coach if hour % 2 else seat.student, starts_at + DAY, now)
            case "cancel":
                self.cancel(coaching_session, coach if hour % 2 else seat.student)
            case "give":
                give_back(seat, coach, 700 * (1 + hour), "Sorry.", f"{coaching_session.id}-{hour}", now)
            case "outcome" if now >= coaching_session.ends_at:
                absent = ABSENT[hour % 5]
                record_outcome(coaching_session, "no_show" if absent else "completed", now, absent)
            case "correct" if now >= coaching_session.ends_at:
                absent = ABSENT[hour % 4]
                correct_outcome(coaching_session, coach, "no_show" if absent else "completed", absent, now)
            case "again":
                for refund in Refund.select().join(Payment).where(Payment.seat == seat, Refund.state == "failed"):
                    send_again(refund, coach, now)
            case "return":
                for payment in seat.payments:
                    settle_payment(payment, self.provider_of, now)

    def cancel(self, coaching_session: CoachingSession, person: Person) -> None:
        """What goes back is worked out here as well, from the time that is left and in the plainest way."""
        before = CoachingSession.get_by_id(coaching_session.id)
        cancel_session(coaching_session, person, self.now)
        if before.state == "scheduled" and not coaching_session.seats.get().moves:
            left = before.starts_at - self.now
            percent = 100 if person == self.coach else 100 if left >= DAY else 50 if left >= 2 * HOUR else 0
            self.promised[coaching_session.id] = percent

    def at_the_provider(self, act: str, which: int, hour: int) -> None:
        if act == "key":
            # The coach puts another key in the place of this one, which stays to look up and to refund.
            PaymentAccount.update(state="older").where(PaymentAccount.store == self.products[0].store).execute()
            self.account = make_account(self.products[0].store, self.new_key())
            return
        mine = Payment.select().where(Payment.payment_account.in_(self.accounts()))
        payments = list(mine.where(Payment.reference.is_null(False)).order_by(Payment.id.desc()).limit(5))
        if not payments:
            return
        # Most of what can happen there happens to what is not paid yet.
        payments = [payment for payment in payments if hour % 2 and payment.state in UNDER_WAY] or payments
        payment = payments[which % len(payments)]
        match act:
            case "pay":
                self.press("/pay", session=payment.reference)
            case "decline_card":
                self.press("/pay", session=payment.reference, outcome="card_declined")
            case "delay":
                self.press("/pay", session=payment.reference, outcome="delayed")
            case "settle":
                self.press("/settle", session=payment.reference, succeeds=bool(hour % 3))
            case "fail_refund":
                for refund in payment.refunds.where(Refund.reference.is_null(False)):
                    self.press("/refund", refund=refund.reference, status="failed")
            case "dispute" if payment.charge_reference:
                self.press("/dispute", payment_intent=payment.charge_reference)
            case "told":
                # Of one thing often, late, or of nothing that is ours; with the same number now and then.
                event = WebhookEvent(f"evt_{payment.id}_{hour}", "x.y", False, payment.reference or "", "")
                record_event(payment.payment_account, event, self.now)

    def press(self, path: str, **body: Any) -> None:
        """What the provider's page allows now, or it says no."""
        assert self.stripe.browser.post(f"/control/stripe{path}", json=body).status_code in (200, 409)

    # --- What holds

    def sessions(self) -> Any:
        return CoachingSession.select().where(CoachingSession.coach == self.coach)

    def accounts(self) -> list[PaymentAccount]:
        return list(PaymentAccount.select().where(PaymentAccount.store == self.products[0].store))

    def ledger(self) -> list[Any]:
        ledger = self.stripe.fetch(f"/ledger?account={self.account_id}")["accounts"][self.account_id]
        return list(ledger["payments"])

    @invariant()
    def no_time_is_two_students(self) -> None:
        live = self.sessions().where(CoachingSession.state.in_(LIVE_STATES)).order_by(CoachingSession.starts_at)
        assert all(earlier.ends_at <= later.starts_at for earlier, later in pairwise(live))

    def teardown(self) -> None:
        """Nothing fails any more, and the worker has had its time."""
        self.stripe.control("/faults", clear=True)
        self.set_clock(self.now + 4 * DAY)
        for coaching_session in self.sessions().where(CoachingSession.state.in_(("scheduled", "in_progress"))):
            if coaching_session.ends_at <= self.now:
                record_outcome(coaching_session, "completed", self.now)
        for _ in range(6):
            self.sweep()
            self.set_clock(self.now + 9 * HOUR)
        ledger = {entry["session"]: entry for entry in self.ledger()}
        seats = list(Seat.select().join(CoachingSession).where(CoachingSession.coach == self.coach))
        for seat in seats:
            self.check_seat(seat, ledger)
        known = {payment.reference for seat in seats for payment in seat.payments}
        assert all(reference in known for reference, entry in ledger.items() if entry["paid"])
        self.check_papers(list(ledger.values()))
        # Later lives have accounts of their own.
        PaymentAccount.update(state="removed", key="").where(PaymentAccount.id.in_(self.accounts())).execute()

    def check_seat(self, seat: Seat, ledger: dict[str, Any]) -> None:
        session, is_seated, good = seat.coaching_session, False, []
        for payment in seat.payments:
            there = ledger.get(payment.reference, {"paid": 0, "refunded": 0, "refunds": []})
            assert (payment.amount_cents if payment.state == "paid" else 0) == there["paid"], payment.state
            refunds = list(payment.refunds)
            here = sum(refund.amount_cents for refund in refunds if refund.state in ("pending", "succeeded"))
            assert here == there["refunded"], [(refund.key, refund.state, refund.fault) for refund in refunds]
            # What failed is red until it is tried again, or sent by hand.
            assert (
                here + sum(refund.amount_cents for refund in refunds if refund.state == "owed") <= payment.amount_cents
            )
            meant = sum(refund.amount_cents for refund in refunds if refund.state != "dropped")
            good += [payment.state == "paid" and not any(refund.cause in ("late", "twice") for refund in refunds)]
            if payment.state == "paid" and meant < payment.amount_cents:
                # Money that stays has got somebody a seat, and only once.
                assert session.state in ("scheduled", "in_progress", "completed", "no_show", "cancelled")
                assert not is_seated
                is_seated = True
        if (percent := self.promised.get(session.id)) is not None:
            self.check_promise(seat, percent)
        if seat.payment == "stripe" and session.state in ("scheduled", "completed", "no_show"):
            assert seat.paid_at, session.state
            assert good.count(True) == 1

    def check_promise(self, seat: Seat, percent: int) -> None:
        """What the policy gives was owed once, but for what the coach had given back already."""
        refunds = Refund.select().join(Payment).where(Payment.seat == seat, Refund.state != "dropped")
        promised = [
            refund for refund in refunds if refund.cause not in ("late", "twice") and ":again:" not in refund.key
        ]
        by_coach = sum(refund.amount_cents for refund in promised if refund.cause == "by_coach")
        owed = sum(refund.amount_cents for refund in promised if refund.cause != "by_coach")
        share = (seat.price_cents * percent + 50) // 100
        least = min(share, max(seat.price_cents - by_coach, 0))
        # What failed before then does not count as given back, and what failed after it did.
        has_failed = any(refund.state == "failed" for refund in promised)
        assert least <= owed <= (share if has_failed else least), [(refund.key, refund.state) for refund in refunds]

    def check_papers(self, ledger: list[Any]) -> None:
        """Receipts are numbered without a gap, and come to what the provider has."""
        store = self.products[0].store
        papers = list(Receipt.select().where(Receipt.store == store).order_by(Receipt.year, Receipt.number))
        assert [paper.number for paper in papers] == [*range(1, len(papers) + 1)]
        months = {paper.issued_on.replace(day=1) for paper in papers}
        totals = [total for month in months for total in totals_of([store], month)]
        assert sum(total.balance_cents for total in totals) == sum(
            entry["paid"] - entry["refunded"] for entry in ledger
        )


def test_whatever_happens_to_money_both_sides_agree_and_nobody_has_paid_for_nothing(
    db: object, stripe: Stripe, provider_of: ProviderOf, request: pytest.FixtureRequest
) -> None:
    lives = request.config.getoption("--lives")
    Money.stripe, Money.real = stripe, staticmethod(provider_of)  # type: ignore[assignment]
    run_state_machine_as_test(
        Money,
        settings=settings(
            max_examples=lives // 30 or 8,
            stateful_step_count=30,
            derandomize=not lives,
            deadline=None,
            database=None,
            phases=[Phase.generate, *([Phase.shrink] if lives else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )
