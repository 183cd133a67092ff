"""Beginning a payment: it is written down before its provider hears of it, and so is what came of that."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.hold_mutations import lock_seat
from coaching.booking.models import CoachingSession, Seat
from coaching.db import database, new_code
from coaching.errors import NotFound, PaymentUnavailable, TooLate
from coaching.payments.account_queries import account_for
from coaching.payments.checkout_rules import CLAIM, PACE, REPEATED_FOR, UNDER_WAY, as_refusal
from coaching.payments.models import Payment
from coaching.payments.own_provider_queries import own_provider_of
from coaching.payments.payment_queries import find_under_way

NOTHING_TO_PAY = "This time is not held for you any more, so there is nothing to pay."
PAID_ALREADY = "You have paid for this call already."
NO_ACCOUNT = (
    "{coach} cannot take cards right now, so nothing can be paid. Your time is kept until it runs out: try again in a "
    "while, or write to {coach}."
)


def intend_payment(coaching_session: CoachingSession, student: Person, now: datetime) -> Payment:
    """The payment that the student can go on with: one that is under way, or a new one that its provider is to hear of.

    NotFound where it is not theirs or no page is there to pay it on, TooLate where nothing is to be paid (any more),
    PaymentUnavailable where the store has no account to be paid on.
    """
    with database.atomic():
        seat = lock_seat(coaching_session, now)
        if seat.student_id != student.id or own_provider_of(seat):
            raise NotFound
        if seat.paid_at:
            raise TooLate(PAID_ALREADY)
        known = find_under_way(seat)
        if known and known.state == "pending":
            return known
        held = seat.coaching_session
        if held.state != "held":
            raise TooLate(NOTHING_TO_PAY)
        if known and not (known.state == "begun" and known.begun_at <= now - REPEATED_FOR):
            return _claimed(known, now)
        return _claimed(_new_payment(seat, now), now)


def record_refused_begin(payment: Payment, fault: str, refusal: str, *, is_final: bool, now: datetime) -> None:
    """The provider has not said that the payment can be made; `is_final` where it never will, for what it says."""
    is_begun = (Payment.id == payment.id) & (Payment.state == "begun")
    ending: dict[str, object] = {"next_ask_at": now + PACE}
    if is_final:
        ending = {"state": "failed", "next_ask_at": None, "facts": as_refusal(refusal)}
    Payment.update(fault=fault, tries=Payment.tries + 1, claimed_until=None, **ending).where(is_begun).execute()


def ask_soon(coaching_session: CoachingSession, now: datetime) -> bool:
    """The session has changed: the provider is asked at once about what is under way for it; False for nothing."""
    seats = Seat.select(Seat.id).where(Seat.coaching_session == coaching_session)
    under_way = Payment.seat.in_(seats) & Payment.state.in_(UNDER_WAY)
    return bool(Payment.update(next_ask_at=now, claimed_until=None).where(under_way).execute())


def _new_payment(seat: Seat, now: datetime) -> Payment:
    held = seat.coaching_session
    account = account_for(held.product.store)
    if account is None:
        raise PaymentUnavailable(NO_ACCOUNT.format(coach=held.coach.name))
    return Payment.create(
        seat=seat,
        payment_account=account,
        provider=seat.payment,
        amount_cents=seat.price_cents,
        currency=seat.currency,
        livemode=account.livemode,
        key=f"{seat.id}-{new_code()}",
        begun_at=now,
        expires_at=held.held_until,
    )


def _claimed(payment: Payment, now: datetime) -> Payment:
    """The payment, about which nobody else asks while its student is led to its page."""
    if payment.state == "begun":
        payment.claimed_until = now + CLAIM
        payment.next_ask_at = now + PACE
        payment.save(only=[Payment.claimed_until, Payment.next_ask_at])
    return payment
