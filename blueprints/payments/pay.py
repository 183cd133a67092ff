"""Paying for a held time by card: on to the provider's page, and back from it."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.payments.paying import after_news, go_on_to_pay
from blueprints.sessions.page import zone_of
from blueprints.signed_in import signed_in
from coaching.booking.hold_rules import state_at
from coaching.booking.queries import SessionView, get_session_for
from coaching.errors import NotFound
from coaching.payments.actions import settle_payment
from coaching.payments.checkout_rules import UNDER_WAY, was_asked_lately
from coaching.payments.models import Payment
from coaching.payments.own_provider_queries import own_provider_of
from coaching.payments.payment_queries import payment_of

ASKS_AFTER, LOOKS_AFTER = 2, 15  # seconds
blueprint = Blueprint("pay", __name__, url_prefix="/sessions/<code>")


@blueprint.post("/pay")
@login_required
def pay(code: str) -> AnyResponse:
    """To the page on which the held time is paid."""
    try:
        view = own_view(code)
    except NotFound:
        return show_somebody_elses(url_for("sessions.show", code=code))
    return go_on_to_pay(view.coaching_session, signed_in().person)


@blueprint.get("/pay")
@login_required
def back_to_session(code: str) -> AnyResponse:
    """Who asks for the address of a sent form again is led to the session."""
    try:
        return redirect(url_for("sessions.show", code=own_view(code).coaching_session.code), 303)
    except NotFound:
        return show_somebody_elses(url_for("sessions.show", code=code))


@blueprint.get("/paid")
@login_required
def after_payment(code: str) -> AnyResponse:
    """Where the provider's page leads back to: what it says of the payment now, whatever stands in the address.

    It asks, as the worker does each minute, and writes down what is so: the same step, which may run any number of
    times.
    """
    try:
        view = own_view(code)
    except NotFound:
        return show_somebody_elses(url_for(".after_payment", code=code), has_paid=True)
    payment = payment_of(view.seat)
    if payment is None:
        return redirect(url_for("sessions.show", code=code), 303)
    before = payment.state
    is_known = not was_asked_lately(payment, web.now())
    if payment.state in UNDER_WAY and is_known:
        payment = settle_payment(payment, current_app.extensions["provider_of"], web.now())
    if payment.state != before:
        after_news(payment)
        view = own_view(code)
    if payment.state == "paid" and view.seat.paid_at:
        return redirect_to(url_for("sessions.show", code=code))
    return web.render(
        "payments/paid.html", "payments/_paid.html", **context_of(view, payment, is_known and not payment.fault)
    )


def show_somebody_elses(back: str, *, has_paid: bool = False) -> Response:
    """The way to another account, whether or not there is such a booking; `has_paid`: they come from the provider."""
    return web.render("payments/somebody_elses.html", status=404, back=back, has_paid=has_paid)


def own_view(code: str) -> SessionView:
    """The session of the student who is signed in; for everybody else it is not there."""
    view = get_session_for(signed_in().person, code)
    if view.role != "student" or own_provider_of(view.seat):
        raise NotFound
    return view


def context_of(view: SessionView, payment: Payment, is_known: bool) -> dict[str, Any]:
    """What the page after the payment shows; `is_known` is whether the provider has just said how it stands."""
    held = view.coaching_session
    is_held = state_at(held.state, held.held_until, web.now()) == "held"
    return {
        "view": view,
        "coaching_session": held,
        "seat": view.seat,
        "payment": payment,
        "is_held": is_held,
        "is_known": is_known,
        "store": held.product.store,
        "asks_after": pause_of(payment, is_known),
        "zone": zone_of(view),
    }


def pause_of(payment: Payment, is_known: bool) -> int | None:
    """After how many seconds the page looks again by itself: soon while nobody knows, else now and then."""
    if payment.state not in ("begun", "open"):
        return None
    return LOOKS_AFTER if is_known and payment.state == "open" else ASKS_AFTER


def redirect_to(address: str) -> AnyResponse:
    """There, with the whole page also where a part of it asked."""
    if not web.wants_fragment():
        return redirect(address, 303)
    answer = current_app.response_class(status=204)
    answer.headers["HX-Redirect"] = address
    return answer
