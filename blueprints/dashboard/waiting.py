"""What waits for the person's own answer, or payment, each with where to go. Amber on the dashboard."""

from collections.abc import Iterable
from datetime import datetime

from flask import url_for

from blueprints.dashboard.line import Attention
from blueprints.filters import local_time, money
from coaching.booking.hand_queries import Wait, Waiting, waiting_in
from coaching.booking.queries import SessionView
from coaching.payments.payment_queries import seats_under_way


def waiting(views: Iterable[SessionView], zone: str, now: datetime) -> list[Attention]:
    """Requests to answer, payments to confirm and times to pay for; what runs out first comes first."""
    to_answer = [pending for pending in waiting_in(views, now) if pending.needs_own_hand]
    paid_for = seats_under_way([pending.view.seat for pending in to_answer if pending.wait is Wait.PAYMENT])
    return [attention_of(pending, zone) for pending in to_answer if pending.view.seat.id not in paid_for]


def attention_of(item: Waiting, zone: str) -> Attention:
    view = item.view
    coaching_session, student = view.coaching_session, view.seat.student.name
    session_text = f"“{coaching_session.title}” on {local_time(coaching_session.starts_at, zone, 'short')}"
    until, price = local_time(item.until, zone, "short"), money(view.seat.price_cents, view.seat.currency)
    by_card = view.seat.payment == "stripe"
    title, text, label = {
        Wait.ANSWER: (
            f"{student} asks for a call",
            f"{session_text}. Answer by {until}, or the time is free again.",
            "Accept or decline",
        ),
        Wait.CONFIRMATION: (
            f"{student} says that they have paid {price}",
            f"For {session_text}. Answer by {until}, or the time is free again.",
            "Confirm or not",
        ),
        Wait.LATE_CONFIRMATION: (
            f"{student} says that they have paid {price}",
            f"For {session_text}. It is not held any more: once you confirm, they get it if it is still free.",
            "Confirm or not",
        ),
        Wait.PAYMENT: (
            f"Pay {coaching_session.coach.name} {price} by {until}",
            f"{session_text} is held for you until then. "
            + ("You pay by card." if by_card else "Say so once you have paid."),
            "Pay now" if by_card else "See how to pay",
        ),
    }[item.wait]
    return Attention(title, text, url_for("sessions.show", code=coaching_session.code) + "#pending", label)
