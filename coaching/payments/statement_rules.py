"""A coach's month of money: its movements, their sums, and both as a file for a spreadsheet. Pure."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import StringIO

from coaching.money import currency_of

# What moved, by the kind of a movement.
KIND_LABELS = {
    "paid": "Paid",
    "not_received": "Not received after all",
    "given_back": "Given back",
    "come_back": "Refund came back",
}
PROVIDER_LABELS = {"stripe": "Card", "outside": "Directly"}
COLUMNS = (
    *("Date", "Number", "About", "What", "Call", "Session", "Student"),
    *("How", "Reference", "Currency", "Amount", "Test"),
)
# By it a spreadsheet knows that the file is UTF-8, and shows names as they are written.
BYTE_ORDER_MARK = "\ufeff"
# With one of these in front a spreadsheet takes a text for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Movement:
    """Money that came or went: one receipt or credit note. The amount is below zero for what went."""

    on: date  # by the store's calendar
    code: str  # of the receipt
    number: str
    about: str  # number of the receipt that a credit note is for
    kind: str  # one of KIND_LABELS
    title: str
    session_code: str
    student: str
    provider: str
    reference: str
    currency: str
    amount_cents: int
    is_test: bool

    @property
    def kind_label(self) -> str:
        """What moved, in words."""
        return KIND_LABELS[self.kind]


@dataclass(frozen=True)
class Total:
    """What a month's movements in one currency come to; test payments are never added to real ones."""

    currency: str
    is_test: bool
    paid_cents: int
    given_back_cents: int

    @property
    def balance_cents(self) -> int:
        """What is left."""
        return self.paid_cents - self.given_back_cents


def kind_of(amount_cents: int, is_of_refund: bool) -> str:
    """What kind of movement it is, by its sign and by whether it is about a refund."""
    if is_of_refund:
        return "given_back" if amount_cents < 0 else "come_back"
    return "paid" if amount_cents > 0 else "not_received"


def csv_of(movements: Iterable[Movement]) -> str:
    """The movements as a file for a spreadsheet, a row each and a row of names above.

    Dates are ISO ones; amounts plain numbers with the currency's decimals; no text can be taken for a formula.
    """
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for movement in movements:
        texts = (
            movement.number,
            movement.about,
            movement.kind_label,
            movement.title,
            movement.session_code,
            movement.student,
        )
        how = (PROVIDER_LABELS.get(movement.provider, movement.provider), movement.reference, movement.currency)
        amount = currency_of(movement.currency).number(movement.amount_cents)
        rows.writerow(
            [
                movement.on.isoformat(),
                *map(safe_cell, texts),
                *map(safe_cell, how),
                amount,
                "test" if movement.is_test else "",
            ]
        )
    return BYTE_ORDER_MARK + file.getvalue()


def safe_cell(text: str) -> str:
    """The text as a spreadsheet shows it and does not reckon with it."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA_SIGNS) else text
