"""Where a coach's own word is waited for about money: an objection of a student, a dispute at a bank."""

from datetime import datetime

from flask import url_for

from blueprints.dashboard.line import Attention
from blueprints.filters import money, time_label
from coaching.accounts.models import Person
from coaching.payments.dispute_queries import disputes_waiting_for
from coaching.payments.objection_queries import objections_waiting_for


def objection_lines(coach: Person, zone: str) -> list[Attention]:
    """Disputes to answer at the provider, the most urgent first, and objections without the coach's side."""
    disputes = [
        Attention(
            f"{seat.student.name} has disputed {money(dispute.amount_cents, dispute.payment.currency)} at their bank",
            f"Answer in Stripe’s dashboard{by(dispute.evidence_due_at, zone)}. "
            "The record of the call stands on its page.",
            url_for("sessions.show", code=seat.coaching_session.code) + "#money-outcome",
            "See the record",
            "bad",
        )
        for dispute in disputes_waiting_for(coach)
        if (seat := dispute.payment.seat)
    ]
    objections = [
        Attention(
            f"{objection.seat.student.name} disagrees about their money",
            f"It is about “{objection.seat.coaching_session.title}”. "
            "Write your side before whoever runs this site decides.",
            url_for("sessions.show", code=objection.seat.coaching_session.code) + "#money-outcome",
            "Write your side",
        )
        for objection in objections_waiting_for(coach)
    ]
    return [*disputes, *objections]


def by(due_at: datetime | None, zone: str) -> str:
    """By when, where that is known."""
    return f" by {time_label(due_at, zone)}" if due_at else ""
