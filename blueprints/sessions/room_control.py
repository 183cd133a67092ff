"""What the coach does by hand: opening, prolonging and closing the room, and correcting what became of the session."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Response, abort, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.manual_control import MORE_MINUTES, end_in_words
from blueprints.sessions.outcome import OutcomeForm
from blueprints.sessions.page import draw, live_context, own_view
from blueprints.signed_in import signed_in
from coaching.booking import mutations
from coaching.booking.queries import SessionView
from coaching.errors import NotFound, Refused, TooLate
from coaching.payments.money_outcome_mutations import owe_outcome_refunds
from coaching.payments.settling_mutations import owe_due_refunds
from coaching.rooms import manual_mutations


@blueprint.post("/room/opening")
@login_required
def open_room(code: str) -> AnyResponse:
    """The room is wanted open from now on."""
    return steer(code, manual_mutations.open_now)


@blueprint.post("/room/extension")
@login_required
def extend_room(code: str) -> AnyResponse:
    """The room is wanted open ten minutes longer than the button's page said; the answer names the new end."""
    add_minutes = partial(manual_mutations.add_minutes, minutes=MORE_MINUTES, shown_closing=shown_closing())
    answer = steer(code, add_minutes)
    if answer.status_code == 303:
        after = live_context(coached_view(code))
        flash(end_in_words(after["room"].status, after["zone"]), "good")
    return answer


@blueprint.post("/room/closing")
@login_required
def close_room(code: str) -> AnyResponse:
    """The room is wanted closed."""
    return steer(code, manual_mutations.close_now)


@blueprint.post("/outcome")
@login_required
def correct_outcome(code: str) -> AnyResponse:
    """What became of the session is what its coach says."""
    view = coached_view(code)
    form = OutcomeForm().naming(view.seat.student.name)
    if not form.validate():
        form.outcome.errors = ["Choose what happened."]
        return draw(view, 422, outcome_form=form)
    try:
        mutations.correct_outcome(view.coaching_session, signed_in().person, *form.details(), web.now())
    except Refused as refusal:
        return refused(view, refusal)
    owe_due_refunds(web.now(), view.coaching_session)
    owe_outcome_refunds(web.now(), view.coaching_session)
    current_app.extensions["wake_payments"]()
    return redirect(url_for("sessions.show", code=code) + "#outcome", 303)


def steer(code: str, want: Callable[..., None]) -> AnyResponse:
    """The room is wanted otherwise; back to the session, while the worker sees to it."""
    view = coached_view(code)
    try:
        want(view.coaching_session, signed_in().person, now=web.now())
    except Refused as refusal:
        return refused(view, refusal)
    current_app.extensions["wake_rooms"]()
    return redirect(url_for("sessions.show", code=code), 303)


def shown_closing() -> datetime | None:
    """The planned closing that the page with the button has shown."""
    try:
        closing_at = datetime.fromisoformat(request.form["until"]) if "until" in request.form else None
    except ValueError:
        abort(400)
    if closing_at and closing_at.tzinfo is None:
        abort(400)
    return closing_at


def coached_view(code: str) -> SessionView:
    """The session, if the signed-in person is its coach."""
    view = own_view(code)
    if view.role != "coach":
        raise NotFound
    return view


def refused(view: SessionView, refusal: Refused) -> Response:
    """The page with the reason on top."""
    return draw(view, 409 if isinstance(refusal, TooLate) else 422, refused=refusal.sentence)
