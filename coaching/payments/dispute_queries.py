"""Reads of disputes, and of the accounts whose disputes are to be read."""

from datetime import datetime

from peewee import ModelSelect, fn

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.payments.dispute_rules import AT_THE_BANK, FINAL, READ_EVERY, WAITING, read_from
from coaching.payments.event_queries import was_told_of_dispute
from coaching.payments.models import Dispute, Payment, PaymentAccount


def accounts_with_disputes_due(now: datetime) -> list[PaymentAccount]:
    """Accounts on which something was paid and whose disputes were not read lately, or of which one was told of."""
    found = PaymentAccount.select().where(PaymentAccount.state != "removed")
    return [account for account in found if _is_due(account, now) and _oldest_paid(account)]


def disputes_since(account: PaymentAccount, now: datetime) -> datetime:
    """Since when the account's disputes are to be read."""
    on_it = Dispute.select(fn.MIN(Dispute.opened_at)).join(Payment).where(Payment.payment_account == account)
    oldest_open = on_it.where(Dispute.state.not_in(FINAL)).scalar()
    return read_from(account.disputes_read_at, oldest_open, _oldest_paid(account) or now, now)


def find_disputed_payment(account: PaymentAccount, charge_reference: str) -> Payment | None:
    """The payment that was made by this charge on the account."""
    is_it = (Payment.payment_account == account) & (Payment.charge_reference == charge_reference)
    found: Payment | None = Payment.get_or_none(is_it)
    return found


def disputes_of(seat: Seat) -> list[Dispute]:
    """The disputes of the seat's payments, in order."""
    return list(Dispute.select(Dispute, Payment).join(Payment).where(Payment.seat == seat).order_by(Dispute.id))


def disputed_cents(payment: Payment) -> int:
    """How much of the payment its bank has taken back, for now or for good."""
    taken = Dispute.select(fn.SUM(Dispute.amount_cents)).where(Dispute.payment == payment.id)
    return int(taken.where(Dispute.state.in_(AT_THE_BANK)).scalar() or 0)


def open_disputes(most: int) -> list[Dispute]:
    """Those that are not decided, of all coaches, with payment, student and session: the first to answer first."""
    found = _disputes().where(Dispute.state.not_in(FINAL))
    return list(found.order_by(Dispute.evidence_due_at, Dispute.id).limit(most))


def disputes_waiting_for(coach: Person) -> list[Dispute]:
    """Those that wait for evidence of this coach's, the first to answer first."""
    found = _disputes().where(CoachingSession.coach == coach, Dispute.state.in_(WAITING))
    return list(found.order_by(Dispute.evidence_due_at, Dispute.id))


def _disputes() -> "ModelSelect[Dispute]":
    return (
        Dispute.select(Dispute, Payment, Seat, Person, CoachingSession)
        .join(Payment)
        .join(Seat)
        .join(Person)
        .switch(Seat)
        .join(CoachingSession)
    )


def _is_due(account: PaymentAccount, now: datetime) -> bool:
    read_at = account.disputes_read_at
    # A demo's clock may have been put back.
    return read_at is None or not read_at <= now < read_at + READ_EVERY or was_told_of_dispute(account, read_at)


def _oldest_paid(account: PaymentAccount) -> datetime | None:
    found = Payment.select(fn.MIN(Payment.paid_at)).where(Payment.payment_account == account, Payment.state == "paid")
    oldest: datetime | None = found.scalar()
    return oldest
