"""What stands on a receipt or a credit note, beside who sells and who buys. Pure.

It is written down once, as JSON, and read from there ever after: nothing on a page of a receipt is looked up anew.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from coaching.payments.causes import Cause

# What a credit note says after “given back”.
CAUSE_LABELS: Mapping[Cause, str] = {
    Cause.COACH_CANCELLED: "the coach cancelled",
    Cause.DECLINED: "the coach declined",
    Cause.UNANSWERED: "the request was not answered",
    Cause.STUDENT_CANCELLED: "the student cancelled",
    Cause.NOT_LET_IN: "the room could not be entered",
    Cause.COACH_ABSENT: "the coach was not there",
    Cause.STUDENT_ABSENT: "the student was not there",
    Cause.LATE: "it was paid after the time had gone",
    Cause.TWICE: "it had been paid before",
    Cause.UNSEATED: "nothing was booked with it",
    Cause.BY_COACH: "as the coach decided",
    Cause.BY_ADMIN: "as the site decided",
}


@dataclass(frozen=True)
class PrintedLine:
    """One line; the amount in the currency's smallest unit, below zero for what is taken off or given back."""

    title: str
    amount_cents: int


@dataclass(frozen=True)
class Call:
    """The coaching session that was paid for, as it was when the receipt was written."""

    code: str
    title: str
    coach: str
    minutes: int
    starts_at: datetime
    zone: str  # of the store


@dataclass(frozen=True)
class Printed:
    """What is printed. `happened_at` is when it was paid, or given back; `about` the number of an earlier receipt."""

    lines: tuple[PrintedLine, ...]
    call: Call
    provider: str
    happened_at: datetime
    is_test: bool = False
    about: str = ""

    def as_text(self) -> str:
        """All of it, to be kept."""
        return json.dumps(asdict(self), default=datetime.isoformat, ensure_ascii=False)


def read_printed(text: str) -> Printed | None:
    """What `as_text` has kept; None where that cannot be read, as without the key that it was encrypted with."""
    try:
        kept = json.loads(text)
        call = kept["call"]
        call["starts_at"] = datetime.fromisoformat(call["starts_at"])
        kept["call"] = Call(**call)
        kept["happened_at"] = datetime.fromisoformat(kept["happened_at"])
        kept["lines"] = tuple(PrintedLine(**line) for line in kept["lines"])
        return Printed(**kept)
    except (ValueError, TypeError, KeyError):
        return None


def paid_lines(lines: Sequence[tuple[str, int]], title: str, amount_cents: int) -> tuple[PrintedLine, ...]:
    """The lines of what was paid: those it was sold with where they are the amount, else one line with `title`."""
    if lines and sum(cents for _, cents in lines) == amount_cents:
        return tuple(PrintedLine(*line) for line in lines)
    return (PrintedLine(title, amount_cents),)


def refund_line(title: str, cause: str, amount_cents: int) -> PrintedLine:
    """The one line of a credit note about money that went back; `cause` by its stored name."""
    why = CAUSE_LABELS.get(Cause(cause)) if cause in tuple(Cause) else None
    return PrintedLine(f"Given back for {title}" + (f": {why}" if why else ""), -amount_cents)


def void_line(number: str, is_credit_note: bool, amount_cents: int) -> PrintedLine:
    """The one line of what takes back an earlier receipt, or a credit note whose money came back."""
    if is_credit_note:
        return PrintedLine(f"Credit note {number} does not hold: the money did not reach the student", amount_cents)
    return PrintedLine(f"Receipt {number} does not hold: the payment was not received", amount_cents)


def number_text(year: int, number: int) -> str:
    """`2027, 12` -> "2027-0012"."""
    return f"{year}-{number:04}"


def reference_of(session_code: str) -> str:
    """What a student quotes when they pay outside: `gw56pbk2m7` -> "GW56PB"."""
    return session_code[:6].upper()
