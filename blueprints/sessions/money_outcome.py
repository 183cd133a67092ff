"""What became of a paid call as far as its money goes, in words for whoever reads it, and what they can say of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from wtforms import RadioField

from blueprints.filters import money, time_label
from blueprints.forms import Form, TextBlock, required
from blueprints.saved_forms import take_saved_with
from blueprints.sessions.outcome import OUTCOMES, absence_of
from coaching.booking.events import EventKind, OutBecause, WhatBecame
from coaching.booking.history_queries import history_of
from coaching.booking.models import SessionEvent
from coaching.booking.outcome_rules import CORRECTED_WITHIN, Absent, Outcome
from coaching.booking.queries import SessionView
from coaching.payments.dispute_queries import disputes_of
from coaching.payments.dispute_rules import reason_label, state_label
from coaching.payments.evidence import evidence_text
from coaching.payments.evidence_queries import evidence_of
from coaching.payments.models import Dispute, Objection
from coaching.payments.money_outcome_queries import facts_of, is_looked_at
from coaching.payments.money_outcomes import CallFacts, MoneyOutcome, coach_absent_due_at, money_outcome_of
from coaching.payments.money_queries import SeatMoney, money_of
from coaching.payments.objection_queries import can_object, find_objection
from coaching.payments.objections import LONGEST_REPLY, LONGEST_SENTENCE

# Why the room never let the student in: for the student, and for the coach and admins.
_KEPT_OUT = {
    OutBecause.NO_ROOM: (
        "The room was never open while your call was to be.",
        "The room was never open while the call was to be.",
    ),
    OutBecause.NO_RIGHT: ("The room could not be opened to you.", "The room could not be opened to {student}."),
    OutBecause.BANNED: (
        "Discord did not let you onto {coach}’s server, since your account is banned there.",
        "{student} could not join your server: their Discord account is banned there.",
    ),
    OutBecause.LEFT: (
        "You were not on {coach}’s server when your call was to be, so the room could not let you in.",
        "{student} was not on your server when the call was to be, so the room could not let them in.",
    ),
    OutBecause.NOT_LINKED: (
        "No Discord account of yours was connected when your call was to be, so the room could not let you in.",
        "{student} had no Discord account connected when the call was to be, so the room could not let them in.",
    ),
}


class SaidForm(Form):
    """What the student says happened."""

    said = RadioField("What happened", choices=[])

    def naming(self, coach: str) -> "SaidForm":
        """The same form with the coach's name in its choices."""
        self.said.choices = [
            ("completed", "The call took place"),
            ("coach", f"{coach} was missing"),
            ("student", "I was missing"),
            ("both", "Neither of us came"),
        ]
        return self

    def details(self) -> tuple[Outcome, Absent | None]:
        return OUTCOMES[self.said.data]


class ObjectionForm(Form):
    sentence = TextBlock(
        "Why you disagree", [required("Write in a sentence why you disagree.")], longest=LONGEST_SENTENCE
    )


class ReplyForm(Form):
    reply = TextBlock("Your side", [required("Write your side in a few sentences.")], longest=LONGEST_REPLY)


@dataclass(frozen=True)
class DisputeView:
    """A dispute in words: how it is marked, how it stands, why, and by when to answer."""

    dispute: Dispute
    kind: str
    state: str
    why: str

    @classmethod
    def of(cls, dispute: Dispute) -> "DisputeView":
        """The dispute in words."""
        return cls(dispute, *state_label(dispute.state), reason_label(dispute.reason))


@dataclass(frozen=True)
class MoneyOutcomeView:
    """What the page says of the money of a call that is over, and the forms that this person has on it.

    `sentences` are about the outcome; `said` is what the student has said became of it.
    """

    money: SeatMoney
    sentences: list[str] = field(default_factory=list)
    said: str = ""
    can_give_back: bool = False
    said_form: SaidForm | None = None
    objection: Objection | None = None
    objection_form: ObjectionForm | None = None
    reply_form: ReplyForm | None = None
    disputes: list[DisputeView] = field(default_factory=list)
    evidence: str = ""  # to copy, for whoever has to answer a dispute

    @property
    def has_anything(self) -> bool:
        """True where there is anything to show."""
        parts = (self.sentences, self.said, self.said_form, self.objection, self.objection_form, self.disputes)
        return any(parts)

    def with_form(self, **form: Any) -> "MoneyOutcomeView":
        """The same with a form as it was sent, where there is one still."""
        return replace(self, **{name: value for name, value in form.items() if getattr(self, name)})


def money_outcome_view(view: SessionView, zone: str, now: datetime) -> MoneyOutcomeView | None:
    """What there is to say of the money of a call that was paid; None of one that was not, or is not over."""
    coaching_session, paid = view.coaching_session, money_of(view.seat)
    if not paid.paid_cents:
        return None
    facts = facts_of(coaching_session)
    money_outcome, said = money_outcome_of(facts, now), said_by_student(view)
    if money_outcome is MoneyOutcome.UNDECIDED and not is_looked_at(view.seat):
        # Whether the room let the student in is found out by the worker, within a minute.
        money_outcome = MoneyOutcome.OPEN
    objection, is_student = find_objection(view.seat), view.role == "student" and not view.link
    waits_for_coach = objection is not None and not objection.replied_at and not objection.decided_at
    disputes = dispute_views(view) if view.role != "student" and not view.link else []
    outcome_view = MoneyOutcomeView(
        money=paid,
        sentences=sentences_of(view, money_outcome, facts, paid, zone, now),
        said=said,
        can_give_back=view.role == "coach"
        and not view.link
        and money_outcome is MoneyOutcome.COACH_ABSENT
        and paid.left_cents > 0,
        said_form=said_form(view) if is_student and can_say(view, money_outcome, said, now) else None,
        objection=None if view.link else objection,
        objection_form=objection_form() if is_student and can_object(coaching_session, view.seat, now) else None,
        reply_form=reply_form() if waits_for_coach and view.role == "coach" and not view.link else None,
        disputes=disputes,
        evidence=evidence_text(evidence_of(coaching_session, view.seat)) if disputes else "",
    )
    return outcome_view if outcome_view.has_anything else None


def sentences_of(
    view: SessionView, money_outcome: MoneyOutcome, facts: CallFacts, paid: SeatMoney, zone: str, now: datetime
) -> list[str]:
    """What the outcome means for the money, a sentence each; nothing where it went as planned."""
    coaching_session, seat, is_student = view.coaching_session, view.seat, view.role == "student"
    coach, student = coaching_session.coach.name, seat.student.name
    to_whom = "to you" if is_student else f"to {student}"
    why = ""
    if facts.kept_out:
        why = _KEPT_OUT[facts.kept_out.because][0 if is_student else 1].format(coach=coach, student=student)
    if money_outcome is MoneyOutcome.NOT_LET_IN:
        doing = "your doing" if is_student else "their doing"
        return [why, f"That was not {doing}: what was paid goes back {to_whom}."]
    if money_outcome is MoneyOutcome.STUDENT_ABSENT and why:
        return [why, "It counts as a call that was missed." if is_student else "It counts as one that they missed."]
    if money_outcome is MoneyOutcome.COACH_ABSENT and paid.left_cents:
        due_at = coach_absent_due_at(facts)
        if due_at is None:
            return []
        back = money(paid.left_cents, seat.currency)
        if due_at <= now:  # the worker gives it back within a minute
            return [f"{back} is about to go back {to_whom}."]
        whose = "you correct what is written down" if view.role == "coach" else f"{coach} corrects what is written down"
        return [f"{back} goes back {to_whom} on {time_label(due_at, zone)}, unless {whose} before."]
    if money_outcome is MoneyOutcome.UNDECIDED:
        who = "you decide" if view.role == "coach" else f"{coach} decides"
        return [f"Nobody could see for certain what became of this call, so no money moves by itself: {who}."]
    return []


def said_by_student(view: SessionView) -> str:
    """What the student has said became of the call, as a sentence; empty where they said nothing."""
    line = find_said(history_of(view.coaching_session))
    if line is None:
        return ""
    became = line.event.fields
    assert isinstance(became, WhatBecame)
    words = "the call took place" if became.outcome == "completed" else absence_of(view, str(became.absent))
    who = "You say" if view.role == "student" else f"{view.seat.student.name} says"
    return f"{who}: {words}."


def find_said(history: list[SessionEvent]) -> SessionEvent | None:
    """The line of the history in which the student has said what happened."""
    lines = (line for line in history if line.kind == EventKind.SAID_OUTCOME)
    return next((line for line in lines if isinstance(line.event.fields, WhatBecame)), None)


def can_say(view: SessionView, money_outcome: MoneyOutcome, said: str, now: datetime) -> bool:
    """True while the student is asked what happened."""
    is_in_time = now < view.coaching_session.ends_at + CORRECTED_WITHIN
    return money_outcome is MoneyOutcome.UNDECIDED and not said and is_in_time


def said_form(view: SessionView) -> SaidForm:
    """The student's form, with what was chosen before they had to sign in again."""
    return SaidForm(formdata=take_saved_with("said")).naming(view.coaching_session.coach.name)


def objection_form() -> ObjectionForm:
    """The student's form, with what they wrote before they had to sign in again."""
    return ObjectionForm(take_saved_with("sentence"))


def reply_form() -> ReplyForm:
    """The coach's form, with what they wrote before they had to sign in again."""
    return ReplyForm(take_saved_with("reply"))


def dispute_views(view: SessionView) -> list[DisputeView]:
    """The disputes of what was paid for the session, in words."""
    return [DisputeView.of(dispute) for dispute in disputes_of(view.seat)]
