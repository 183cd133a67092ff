"""Reads for the words about money: what was paid or goes back, and the receipt for it."""

from collections.abc import Mapping
from typing import Any

from coaching.booking.models import Seat
from coaching.messages.facts import MessageMoney
from coaching.payments.models import Payment, Refund
from coaching.payments.money_queries import money_of
from coaching.payments.receipt_queries import find_receipt
from coaching.payments.receipt_rules import number_text


def message_money(seat: Seat, fields: Mapping[str, Any]) -> MessageMoney | None:
    """The payment or refund that a message names, else the last payment for the seat; None where nothing was paid."""
    if seat.payment == "free" and "payment" not in fields:
        return None
    payment = _payment(seat, fields)
    if payment is None:
        return None
    refund: Refund | None = Refund.get_or_none(Refund.id == fields["refund"]) if "refund" in fields else None
    paper = find_receipt(payment, refund)
    return MessageMoney(
        amount_cents=refund.amount_cents if refund else payment.amount_cents,
        currency=payment.currency,
        by_card=payment.provider == "stripe",
        goes_back_cents=money_of(seat).given_back_cents,
        cause=refund.cause if refund else None,
        reason=str(refund.reason) if refund else "",
        is_by_hand=refund is not None and refund.state in ("by_hand", "ticked"),
        paper_code=paper.code if paper else None,
        paper_number=number_text(paper.year, paper.number) if paper else "",
    )


def _payment(seat: Seat, fields: Mapping[str, Any]) -> Payment | None:
    if "payment" in fields:
        named: Payment | None = Payment.get_or_none(Payment.id == fields["payment"], Payment.seat == seat)
        return named
    paid = Payment.select().where(Payment.seat == seat, Payment.state == "paid")
    last: Payment | None = paid.order_by(Payment.id.desc()).first()
    return last
