"""Writing receipts and credit notes: each once, numbered without gaps per store and year.

What ought to be written follows from the rows of payments and refunds, so it does not matter who asks, how often and
when: a page right after a payment, or the worker within a minute.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.db import database, new_code
from coaching.errors import NotFound
from coaching.payments.models import Payment, Receipt, ReceiptSeries, Refund
from coaching.payments.notice_mutations import notify_receipt
from coaching.payments.receipt_queries import (
    SETTLED,
    UNPAID,
    UNSETTLED,
    find_receipt,
    lines_of,
    payments_to_reverse,
    payments_to_write,
    refunds_to_reverse,
    refunds_to_write,
)
from coaching.payments.receipt_rules import Call, Printed, PrintedLine, number_text, paid_lines, refund_line, void_line

logger = logging.getLogger(__name__)

# So many of each kind at a time: the database is given back in between.
MOST_AT_ONCE = 200


@dataclass(frozen=True)
class Parties:
    """Who sells and who buys, as a receipt names them, and what the seller says about tax."""

    seller: str
    buyer: str
    tax_note: str


def write_receipts(now: datetime, seat: Seat | None = None) -> int:
    """Write what is to be written by now, of all seats or of one; how much that was, so that somebody may go on.

    One that cannot be written keeps no other waiting. Call it outside of a transaction: each takes one of its own.
    """
    written = 0
    for due, write in (
        (payments_to_write, _write_receipt),
        (refunds_to_write, _write_credit_note),
        (refunds_to_reverse, _reverse_credit_note),
        (payments_to_reverse, _reverse_receipt),
    ):
        for row_id in due(seat, MOST_AT_ONCE):
            written += _alone(write, row_id, now)
    return written


def _alone(write: Callable[[int, datetime], bool], row_id: int, now: datetime) -> bool:
    try:
        with database.atomic():
            return write(row_id, now)
    except Exception:
        logger.exception("receipt not written", extra={"kind": write.__name__, "row": row_id})
        return False


def _write_receipt(payment_id: int, now: datetime) -> bool:
    if not _mark_payment(payment_id, True, ("paid",)):
        return False
    payment = _payment(payment_id)
    call = _call_of(payment)
    lines = paid_lines(lines_of(_seat_of(payment)), f"{call.title}, {call.minutes} min", payment.amount_cents)
    _issue(payment, lines, payment.paid_at or now, now)
    return True


def _write_credit_note(refund_id: int, now: datetime) -> bool:
    refund: Refund = Refund.get_by_id(refund_id)
    payment = _payment(refund.payment_id)
    receipt = find_receipt(payment)
    # Without a receipt there is nothing to credit: that comes first.
    if receipt is None or not _mark_refund(refund_id, True, SETTLED):
        return False
    line = refund_line(_call_of(payment).title, refund.cause, refund.amount_cents)
    _issue(payment, (line,), refund.settled_at or now, now, refund=refund, about=receipt)
    return True


def _reverse_credit_note(refund_id: int, now: datetime) -> bool:
    if not _mark_refund(refund_id, False, UNSETTLED):
        return False
    refund: Refund = Refund.get_by_id(refund_id)
    _reverse(_payment(refund.payment_id), refund, now)
    return True


def _reverse_receipt(payment_id: int, now: datetime) -> bool:
    if not _mark_payment(payment_id, False, UNPAID):
        return False
    _reverse(_payment(payment_id), None, now)
    return True


def _reverse(payment: Payment, refund: Refund | None, now: datetime) -> None:
    written = find_receipt(payment, refund)
    if written is None:
        return
    line = void_line(_number_of(written), written.amount_cents < 0, -written.amount_cents)
    _issue(payment, (line,), now, now, refund=refund, about=written, reverses=written)


def _mark_payment(payment_id: int, has_receipt: bool, states: tuple[str, ...]) -> bool:
    """False where somebody was faster, or it has changed since."""
    waiting = (Payment.id == payment_id) & (Payment.has_receipt != has_receipt) & Payment.state.in_(states)
    return bool(Payment.update(has_receipt=has_receipt).where(waiting).execute())


def _mark_refund(refund_id: int, has_receipt: bool, states: tuple[str, ...]) -> bool:
    """False where somebody was faster, or it has changed since."""
    waiting = (Refund.id == refund_id) & (Refund.has_receipt != has_receipt) & Refund.state.in_(states)
    return bool(Refund.update(has_receipt=has_receipt).where(waiting).execute())


def _issue(
    payment: Payment,
    lines: tuple[PrintedLine, ...],
    happened_at: datetime,
    now: datetime,
    *,
    refund: Refund | None = None,
    about: Receipt | None = None,
    reverses: Receipt | None = None,
) -> None:
    """One more receipt of the store, with the next number of its year."""
    store = _seat_of(payment).coaching_session.product.store
    parties = _parties_of(store, _seat_of(payment).student, about)
    issued_on = now.astimezone(ZoneInfo(store.zone)).date()
    printed = Printed(
        lines=lines,
        call=_call_of(payment),
        provider=payment.provider,
        happened_at=happened_at,
        is_test=payment.is_test,
        about=_number_of(about) if about else "",
    )
    written = Receipt.create(
        store=store,
        year=issued_on.year,
        number=_next_number(store, issued_on.year),
        payment=payment,
        refund=refund,
        reverses=reverses,
        code=new_code(),
        issued_on=issued_on,
        issued_at=now,
        amount_cents=sum(line.amount_cents for line in lines),
        currency=payment.currency,
        seller=parties.seller,
        buyer=parties.buyer,
        printed=printed.as_text(),
        tax_note=parties.tax_note,
    )
    notify_receipt(written, now)


def _parties_of(store: Store, student: Person, about: Receipt | None) -> Parties:
    """As they are now; of somebody whose account was deleted nothing is known but what the receipt before says."""
    seller = "\n".join(part for part in (store.seller_name or store.name, store.seller_address) if part)
    parties = Parties(seller, student.name, store.tax_note)
    if about and store.owner.erased_at:
        parties = replace(parties, seller=about.seller, tax_note=about.tax_note)
    if about and student.erased_at:
        parties = replace(parties, buyer=about.buyer)
    return parties


def _next_number(store: Store, year: int) -> int:
    """The store’s next number of the year. Whoever takes one keeps others waiting until it is written, or is not."""
    series = (ReceiptSeries.store == store) & (ReceiptSeries.year == year)
    one_more = ReceiptSeries.update(last_number=ReceiptSeries.last_number + 1).where(series)
    if not one_more.execute():
        ReceiptSeries.insert(store=store, year=year).on_conflict_ignore().execute()
        one_more.execute()
    return int(ReceiptSeries.get(series).last_number)


def _payment(payment_id: int) -> Payment:
    """The payment with its seat, session, product and store as they are now."""
    payment: Payment = (
        Payment.select(Payment, Seat, CoachingSession, Product, Store)
        .join(Seat)
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .where(Payment.id == payment_id)
        .get()
    )
    return payment


def _seat_of(payment: Payment) -> Seat:
    if payment.seat is None:
        raise NotFound  # by now; it had one when it was found
    return payment.seat


def _call_of(payment: Payment) -> Call:
    coaching_session = _seat_of(payment).coaching_session
    return Call(
        code=coaching_session.code,
        title=coaching_session.title,
        coach=coaching_session.coach.name,
        minutes=coaching_session.minutes,
        starts_at=coaching_session.starts_at,
        zone=coaching_session.product.store.zone,
    )


def _number_of(receipt: Receipt) -> str:
    return number_text(receipt.year, receipt.number)
