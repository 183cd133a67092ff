"""What was paid, and is in no record of a booking: its coach seats it again, gives it back, or keeps it as it is."""

from flask import Blueprint, Response, current_app, flash, redirect, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.filters import money
from blueprints.signed_in import signed_in
from coaching.errors import NotFound, Refused, SlotTaken
from coaching.payments.restore_queries import (
    get_unseated,
    given_back_and_booked,
    unseated_payments,
    was_unseated,
)
from coaching.payments.unseated_mutations import give_back, keep, seat_again

blueprint = Blueprint("unseated", __name__, url_prefix="/dashboard/unbooked-payments")
SETTLED = "That payment is settled already."


@blueprint.get("")
@login_required
def show_all() -> Response:
    """All of them, those of everybody for an admin; and what money went back for, and stands as booked."""
    person = signed_in().person
    whose = None if person.is_admin else person
    return web.render(
        "payments/unseated_list.html",
        unseated=unseated_payments(whose),
        still_booked=given_back_and_booked(whose, web.now()),
        zone=zones.page_zone("UTC"),
    )


@blueprint.get("/<reference>")
@login_required
def show(reference: str) -> Response:
    """One of them, with what can be done about it and what that means."""
    return draw(reference)


@blueprint.post("/<reference>/seat")
@login_required
def seat(reference: str) -> AnyResponse:
    """Its student has the time that they paid for."""
    try:
        booked_seat = seat_again(reference, signed_in().person, web.now())
    except NotFound:
        return settled(reference)
    except (Refused, SlotTaken) as error:
        return draw(reference, 409, error.sentence)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    flash(f"Booked again. {booked_seat.student.name} is told.", "good")
    return redirect(url_for("sessions.show", code=booked_seat.coaching_session.code), 303)


@blueprint.post("/<reference>/refund")
@login_required
def refund(reference: str) -> AnyResponse:
    """All that is left of it goes back."""
    try:
        owed = give_back(reference, signed_in().person, web.now())
    except NotFound:
        return settled(reference)
    current_app.extensions["wake_payments"]()
    if owed:
        flash(f"{money(owed.amount_cents, owed.payment.currency)} goes back to whoever paid.", "good")
    return redirect(url_for(".show_all"), 303)


@blueprint.post("/<reference>/keeping")
@login_required
def keep_it(reference: str) -> AnyResponse:
    """It is in order as it is, and is shown no more."""
    try:
        keep(reference, signed_in().person, web.now())
    except NotFound:
        return settled(reference)
    flash("The payment stays as it is.", "good")
    return redirect(url_for(".show_all"), 303)


def draw(reference: str, status: int = 200, trouble: str = "") -> Response:
    unseated = get_unseated(reference, signed_in().person)
    otherwise = unseated.product.store.zone if unseated.product else "UTC"
    return web.render(
        "payments/unseated.html",
        status=status,
        unseated=unseated,
        trouble=trouble,
        zone=zones.page_zone(otherwise),
        at=web.now(),
    )


def settled(reference: str) -> AnyResponse:
    """Pressed twice, or in two windows; NotFound for whoever has nothing to do with it."""
    if not was_unseated(reference, signed_in().person):
        raise NotFound
    flash(SETTLED, "info")
    return redirect(url_for(".show_all"), 303)
