"""What each side does about a time that is not agreed on: accept, decline, say that one has paid, confirm it."""

from flask import current_app, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.filters import local_time
from blueprints.forms import checked
from blueprints.receipts.of_session import settle_money
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.page import draw, own_view, zone_of
from blueprints.sessions.pending import DeclineForm, PaidBackForm
from blueprints.signed_in import signed_in
from coaching.booking import hold_mutations, request_mutations
from coaching.booking.move_mutations import offer_of
from coaching.booking.queries import Role, SessionView
from coaching.booking.slot_queries import nearest_starts
from coaching.errors import CoachStopped, NotFound, Refused, SlotTaken, StudentSuspended, TooLate
from coaching.payments.late_payment_mutations import record_paid_back
from coaching.payments.selling_queries import cannot_be_paid
from coaching.payments.settling_mutations import owe_due_refunds

NEAREST = 3
NO_CARDS = (
    "Not accepted: {student} could not pay. Connect a Stripe key under “Card payments” of your store, or mend the one "
    "there; the request waits here."
)


@blueprint.post("/acceptance")
@login_required
def accept(code: str) -> AnyResponse:
    """The coach takes the call."""
    view = view_of(code, "coach")
    held = view.coaching_session
    if held.state == "requested" and cannot_be_paid(view.seat, held.product.store):
        return draw(view, 409, refused=NO_CARDS.format(student=view.seat.student.name))
    try:
        request_mutations.accept_request(view.coaching_session, signed_in().person, web.now())
    except (TooLate, CoachStopped, StudentSuspended) as error:
        return draw(own_view(code), 409, refused=error.sentence)
    return after_change(code)


@blueprint.post("/decline")
@login_required
def decline(code: str) -> AnyResponse:
    """The coach does not take the call, and says why."""
    view, form = view_of(code, "coach"), DeclineForm()
    if not form.validate():
        return draw(view, 422, decline_form=form)
    try:
        request_mutations.decline_request(view.coaching_session, signed_in().person, form.reason.data, web.now())
    except TooLate as error:
        return draw(own_view(code), 409, refused=error.sentence)
    owe_due_refunds(web.now(), view.coaching_session)
    return after_change(code)


@blueprint.post("/payment-notice")
@login_required
def say_paid(code: str) -> AnyResponse:
    """The student says that they have paid."""
    view = view_of(code, "student")
    try:
        hold_mutations.say_paid(view.coaching_session, signed_in().person, web.now())
    except TooLate as error:
        return draw(own_view(code), 409, refused=error.sentence)
    return after_change(code)


@blueprint.post("/confirmation")
@login_required
def confirm(code: str) -> AnyResponse:
    """The coach says whether the money is there. Where the time is taken by now they read which ones are near."""
    view, coach = view_of(code, "coach"), signed_in().person
    try:
        if request.form.get("is_received") == "no":
            hold_mutations.deny_payment(view.coaching_session, coach, web.now())
        else:
            hold_mutations.confirm_payment(view.coaching_session, coach, web.now())
            settle_money(view)
    except SlotTaken as error:
        return draw(own_view(code), 409, refused=f"{error.sentence} {other_times(view)}")
    except TooLate as error:
        return draw(own_view(code), 409, refused=error.sentence)
    return after_change(code)


@blueprint.post("/late-payment")
@login_required
def say_paid_back(code: str) -> AnyResponse:
    """What came when the time was gone has gone back, as the coach says."""
    view, form = view_of(code, "coach"), PaidBackForm()
    form.amount.set_currency(view.seat.currency)
    if not form.validate():
        return draw(view, 422, paid_back_form=form)
    try:
        record_paid_back(view.coaching_session, signed_in().person, checked(form.amount.data), web.now())
    except TooLate as error:
        return draw(own_view(code), 409, refused=error.sentence)
    except Refused as error:
        form.amount.errors = [error.sentence]
        return draw(view, 422, paid_back_form=form)
    settle_money(view)
    return after_change(code)


def view_of(code: str, role: Role) -> SessionView:
    """The session, if the signed-in person has this part in it."""
    view = own_view(code)
    if view.role != role:
        raise NotFound
    return view


def after_change(code: str) -> AnyResponse:
    """The session's page; whoever has to hear of it does."""
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    current_app.extensions["wake_payments"]()
    return redirect(url_for("sessions.show", code=code), 303)


def other_times(view: SessionView) -> str:
    """What a coach can do with money for a time that is taken."""
    missed, zone = view.coaching_session, zone_of(view)
    near = nearest_starts(missed.product, offer_of(missed), missed.starts_at, web.now(), NEAREST, missed)
    times = ", ".join(local_time(start, zone, "short") for start in near)
    student = view.seat.student.name
    if not near:
        return f"Agree with {student} on another time, or give the money back."
    return f"The nearest free times are {times}: agree on one with {student}, who can book it, or give the money back."
