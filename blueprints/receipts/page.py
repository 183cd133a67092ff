"""A receipt as its page shows it, out of what was kept when it was written."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from coaching.booking.models import Seat
from coaching.payments.models import Receipt
from coaching.payments.receipt_rules import Printed, number_text, read_printed


@dataclass(frozen=True)
class ReceiptView:
    """One document in words. `printed` is None where it cannot be read; `settled` says when and how money went."""

    receipt: Receipt
    title: str
    number: str
    seller: str
    address: str
    printed: Printed | None
    issued_on: str
    settled: str
    total_label: str
    session_code: str

    @property
    def is_credit_note(self) -> bool:
        """True for one that takes from what was paid."""
        return bool(self.receipt.amount_cents < 0)

    @property
    def call_title(self) -> str:
        """What was paid for, for a list."""
        return self.printed.call.title if self.printed else "A coaching call"


def receipt_view(receipt: Receipt) -> ReceiptView:
    """The receipt in words; all but the way to its session comes from what was kept."""
    printed = read_printed(receipt.printed)
    name, _, address = receipt.seller.partition("\n")
    is_credit_note = receipt.amount_cents < 0
    title = f"Credit note to receipt {printed.about if printed else ''}".strip() if is_credit_note else "Receipt"
    return ReceiptView(
        receipt=receipt,
        title=title,
        number=number_text(receipt.year, receipt.number),
        seller=name,
        address=address,
        printed=printed,
        issued_on=long_date(receipt.issued_on),
        settled=settled_words(receipt, printed) if printed else "",
        total_label="Total" if receipt.reverses_id else "Total given back" if is_credit_note else "Total paid",
        session_code=seat_of(receipt).coaching_session.code,
    )


def settled_words(receipt: Receipt, printed: Printed) -> str:
    """When and how the money went: "Paid on 1 March 2027 by card."; nothing where none did."""
    if receipt.reverses_id:
        return ""
    on = long_date(printed.happened_at.astimezone(ZoneInfo(printed.call.zone)).date())
    if receipt.amount_cents < 0:
        how = f"by {printed.call.coach} directly" if printed.provider == "outside" else "to the card"
        return f"Given back on {on} {how}."
    how = f"to {printed.call.coach} directly" if printed.provider == "outside" else "by card"
    return f"Paid on {on} {how}."


def seat_of(receipt: Receipt) -> Seat:
    """The seat that it is about."""
    if receipt.payment.seat is None:
        raise LookupError("only what has a seat is given a receipt")
    return receipt.payment.seat


def long_date(day: date) -> str:
    """A date in words: "1 March 2027"."""
    return f"{day.day} {day:%B %Y}"
