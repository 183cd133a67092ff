"""Gathering what is known of a call for whoever has to prove that it took place."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.events import EventKind, FromTo, KeptOut, Lateness, WhatBecame
from coaching.booking.history_queries import history_of
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.payments.cause_labels import cause_label
from coaching.payments.evidence import Attendance, Evidence, Movement
from coaching.payments.models import Payment
from coaching.payments.refund_queries import refunds_of
from coaching.rooms.models import Presence, Room
from coaching.rooms.views.labels import event_label
from coaching.rooms.views.queries import find_room, room_log

_SAID = {
    EventKind.CONFIRMED: "the coach confirmed the payment",
    EventKind.COMING: "the student said that they are coming",
    EventKind.NONE_FITS: "the student said that no proposed time fits",
    EventKind.BANNED: "Discord did not let the student join the server: banned there",
}
_OUTCOME_LABELS = {"no_show": "missed", "completed": "took place"}


def evidence_of(coaching_session: CoachingSession, seat: Seat) -> Evidence:
    """All that is known of the session, of its two people and of nobody else."""
    coach, student, room = coaching_session.coach, seat.student, find_room(coaching_session)
    return Evidence(
        title=coaching_session.title,
        code=coaching_session.code,
        coach=coach.name,
        student=student.name,
        booked_at=coaching_session.created_at,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        movements=_movements(seat),
        attendance=[_attendance(room, who, name) for who, name in ((coach, "Coach"), (student, "Student"))],
        history=[(line.at, _line(line, student)) for line in history_of(coaching_session)],
        room_log=[(line.at, event_label(line.event)) for line in room_log(room.id if room else None)],
    )


def _movements(seat: Seat) -> list[Movement]:
    paid = Payment.select().where(Payment.seat == seat, Payment.state == "paid").order_by(Payment.id)
    payments = [_payment(payment) for payment in paid]
    refunds = [
        Movement(
            refund.settled_at or refund.asked_at or refund.owed_at,
            f"{cause_label(refund.cause)}, goes back"
            if refund.settled_at is None
            else f"{cause_label(refund.cause)}, went back",
            refund.amount_cents,
            refund.payment.currency,
            refund.reference or "",
        )
        for refund in refunds_of(seat)
        if refund.state != "failed"
    ]
    return sorted([*payments, *refunds], key=lambda movement: movement.at)


def _payment(payment: Payment) -> Movement:
    at: datetime = payment.paid_at or payment.begun_at
    return Movement(at, "paid", payment.amount_cents, payment.currency, payment.charge_reference or "")


def _attendance(room: Room | None, person: Person, side: str) -> Attendance:
    row = Presence.get_or_none(Presence.room == room, Presence.person == person) if room else None
    if row is None:
        return Attendance(side, None, None, None)
    return Attendance(side, row.minutes, row.looks, row.present_at)


def _line(line: SessionEvent, student: Person) -> str:
    side = "" if line.person_id is None else "student: " if line.person_id == student.id else "coach: "
    about = line.event.fields
    if line.event.kind in _SAID:
        return _SAID[line.event.kind]
    if isinstance(about, WhatBecame):
        who = {"coach": "the coach was missing", "student": "the student was missing", "both": "both were missing"}
        outcome = (
            who.get(about.absent or "", "not known") if about.outcome == "no_show" else _OUTCOME_LABELS["completed"]
        )
        return f"{side}{line.event.kind.replace('_', ' ')}: {outcome}"
    if isinstance(about, FromTo):
        return f"{side}{line.event.kind}: from {about.before} to {about.after}"
    if isinstance(about, Lateness):
        return f"{side}{about.minutes} minutes late" if about.minutes else f"{side}not late after all"
    if isinstance(about, KeptOut):
        return f"the room never let the student in: {about.because.replace('_', ' ')}"
    return f"{side}{line.event.kind.replace('_', ' ')}"
