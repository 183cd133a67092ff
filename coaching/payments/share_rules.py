"""What bookings through partners come to, as plain values, and as a file for a spreadsheet. Pure."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from zoneinfo import ZoneInfo

from coaching.money import currency_of
from coaching.payments.statement_rules import BYTE_ORDER_MARK, safe_cell

COLUMNS = (
    *("Counted on", "Session", "Call", "Call on", "Currency", "Paid", "Given back"),
    *("Share in percent", "Share", "State", "Test"),
)
MONTH_COLUMNS = (
    *("Month", "Partner", "Code", "Currency", "Bookings", "Paid", "Given back"),
    *("Share earned", "Share pending", "Test"),
)


@dataclass(frozen=True)
class Shares:
    """What bookings come to in one currency, in its smallest unit; test payments are never added to real ones.

    Of a month `paid_out_cents` says nothing.
    """

    currency: str
    is_test: bool = False
    bookings: int = 0
    paid_cents: int = 0
    refunded_cents: int = 0
    earned_cents: int = 0
    pending_cents: int = 0
    paid_out_cents: int = 0

    @property
    def owed_cents(self) -> int:
        """Below zero where more was paid out than is earned by now: a refund came after it."""
        return self.earned_cents - self.paid_out_cents


@dataclass(frozen=True)
class MonthOfShares:
    """A month in which something counts, by its first day, in one currency."""

    first_on: date
    shares: Shares


@dataclass(frozen=True)
class SharedBooking:
    """One booking that a partner has brought. It says nothing of its student."""

    code: str
    title: str
    counted_at: datetime
    starts_at: datetime
    currency: str
    is_test: bool
    paid_cents: int
    refunded_cents: int
    share_percent: int
    share_cents: int
    is_over: bool


def csv_of(bookings: Iterable[SharedBooking], zone: str) -> str:
    """The bookings as a file for a spreadsheet, a row each and a row of names above; days are those of the zone.

    Amounts are plain numbers with the currency's decimals; no text can be taken for a formula.
    """
    file, there = StringIO(), ZoneInfo(zone)
    rows = csv.writer(file)
    rows.writerow(COLUMNS)
    for booking in bookings:
        counted_on, call_on = (instant.astimezone(there).date() for instant in (booking.counted_at, booking.starts_at))
        number = currency_of(booking.currency).number
        call = (counted_on.isoformat(), booking.code, safe_cell(booking.title), call_on.isoformat())
        money = (booking.currency, number(booking.paid_cents), number(booking.refunded_cents))
        share = (booking.share_percent, number(booking.share_cents), "earned" if booking.is_over else "pending")
        rows.writerow([*call, *money, *share, "test" if booking.is_test else ""])
    return BYTE_ORDER_MARK + file.getvalue()


def months_csv(months: Iterable[tuple[str, str, MonthOfShares]]) -> str:
    """Months with the name and the code of their partner, as the same kind of file."""
    file = StringIO()
    rows = csv.writer(file)
    rows.writerow(MONTH_COLUMNS)
    for name, code, month in months:
        shares = month.shares
        number = currency_of(shares.currency).number
        cents = (shares.paid_cents, shares.refunded_cents, shares.earned_cents, shares.pending_cents)
        whose = (f"{month.first_on:%Y-%m}", safe_cell(name), code, shares.currency, shares.bookings)
        rows.writerow([*whose, *map(number, cents), "test" if shares.is_test else ""])
    return BYTE_ORDER_MARK + file.getvalue()
