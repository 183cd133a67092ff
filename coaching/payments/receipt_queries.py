"""Reads of receipts and credit notes: which ones are still to be written, and who may see which."""

from collections.abc import Callable
from functools import cache
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat, SeatLine
from coaching.catalog.models import Store
from coaching.errors import NotFound
from coaching.payments.models import Payment, Receipt, Refund
from coaching.reading import Statement, given

# In these a refund has reached the student, as far as anybody knows.
SETTLED = ("succeeded", "ticked")
UNSETTLED = ("owed", "asked", "pending", "failed", "by_hand", "dropped")
UNPAID = ("begun", "open", "pending", "expired", "failed")


def payments_to_write(seat: Seat | None, most: int) -> list[int]:
    """Payments that were received and have no receipt. One without a seat waits until it has one."""
    return _ids(_payments_to_write, seat, most)


def payments_to_reverse(seat: Seat | None, most: int) -> list[int]:
    """Payments with a receipt that turned out not to have come."""
    return _ids(_payments_to_reverse, seat, most)


def refunds_to_write(seat: Seat | None, most: int) -> list[int]:
    """Refunds that have reached their student and have no credit note."""
    return _ids(_refunds_to_write, seat, most)


def refunds_to_reverse(seat: Seat | None, most: int) -> list[int]:
    """Refunds with a credit note that have failed after all."""
    return _ids(_refunds_to_reverse, seat, most)


def lines_of(seat: Seat) -> list[tuple[str, int]]:
    """Title and amount of each line that the seat was sold with."""
    lines = SeatLine.select().where(SeatLine.seat == seat).order_by(SeatLine.position, SeatLine.id)
    return [(line.title, line.amount_cents) for line in lines]


def find_receipt(payment: Payment, refund: Refund | None = None) -> Receipt | None:
    """The newest receipt of a payment, or credit note of a refund, that was not written to reverse another one."""
    about = Receipt.refund.is_null() if refund is None else (Receipt.refund == refund)
    own = Receipt.select().where(Receipt.payment == payment, about, Receipt.reverses.is_null())
    receipt: Receipt | None = own.order_by(Receipt.id.desc()).first()
    return receipt


def get_receipt_for(person: Person, code: str) -> Receipt:
    """The receipt as the seat's student or the store's owner may see it; NotFound for everybody else."""
    is_theirs = (Seat.student == person) | (Store.owner == person)
    receipt: Receipt | None = _receipts().where(Receipt.code == code, is_theirs).first()
    if receipt is None:
        raise NotFound
    return receipt


def receipts_of_student(student: Person, most: int, before: int | None = None) -> list[Receipt]:
    """What was written for the student, the newest first; `before` is the id of the last one that was seen."""
    theirs = _receipts().where(Seat.student == student)
    if before is not None:
        theirs = theirs.where(Receipt.id < before)
    return list(theirs.order_by(Receipt.id.desc()).limit(most))


def receipts_of_seat(seat: Seat) -> list[Receipt]:
    """What was written about the seat, in order."""
    return list(_receipts().where(Payment.seat == seat).order_by(Receipt.id))


def _receipts() -> Any:
    return (
        Receipt.select(Receipt, Store, Payment, Seat, CoachingSession)
        .join(Store)
        .switch(Receipt)
        .join(Payment)
        .join(Seat)
        .join(CoachingSession)
    )


def _ids(build: Callable[[], Any], seat: Seat | None, most: int) -> list[int]:
    if seat is None:
        return [row_id for [row_id] in _of_all(build).rows(most=most)]
    return [row.id for row in _in_order(build()).where(Payment.seat == seat).limit(most)]


@cache
def _of_all(build: Callable[[], Any]) -> Statement:
    return Statement(lambda: _in_order(build()).limit(given("most")))


def _in_order(query: Any) -> Any:
    return query.order_by(query.model.id)


def _payments_to_write() -> Any:
    return _payments(False, ("paid",)).where(Payment.seat.is_null(False))


def _payments_to_reverse() -> Any:
    return _payments(True, UNPAID)


def _refunds_to_write() -> Any:
    return _refunds(False, SETTLED).where(Payment.seat.is_null(False))


def _refunds_to_reverse() -> Any:
    return _refunds(True, UNSETTLED)


def _payments(has_receipt: bool, states: tuple[str, ...]) -> Any:
    return Payment.select(Payment.id).where(Payment.has_receipt == has_receipt, Payment.state.in_(states))


def _refunds(has_receipt: bool, states: tuple[str, ...]) -> Any:
    refunds = Refund.select(Refund.id).join(Payment)
    return refunds.where(Refund.has_receipt == has_receipt, Refund.state.in_(states))
