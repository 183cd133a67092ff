"""What a call's money goes by: one row for each thing that can have happened."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.booking.events import KeptOut, OutBecause
from coaching.payments.money_outcomes import CallFacts, MoneyOutcome, OutcomeLine, coach_absent_due_at, money_outcome_of

END = datetime(2026, 3, 9, 18, tzinfo=UTC)
CLOSED = END + timedelta(minutes=15)
CALL = CallFacts("scheduled", END - timedelta(hours=1), END)


def said(outcome: str | None, *, by_coach: bool = False, at: datetime = CLOSED) -> OutcomeLine:
    """A line of the history: the call took place, or who was missing."""
    is_held = outcome is None
    return OutcomeLine(at, "completed" if is_held else "no_show", outcome, by_coach)


def after(*lines: OutcomeLine, **differences: Any) -> CallFacts:
    state = lines[-1].outcome if lines else "scheduled"
    return replace(CALL, state=state, lines=lines, **differences)


@pytest.mark.parametrize(
    ("facts", "money_outcome"),
    [
        (after(), MoneyOutcome.OPEN),
        (replace(CALL, state="cancelled"), MoneyOutcome.CALLED_OFF),
        (replace(CALL, state="declined"), MoneyOutcome.CALLED_OFF),
        (replace(CALL, state="expired"), MoneyOutcome.CALLED_OFF),
        (after(said(None)), MoneyOutcome.TOOK_PLACE),
        (after(said("student")), MoneyOutcome.STUDENT_ABSENT),
        (after(said("coach")), MoneyOutcome.COACH_ABSENT),
        (after(said("both")), MoneyOutcome.UNDECIDED),
        (after(said("unknown")), MoneyOutcome.UNDECIDED),
        (after(said("unknown"), said("coach", by_coach=True)), MoneyOutcome.COACH_ABSENT),
        (after(said("coach"), said(None, by_coach=True)), MoneyOutcome.TOOK_PLACE),
        # Nobody can see who was on the phone: what the site writes is a guess, what the coach says is not.
        (after(said(None), is_by_phone=True), MoneyOutcome.UNDECIDED),
        (after(said(None), said(None, by_coach=True), is_by_phone=True), MoneyOutcome.TOOK_PLACE),
        (after(said(None), said("student", by_coach=True), is_by_phone=True), MoneyOutcome.STUDENT_ABSENT),
        # No room at all: at the planned end, whatever is written down of it and whoever says so.
        (after(kept_out=KeptOut(OutBecause.NO_ROOM)), MoneyOutcome.NOT_LET_IN),
        (after(said("unknown"), kept_out=KeptOut(OutBecause.NO_RIGHT)), MoneyOutcome.NOT_LET_IN),
        (after(said(None, by_coach=True), kept_out=KeptOut(OutBecause.NO_ROOM)), MoneyOutcome.NOT_LET_IN),
        (after(said("student"), kept_out=KeptOut(OutBecause.BANNED)), MoneyOutcome.NOT_LET_IN),
        # The student's own doing: as if absent, where the coach was there.
        (after(kept_out=KeptOut(OutBecause.LEFT)), MoneyOutcome.OPEN),
        (after(said("student"), kept_out=KeptOut(OutBecause.LEFT)), MoneyOutcome.STUDENT_ABSENT),
        (after(said("unknown"), kept_out=KeptOut(OutBecause.LEFT), coach_was_seen=True), MoneyOutcome.STUDENT_ABSENT),
        (
            after(said("unknown"), kept_out=KeptOut(OutBecause.NOT_LINKED), coach_was_seen=True),
            MoneyOutcome.STUDENT_ABSENT,
        ),
        (after(said("unknown"), kept_out=KeptOut(OutBecause.NOT_LINKED)), MoneyOutcome.UNDECIDED),
        (after(said("both"), kept_out=KeptOut(OutBecause.LEFT)), MoneyOutcome.UNDECIDED),
        (after(said("unknown"), coach_was_seen=True), MoneyOutcome.UNDECIDED),
    ],
)
def test_what_happened_has_one_row(facts: CallFacts, money_outcome: MoneyOutcome) -> None:
    assert money_outcome_of(facts, END + timedelta(days=1)) is money_outcome


def test_nothing_is_decided_before_the_planned_end() -> None:
    facts = after(said("unknown"), kept_out=KeptOut(OutBecause.NO_ROOM))
    assert money_outcome_of(facts, END - timedelta(seconds=1)) is MoneyOutcome.OPEN
    assert money_outcome_of(facts, END) is MoneyOutcome.NOT_LET_IN


BY_SITE = said("coach")
UNTIL = END + timedelta(hours=48)
BEFORE, AFTER = UNTIL - timedelta(minutes=1), UNTIL + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("lines", "due_at"),
    [
        ([], None),
        ([said(None)], None),
        ([BY_SITE], UNTIL),
        # Corrected away in time: that was the objection. Too late: the record changes, the money goes all the same.
        ([BY_SITE, said(None, by_coach=True, at=BEFORE)], None),
        ([BY_SITE, said(None, by_coach=True, at=AFTER)], UNTIL),
        # Corrected away and back, in time.
        ([BY_SITE, said(None, by_coach=True, at=CLOSED), said("coach", by_coach=True, at=BEFORE)], UNTIL),
        # One to it starts the refund, early or late.
        ([said("student"), said("coach", by_coach=True, at=BEFORE)], UNTIL),
        ([said("student"), said("coach", by_coach=True, at=AFTER)], AFTER),
        ([said("unknown"), said("coach", by_coach=True, at=AFTER), said(None, by_coach=True, at=AFTER)], AFTER),
        # Written down days late, after an outage: the coach still has a day.
        ([said("coach", at=UNTIL)], UNTIL + timedelta(hours=24)),
    ],
)
def test_a_coach_who_was_missing_has_two_days_to_correct_it(lines: Sequence[OutcomeLine], due_at: datetime) -> None:
    assert coach_absent_due_at(after(*lines)) == due_at
