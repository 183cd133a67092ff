"""On to the provider's page, from wherever somebody has just got something to pay; and what a change means for it."""

from flask import Response, current_app, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.same_origin import origin_of, pay_origin
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.booking.queries import find_seat_of
from coaching.errors import PaymentUnavailable, TooLate
from coaching.payments.actions import begin_payment
from coaching.payments.begin_mutations import ask_soon
from coaching.payments.checkout_rules import ReturnAddresses
from coaching.payments.models import Payment
from coaching.payments.own_provider_queries import own_provider_of
from coaching.payments.settling_mutations import owe_due_refunds


def go_on(coaching_session: CoachingSession, student: Person) -> AnyResponse:
    """On from a booking: to the payment, where the time is held for one by card; else to the session's page."""
    if coaching_session.state == "held":
        seat = find_seat_of(coaching_session.id)
        if seat and not own_provider_of(seat):
            return go_on_to_pay(coaching_session, student)
    return redirect(url_for("sessions.show", code=coaching_session.code), 303)


def go_on_to_pay(coaching_session: CoachingSession, student: Person) -> AnyResponse:
    """To the page on which the student pays; where there is none to be had, to the session's own, which says so."""
    own_page = url_for("sessions.show", code=coaching_session.code)
    try:
        payment = begin_payment(
            coaching_session, student, addresses_of(coaching_session), current_app.extensions["provider_of"], web.now()
        )
    except (PaymentUnavailable, TooLate):
        return redirect(own_page, 303)
    if payment.state == "open":
        return leave_for(payment)
    after_news(payment)
    return redirect(own_page, 303)


def leave_for(payment: Payment) -> AnyResponse:
    """To the provider's page. A form may lead to the known ones only, so for any other there is a link on the way."""
    address = payment.page_url
    if not web.wants_fragment() and origin(address) != pay_origin():
        store = payment.seat.coaching_session.product.store if payment.seat else None
        leaving = web.render("payments/leaving.html", address=address, store=store)
        leaving.headers["Refresh"] = f"1;url={address}"
        return leaving
    if web.wants_fragment():
        # What htmx fetches itself may come from nowhere else.
        answer = Response(status=204)
        answer.headers["HX-Redirect"] = address
        return answer
    return redirect(address, 303)


def addresses_of(coaching_session: CoachingSession) -> ReturnAddresses:
    """Where the provider leads back to; nothing is believed of what stands in the address then."""
    site = current_app.config["APP_URL"]
    code = coaching_session.code
    return ReturnAddresses(
        paid=f"{site}{url_for('pay.after_payment', code=code)}", back=f"{site}{url_for('sessions.show', code=code)}"
    )


def let_payments_follow(coaching_session: CoachingSession) -> None:
    """The session has just changed: what is open for it is ended, and what is owed goes out, as soon as can be."""
    now = web.now()
    ask_soon(coaching_session, now)
    owe_due_refunds(now, coaching_session)
    current_app.extensions["wake_payments"]()


def after_news(payment: Payment) -> None:
    """Something has come of a payment: rooms and messages follow."""
    if payment.state == "paid":
        current_app.extensions["wake_rooms"]()
        current_app.extensions["wake_payments"]()
    current_app.extensions["wake_notices"]()


def origin(address: str) -> str:
    """Scheme, host and port; empty for what is no address."""
    try:
        return origin_of(address)
    except ValueError:
        return ""
