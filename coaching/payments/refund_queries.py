"""Refunds as the worker and the pages read them, and the seats whose money is still to be worked out."""

from datetime import UTC, datetime

from peewee import ModelSelect

from coaching.booking.hold_queries import was_held
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import terms_of
from coaching.payments.account_queries import accounts_paid_on, is_key_lost, may_be_to_read
from coaching.payments.causes import Cause
from coaching.payments.dispute_queries import disputed_cents
from coaching.payments.event_queries import refund_events
from coaching.payments.models import Payment, PaymentAccount, Refund
from coaching.payments.money_outcomes import objected_until
from coaching.payments.money_queries import COUNTED, left_of, money_of
from coaching.payments.reading_rules import READ_EVERY, is_to_read
from coaching.payments.refund_rules import SeatFacts
from coaching.payments.refund_sending import READ_OVERLAP
from coaching.reading import Selection, Statement, given

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


def due_refund_ids(now: datetime, most: int) -> list[int]:
    """Those to be asked for or about by now, the longest waiting first."""
    return [refund_id for [refund_id] in _DUE.rows(now=now, most=most)]


def unsettled_seats(most: int, coaching_session: CoachingSession | None = None) -> list[Seat]:
    """Seats whose session has come to something that was not yet worked out for their money: of all, or of one."""
    if coaching_session is None:
        return _UNSETTLED.all(most=most)
    return list(_unsettled().where(Seat.coaching_session == coaching_session).limit(most))


def accounts_with_refunds_due(now: datetime) -> list[PaymentAccount]:
    """Accounts on which something was paid and whose refunds were not read lately, or of which one was told of."""
    reported_at = refund_events(now - READ_EVERY)
    known = _TRIED.all(now=now, before=now - READ_EVERY, reported=list(reported_at))
    due = [account_id for account_id, tried_at in known if is_to_read(tried_at, reported_at.get(account_id), now)]
    return [account for account in accounts_paid_on(due) if not is_key_lost(account)]


def refunds_since(account: PaymentAccount) -> datetime:
    """Since when the account's refunds are to be read: nothing may be missed."""
    since: datetime = account.refunds_read_at or account.added_at
    return since - READ_OVERLAP


def unknown_payment_of(account: PaymentAccount, reference: str, charge_reference: str, key: str) -> Payment | None:
    """The account's payment that a refund belongs to which is not known here; None for any other."""
    if Refund.select().where(Refund.reference == reference).exists() or is_owed_with(key):
        return None
    is_it = (Payment.payment_account == account) & (Payment.charge_reference == charge_reference)
    payment: Payment | None = Payment.get_or_none(is_it, Payment.state == "paid")
    return payment


def seat_facts(seat: Seat) -> SeatFacts | None:
    """What decides about the seat's money; None where nothing was paid."""
    session, paid_cents = seat.coaching_session, money_of(seat).paid_cents
    if not paid_cents:
        return None
    # What ran out or was let go keeps until when it would have been held.
    was_agreed = session.held_until is None
    return SeatFacts(
        state=session.state,
        ended_by=session.ended_by,
        ended_at=session.ended_at,
        absence_settled_at=objected_until(session.ends_at, session.ended_at),
        absent=session.absent,
        was_agreed=was_agreed,
        was_held=was_held(seat),
        absent_percent=seat.absent_percent,
        paid_cents=paid_cents,
        terms=terms_of(seat),
    )


def is_coachs_cause(seat: Seat) -> bool:
    """True where all of it goes back already, since the room let nobody in or the coach was not there."""
    return is_owed_with(f"{seat.id}:{Cause.NOT_LET_IN}") or is_owed_with(f"{seat.id}:{Cause.COACH_ABSENT}")


def refunds_of(seat: Seat) -> list[Refund]:
    """Everything that goes or went back of the seat's money, in order; what was dropped is not among it."""
    refunds = Refund.select(Refund, Payment).join(Payment).where(Payment.seat == seat, Refund.state != "dropped")
    return list(refunds.order_by(Refund.id))


def find_refund(seat: Seat, refund_id: int) -> Refund | None:
    """The seat's refund with this number."""
    return next((refund for refund in refunds_of(seat) if refund.id == refund_id), None)


def is_owed_with(key: str) -> bool:
    """True where a refund of ours has this key."""
    return bool(key) and bool(Refund.select().where(Refund.key == key).exists())


def replaced_ids(refunds: list[Refund]) -> set[int]:
    """The failed ones among them that were asked for once more."""
    keys = {refund.key for refund in refunds}
    return {refund.id for refund in refunds if key_of_another_try(refund) in keys}


def is_settled_otherwise(refund: Refund) -> bool:
    """True for a failed one that nobody is to send: asked for once more, given back in another way, or at the bank."""
    if refund.state != "failed":
        return False
    left_cents = left_of(refund.payment) - disputed_cents(refund.payment)
    return left_cents < refund.amount_cents or is_owed_with(key_of_another_try(refund))


def key_of_another_try(failed: Refund) -> str:
    """The key of the refund that sends once more what failed."""
    return f"{failed.key}:again:{failed.id}"


def counted_beside(refund: Refund) -> int:
    """What goes back of the same payment by other refunds."""
    others = Refund.select().where(Refund.payment == refund.payment_id, Refund.id != refund.id)
    return sum(other.amount_cents for other in others.where(Refund.state.in_(COUNTED)))


def _unsettled() -> "ModelSelect[Seat]":
    # Not "is not null": a range is what an index is used for.
    waiting = Seat.select(Seat, CoachingSession).join(CoachingSession).where(Seat.settle_from > _EARLIEST)
    return waiting.order_by(Seat.settle_from, Seat.id)


def _due() -> "ModelSelect[Refund]":
    due = Refund.select(Refund.id).where(Refund.next_ask_at <= given("now")).order_by(Refund.next_ask_at, Refund.id)
    return due.limit(given("most"))


def _tried() -> "ModelSelect[PaymentAccount]":
    tried_at = PaymentAccount.refunds_tried_at
    known = PaymentAccount.select(PaymentAccount.id, tried_at).where(PaymentAccount.state != "removed")
    return known.where(PaymentAccount.read_since.is_null(), may_be_to_read(tried_at)).tuples()


_DUE = Statement(_due)
_UNSETTLED: Selection[Seat] = Selection(lambda: _unsettled().limit(given("most")))
_TRIED: Selection[tuple[int, datetime | None]] = Selection(_tried)
