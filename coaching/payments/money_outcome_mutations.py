"""What the outcome on a call brings: all of its money back, or a question to both sides. Worked out from rows.

A crash in between heals with the next look: whatever is owed has a key, and is owed once.
"""

import logging
from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.kept_out_mutations import record_kept_out, record_student_missing
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.outcome_rules import CORRECTED_WITHIN
from coaching.db import database
from coaching.errors import NotFound, TooLate
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.payments.causes import Cause
from coaching.payments.models import Payment
from coaching.payments.money_outcome_queries import (
    PaidCall,
    calls_to_look_at,
    facts_of,
    money_outcome_on,
    paid_calls_of,
)
from coaching.payments.money_outcomes import (
    MoneyOutcome,
    coach_absent_due_at,
    is_missed_by_student,
    money_outcome_of,
    settled_at,
    was_seen_to_take_place,
)
from coaching.payments.money_queries import money_of
from coaching.payments.refund_mutations import drop_refund, owe_of_seat
from coaching.rooms.kept_out_queries import why_kept_out

logger = logging.getLogger(__name__)


def owe_outcome_refunds(now: datetime, coaching_session: CoachingSession | None = None) -> int:
    """Whatever the outcome on paid calls brings is owed, of all that are due or of one; of how many there was news.

    Routes call it right after what they change, the worker each minute. One that cannot be worked out keeps no other
    waiting.
    """
    calls, news = paid_calls_of(coaching_session, now) if coaching_session else calls_to_look_at(now), 0
    for call in calls:
        try:
            _look_at(call, now)
            news += call.outcome != call.payment.outcome_seen
        except Exception:
            logger.exception("what became of a call not worked out", extra={"payment": call.payment.id})
    return news


def give_back_at_once(coaching_session: CoachingSession, coach: Person, now: datetime) -> None:
    """The coach was missing, says so, and does not wait: all of it goes back now. Pressed twice it goes back once."""
    if coaching_session.coach_id != coach.id:
        raise NotFound
    if money_outcome_on(coaching_session, now) is not MoneyOutcome.COACH_ABSENT:
        raise TooLate("What is written down of the call has changed: look at it again.")
    with database.atomic():
        for seat in {call.seat for call in paid_calls_of(coaching_session, now)}:
            owe_all_of(seat, Cause.COACH_ABSENT, now, person=coach)


def owe_all_of(seat: Seat, cause: Cause, now: datetime, *, person: Person | None = None) -> None:
    """All that is left of the seat's price is owed, extras too: it was not its student's doing."""
    # Nobody is absent from a call that the other side is the cause of.
    drop_refund(f"{seat.id}:{Cause.STUDENT_ABSENT}")
    amount_cents = min(seat.price_cents, money_of(seat).left_cents)
    owe_of_seat(seat, cause, amount_cents, f"{seat.id}:{cause}", now, person=person)


def _look_at(call: PaidCall, now: datetime) -> None:
    coaching_session = call.coaching_session
    with database.atomic():
        facts = facts_of(coaching_session)
        is_unclear = call.is_new and call.was_paid_before and not was_seen_to_take_place(facts)
        if is_unclear and (because := why_kept_out(coaching_session, call.seat)):
            record_kept_out(coaching_session, because, now)
            facts = facts_of(coaching_session)
        if is_missed_by_student(facts):
            record_student_missing(coaching_session, now)
        money_outcome, due_at = money_outcome_of(facts, now), coach_absent_due_at(facts)
        if money_outcome is MoneyOutcome.NOT_LET_IN:
            owe_all_of(call.seat, Cause.NOT_LET_IN, now)
        elif due_at and due_at <= now and money_outcome is not MoneyOutcome.CALLED_OFF:
            owe_all_of(call.seat, Cause.COACH_ABSENT, now)
        elif due_at and money_outcome is MoneyOutcome.COACH_ABSENT and not facts.lines[-1].is_by_coach:
            _notify_coach(call, due_at, now)
        elif money_outcome is MoneyOutcome.UNDECIDED and now < facts.ends_at + CORRECTED_WITHIN:
            _ask_both(call, now)
        is_final = money_outcome in (MoneyOutcome.CALLED_OFF, MoneyOutcome.NOT_LET_IN) or now >= settled_at(facts)
        Payment.update(outcome_seen=call.outcome, final_at=now if is_final else None).where(
            Payment.id == call.payment.id
        ).execute()


def _notify_coach(call: PaidCall, due_at: datetime, now: datetime) -> None:
    """The coach hears once what goes back because they were missing, and when, so that they can correct it before."""
    session, kind = call.coaching_session, MessageKind.COACH_MISSED
    amount_cents = min(call.seat.price_cents, money_of(call.seat).left_cents)
    if amount_cents:
        fields: dict[str, object] = {"amount_cents": amount_cents, "until": due_at.isoformat()}
        owe(kind, f"{kind}:{session.id}", session.coach_id, now, session_id=session.id, fields=fields)


def _ask_both(call: PaidCall, now: datetime) -> None:
    """Either side is asked once what happened, while the coach can still say so."""
    session = call.coaching_session
    for kind, person_id in (
        (MessageKind.OUTCOME_ASKED, call.seat.student_id),
        (MessageKind.COACH_OUTCOME_ASKED, session.coach_id),
    ):
        owe(kind, f"{kind}:{session.id}", person_id, now, session_id=session.id)
