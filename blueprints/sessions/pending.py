"""A time that is asked for, or held until it is paid, in words, and what each side can do about it."""

from dataclasses import dataclass
from datetime import datetime

from blueprints.filters import minutes, money, time_label
from blueprints.forms import Amount, Form, TextBlock, required
from blueprints.sessions.pending_cards import (
    can_pay_by_card,
    expired_by_card,
    held_by_card,
    pay_note_of,
    requested_by_card,
)
from blueprints.sessions.phase import remaining
from coaching.booking.absence_queries import find_absence
from coaching.booking.explain_queries import explain_busy
from coaching.booking.hold_queries import is_said_too_late, was_held
from coaching.booking.hold_rules import PENDING_STATES
from coaching.booking.queries import SessionView
from coaching.booking.slot_queries import is_free_again
from coaching.payments.own_provider_queries import own_provider_of
from coaching.payments.selling_queries import cannot_be_paid

LONGEST_REASON = 500
SHOWN_STATES = (*PENDING_STATES, "declined", "expired")
CANCEL_LABELS = {
    ("requested", "student"): "Take the request back",
    ("held", "student"): "Let this time go",
    ("held", "coach"): "Let this time go",
}


class DeclineForm(Form):
    reason = TextBlock("Reason", longest=LONGEST_REASON)


class PaidBackForm(Form):
    amount = Amount("What has come", [required("Type what has come.")])


@dataclass(frozen=True)
class PendingView:
    """What is shown of a time that was not agreed on. `until` is when it runs out; None once it has.

    `cancel_label` says how somebody gives it up; None where they cannot, or answer in another way.
    """

    headline: str
    text: str
    until: datetime | None
    remaining: str
    shows_pay_text: bool
    can_answer: bool
    can_say_paid: bool
    can_pay: bool
    pay_note: str
    lacks_cards: bool  # it cannot be accepted, for nobody could pay for it
    is_absent: bool  # the call would refuse its student by now, who asked before
    can_confirm: bool
    can_deny: bool
    can_give_back: bool  # what came too late
    cancel_label: str | None


def pending_of(view: SessionView, zone: str, now: datetime) -> PendingView | None:
    """What stands of it at `now`; None for a session that is agreed on, or was."""
    coaching_session, seat, role = view.coaching_session, view.seat, view.role
    state = coaching_session.state
    if state not in SHOWN_STATES:
        return None
    until = coaching_session.held_until if state in PENDING_STATES else None
    can_pay = can_pay_directly(view, now)
    acts_as = None if view.link else role
    can_say_paid = acts_as == "student" and can_pay and seat.said_paid_at is None
    is_over, is_free = now >= coaching_session.starts_at, True
    if state not in PENDING_STATES and not is_over:
        is_free = is_free_again(coaching_session, now)
    headline, text = words_of(view, zone)
    if is_over and state not in PENDING_STATES:
        text = "It is over."
    elif not is_free:
        text = taken_words(view, can_pay, now)
    return PendingView(
        headline=headline,
        text=text,
        until=until,
        remaining=remaining(until - now) if until else "",
        shows_pay_text=role == "student" and can_pay and is_free and seat.said_paid_at is None,
        can_answer=acts_as == "coach" and state == "requested",
        can_say_paid=can_say_paid,
        can_pay=can_pay_by_card(view, now),
        pay_note=pay_note_of(view),
        lacks_cards=state == "requested" and cannot_be_paid(seat, coaching_session.product.store),
        is_absent=acts_as == "coach" and state == "requested" and is_refused(view, now),
        can_confirm=acts_as == "coach" and can_pay and is_free,
        can_deny=acts_as == "coach"
        and can_pay
        and seat.said_paid_at is not None
        and coaching_session.ended_by != "coach",
        can_give_back=acts_as == "coach" and is_said_too_late(seat),
        cancel_label=CANCEL_LABELS.get((state, role)),
    )


def can_pay_directly(view: SessionView, now: datetime) -> bool:
    """True for what is still to be paid to the coach; what is paid by card the site sees for itself, and nobody says,
    confirms or denies it.
    """
    coaching_session, seat = view.coaching_session, view.seat
    # What has run out can still be paid and seated again, as long as it is to come.
    has_run_out = coaching_session.state == "expired" and now < coaching_session.starts_at and was_held(seat)
    can_be_paid = coaching_session.state == "held" or has_run_out
    return can_be_paid and own_provider_of(seat) is not None and seat.paid_at is None


def is_refused(view: SessionView, now: datetime) -> bool:
    return find_absence(view.coaching_session.product, view.seat.student, now) is not None


def words_of(view: SessionView, zone: str) -> tuple[str, str]:
    """A headline and what it means, for whoever looks."""
    state = view.coaching_session.state
    if state == "declined":
        return declined_words(view)
    if state == "expired":
        return expired_words(view)
    until = time_label(view.coaching_session.held_until or view.coaching_session.starts_at, zone)
    return requested_words(view, until) if state == "requested" else held_words(view, until)


def requested_words(view: SessionView, until: str) -> tuple[str, str]:
    coach, student, seat = view.coaching_session.coach.name, view.seat.student.name, view.seat
    price = money(seat.price_cents, seat.currency)
    if view.role == "student":
        pay = f" Once {coach} accepts, it is held for you to pay {price}." if seat.pays_first else ""
        pay = requested_by_card(view) if seat.payment == "stripe" else pay
        return f"{coach} answers by {until}", f"Until then the time is kept for you, and nobody else can have it.{pay}"
    if view.role == "coach":
        pay = f" Once you accept, they have {minutes(seat.hold_minutes)} to pay you." if seat.pays_first else ""
        pay = requested_by_card(view) if seat.payment == "stripe" else pay
        return f"{student} asks for this time", f"Answer by {until}, or it is free again.{pay}"
    return f"{student} asks for this time", f"{coach} has until {until} to answer."


def held_words(view: SessionView, until: str) -> tuple[str, str]:
    coach, student, seat = view.coaching_session.coach.name, view.seat.student.name, view.seat
    price = money(seat.price_cents, seat.currency)
    if seat.payment == "stripe":
        return held_by_card(view, until)
    if view.role == "student":
        if seat.said_paid_at:
            return (
                "You have said that you paid",
                f"{coach} looks and confirms it. The time is kept for you until {until}.",
            )
        return (
            f"Held for you until {until}",
            f"Pay {coach} {price} by then and say so here. The time is yours once {coach} has confirmed it.",
        )
    if view.role == "coach" and seat.said_paid_at:
        return f"{student} says that they have paid {price}", f"Look whether it has reached you, and answer by {until}."
    if view.role == "coach":
        text = f"They pay you {price} directly. Confirm it here once you have it: then the time is theirs."
        return f"Held for {student} until {until}", text
    return f"Held for {student} until {until}", f"{coach} confirms the payment."


def expired_words(view: SessionView) -> tuple[str, str]:
    coach, student, seat = view.coaching_session.coach.name, view.seat.student.name, view.seat
    is_students = view.role == "student"
    if not was_held(seat):
        headline = f"{coach} did not answer in time" if view.role != "coach" else f"{student} had no answer in time"
        return headline, "The time is free again."
    if seat.payment == "stripe":
        return expired_by_card(view)
    if seat.paid_at:
        who = "You have" if view.role == "coach" else f"{coach} has"
        return f"{who} given the payment back", "It came when the time held for it had run out."
    if view.coaching_session.ended_by == "coach":
        headline = f"{coach if view.role != 'coach' else 'You'} did not receive the payment"
    else:
        headline = "The time held for you has run out" if is_students else f"The time held for {student} has run out"
    if seat.said_paid_at and view.coaching_session.ended_by != "coach":
        return headline, late_words(view)
    if is_students:
        way = f"write to {coach}, who can still confirm it" if seat.said_paid_at else "say so"
        return (
            headline,
            f"It is free again. If you have paid, {way}: you get it back unless somebody else has taken it.",
        )
    if view.role == "coach":
        return headline, f"It is free again. If you have the money, confirm it: {student} gets the time if it is free."
    return headline, "It is free again."


def late_words(view: SessionView) -> str:
    """What comes of a payment that was told of, and not confirmed as long as the time was held."""
    coach, student, seat = view.coaching_session.coach.name, view.seat.student.name, view.seat
    price = money(seat.price_cents, seat.currency)
    if view.role == "student":
        return (
            f"You have said that you paid, and {coach} is told. The time is free again: {coach} can still confirm your "
            "payment, unless somebody else takes it."
        )
    if view.role == "coach":
        return (
            f"{student} says that they have paid {price}. Look whether it has reached you, and confirm it: {student} "
            "gets the time if it is still free."
        )
    return f"{student} says that they have paid. The time is free again."


def taken_words(view: SessionView, was_payable: bool, now: datetime) -> str:
    """What it means that the time is not free again; to the coach, what takes it up."""
    coach, student = view.coaching_session.coach.name, view.seat.student.name
    text = "Somebody else has it by now, or one of you is busy then."
    if view.role == "coach":
        reasons = [] if view.link else [reason.sentence for reason in explain_busy(view.coaching_session, now)]
        text = " ".join(["You are not free at that time any more.", *reasons]) if reasons else text
        return text + (f" If you have the money, agree on another time with {student}, or give it back." * was_payable)
    if view.role == "admin" or not was_payable:
        return text
    say = "" if view.seat.said_paid_at else " If you have paid, say so:"
    return f"{text}{say} {coach} agrees on another time with you, or gives the money back."


def declined_words(view: SessionView) -> tuple[str, str]:
    who = "You have" if view.role == "coach" else f"{view.coaching_session.coach.name} has"
    return f"{who} declined this request", "The time is free again."
