"""What was paid for a seat and what has gone back of it, in the currency's smallest unit."""

from dataclasses import dataclass

from peewee import fn

from coaching.booking.models import Seat
from coaching.payments.models import Payment, Refund

# In these a refund counts against what was paid: the money has gone back, or is to.
COUNTED = ("owed", "asked", "pending", "succeeded", "by_hand", "ticked")
# In these it is with the student, or on its way.
GONE_BACK = ("pending", "succeeded", "ticked")


@dataclass(frozen=True)
class SeatMoney:
    """What is known of a seat's money: `owed` of `given_back` is still to be sent."""

    paid_cents: int
    given_back_cents: int
    owed_cents: int

    @property
    def left_cents(self) -> int:
        """What could still be given back."""
        return self.paid_cents - self.given_back_cents

    @property
    def is_all_owed_back(self) -> bool:
        """True where something was paid, and all of it goes or went back."""
        return self.paid_cents > 0 and self.left_cents <= 0


def money_of(seat: Seat) -> SeatMoney:
    """The seat's money over all its payments."""
    paid = sum_of(Payment.select(fn.SUM(Payment.amount_cents)).where(Payment.seat == seat, Payment.state == "paid"))
    refunds = Refund.select(fn.SUM(Refund.amount_cents)).join(Payment).where(Payment.seat == seat)
    given_back = sum_of(refunds.where(Refund.state.in_(COUNTED)))
    return SeatMoney(paid, given_back, given_back - sum_of(refunds.where(Refund.state.in_(GONE_BACK))))


def left_of(payment: Payment) -> int:
    """What could still be given back of one payment."""
    refunds = Refund.select(fn.SUM(Refund.amount_cents)).where(Refund.payment == payment, Refund.state.in_(COUNTED))
    return payment.amount_cents - sum_of(refunds) if payment.state == "paid" else 0


def sum_of(query: object) -> int:
    """The one number that the query gives; 0 for none."""
    return int(query.scalar() or 0)  # type: ignore[attr-defined]
