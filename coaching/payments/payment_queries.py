"""Reads of payments: those of a seat, those whose provider is to be asked, and what is ordered by one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from peewee import ModelSelect

from coaching.booking.hold_rules import state_at
from coaching.booking.models import CoachingSession, Seat, SeatLine
from coaching.booking.queries import find_seat_of
from coaching.payments.checkout_rules import MISMATCH, UNDER_WAY, ReturnAddresses, lines_to_pay
from coaching.payments.models import Payment
from coaching.payments.provider_parts import Order
from coaching.reading import Selection, given


def payment_of(seat: Seat) -> Payment | None:
    """What tells best how the seat's payment stands: the one that is paid, else its newest."""
    payments = list(Payment.select().where(Payment.seat == seat).order_by(Payment.id.desc()))
    return next((payment for payment in payments if payment.state == "paid"), next(iter(payments), None))


def seats_under_way(seats: Sequence[Seat]) -> set[int]:
    """Those of the seats for which money is on its way that takes days: their students have nothing to pay now."""
    ids = [seat.id for seat in seats]
    if not ids:
        return set()
    pending = Payment.select(Payment.seat).where(Payment.seat.in_(ids), Payment.state == "pending")
    return {payment.seat_id for payment in pending if payment.seat_id}


def find_under_way(seat: Seat) -> Payment | None:
    """The seat's newest payment that is not settled."""
    mine = Payment.select().where(Payment.seat == seat, Payment.state.in_(UNDER_WAY))
    payment: Payment | None = mine.order_by(Payment.id.desc()).first()
    return payment


def find_unlike(seat: Seat) -> Payment | None:
    """The seat's payment that its provider has otherwise than it was begun, until its coach has settled it there."""
    under_way = find_under_way(seat)
    return under_way if under_way and under_way.fault == MISMATCH else None


def due_payments(now: datetime, most: int) -> Iterable[Payment]:
    """Payments whose provider is to be asked now, the longest waiting first."""
    return _DUE.all(now=now, most=most)


def is_wanted(payment: Payment, now: datetime) -> bool:
    """True while the time is held for whoever pays; a page that is open for any other is to be ended."""
    if payment.seat_id is None:
        return False
    seat = Seat.select(Seat, CoachingSession).join(CoachingSession).where(Seat.id == payment.seat_id).first()
    if seat is None or seat.paid_at:
        return False
    held = seat.coaching_session
    return state_at(held.state, held.held_until, now) == "held"


def order_of(payment: Payment, addresses: ReturnAddresses) -> Order:
    """What the provider is to sell: the seat's lines, with codes by which it can be told what they are for."""
    assert payment.seat is not None
    seat = find_seat_of(payment.seat.coaching_session_id)
    assert seat is not None
    sold = seat.coaching_session
    lines = SeatLine.select().where(SeatLine.seat == seat).order_by(SeatLine.position, SeatLine.id)
    facts = {
        "payment": payment.key,
        "session": sold.code,
        "seat": str(seat.id),
        "student": str(seat.student_id),
        "product": sold.product.code,
        "starts_at": sold.starts_at.isoformat(),
        "minutes": str(sold.minutes),
    }
    if seat.partner:
        facts |= {"partner": seat.partner.code, "share": str(seat.share_percent or 0)}
    return Order(
        lines=lines_to_pay(list(lines), sold.title, payment.amount_cents),
        currency=payment.currency,
        facts=facts,
        success_url=addresses.paid,
        cancel_url=addresses.back,
        email=seat.student.email if seat.student.email_verified_at else None,
    )


def _due() -> "ModelSelect[Payment]":
    is_free = Payment.claimed_until.is_null() | (Payment.claimed_until <= given("now"))
    due = Payment.select().where(Payment.next_ask_at <= given("now"), Payment.state.in_(UNDER_WAY), is_free)
    return due.order_by(Payment.next_ask_at, Payment.id).limit(given("most"))


_DUE: Selection[Payment] = Selection(_due)
