"""What everybody's download holds of the money for calls that they booked."""

from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.own_data.export_rules import read_json
from coaching.own_data.section_queries import SESSION, Row, Section, of_seats
from coaching.payments.models import Dispute, Objection, Payment, Receipt, Refund
from coaching.payments.receipt_rules import number_text


def _payments(person: Person) -> Any:
    return of_seats(Payment, person)


def _of_payments(model: Any, person: Person) -> Any:
    return model.select().join(Payment).join(Seat).join(CoachingSession).where(Seat.student == person)


def receipt_entry(row: Row, _person: Person) -> Row:
    year, number = row.pop("year"), row.pop("number")
    return {"number": number_text(year, number)} | row | {"printed": read_json(row["printed"])}


PAID = {"amount_cents": Payment.amount_cents, "currency": Payment.currency}
RECEIPT = {
    "year": Receipt.year,
    "number": Receipt.number,
    "issued_on": Receipt.issued_on,
    "amount_cents": Receipt.amount_cents,
    "currency": Receipt.currency,
    "seller": Receipt.seller,
    "buyer": Receipt.buyer,
    "printed": Receipt.printed,
    "tax_note": Receipt.tax_note,
}
WENT_BACK = {
    "amount_cents": Refund.amount_cents,
    "currency": Payment.currency,
    "why": Refund.cause,
    "reason": Refund.reason,
    "state": Refund.state,
    "reference": Refund.reference,
    "owed_at": Refund.owed_at,
    "settled_at": Refund.settled_at,
}

PAID_SECTIONS = (
    Section(
        "payments",
        "what you paid, or began to pay",
        Payment,
        _payments,
        SESSION
        | PAID
        | {
            "by": Payment.provider,
            "state": Payment.state,
            "is_live": Payment.livemode,
            "reference": Payment.reference,
            "charge_reference": Payment.charge_reference,
            "begun_at": Payment.begun_at,
            "paid_at": Payment.paid_at,
        },
    ),
    Section("refunds", "what you got back", Refund, lambda person: _of_payments(Refund, person), SESSION | WENT_BACK),
    Section(
        "receipts",
        "your receipts and credit notes, as they were written",
        Receipt,
        lambda person: _of_payments(Receipt, person),
        SESSION | RECEIPT,
        receipt_entry,
    ),
    Section(
        "disputes",
        "payments that you had your bank take back",
        Dispute,
        lambda person: _of_payments(Dispute, person),
        SESSION
        | {
            "amount_cents": Dispute.amount_cents,
            "currency": Payment.currency,
            "state": Dispute.state,
            "reason": Dispute.reason,
            "opened_at": Dispute.opened_at,
            "closed_at": Dispute.closed_at,
        },
    ),
    Section(
        "objections",
        "where you disagreed about your money, and what was decided",
        Objection,
        lambda person: of_seats(Objection, person),
        SESSION
        | {
            "your_words": Objection.sentence,
            "made_at": Objection.made_at,
            "coachs_words": Objection.reply,
            "replied_at": Objection.replied_at,
            "decision": Objection.decision,
            "decided_at": Objection.decided_at,
        },
    ),
)
