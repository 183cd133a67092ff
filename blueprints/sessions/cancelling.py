"""Cancelling a session: what it means in words and who is told come before the button that does it."""

from datetime import datetime

from flask import Response, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.reach import reach_view
from blueprints.filters import local_time, money
from blueprints.forms import Form, TextBlock
from blueprints.parking import take_parked, with_field
from blueprints.payments.paying import let_payments_follow
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
from coaching.booking.cancel_rules import is_late
from coaching.booking.queries import SessionView, terms_of
from coaching.errors import TooLate
from coaching.zones import zone_label

LONGEST_REASON = 500
CHANGED = "This session, or what cancelling it means, has changed since you opened this page. Nothing is cancelled yet."


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
    return show_question(view, CancelForm(with_field(take_parked(), "reason")))


@blueprint.post("/cancellation")
@link_or_sign_in
def cancel(code: str) -> AnyResponse:
    """The session is called off, and its room goes."""
    view, form = own_view(code), CancelForm()
    person = person_of(view)
    if not view.may_act:
        return draw(view, 409, refused=OLDER_LINK)
    if not form.validate():
        return show_question(view, form, 422)
    if request.form.get("seen", seen_by(view)) != seen_by(view):
        return show_question(view, form, 409, changed=CHANGED)
    count_change(view)
    try:
        cancelled = mutations.cancel_session(view.coaching_session, person, web.now(), form.reason.data)
    except TooLate as error:
        return draw(view, 409, refused=error.sentence)
    let_payments_follow(cancelled)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    return redirect(address_after(view, cancelled), 303)


def show_question(view: SessionView, form: CancelForm, status: int = 200, changed: str | None = None) -> Response:
    """The page that asks once more; `changed` says why it asks again."""
    return web.render(
        "sessions/cancellation.html",
        status=status,
        form=form,
        policy=policy_of(view),
        changed=changed,
        seen=seen_by(view),
        is_reached=reach_view(other_side(view)).is_reached,
        other=other_side(view).name,
        **live_context(view),
    )


def seen_by(view: SessionView) -> str:
    """A mark of what the page says: another one once the session is moved, accepted, paid, or late to cancel."""
    return digest("\n".join([view.coaching_session.starts_at.isoformat(), *policy_of(view)]))[:16]


def policy_of(view: SessionView) -> list[str]:
    """What a cancellation now means for the price, a sentence each."""
    coaching_session, seat, zone = view.coaching_session, view.seat, zone_of(view)
    coach, student, price = coaching_session.coach.name, seat.student.name, money(seat.price_cents, seat.currency)
    is_paid, terms = seat.paid_at is not None, terms_of(seat)
    if coaching_session.held_until:
        return ["Nothing has been agreed on yet, so nothing is owed."]
    if view.role == "coach":
        if not seat.price_cents:
            return ["You can cancel until the end of the call. It costs nobody anything."]
        return [
            "You can cancel until the end of the call.",
            f"You give back the {price} that {student} has paid you." if is_paid else f"{student} owes you nothing.",
        ]
    start = f"You can cancel until the start, {in_words(coaching_session.starts_at, zone)}."
    if not seat.price_cents:
        return [start, "It costs nothing."]
    back = f"{coach} pays back what you paid, {price}" if is_paid else "nothing is owed"
    after = f"{coach} may keep the {price}" if is_paid else f"{coach} may ask for the price, {price}"
    if not terms.binds:
        return [start, f"Until then {back}."]
    until = in_words(terms.until, zone)
    if is_late(terms, web.now()):
        return [start, f"The time to cancel free of charge ended {until}: {after}."]
    return [start, f"Until {until}, {back}; after that {after}."]


def in_words(at: datetime, zone: str) -> str:
    return f"{local_time(at, zone, 'short')}, {zone_label(zone, at)}"
