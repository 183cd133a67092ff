"""Money that needs a hand: what failed or is stuck, what a coach sends, and what no booking is known of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Store
from coaching.payments.account_queries import is_key_lost
from coaching.payments.checkout_rules import UNDER_WAY
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.money_queries import left_of
from coaching.payments.provider_parts import Fault
from coaching.payments.restore_queries import given_back_and_booked, unseated_payments

# What has a fault for so long does not come right by itself.
STUCK_AFTER = timedelta(hours=1)
MOST_SHOWN = 20


class Kind(StrEnum):
    """What is wrong."""

    REFUND_FAILED = "refund_failed"
    KEY = "key"
    UNREAD = "unread"  # after a restore, and its provider cannot be read
    STUCK = "stuck"
    UNSEATED = "unseated"
    STILL_BOOKED = "still_booked"
    BY_HAND = "by_hand"


# These are for the coach to do, and no fault of anything.
AMBER = (Kind.BY_HAND, Kind.STILL_BOOKED, Kind.UNREAD)


@dataclass(frozen=True)
class MoneyTrouble:
    """One thing that is wrong; amounts in the currency's smallest unit. `waiting`: how much else waits for it."""

    kind: Kind
    amount_cents: int = 0
    currency: str = ""
    coaching_session: CoachingSession | None = None
    student: Person | None = None
    account: PaymentAccount | None = None
    waiting: int = 0

    @property
    def is_grave(self) -> bool:
        return self.kind not in AMBER


def money_troubles(coach: Person | None, now: datetime) -> list[MoneyTrouble]:
    """What needs this coach's hand, the gravest first; without one what needs anybody's."""
    return [
        *_refunds(Kind.REFUND_FAILED, "failed", coach),
        *_accounts(coach),
        *_stuck(coach, now),
        *(MoneyTrouble(Kind.UNSEATED, one.left_cents, one.payment.currency) for one in unseated_payments(coach)),
        *_still_booked(coach),
        *_refunds(Kind.BY_HAND, "by_hand", coach),
    ]


def count_failed_refunds() -> int:
    """How many refunds of anybody have failed, and not gone back in another way since."""
    return sum(1 for _ in _refunds(Kind.REFUND_FAILED, "failed", None))


def seats_with_payments(seats: Sequence[Seat]) -> set[int]:
    """The ids of those seats of which any payment is known."""
    found = Payment.select(Payment.seat).where(Payment.seat.in_(list(seats)))
    return {row.seat_id for row in found if row.seat_id}


def _refunds(kind: Kind, state: str, coach: Person | None) -> Iterator[MoneyTrouble]:
    found = _of_coach(Refund.select(Refund, Payment, Seat, CoachingSession, Person).join(Payment), coach)
    for one in found.where(Refund.state == state).order_by(Refund.id.desc()).limit(MOST_SHOWN):
        # What failed, and was sent again or by hand since, is settled.
        if state == "failed" and left_of(one.payment) < one.amount_cents:
            continue
        yield _about(kind, one.amount_cents, one.payment)


def _stuck(coach: Person | None, now: datetime) -> Iterator[MoneyTrouble]:
    payments = _of_coach(Payment.select(Payment, Seat, CoachingSession, Person), coach)
    # What is asked about has an instant at which it is, and few have: the index on it finds them.
    is_asked = Payment.next_ask_at.is_null(False) & Payment.state.in_(UNDER_WAY) & (Payment.fault != "")
    for one in payments.where(is_asked, Payment.begun_at < now - STUCK_AFTER).limit(MOST_SHOWN):
        yield _about(Kind.STUCK, one.amount_cents, one)
    refunds = _of_coach(Refund.select(Refund, Payment, Seat, CoachingSession, Person).join(Payment), coach)
    is_asked = Refund.next_ask_at.is_null(False) & Refund.state.in_(("owed", "asked", "pending")) & (Refund.fault != "")
    for refund in refunds.where(is_asked, Refund.due_at < now - STUCK_AFTER).limit(MOST_SHOWN):
        yield _about(Kind.STUCK, refund.amount_cents, refund.payment)


def _still_booked(coach: Person | None) -> Iterator[MoneyTrouble]:
    for session in given_back_and_booked(coach):
        yield MoneyTrouble(Kind.STILL_BOOKED, coaching_session=session)


def _accounts(coach: Person | None) -> Iterator[MoneyTrouble]:
    accounts = PaymentAccount.select(PaymentAccount, Store).join(Store, JOIN.LEFT_OUTER)
    if coach:
        accounts = accounts.where(Store.owner == coach)
    for account in accounts.where(PaymentAccount.state != "removed").order_by(PaymentAccount.id):
        waiting = _waiting_on(account)
        is_used = account.state == "current" or waiting
        if is_used and (account.lacks or account.fault == Fault.KEY_REFUSED or is_key_lost(account)):
            yield MoneyTrouble(Kind.KEY, account=account, waiting=waiting)
        elif account.read_since:
            yield MoneyTrouble(Kind.UNREAD, account=account, waiting=waiting)


def _waiting_on(account: PaymentAccount) -> int:
    """How many payments and refunds wait for the account's provider."""
    mine = Payment.payment_account == account
    payments = Payment.select().where(mine, Payment.next_ask_at.is_null(False), Payment.state.in_(UNDER_WAY))
    refunds = Refund.select().join(Payment).where(mine, Refund.state.in_(("owed", "asked", "pending")))
    return int(payments.count() + refunds.count())


def _about(kind: Kind, amount_cents: int, payment: Payment) -> MoneyTrouble:
    seat = payment.seat
    assert seat is not None
    return MoneyTrouble(kind, amount_cents, payment.currency, seat.coaching_session, seat.student)


def _of_coach(query: Any, coach: Person | None) -> Any:
    """The query over those of this coach's sessions, each with its seat, student and session."""
    joined = query.join(Seat).join(Person).switch(Seat).join(CoachingSession)
    return joined.where(CoachingSession.coach == coach) if coach else joined
