"""Reads of what became of paid calls, and of those whose money may still be changed by it."""

from dataclasses import dataclass
from datetime import datetime

from peewee import Case, ModelSelect, fn

from coaching.booking.events import EventKind, KeptOut, WhatBecame
from coaching.booking.history_queries import history_of
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.outcome_rules import CORRECTED_WITHIN
from coaching.payments.models import Payment
from coaching.payments.money_outcomes import CallFacts, MoneyOutcome, OutcomeLine, money_outcome_of
from coaching.reading import Statement, given
from coaching.rooms.kept_out_queries import was_seen

_OF_OUTCOME = (EventKind.OUTCOME, EventKind.CORRECTED)


@dataclass(frozen=True)
class PaidCall:
    """A call that was paid for and is over, or was to be; `is_new` when nothing of it has been looked at yet."""

    payment: Payment
    seat: Seat
    coaching_session: CoachingSession

    @property
    def is_new(self) -> bool:
        return self.payment.outcome_seen == ""

    @property
    def was_paid_before(self) -> bool:
        """False where it was paid once the call was over: then both of them agreed that there was one."""
        paid_at = self.payment.paid_at
        return paid_at is None or paid_at < self.coaching_session.ends_at

    @property
    def outcome(self) -> str:
        """What has become of it, as a mark that is another one after each change."""
        return f"{self.coaching_session.state} {self.coaching_session.absent or ''}".strip()


def facts_of(coaching_session: CoachingSession) -> CallFacts:
    """What the outcome on the session rests on, as far as it has been written down."""
    history = history_of(coaching_session)
    kept_out = (line.event.fields for line in history if isinstance(line.event.fields, KeptOut))
    lines = [
        OutcomeLine(line.at, became.outcome, became.absent, line.event.kind == EventKind.CORRECTED)
        for line in history
        if line.event.kind in _OF_OUTCOME and isinstance(became := line.event.fields, WhatBecame)
    ]
    return CallFacts(
        state=coaching_session.state,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        lines=lines,
        is_by_phone=not coaching_session.needs_room,
        kept_out=next(kept_out, None),
        coach_was_seen=was_seen(coaching_session, coaching_session.coach),
    )


def money_outcome_on(coaching_session: CoachingSession, now: datetime) -> MoneyOutcome:
    """What the session's money goes by at `now`."""
    return money_outcome_of(facts_of(coaching_session), now)


def is_looked_at(seat: Seat) -> bool:
    """Whether what became of the seat's call has been looked into since its end, for what it means for the money."""
    return (
        not Payment.select().where(Payment.seat == seat, Payment.state == "paid", Payment.outcome_seen == "").exists()
    )


def calls_to_look_at(now: datetime) -> list[PaidCall]:
    """Paid calls that are over and of which something is new, or may become due by the clock alone."""
    payment_ids = [payment_id for [payment_id] in _WITH_NEWS.rows(now=now, settled_before=now - CORRECTED_WITHIN)]
    return [_call(row) for row in _paid(now).where(Payment.id.in_(payment_ids))] if payment_ids else []


def paid_calls_of(coaching_session: CoachingSession, now: datetime) -> list[PaidCall]:
    """The same of one session, whether or not anything is new."""
    return [_call(row) for row in _paid(now).where(CoachingSession.id == coaching_session.id)]


def _with_news() -> "ModelSelect[Payment]":
    # What has become of a call is compared where it lies, each found by its seat's id: of those that are quiet none is
    # fetched. What a coach's absence gives back is due at a time of its own, all others end with the time to correct.
    is_due = (CoachingSession.absent == "coach") | (CoachingSession.ends_at <= given("settled_before"))
    outcome = fn.TRIM(CoachingSession.state.concat(" ").concat(fn.COALESCE(CoachingSession.absent, "")))
    is_over = (Seat.id == Payment.seat) & (CoachingSession.ends_at <= given("now"))
    became = Seat.select(Case(None, ((is_due, "due"),), outcome)).join(CoachingSession).where(is_over)
    # Most that is not final is still to come: an index of its own tells.
    is_coming = Payment.seat.in_(Seat.select(Seat.id).where(Seat.ends_at > given("now")))
    open_ones = Payment.select(Payment.id).where(Payment.state == "paid", Payment.final_at.is_null())
    return open_ones.where(~is_coming, Payment.outcome_seen != became).order_by(Payment.id)


_WITH_NEWS = Statement(_with_news)


def _paid(now: datetime) -> "ModelSelect[Payment]":
    return (
        Payment.select(Payment, Seat, CoachingSession)
        .join(Seat)
        .join(CoachingSession)
        .where(Payment.state == "paid", CoachingSession.ends_at <= now)
        .order_by(Payment.id)
    )


def _call(row: Payment) -> PaidCall:
    assert row.seat
    return PaidCall(row, row.seat, row.seat.coaching_session)
