"""Cancelling a session: what it means in words and who is told come before the button that does it."""

from datetime import datetime, timedelta

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.reach import reach_view
from blueprints.filters import money, time_label
from blueprints.forms import Form, TextBlock
from blueprints.payments.paying import let_payments_follow
from blueprints.saved_forms import take_saved, with_field
from blueprints.sessions.attendance_pages import other_side
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.links import (
    OLDER_LINK,
    address_after,
    count_change,
    link_or_sign_in,
    person_of,
)
from blueprints.sessions.page import draw, live_context, own_view, zone_of
from coaching.accounts.tokens import digest
from coaching.booking import mutations
from coaching.booking.cancel_terms import CancelTerms
from coaching.booking.queries import SessionView, terms_of
from coaching.errors import TooLate
from coaching.payments.money_queries import SeatMoney, money_of
from coaching.payments.payment_queries import find_under_way

LONGEST_REASON = 500
CHANGED = "This session, or what cancelling it means, has changed since you opened this page. Nothing is cancelled yet."
NOTHING = "Nothing is left that could go back."


class CancelForm(Form):
    reason = TextBlock("Reason", longest=LONGEST_REASON)


@blueprint.get("/cancellation")
@link_or_sign_in
def confirm_cancellation(code: str) -> AnyResponse:
    """Asks whether the session is to be called off; changes nothing. An older link leads to the session."""
    view = own_view(code)
    person_of(view)
    context = live_context(view)
    if not view.may_act or not context["phase"].is_live:
        return redirect(url_for(".show", code=code), 303)
    return show_question(view, CancelForm(with_field(take_saved(), "reason")))


@blueprint.post("/cancellation")
@link_or_sign_in
def cancel(code: str) -> AnyResponse:
    """The session is called off, and its room goes."""
    view, form, now = own_view(code), CancelForm(), web.now()
    person = person_of(view)
    if not view.may_act:
        return draw(view, 409, refused=OLDER_LINK)
    if not form.validate():
        return show_question(view, form, 422)
    # The amount that was read is the one that goes back: both are worked out for this one instant.
    seen = seen_by(view, now)
    if request.form.get("seen", seen) != seen:
        return show_question(view, form, 409, changed=CHANGED)
    count_change(view)
    try:
        cancelled = mutations.cancel_session(view.coaching_session, person, now, form.reason.data)
    except TooLate as error:
        return draw(view, 409, refused=error.sentence)
    let_payments_follow(cancelled)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    return redirect(address_after(view, cancelled), 303)


def show_question(view: SessionView, form: CancelForm, status: int = 200, changed: str | None = None) -> Response:
    """The page that asks once more; `changed` says why it asks again."""
    now = web.now()
    return web.render(
        "sessions/cancellation.html",
        status=status,
        form=form,
        policy=policy_of(view, now),
        changed=changed,
        seen=seen_by(view, now),
        is_reached=reach_view(other_side(view)).is_reached,
        other=other_side(view).name,
        **live_context(view),
    )


def seen_by(view: SessionView, now: datetime) -> str:
    """A mark of what the page says: another one once the session is moved, accepted, paid, or a tier is over."""
    return digest("\n".join([view.coaching_session.starts_at.isoformat(), *policy_of(view, now)]))[:16]


def policy_of(view: SessionView, now: datetime) -> list[str]:
    """What a cancellation now means for the price, a sentence each."""
    coaching_session, seat, zone = view.coaching_session, view.seat, zone_of(view)
    if coaching_session.held_until:
        return held_policy(view)
    terms, paid = terms_of(seat), money_of(seat)
    if view.role == "coach":
        return ["You can cancel until the end of the call.", *coachs_policy(view, paid)]
    start = f"You can cancel until the start, {time_label(coaching_session.starts_at, zone)}."
    if not seat.price_cents:
        return [start, "It costs nothing."]
    return [start, *students_policy(view, terms, paid, now)]


def held_policy(view: SessionView) -> list[str]:
    """What it means that a time is let go which was never theirs: nothing is owed, and what was sent goes back."""
    if says_paid(view):
        return [sent_in_words(view, view.seat.price_cents)]
    state = "agreed on" if view.coaching_session.state == "requested" else "paid"
    under_way = "Should a payment by card be under way, all of it goes back by itself."
    return [f"Nothing has been {state} yet, so nothing is owed.", *([under_way] if find_under_way(view.seat) else [])]


def coachs_policy(view: SessionView, paid: SeatMoney) -> list[str]:
    """What it means that the coach cancels: all of it goes back, extras too."""
    seat, student = view.seat, view.seat.student.name
    if not seat.price_cents:
        return ["It costs nobody anything."]
    if says_paid(view):
        return [sent_in_words(view, seat.price_cents)]
    if not is_paid(view, paid):
        return [f"{student} owes you nothing."]
    amount = min(seat.price_cents, left_of(view, paid))
    if seat.payment == "stripe":
        sentences = [f"{in_money(view, amount)} goes back to {student}’s card at once." if amount else NOTHING]
    else:
        sentences = [f"You give back the {in_money(view, amount)} that {student} has paid you." if amount else NOTHING]
    return sentences


def students_policy(view: SessionView, terms: CancelTerms, paid: SeatMoney, now: datetime) -> list[str]:
    """What it means that the student cancels now, and until when that stays so."""
    coach, back = view.coaching_session.coach.name, terms.back_at(now)
    has_paid, due = is_paid(view, paid) or says_paid(view), terms.due_at(now)
    if says_paid(view):
        sentences = [sent_in_words(view, back)]
    elif has_paid:
        amount = min(back, left_of(view, paid))
        to = "goes back to your card" if view.seat.payment == "stripe" else f"goes back to you: {coach} sends it"
        now_words = f"{in_money(view, amount)} {to}" if amount else "nothing goes back"
        sentences = [f"You paid {in_money(view, paid.paid_cents or view.seat.price_cents)}."]
        if paid.given_back_cents:
            sentences.append(f"{in_money(view, paid.given_back_cents)} of it has gone back already, or is to.")
        sentences = [" ".join([*sentences, f"If you cancel now, {now_words}."])]
    else:
        owed = f"{coach} may still ask for {in_money(view, due)}" if due else "nothing is owed"
        sentences = [f"You have not paid yet. If you cancel now, {owed}."]
    return [*sentences, *what_changes(view, terms, has_paid, now), *(extras(view, terms) if has_paid else ())]


def sent_in_words(view: SessionView, back_cents: int) -> str:
    """That a payment was told of and nobody has confirmed it, and how much of it goes back once it is there."""
    coach, student, price = (
        view.coaching_session.coach.name,
        view.seat.student.name,
        in_money(view, view.seat.price_cents),
    )
    back = in_money(view, back_cents) if back_cents else "nothing"
    if view.role == "coach":
        return f"{student} says that they have paid you {price}. If it reaches you, you give back {back}."
    return f"You have said that you paid {price}. If you cancel now and it reaches {coach}, {back} goes back to you."


def what_changes(view: SessionView, terms: CancelTerms, has_paid: bool, now: datetime) -> list[str]:
    """Until when it is so, and what comes after it."""
    ends_at, zone = terms.ends_at(now), zone_of(view)
    if terms.most_percent < 100 and terms.tiers.percent_at(terms.starts_at, now) > terms.most_percent:
        return ["You have moved it when part of the price was due already. A later start does not change that."]
    if ends_at is None:
        first = terms.until
        is_over = first is not None and now > first and not terms.percent_at(now)
        return [f"The time to cancel free of charge ended {time_label(first, zone)}."] if first and is_over else []
    after = ends_at + timedelta(seconds=1)
    if has_paid:
        then = in_money(view, terms.back_at(after)) if terms.back_at(after) else "nothing"
        return [f"That holds until {time_label(ends_at, zone)}; after that it is {then}."]
    coach = view.coaching_session.coach.name
    owed = in_money(view, terms.due_at(after))
    return [f"That holds until {time_label(ends_at, zone)}; after that {coach} may ask for {owed}."]


def extras(view: SessionView, terms: CancelTerms) -> list[str]:
    """What was sold as not given back to a student who cancels."""
    kept = terms.price_cents - terms.refundable_cents
    return [f"{in_money(view, kept)} was for extras that are not given back when you cancel."] if kept > 0 else []


def says_paid(view: SessionView) -> bool:
    """True while the student says that they have paid their coach directly, and nobody has confirmed it."""
    return bool(view.seat.payment == "outside" and view.seat.said_paid_at and not view.seat.paid_at)


def is_paid(view: SessionView, paid: SeatMoney) -> bool:
    return bool(paid.paid_cents or view.seat.paid_at)


def left_of(view: SessionView, paid: SeatMoney) -> int:
    """What could still go back."""
    return paid.left_cents if paid.paid_cents else view.seat.price_cents


def in_money(view: SessionView, cents: int) -> str:
    return money(cents, view.seat.currency)
