"""A time that is held until it is paid by card, in words: the site itself knows whether it was, so nobody says so."""

from datetime import datetime

from blueprints.filters import minutes, money
from coaching.booking.queries import SessionView
from coaching.payments.account_queries import can_take_cards
from coaching.payments.checkout_rules import MISMATCH, UNDER_WAY
from coaching.payments.models import Payment
from coaching.payments.own_provider_queries import own_provider_of
from coaching.payments.payment_queries import payment_of
from coaching.payments.selling_queries import is_refused_for_good

OTHERWISE = (
    "Your last payment did not match what was booked, and {coach} has settled it with Stripe. To have the time, pay "
    "anew; ask {coach} if the money from before does not come back."
)


def held_by_card(view: SessionView, until: str) -> tuple[str, str]:
    """A headline and what it means, for whoever looks."""
    student, seat = view.seat.student.name, view.seat
    price = money(seat.price_cents, seat.currency)
    payment = payment_of(seat)
    if payment and payment.state == "pending":
        whose = "Your payment is" if view.role == "student" else f"{student}’s payment is"
        text = f"It takes a while. The time is kept until {until}; money that comes later goes back by itself."
        return f"{whose} under way", text
    if view.role == "student":
        return f"Held for you until {until}", f"It is yours as soon as you have paid {price} by card."
    text = f"They pay {price} by card. As soon as that is done the time is theirs; nobody has to confirm it."
    return f"Held for {student} until {until}", text


def expired_by_card(view: SessionView) -> tuple[str, str]:
    """The same for a hold that has run out."""
    payment, is_students = payment_of(view.seat), view.role == "student"
    whose = "you" if is_students else view.seat.student.name
    headline = f"The time held for {whose} has run out"
    if payment and payment.state == "paid":
        late = "You have paid too late" if is_students else f"{whose} has paid too late"
        return late, "The time could not be given any more. All of the money goes back by itself."
    if payment and payment.state in UNDER_WAY:
        again = "If you paid at the very last moment" if is_students else "Should a payment still arrive"
        return headline, f"It is free again. {again}, that is put right by itself within minutes."
    return headline, "It is free again, and nothing has been charged."


def requested_by_card(view: SessionView) -> str:
    """What comes after a request is accepted."""
    seat = view.seat
    price = money(seat.price_cents, seat.currency)
    if view.role == "student":
        return f" Once {view.coaching_session.coach.name} accepts, it is held for you to pay {price} by card."
    return f" Once you accept, they have up to {minutes(seat.hold_minutes)} to pay {price} by card."


def can_pay_by_card(view: SessionView, now: datetime) -> bool:
    """True for the student of a time that is held until it is paid by card, while no payment is under way."""
    held, seat = view.coaching_session, view.seat
    if view.link or view.role != "student" or held.state != "held" or own_provider_of(seat):
        return False
    payment = payment_of(seat)
    return payment is None or payment.state != "pending"


def pay_note_of(view: SessionView) -> str:
    """What went wrong with paying, for the student; empty where nothing did."""
    held, seat = view.coaching_session, view.seat
    if view.role != "student" or held.state != "held" or own_provider_of(seat):
        return ""
    payment = payment_of(seat)
    if payment and payment.state == "open" and payment.fault:
        return (
            "Whether you have paid cannot be asked just now. If you have, do not pay again: it is shown here once "
            "there is an answer."
        )
    if payment is None or payment.state not in ("begun", "failed", "expired"):
        return "" if payment or can_take_cards(held.product.store) else cannot(view)
    if payment.state == "failed" and payment.fault == MISMATCH:
        return OTHERWISE.format(coach=held.coach.name)
    if payment.state == "failed" and payment.reference:
        return "Your last payment came to nothing, and you were not charged. Try again, perhaps another way."
    if not payment.fault or not is_first_call_lost(payment):
        return ""
    if is_refused_for_good(payment):
        return cannot(view)
    return (
        "The page on which you pay could not be opened just now. Nothing was charged, and the time is still held: try "
        "again in a moment."
        if can_take_cards(held.product.store)
        else cannot(view)
    )


def is_first_call_lost(payment: Payment) -> bool:
    """True where its page has never been opened."""
    return payment.reference is None


def cannot(view: SessionView) -> str:
    coach = view.coaching_session.coach.name
    return (
        f"{coach} cannot take cards right now, so nothing can be paid yet. Try again in a while, or write to {coach}."
    )
