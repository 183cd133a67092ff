"""What a provider says of a payment is written down, with all that follows from it: in one transaction, and once."""

import logging
from datetime import datetime, timedelta

from coaching.booking.payment_mutations import Taken, cut_hold_back, keep_until_known, take_payment
from coaching.booking.record_mutations import lock_people
from coaching.db import database
from coaching.payments.causes import Cause
from coaching.payments.checkout_rules import (
    CLAIM,
    LOST_AFTER,
    MISMATCH,
    PACE,
    PACE_OF_DELAYED,
    PACE_OF_TROUBLE,
    TROUBLE,
    UNDER_WAY,
    mismatch_of,
    pause_after,
)
from coaching.payments.models import Payment
from coaching.payments.notice_mutations import notify_failed, notify_late, notify_paid
from coaching.payments.payment_queries import due_payments, is_wanted
from coaching.payments.provider_parts import Checkout, CheckoutState, Fault
from coaching.payments.refund_mutations import owe_refund

logger = logging.getLogger(__name__)


def claim_due(now: datetime, most: int) -> list[Payment]:
    """Payments whose provider is to be asked now, each claimed."""
    claimed = []
    for payment in due_payments(now, most):
        is_same = (Payment.id == payment.id) & (Payment.next_ask_at == payment.next_ask_at)
        is_free = Payment.claimed_until.is_null() | (Payment.claimed_until <= now)
        if Payment.update(claimed_until=now + CLAIM).where(is_same, is_free).execute():
            claimed.append(payment)
    return claimed


def record_checkout(payment: Payment, checkout: Checkout, now: datetime) -> Payment:
    """The payment is as its provider has it, and its seat as follows from that. Twice does no harm.

    1. What is not this payment in amount, currency, mode or seat changes nothing, and is shown as trouble.
    2. Queue up behind all else that its two people do, and read the payment again: what was paid is paid once.
    3. Paid, the time is the student's if it is held or free; else all of it is owed back, and both are told.
    """
    if problem := mismatch_of(payment, checkout):
        logger.error("a payment is not what its provider has", extra={"payment": payment.id, "in": problem})
        return record_fault(payment, MISMATCH, now, PACE_OF_TROUBLE)
    with database.atomic():
        _queue_up(payment)
        current: Payment = Payment.get_by_id(payment.id)
        if current.state == "paid":
            return current
        if checkout.state is CheckoutState.PAID:
            return _record_paid(current, checkout, now)
        _record_state(current, checkout, now)
        return Payment.get_by_id(payment.id)


def record_settled_there(payment: Payment, now: datetime) -> bool:
    """The coach has settled at the provider what it has otherwise: it is asked about no more; False where it was.

    Nothing of it counts as paid here, and its student can begin another payment.
    """
    with database.atomic():
        _queue_up(payment)
        is_unlike = (Payment.id == payment.id) & (Payment.fault == MISMATCH) & Payment.state.in_(UNDER_WAY)
        settled = Payment.update(state="failed", next_ask_at=None, claimed_until=None, page_url="").where(is_unlike)
        return bool(settled.execute())


def record_missing(payment: Payment, now: datetime) -> Payment:
    """The provider lists no such payment: once its answer can come no more, it has come to nothing."""
    if payment.fault != TROUBLE and now < payment.begun_at + LOST_AFTER:
        return record_fault(payment, Fault.UNREACHABLE, now)
    is_begun = (Payment.id == payment.id) & (Payment.state == "begun")
    lost = {"state": "failed", "fault": Fault.UNREACHABLE, "next_ask_at": None, "claimed_until": None}
    Payment.update(**lost).where(is_begun).execute()
    return Payment.get_by_id(payment.id)


def record_fault(payment: Payment, fault: str, now: datetime, pause: timedelta | None = None) -> Payment:
    """The provider did not say how the payment stands, and is asked again after a pause."""
    next_ask_at = now + (pause or pause_after(payment.tries))
    if payment.state == "begun" and payment.fault == TROUBLE:
        fault = TROUBLE
    values = {"fault": fault, "tries": Payment.tries + 1, "next_ask_at": next_ask_at, "claimed_until": None}
    Payment.update(**values).where(Payment.id == payment.id, Payment.state.in_(UNDER_WAY)).execute()
    return Payment.get_by_id(payment.id)


def _queue_up(payment: Payment) -> None:
    if payment.seat:
        lock_people(payment.seat.coaching_session.coach, payment.seat.student)
    # The payment before its seat, as where refunds are owed.
    Payment.update(tries=Payment.tries).where(Payment.id == payment.id).execute()


def _record_paid(payment: Payment, checkout: Checkout, now: datetime) -> Payment:
    is_delayed = payment.state == "pending"
    taken = take_payment(payment.seat, now, is_delayed=is_delayed) if payment.seat else None
    values = {"state": "paid", "paid_at": now, "charge_reference": checkout.charge_reference, "page_url": ""}
    paid = _write(payment, checkout, None, **values)
    if taken is Taken.SEATED:
        notify_paid(paid, now)
    elif taken is not None:
        _owe_back(paid, taken, now)
    return paid


def _owe_back(payment: Payment, taken: Taken, now: datetime) -> None:
    """All of it goes back: it gives its student nothing."""
    assert payment.seat is not None
    cause = Cause.TWICE if taken is Taken.SECOND else Cause.LATE
    owe_refund(payment, cause, payment.amount_cents, f"{payment.seat_id}:{cause}:{payment.id}", now)
    if taken is not Taken.SECOND:
        notify_late(payment, now)


def _record_state(payment: Payment, checkout: Checkout, now: datetime) -> None:
    match checkout.state:
        case CheckoutState.OPEN:
            _write(payment, checkout, now + PACE, state="open", page_url=checkout.page_url)
        case CheckoutState.PENDING:
            if payment.seat and payment.state != "pending":
                keep_until_known(payment.seat, now)
            pace = PACE if is_wanted(payment, now) else PACE_OF_DELAYED
            _write(payment, checkout, now + pace, state="pending", charge_reference=checkout.charge_reference)
        case CheckoutState.FAILED:
            if payment.seat and payment.state != "failed":
                cut_hold_back(payment.seat, now)
            failed = _write(payment, checkout, None, state="failed", page_url="")
            notify_failed(failed, now)
        case CheckoutState.EXPIRED:
            _write(payment, checkout, None, state="expired", page_url="")
        case CheckoutState.PAID:
            raise AssertionError("what is paid is recorded by itself")


def _write(payment: Payment, checkout: Checkout, next_ask_at: datetime | None, **values: object) -> Payment:
    settled = {"fault": "", "tries": 0, "claimed_until": None, "next_ask_at": next_ask_at}
    Payment.update(reference=checkout.reference, **settled, **values).where(Payment.id == payment.id).execute()
    return Payment.get_by_id(payment.id)
