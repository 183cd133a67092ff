"""Owing people a message about money: each once, inside the transaction of what it tells about.

Amount, cause and receipt are read when the message is sent, so that it says how things stand then.
"""

from datetime import datetime

from coaching.booking.models import CoachingSession, Seat
from coaching.notices.kinds import MessageKind
from coaching.notices.models import Notice
from coaching.notices.mutations import owe
from coaching.payments.cause_labels import NEWS_TO_COACH
from coaching.payments.models import Payment, Receipt, Refund

# In these a message has not been written yet.
_UNWRITTEN = ("waiting", "held")


def notify_paid(payment: Payment, now: datetime) -> None:
    """The student hears that they have paid and the time is theirs. Their coach hears of the booking from booking."""
    _notify_student(MessageKind.PAID, payment, f"payment:{payment.id}", now)


def notify_failed(payment: Payment, now: datetime) -> None:
    """The student hears that a payment came to nothing, and what they can do."""
    _notify_student(MessageKind.PAYMENT_FAILED, payment, f"payment:{payment.id}", now)


def notify_late(payment: Payment, now: datetime) -> None:
    """Both hear that a payment came when the time was gone, and goes back in full by itself."""
    _notify_student(MessageKind.PAYMENT_LATE, payment, f"payment:{payment.id}", now)
    _notify_coach(MessageKind.COACH_PAYMENT_LATE, payment, f"payment:{payment.id}", now)


def notify_refunded(refund: Refund, now: datetime) -> None:
    """The student hears that it is on its way, or was sent; the coach, where neither they nor a message told of it.

    Of one that the coach sends by hand they hear at once, the student once it is ticked.
    """
    if refund.state != "by_hand":
        _notify_student(MessageKind.REFUNDED, refund.payment, f"refund:{refund.id}", now, refund)
    if refund.cause in NEWS_TO_COACH:
        _notify_coach(MessageKind.COACH_REFUNDED, refund.payment, f"refund:{refund.id}", now, refund)


def notify_refund_failed(refund: Refund, now: datetime) -> None:
    """Both hear that it could not be sent back, and that the coach has to send it another way."""
    _notify_student(MessageKind.REFUND_FAILED, refund.payment, f"refund:{refund.id}", now, refund)
    _notify_coach(MessageKind.COACH_REFUND_FAILED, refund.payment, f"refund:{refund.id}", now, refund)


def notify_receipt(receipt: Receipt, now: datetime) -> None:
    """The student gets the receipt by a message of its own, where none of the payment or the refund leads to it.

    What tells of a payment by card, or of a refund, always does. A payment outside may be ticked long after the
    booking was confirmed.
    """
    is_notified = receipt.refund_id or receipt.reverses_id or receipt.payment.provider == "stripe"
    if not is_notified and not _is_carried(receipt.payment):
        _notify_student(MessageKind.RECEIPT, receipt.payment, f"receipt:{receipt.id}", now)


def _is_carried(payment: Payment) -> bool:
    """True while a message is to be written that brings the payment's receipt with it."""
    session_id = payment.seat.coaching_session_id if payment.seat else None
    same = (Notice.session_id == session_id) & (Notice.kind == MessageKind.CONFIRMED)
    return bool(Notice.select().where(same, Notice.state.in_(_UNWRITTEN)).exists())


def _notify_student(
    kind: MessageKind, payment: Payment, about: str, now: datetime, refund: Refund | None = None
) -> None:
    seat: Seat | None = payment.seat
    # Of one without a seat nobody knows whose it is.
    if seat:
        owe(
            *(kind, f"{kind}:{about}", seat.student_id, now),
            session_id=seat.coaching_session_id,
            fields=_fields(payment, refund),
        )


def _notify_coach(kind: MessageKind, payment: Payment, about: str, now: datetime, refund: Refund | None = None) -> None:
    seat: Seat | None = payment.seat
    if seat:
        coaching_session: CoachingSession = seat.coaching_session
        owe(
            *(kind, f"{kind}:{about}", coaching_session.coach_id, now),
            session_id=coaching_session.id,
            fields=_fields(payment, refund),
        )


def _fields(payment: Payment, refund: Refund | None) -> dict[str, object]:
    about: dict[str, object] = {"payment": payment.id}
    return about | ({"refund": refund.id} if refund else {})
