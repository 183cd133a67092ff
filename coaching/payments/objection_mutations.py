"""A student disagrees once, the coach answers once, an admin decides once."""

from datetime import datetime

from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import side_of
from coaching.db import database
from coaching.errors import NotFound, Refused, TooLate
from coaching.money import amount
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.payments.causes import Cause
from coaching.payments.models import Objection, Payment, Refund
from coaching.payments.money_queries import left_of, money_of
from coaching.payments.objection_queries import can_object, find_objection
from coaching.payments.refund_mutations import owe_refund

DECIDED = "Whoever runs this site has decided it already."


def make_objection(coaching_session: CoachingSession, student: Person, sentence: str, now: datetime) -> None:
    """The student disagrees, and the coach is told; TooLate when that cannot be, or was said before."""
    seat = Seat.get_or_none(Seat.coaching_session == coaching_session, Seat.student == student)
    if seat is None:
        raise NotFound
    with database.atomic():
        _queue_up(seat)
        if not can_object(coaching_session, seat, now):
            raise TooLate("You can disagree once, within 60 days, as long as there is money that could go back.")
        Objection.create(seat=seat, sentence=sentence, made_at=now)
        kind = MessageKind.COACH_OBJECTION
        owe(kind, f"{kind}:{seat.id}", coaching_session.coach_id, now, session_id=coaching_session.id)


def reply_to_objection(coaching_session: CoachingSession, coach: Person, reply: str, now: datetime) -> None:
    """The coach's side, once; TooLate after that, and once it is decided."""
    if side_of(coaching_session, coach) != "coach":
        raise NotFound
    seats = Seat.select(Seat.id).where(Seat.coaching_session == coaching_session)
    waits = Objection.replied_at.is_null() & Objection.decided_at.is_null()
    changed = Objection.update(reply=reply, replied_at=now).where(Objection.seat.in_(seats), waits).execute()
    if not changed:
        raise TooLate("You have written your side already, or it was decided meanwhile.")


def decide_objection(seat: Seat, admin: Person, amount_cents: int, decision: str, now: datetime) -> None:
    """So much more goes back, or nothing, and both sides are told why.

    TooLate when another admin was faster; Refused for more than is left of what was paid.
    """
    with database.atomic():
        _queue_up(seat)
        objection = find_objection(seat)
        if objection is None:
            raise NotFound
        if objection.decided_at is not None:
            raise TooLate(DECIDED)
        if not 0 <= amount_cents <= money_of(seat).left_cents:
            raise Refused("That is more than is left of what was paid.")
        refunds = _owe(objection, seat, admin, amount_cents, decision, now)
        Objection.update(
            decided_at=now, decided_by=admin, decision=decision, refund=refunds[0] if refunds else None
        ).where(Objection.id == objection.id).execute()
        session: CoachingSession = seat.coaching_session
        detail = f"{session.code}: {amount(amount_cents, seat.currency)} goes back"
        note("objection decided", now, seat.student, detail, actor=admin)
        for kind, person_id in (
            (MessageKind.OBJECTION_DECIDED, seat.student_id),
            (MessageKind.COACH_OBJECTION_DECIDED, session.coach_id),
        ):
            fields = {"amount_cents": amount_cents}
            owe(kind, f"{kind}:{seat.id}", person_id, now, session_id=session.id, fields=fields)


def _owe(
    objection: Objection, seat: Seat, admin: Person, amount_cents: int, reason: str, now: datetime
) -> list[Refund]:
    """The refunds that make up the amount, from one payment of the seat after the other."""
    refunds = []
    for payment in Payment.select().where(Payment.seat == seat, Payment.state == "paid").order_by(Payment.id):
        part = min(amount_cents, left_of(payment))
        key = f"{seat.id}:{Cause.BY_ADMIN}:{payment.id}"
        if part and (refund := owe_refund(payment, Cause.BY_ADMIN, part, key, now, person=admin, reason=reason)):
            refunds.append(refund)
            amount_cents -= part
    return refunds


def _queue_up(seat: Seat) -> None:
    # An UPDATE that changes nothing locks the row on both databases: of two presses the second sees the first.
    Seat.update(student=Seat.student).where(Seat.id == seat.id).execute()
