"""Reads of disputes, and of the accounts whose disputes are to be read."""

from datetime import datetime

from peewee import ModelSelect, fn

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.payments.account_queries import accounts_paid_on, may_be_to_read
from coaching.payments.dispute_rules import AT_THE_BANK, FINAL, WAITING, read_from
from coaching.payments.event_queries import dispute_events
from coaching.payments.models import Dispute, Payment, PaymentAccount
from coaching.payments.reading_rules import READ_EVERY, is_to_read
from coaching.reading import Selection


def accounts_with_disputes_due(now: datetime) -> list[PaymentAccount]:
    """Accounts on which something was paid and whose disputes were not read lately, or of which one was told of."""
    reported_at = dispute_events(now - READ_EVERY)
    known = _READ.all(now=now, before=now - READ_EVERY, reported=list(reported_at))
    return accounts_paid_on(
        [account for account, read_at in known if is_to_read(read_at, reported_at.get(account), now)]
    )


def disputes_since(account: PaymentAccount, now: datetime) -> datetime:
    """Since when the account's disputes are to be read."""
    # Few are disputed: from them the account is found fast, however much was paid on it.
    is_on_it = fn.EXISTS(Payment.select().where(Payment.id == Dispute.payment, Payment.payment_account == account))
    oldest_open = Dispute.select(fn.MIN(Dispute.opened_at)).where(Dispute.state.not_in(FINAL), is_on_it).scalar()
    return read_from(account.disputes_read_at, oldest_open, _oldest_paid(account) or now, now)


def find_disputed_payment(account: PaymentAccount, charge_reference: str) -> Payment | None:
    """The payment that was made by this charge on the account."""
    is_it = (Payment.payment_account == account) & (Payment.charge_reference == charge_reference)
    payment: Payment | None = Payment.get_or_none(is_it)
    return payment


def disputes_of(seat: Seat) -> list[Dispute]:
    """The disputes of the seat's payments, in order."""
    return list(Dispute.select(Dispute, Payment).join(Payment).where(Payment.seat == seat).order_by(Dispute.id))


def disputed_cents(payment: Payment) -> int:
    """How much of the payment its bank has taken back, for now or for good."""
    taken = Dispute.select(fn.SUM(Dispute.amount_cents)).where(Dispute.payment == payment.id)
    return int(taken.where(Dispute.state.in_(AT_THE_BANK)).scalar() or 0)


def open_disputes(most: int) -> list[Dispute]:
    """Those that are not decided, of all coaches, with payment, student and session: the first to answer first."""
    disputes = _disputes().where(Dispute.state.not_in(FINAL))
    return list(disputes.order_by(Dispute.evidence_due_at, Dispute.id).limit(most))


def disputes_waiting_for(coach: Person) -> list[Dispute]:
    """Those that wait for evidence of this coach's, the first to answer first."""
    disputes = _disputes().where(CoachingSession.coach == coach, Dispute.state.in_(WAITING))
    return list(disputes.order_by(Dispute.evidence_due_at, Dispute.id))


def _disputes() -> "ModelSelect[Dispute]":
    return (
        Dispute.select(Dispute, Payment, Seat, Person, CoachingSession)
        .join(Payment)
        .join(Seat)
        .join(Person)
        .switch(Seat)
        .join(CoachingSession)
    )


def _oldest_paid(account: PaymentAccount) -> datetime | None:
    payments = Payment.select(fn.MIN(Payment.paid_at)).where(
        Payment.payment_account == account, Payment.state == "paid"
    )
    oldest: datetime | None = payments.scalar()
    return oldest


def _read() -> "ModelSelect[PaymentAccount]":
    read_at = PaymentAccount.disputes_read_at
    known = PaymentAccount.select(PaymentAccount.id, read_at).where(PaymentAccount.state != "removed")
    return known.where(may_be_to_read(read_at)).tuples()


_READ: Selection[tuple[int, datetime | None]] = Selection(_read)
