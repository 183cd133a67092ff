"""Reads after a restore: which accounts have to be read first, and what was paid that no booking is known of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import ModelSelect, fn

from coaching.accounts.models import Person
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.errors import NotFound
from coaching.payments.causes import Cause
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.money_queries import left_of
from coaching.payments.provider_parts import Checkout
from coaching.payments.restore_rules import Sold, sold_by
from coaching.reading import Selection
from coaching.runtime.models import Heartbeat
from coaching.runtime.queries import clock_offset

# The beat of whoever asks providers each minute, and up to when the database was last known to be the present one.
PAYMENTS, RESTORED_TO = "payments", "payments restored to"
# Nobody's clock agrees to the second with a provider's, and a page lives for a day.
MARGIN = timedelta(days=1)
OF_LATE = timedelta(days=30)
# What gives money back for a session that is off.
_OF_WHAT_IS_OFF = (Cause.COACH_CANCELLED, Cause.STUDENT_CANCELLED, Cause.DECLINED, Cause.UNANSWERED)


@dataclass(frozen=True)
class Unseated:
    """A payment of which no booking is known. `product` and `student` are None where they are gone, too."""

    payment: Payment
    sold: Sold
    left_cents: int
    product: Product | None
    student: Person | None


def accounts_to_read() -> list[PaymentAccount]:
    """The accounts of which all has to be read before anything is paid back on them."""
    return _TO_READ.all()


def last_alive_at() -> datetime | None:
    """When the database last showed that somebody used it, by the machine's clock."""
    last = Heartbeat.select(fn.MAX(Heartbeat.at)).scalar()
    return Heartbeat.at.python_value(last) if last else None


def unseated_payments(person: Person | None = None) -> list[Unseated]:
    """What was paid, has not gone back, and belongs to no booking: what this coach sold, of everybody without one."""
    # Few are without a seat, and the index on it finds them: nearly all there are is paid.
    has_none = Payment.seat.is_null() & Payment.reference.is_null(False)
    seatless = Payment.select().where(has_none, Payment.provider == "stripe")
    paid = (payment for payment in seatless.order_by(Payment.begun_at, Payment.id) if payment.state == "paid")
    candidates = [_unseated(payment) for payment in paid]
    return [
        unseated
        for unseated in candidates
        if unseated.left_cents and not unseated.sold.is_kept and (person is None or _seller_of(unseated) == person.id)
    ]


def get_unseated(reference: str, person: Person) -> Unseated:
    """The one of this reference, for its coach or an admin; NotFound for others, and once it is settled."""
    for unseated in unseated_payments(None if person.is_admin else person):
        if unseated.payment.reference == reference:
            return unseated
    raise NotFound


def was_unseated(reference: str, person: Person) -> bool:
    """True for a payment that was this coach's to decide about, or anybody's for an admin, and is settled."""
    payment: Payment | None = Payment.get_or_none(Payment.reference == reference, Payment.facts != "{}")
    if payment is None or person.is_admin:
        return payment is not None
    seller = payment.seat.coaching_session.coach_id if payment.seat else _seller_of(_unseated(payment))
    return seller == person.id


def given_back_and_booked(person: Person | None, now: datetime) -> list[CoachingSession]:
    """Sessions that stand as booked although money went back since they were called off: by a database put back."""
    # Few sessions are to come: from them it is found fast, however many refunds there are.
    coming = (
        Refund.select(Refund.state, Payment, Seat, CoachingSession)
        .join(Payment)
        .join(Seat)
        .join(CoachingSession)
        .where(CoachingSession.state.in_(LIVE_STATES), CoachingSession.busy_until > now)
        .where(Refund.cause.in_(_OF_WHAT_IS_OFF))
        .order_by(CoachingSession.starts_at, Refund.id)
    )
    if person:
        coming = coming.where(CoachingSession.coach == person)
    sessions = [
        refund.payment.seat.coaching_session
        for refund in coming
        if refund.payment.seat and refund.state in ("pending", "succeeded")
    ]
    return list({session.id: session for session in sessions}.values())


def find_sold_seat(account: PaymentAccount, sold: Sold, checkout: Checkout) -> Seat | None:
    """The seat that was sold, where the records still have it; None where price, student or store is another by now."""
    seat: Seat | None = (
        Seat.select(Seat, CoachingSession, Product)
        .join(CoachingSession)
        .join(Product)
        .where(CoachingSession.code == sold.session_code, Seat.student == sold.student_id)
        .first()
    )
    agreed = (checkout.amount_cents, checkout.currency, "stripe")
    if seat is None or (seat.price_cents, seat.currency, seat.payment) != agreed:
        return None
    return seat if may_sell(account, seat.coaching_session.product) else None


def may_sell(account: PaymentAccount | None, product: Product) -> bool:
    """True where money for the product can have come to this account: what the facts say anybody could have typed."""
    return account is not None and account.store_id in (None, product.store.id)


def is_same_account(payment: Payment, account: PaymentAccount) -> bool:
    """True where the payment was made on this account at the provider, by this key or another one."""
    own: PaymentAccount | None = payment.payment_account
    if own is None or own.id == account.id:
        return own is not None
    return bool(own.provider_account_id) and own.provider_account_id == account.provider_account_id


def unread_since(now: datetime) -> datetime | None:
    """From when on an account has to be read that is added now, in whose place there may have been one before.

    None unless a database was put back of late, or its worker silent.
    """
    row = Heartbeat.get_or_none(Heartbeat.name == RESTORED_TO, Heartbeat.at > now - clock_offset() - OF_LATE)
    return row.at - MARGIN + clock_offset() if row else None


def _unseated(payment: Payment) -> Unseated:
    sold = sold_by(payment.facts)
    product: Product | None = (
        Product.select(Product, Store, Person).join(Store).join(Person).where(Product.code == sold.product_code).first()
    )
    if product and not may_sell(payment.payment_account, product):
        product = None
    return Unseated(payment, sold, left_of(payment), product, _student(sold))


def _student(sold: Sold) -> Person | None:
    student: Person | None = Person.get_or_none(Person.id == sold.student_id) if sold.student_id else None
    # Numbers are given again: whoever signed up since the payment is somebody else.
    is_same = student and sold.made_at and (sold.is_moved or student.created_at < sold.made_at)
    return student if is_same else None


def _seller_of(unseated: Unseated) -> int | None:
    """Whose it is: of what sold it, else of the account that it lies on."""
    if unseated.product:
        return int(unseated.product.store.owner_id)
    account: PaymentAccount | None = unseated.payment.payment_account
    return int(account.store.owner_id) if account and account.store else None


def _to_read() -> "ModelSelect[PaymentAccount]":
    waiting = PaymentAccount.select().where(PaymentAccount.read_since.is_null(False), PaymentAccount.state != "removed")
    return waiting.order_by(PaymentAccount.id)


_TO_READ: Selection[PaymentAccount] = Selection(_to_read)
