"""What an account's key is still needed for: payments made with it that could go back, and what is under way."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, Expression, fn

from coaching.booking.models import Seat
from coaching.db import rows
from coaching.payments.checkout_rules import UNDER_WAY
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.money_queries import COUNTED
from coaching.reading import Selection

# An older key is forgotten so long after the last call that was paid with it, if nothing is owed any more.
OLDER_KEYS_STAY = timedelta(days=180)
MOST_LISTED = 200
_UNSENT = ("owed", "asked", "pending")


@dataclass(frozen=True)
class Remainder:
    """A payment on an account that could still be given back: `left_cents` of it, and `owed_cents` that are owed."""

    payment: Payment
    left_cents: int
    owed_cents: int


@dataclass(frozen=True)
class Remainders:
    """What removing an account's key would leave to be done by hand; of many payments only the newest are listed."""

    under_way: int  # payments of which it is not known yet what becomes of them
    refunds_under_way: int
    payments: list[Remainder]
    has_more: bool


def remainders_of(account: PaymentAccount, now: datetime) -> Remainders:
    """What could still come of the account's payments, the newest first."""
    mine = Payment.payment_account == account
    with_seats = Payment.select(Payment, Seat).join(Seat, JOIN.LEFT_OUTER)
    recent = with_seats.where(mine, Payment.state == "paid", _is_recent(now - OLDER_KEYS_STAY))
    payments = list(recent.order_by(Payment.paid_at.desc()).limit(MOST_LISTED + 1))
    given_back, owed = _sums_of(payments)
    remainders = [
        Remainder(payment, payment.amount_cents - given_back[payment.id], owed[payment.id])
        for payment in payments[:MOST_LISTED]
    ]
    return Remainders(
        under_way=Payment.select().where(mine, Payment.state.in_(UNDER_WAY)).count(),
        refunds_under_way=Refund.select().join(Payment).where(mine, Refund.state.in_(("asked", "pending"))).count(),
        payments=[remainder for remainder in remainders if remainder.left_cents or remainder.owed_cents],
        has_more=len(payments) > MOST_LISTED,
    )


def has_payments(account: PaymentAccount) -> bool:
    """True where something was begun on the account that could have been paid."""
    tried = Payment.payment_account == account, Payment.state.not_in(("expired", "failed"))
    return bool(Payment.select().where(*tried).exists())


def spent_accounts(now: datetime) -> list[PaymentAccount]:
    """Older accounts on which nothing is under way or owed, and of which the last paid call ended long ago."""
    return [account for account in _OLDER.all() if not _is_needed(account, now - OLDER_KEYS_STAY)]


def _is_needed(account: PaymentAccount, before: datetime) -> bool:
    mine = Payment.select().where(Payment.payment_account == account)
    # Nearly always this says it, without a walk through all that was ever paid: a call ends after its payment began.
    newest = mine.order_by(Payment.id.desc()).first()
    if newest and newest.begun_at > before:
        return True
    if mine.where(Payment.state.in_(UNDER_WAY)).exists():
        return True
    unsent = Refund.select().join(Payment).where(Payment.payment_account == account, Refund.state.in_(_UNSENT))
    paid = mine.join(Seat, JOIN.LEFT_OUTER).where(Payment.state == "paid", _is_recent(before))
    return bool(unsent.exists() or paid.exists())


def _is_recent(since: datetime) -> Expression:
    """The call ended after that; of what was paid without one, the payment."""
    return (Seat.ends_at > since) | (Payment.seat.is_null() & (Payment.paid_at > since))


def _sums_of(payments: list[Payment]) -> tuple[dict[int, int], dict[int, int]]:
    """What has gone back or is to, and what of it is owed, of each payment."""
    given_back, owed = defaultdict[int, int](int), defaultdict[int, int](int)
    if not payments:
        return given_back, owed
    sums = Refund.select(Refund.payment, Refund.state, fn.SUM(Refund.amount_cents))
    for payment, state, cents in rows(sums.where(Refund.payment.in_(payments)).group_by(Refund.payment, Refund.state)):
        given_back[payment] += int(cents) if state in COUNTED else 0
        owed[payment] += int(cents) if state == "owed" else 0
    return given_back, owed


_OLDER: Selection[PaymentAccount] = Selection(lambda: PaymentAccount.select().where(PaymentAccount.state == "older"))
