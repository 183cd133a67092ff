"""A coaching session's lasting page, for student and coach: when, the room, paying, the calendar file."""

from flask import Response, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.receipts.of_session import settle_money
from blueprints.sessions import (
    attendance_pages,
    cancelling,
    moving,
    objection_pages,
    pending_pages,
    proposals,
    refunding,
    room_control,
)
from blueprints.sessions.blueprint import blueprint
from blueprints.sessions.calendar import entry_of, reminders_of
from blueprints.sessions.links import link_or_sign_in
from blueprints.sessions.page import draw, draw_live, own_view
from blueprints.signed_in import signed_in
from coaching.booking import mutations
from coaching.booking.history_queries import history_of
from coaching.errors import NotFound

VIEWS = (attendance_pages, cancelling, moving, objection_pages, pending_pages, proposals, refunding, room_control)
__all__ = ["VIEWS", "blueprint"]


@blueprint.get("")
@link_or_sign_in
def show(code: str) -> AnyResponse:
    """The session as its student, its coach or an admin sees it."""
    return draw(own_view(code))


@blueprint.get("/room")
@link_or_sign_in
def room(code: str) -> AnyResponse:
    """The part that draws itself again while something is due: the moment, the way in, the room."""
    return draw_live(own_view(code))


@blueprint.get("/calendar.ics")
@link_or_sign_in
def calendar(code: str) -> AnyResponse:
    """The session for one's calendar; what was not agreed on is for none."""
    from coaching.messages.calendar import session_file

    view = own_view(code)
    if view.coaching_session.held_until:
        return redirect(url_for(".show", code=code), 303)
    person = view.person or signed_in().person
    entry = entry_of(view, person, reminders_of(view, person))
    answer = Response(session_file(entry, web.now()), mimetype="text/calendar")
    answer.headers["Content-Disposition"] = f'attachment; filename="session-{code}.ics"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/news")
@login_required
def see_news(code: str) -> AnyResponse:
    """The person has seen what the page told of the session; back to the page they pressed it on."""
    coaching_session = own_view(code).coaching_session
    event_id = request.form.get("event")
    event = next((event for event in history_of(coaching_session) if str(event.id) == event_id), None)
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
    view = own_view(code)
    mutations.mark_paid(view.coaching_session, signed_in().person, is_paid, web.now())
    settle_money(view)
    return redirect(url_for(".show", code=code), 303)
