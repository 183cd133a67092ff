"""Refunds: what is owed by rule, that it goes out once whatever happens in between, and never more than was paid."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat, SeatLine
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import cancel_session, correct_outcome, record_outcome
from coaching.errors import NotFound, Refused, TooLate
from coaching.notices.models import Notice
from coaching.payments.causes import Cause
from coaching.payments.claim_mutations import free_claims
from coaching.payments.models import Payment, PaymentAccount, ProviderEvent, Refund
from coaching.payments.money_queries import money_of
from coaching.payments.provider import Fault, ProviderOf, RefundState
from coaching.payments.refund_actions import refund_due
from coaching.payments.refund_mutations import give_back, owe_of_seat, send_again, tick_refund
from coaching.payments.refund_reading_actions import read_refunds
from coaching.payments.settling_mutations import owe_due_refunds
from tests import factories
from tests.payments.ledger import Ledger
from tests.threads import all_at_once

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
NOW = STARTS_AT - timedelta(days=3)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
TIERS = "1440:100 120:50"


@pytest.fixture
def seat(app: Any, alice: Person, bob: Person) -> Seat:
    """A call of 49.00 that Bob has paid by card."""
    return paid_seat(alice, bob)


def paid_seat(coach: Person, student: Person, amount: int = 4900, currency: str = "EUR", **differences: Any) -> Seat:
    # Those of earlier cases are over and done with.
    Seat.update(is_live=False, settle_from=None).execute()
    CoachingSession.update(state="cancelled").where(CoachingSession.state == "scheduled").execute()
    store = factories.make_store(coach, currency=currency)
    product = factories.make_product(store, payment="stripe")
    booked = factories.make_coaching_session(product, student, starts_at=STARTS_AT)
    ordinary = {"refund_tiers": TIERS, "price_cents": amount, "currency": currency, "paid_at": NOW}
    Seat.update(**ordinary | differences).where(Seat.coaching_session == booked).execute()
    seat = Seat.get(Seat.coaching_session == booked)
    account = PaymentAccount.create(code=booked.code, store=store, key="rk_test_x", livemode=False, added_at=NOW)
    pay(seat, account, amount)
    return seat


def pay(seat: Seat, account: PaymentAccount | None, amount: int, number: int = 1) -> Payment:
    return Payment.create(
        seat=seat,
        payment_account=account,
        provider="stripe" if account else "outside",
        state="paid",
        amount_cents=amount,
        currency=seat.currency,
        key=f"{seat.id}-{number}",
        charge_reference=f"pi_{number}" if account else None,
        begun_at=NOW,
        paid_at=NOW,
    )


def send(ledger: Ledger, now: datetime) -> None:
    refund_due(cast(ProviderOf, ledger), now)


def cancel(seat: Seat, person: Person, now: datetime) -> None:
    cancel_session(seat.coaching_session, person, now)
    owe_due_refunds(now)


def owed(seat: Seat) -> list[tuple[str, int, str]]:
    refunds = Refund.select().join(Payment).where(Payment.seat == seat).order_by(Refund.id)
    return [(refund.cause, refund.amount_cents, refund.state) for refund in refunds]


def test_what_goes_back_is_the_tier_at_the_instant_of_cancelling_and_all_where_the_coach_cancels(
    app: Any, alice: Person, bob: Person
) -> None:
    for who, before, cause, cents in (
        (bob, DAY, Cause.STUDENT_CANCELLED, 4900),
        (bob, DAY - MINUTE, Cause.STUDENT_CANCELLED, 2450),
        (bob, HOUR, Cause.STUDENT_CANCELLED, 0),
        (alice, MINUTE, Cause.COACH_CANCELLED, 4900),
    ):
        seat = paid_seat(alice, bob)
        cancel(seat, who, STARTS_AT - before)
        assert owed(seat) == ([(cause, cents, "owed")] if cents else []), (who, before)
        # Worked out ever so often, and later, it stays what it was.
        Seat.update(settle_from=STARTS_AT + DAY).where(Seat.id == seat.id).execute()
        owe_due_refunds(STARTS_AT + DAY)
        assert len(owed(seat)) == bool(cents)
        assert Seat.get_by_id(seat.id).settle_from is None


def test_an_extra_that_is_not_given_back_is_kept_from_the_student_who_cancels_and_from_nobody_else(
    alice: Person, bob: Person, app: Any
) -> None:
    for state, ended_by, held_until, cents in (
        ("cancelled", "coach", None, 5800),
        ("cancelled", "student", None, 2450),
        ("cancelled", "student", NOW, 5800),
        ("declined", "coach", NOW, 5800),
        ("expired", None, NOW, 5800),
    ):
        seat = paid_seat(alice, bob, 5800)
        for title, amount, refundable in (("Call", 4900, True), ("Presets", 900, False)):
            SeatLine.create(seat=seat, kind="bump", title=title, amount_cents=amount, is_refundable=refundable)
        ending = {"ended_by": ended_by, "held_until": held_until, "ended_at": STARTS_AT - 3 * HOUR}
        CoachingSession.update(state=state, **ending).where(CoachingSession.id == seat.coaching_session_id).execute()
        Seat.update(settle_from=NOW).where(Seat.id == seat.id).execute()
        owe_due_refunds(NOW)
        assert money_of(seat).given_back_cents == cents, (state, ended_by)


def test_a_student_who_does_not_come_gets_what_the_policy_says_unless_it_is_corrected_before(
    alice: Person, bob: Person, app: Any
) -> None:
    seat, ends_at = paid_seat(alice, bob, absent_percent=20), STARTS_AT + HOUR
    record_outcome(seat.coaching_session, "no_show", ends_at, "student")
    owe_due_refunds(ends_at)
    assert owed(seat) == [(Cause.STUDENT_ABSENT, 980, "owed")]
    assert Refund.get().due_at == ends_at + 2 * DAY
    ledger = Ledger({"pi_1": 4900})
    send(ledger, ends_at + 47 * HOUR)
    assert not ledger.refunds
    for outcome, absent, state in (("completed", None, "dropped"), ("no_show", "student", "owed")):
        correct_outcome(seat.coaching_session, alice, cast(Any, outcome), cast(Any, absent), ends_at + HOUR)
        owe_due_refunds(ends_at + HOUR)
        assert owed(seat) == [(Cause.STUDENT_ABSENT, 980, state)]
    send(ledger, ends_at + 3 * DAY)
    assert ledger.sent() == 980
    # What has gone out stays out.
    correct_outcome(seat.coaching_session, alice, "completed", None, ends_at + 4 * DAY)
    owe_due_refunds(ends_at + 4 * DAY)
    assert owed(seat) == [(Cause.STUDENT_ABSENT, 980, "succeeded")]


def test_a_student_who_moves_gets_no_tier_back_that_was_over(seat: Seat, alice: Person, bob: Person) -> None:
    Seat.update(move_notice_minutes=0).execute()
    late, next_week = STARTS_AT - 7 * HOUR, STARTS_AT + 7 * DAY - 2 * HOUR
    # By the coach's hand nothing is lost.
    move_session(seat.coaching_session, alice, STARTS_AT - 2 * HOUR, late)
    assert Seat.get().most_percent == 100
    move_session(seat.coaching_session, bob, next_week, late)
    cancel(Seat.get(), bob, late)
    assert owed(seat) == [(Cause.STUDENT_CANCELLED, 2450, "owed")]


def test_a_refund_goes_out_once_whatever_fails_on_the_way(alice: Person, bob: Person, app: Any) -> None:
    never, late = Fault.UNREACHABLE, STARTS_AT - HOUR
    for faults, gap, state in (
        ([], MINUTE, "succeeded"),
        ([(never, False)], MINUTE, "succeeded"),
        ([(never, True)], MINUTE, "succeeded"),  # the answer was lost after its effect
        ([(never, True), (never, True)], 2 * DAY, "succeeded"),  # and was looked for once its key may be forgotten
        ([(never, False)], 2 * DAY, "succeeded"),
        ([(Fault.BUSY, False), (Fault.KEY_REFUSED, False), (Fault.LACKS_RIGHT, False)], HOUR, "succeeded"),
        ([(Fault.REFUSED, False)], HOUR, "failed"),
    ):
        seat, ledger = paid_seat(alice, bob), Ledger({"pi_1": 4900}, faults=list(faults))
        cancel(seat, alice, late)
        for step in range(6):
            send(ledger, late + step * gap)
            send(ledger, late + step * gap)  # two workers at once
            if gap > DAY:
                ledger.answers.clear()
        assert owed(seat) == [(Cause.COACH_CANCELLED, 4900, state)], faults
        assert ledger.sent() == (4900 if state == "succeeded" else 0)
        kinds = [notice.kind for notice in Notice.select().where(Notice.session_id == seat.coaching_session_id)]
        assert kinds.count("refunded") == (state == "succeeded")
        assert kinds.count("refund_failed") == (state == "failed")
        Refund.update(next_ask_at=None).execute()


def test_a_worker_that_dies_anywhere_leaves_one_refund(seat: Seat, alice: Person) -> None:
    """Killed after the intent and before the call; and after the call and before its answer was kept."""

    class Dies(Ledger):
        deaths = 2

        def refund(self, *args: Any, **options: Any) -> Any:
            self.deaths -= 1
            if self.deaths == 1:
                raise KeyboardInterrupt
            answer = super().refund(*args, **options)
            if self.deaths == 0:
                raise KeyboardInterrupt
            return answer

    ledger = Dies({"pi_1": 4900})
    cancel_session(seat.coaching_session, alice, NOW)  # and dies before it is worked out
    owe_due_refunds(NOW)
    for minutes in (0, 1):
        with pytest.raises(KeyboardInterrupt):
            send(ledger, NOW + minutes * MINUTE)
        assert owed(seat) == [(Cause.COACH_CANCELLED, 4900, "asked")]
        calls = len(ledger.calls)
        send(ledger, NOW + minutes * MINUTE)  # it is claimed, but for less than a minute
        assert len(ledger.calls) == calls
    # The worker that starts next takes it up at once.
    assert free_claims() == 1
    send(ledger, NOW + MINUTE)
    assert owed(seat) == [(Cause.COACH_CANCELLED, 4900, "succeeded")]
    assert len(ledger.refunds) == 1


def test_what_is_pending_is_asked_about_until_it_is_final_and_can_fail_after_it_succeeded(
    seat: Seat, alice: Person
) -> None:
    ledger = Ledger({"pi_1": 4900}, begins_as=RefundState.PENDING)
    cancel(seat, alice, NOW)
    send(ledger, NOW)
    assert owed(seat)[0][2] == "pending"
    ledger.becomes(RefundState.SUCCEEDED)
    send(ledger, NOW + HOUR)
    assert owed(seat)[0][2] == "succeeded"
    ledger.becomes(RefundState.FAILED)
    send(ledger, NOW + 2 * HOUR)
    assert owed(seat)[0][2] == "succeeded"
    send(ledger, NOW + 2 * DAY)
    assert owed(seat)[0][2] == "failed"
    assert money_of(seat).left_cents == 4900
    assert {notice.kind for notice in Notice.select()} >= {"refunded", "refund_failed", "coach_refund_failed"}
    # The coach has it sent once more, and presses twice; or has sent it themselves.
    failed = Refund.get()
    again = send_again(failed, alice, NOW + 2 * DAY)
    assert again == send_again(failed, alice, NOW + 2 * DAY)
    with pytest.raises(Refused):
        tick_refund(failed, alice, NOW + 2 * DAY)
    ledger.begins_as = RefundState.SUCCEEDED
    send(ledger, NOW + 3 * DAY)
    assert [state for _, _, state in owed(seat)] == ["failed", "succeeded"]
    assert ledger.sent() == 4900


def test_money_given_back_in_the_providers_own_pages_is_not_given_back_again(
    alice: Person, bob: Person, app: Any
) -> None:
    for outside, states in (
        (4900, [("coach_cancelled", 4900, "dropped"), ("by_coach", 4900, "succeeded")]),
        (1900, [("coach_cancelled", 3000, "succeeded"), ("by_coach", 1900, "succeeded")]),
    ):
        seat, ledger = paid_seat(alice, bob), Ledger({"pi_1": 4900})
        ledger.made_in_its_own_pages(outside)
        cancel(seat, alice, NOW)
        send(ledger, NOW)
        send(ledger, NOW + MINUTE)
        assert owed(seat) == states
        assert ledger.sent() == money_of(seat).given_back_cents == 4900
        Refund.update(next_ask_at=None).execute()


def test_money_given_back_in_the_providers_own_pages_is_known_within_the_hour_or_when_it_was_told_of(
    seat: Seat, alice: Person
) -> None:
    ledger = Ledger({"pi_1": 4900}, now=NOW)
    provider_of = cast(ProviderOf, ledger)
    ledger.made_in_its_own_pages(1000)
    assert read_refunds(provider_of, NOW + MINUTE) == 1
    ledger.made_in_its_own_pages(500)
    assert read_refunds(provider_of, NOW + 2 * MINUTE) == 0
    ProviderEvent.create(
        event_id="evt_1", kind="refund.created", payment_account=PaymentAccount.get(), heard_at=NOW + 3 * MINUTE
    )
    assert read_refunds(provider_of, NOW + 3 * MINUTE) == 1
    ledger.made_in_its_own_pages(200)
    assert read_refunds(provider_of, NOW + 2 * HOUR) == 1
    assert money_of(seat).left_cents == 3200
    # Our own are known before their answer is.
    give_back(seat, alice, 3200, "The rest.", "form", NOW)
    ledger.faults = [(Fault.UNREACHABLE, True)]
    send(ledger, NOW + 3 * HOUR)
    assert read_refunds(provider_of, NOW + 4 * HOUR) == 0
    assert money_of(seat).left_cents == 0


def test_nothing_is_sent_before_a_restore_was_read_and_a_removed_key_leaves_it_to_the_coach(
    seat: Seat, alice: Person, bob: Person
) -> None:
    ledger = Ledger({"pi_1": 4900})
    PaymentAccount.update(read_since=NOW).execute()
    cancel(seat, alice, NOW)
    send(ledger, NOW)
    assert not ledger.calls
    PaymentAccount.update(read_since=None, state="removed", key="").execute()
    send(ledger, NOW + 2 * MINUTE)
    assert owed(seat) == [(Cause.COACH_CANCELLED, 4900, "by_hand")]
    with pytest.raises(NotFound):
        tick_refund(Refund.get(), bob, NOW)
    for _ in range(2):
        assert tick_refund(Refund.get(), alice, NOW + HOUR).state == "ticked"
    assert not ledger.calls
    with pytest.raises(TooLate):
        send_again(Refund.get(), alice, NOW)


def test_three_parts_of_a_third_are_never_more_than_was_paid(alice: Person, bob: Person, app: Any) -> None:
    for currency, paid, third in (("EUR", 10000, 3333), ("JPY", 5000, 1667), ("KWD", 10010, 3340), ("ISK", 1, 1)):
        seat = paid_seat(alice, bob, paid, currency)
        given = 0
        for number in range(3):
            part = min(third, paid - given)
            key = f"form-{number}"
            first, second = (give_back(seat, alice, part, "Sorry.", key, NOW) for _ in range(2))  # pressed twice
            assert first == second
            given += part
        rest = paid - given
        with pytest.raises(Refused):
            give_back(seat, alice, rest + 1, "", "one-more", NOW)
        assert money_of(seat).left_cents == rest
        give_back(seat, alice, rest, "", "the-rest", NOW)
        assert money_of(seat).given_back_cents == paid, currency
    with pytest.raises(NotFound):
        give_back(seat, bob, 1, "", "form", NOW)


def test_parts_given_back_at_once_are_together_never_more_than_was_paid(seat: Seat, alice: Person) -> None:
    def give(form: str) -> bool:
        try:
            return bool(give_back(seat, alice, 2000, "Sorry.", form, NOW))
        except Refused:
            return False

    given = all_at_once(*(partial(give, form) for form in ("one", "two", "two", "three", "four", "four")))
    assert sum(refund.amount_cents for refund in Refund.select()) == 4000
    assert any(given)
    assert not all(given)


def test_what_was_paid_in_several_payments_goes_back_from_each(seat: Seat, alice: Person) -> None:
    pay(seat, PaymentAccount.get(), 1000, 2)
    owe_of_seat(seat, Cause.COACH_CANCELLED, 5000, f"{seat.id}:coach_cancelled", NOW)
    assert sorted(refund.amount_cents for refund in Refund.select()) == [1000, 4000]
    owe_of_seat(seat, Cause.COACH_CANCELLED, 5000, f"{seat.id}:coach_cancelled", NOW)
    assert Refund.select().count() == 2


def test_money_paid_outside_is_sent_by_hand_and_ticked(alice: Person, bob: Person, app: Any) -> None:
    seat = paid_seat(alice, bob)
    Payment.update(provider="outside", payment_account=None, charge_reference=None).execute()
    cancel(seat, alice, NOW)
    assert owed(seat) == [(Cause.COACH_CANCELLED, 4900, "by_hand")]
    assert money_of(seat).owed_cents == 4900
    tick_refund(Refund.get(), alice, NOW)
    assert money_of(seat).owed_cents == 0
    send(Ledger(), NOW + DAY)
    assert owed(seat) == [(Cause.COACH_CANCELLED, 4900, "ticked")]
