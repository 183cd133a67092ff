"""A coaching session's lasting page, for student and coach: when, the room, cancelling, paying, the calendar file."""

from flask import Response, current_app, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.sessions import attendance_pages, moving, proposals, room_control
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.calendar import entry_of
from blueprints.sessions.page import draw, draw_live, live_context, own_view
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.booking import mutations, queries
from coaching.errors import NotFound, TooLate
from coaching.messages.calendar import session_file

VIEWS = (attendance_pages, moving, proposals, room_control)
__all__ = ["VIEWS", "blueprint"]


@blueprint.get("")
@login_required
def show(code: str) -> Response:
    """The session as its student, its coach or an admin sees it."""
    return draw(own_view(code))


@blueprint.get("/room")
@login_required
def room(code: str) -> Response:
    """The part that draws itself again while something is due: the moment, the way in, the room."""
    return draw_live(own_view(code))


@blueprint.get("/calendar.ics")
@login_required
def calendar(code: str) -> Response:
    """The session for one's calendar."""
    view = own_view(code)
    address = current_app.config["APP_URL"] + url_for(".show", code=code)
    entry = entry_of(view, signed_in().person, address)
    answer = Response(session_file(entry, web.now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="session-{code}.ics"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/cancellation")
@login_required
def confirm_cancellation(code: str) -> AnyResponse:
    """Asks whether the session is to be called off; changes nothing."""
    view = own_view(code)
    if view.role == "admin":
        raise NotFound
    context = live_context(view)
    if not context["phase"].is_live:
        return redirect(url_for(".show", code=code), 303)
    return render("sessions/cancellation.html", **context)


@blueprint.post("/cancellation")
@login_required
def cancel(code: str) -> AnyResponse:
    """The session is called off, and its room goes."""
    view = own_view(code)
    try:
        mutations.cancel_session(view.coaching_session, signed_in().person, web.now())
    except TooLate as error:
        return draw(view, 409, refused=error.sentence)
    current_app.extensions["wake_rooms"]()
    current_app.extensions["wake_notices"]()
    return redirect(url_for(".show", code=code), 303)


@blueprint.post("/news")
@login_required
def see_news(code: str) -> AnyResponse:
    """The person has seen what the page told of the session; back to the page they pressed it on."""
    coaching_session = own_view(code).coaching_session
    shown = request.form.get("event")
    event = next((one for one in queries.history_of(coaching_session) if str(one.id) == shown), None)
    if event is None:
        raise NotFound
    mutations.mark_news_seen(coaching_session, signed_in().person, event)
    is_of_dashboard = request.form.get("page") == "dashboard"
    return redirect(url_for("dashboard.home") if is_of_dashboard else url_for(".show", code=code), 303)


@blueprint.post("/payment")
@login_required
def mark_paid(code: str) -> AnyResponse:
    """The coach has ticked off the payment made outside, or taken the tick back."""
    is_paid = request.form.get("is_paid") == "yes"
    mutations.mark_paid(own_view(code).coaching_session, signed_in().person, is_paid, web.now())
    return redirect(url_for(".show", code=code), 303)
