"""A coaching session's lasting page, for its student and its coach: when, the room, cancelling, the calendar file."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web, zones
from blueprints.accounts.login import signed_in
from blueprints.sessions.calendar import calendar_file
from blueprints.sessions.moment import Moment, is_as_planned, moment_of, remaining, status_of
from blueprints.web import render
from coaching.accounts import queries as accounts
from coaching.booking import mutations, queries
from coaching.booking.queries import SessionView
from coaching.errors import NotFound, TooLate
from coaching.rooms import queries as rooms
from coaching.rooms.queries import RoomView

blueprint = Blueprint("sessions", __name__, url_prefix="/sessions/<code>")


@blueprint.get("")
@login_required
def show(code: str) -> Response:
    """The session as its student, its coach or an admin sees it; near the thresholds it draws itself again."""
    return draw(own_view(code))


@blueprint.get("/calendar.ics")
@login_required
def calendar(code: str) -> Response:
    """The session for one's calendar."""
    view = own_view(code)
    address = current_app.config["APP_URL"] + url_for(".show", code=code)
    answer = Response(calendar_file(view, address, web.now()), mimetype="text/calendar")
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
    context = page_context(view)
    if not context["moment"].is_live:
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
        return render(
            "sessions/session.html", "sessions/_session.html", 409, refused=error.sentence, **page_context(view)
        )
    current_app.extensions["wake_rooms"]()
    return redirect(url_for(".show", code=code), 303)


@blueprint.post("/payment")
@login_required
def mark_paid(code: str) -> AnyResponse:
    """The coach has ticked off the payment made outside, or taken the tick back."""
    is_paid = request.form.get("is_paid") == "yes"
    mutations.mark_paid(own_view(code).coaching_session, signed_in().person, is_paid, web.now())
    return redirect(url_for(".show", code=code), 303)


def draw(view: SessionView, status: int = 200, **more: Any) -> Response:
    """The session's page, or for htmx the session alone."""
    return render("sessions/session.html", "sessions/_session.html", status, **page_context(view), **more)


def own_view(code: str) -> SessionView:
    """The session as the signed-in person may see it."""
    return queries.get_session_for(signed_in().person, code)


def page_context(view: SessionView) -> dict[str, Any]:
    """What the session's templates show."""
    coaching_session, now = view.coaching_session, web.now()
    timeline = rooms.session_timeline(coaching_session, now)
    moment, room = moment_of(view, timeline, now), rooms.find_room(coaching_session)
    is_true = is_as_planned(room.state if room else "absent", timeline, now)
    return {
        "view": view,
        "coaching_session": coaching_session,
        "seat": view.seat,
        "store": coaching_session.product.store,
        "zone": zones.page_zone(coaching_session.zone),
        "moment": moment,
        "state_pill": status_of(view, now),
        "remaining": remaining(moment.awaited[1] - now) if moment.awaited else "",
        "timeline": timeline if is_true else replace(timeline, now=None),
        "room": room,
        "room_href": way_in(moment, room),
        "room_log": rooms.room_log(coaching_session) if view.role != "student" else [],
        "answers": queries.answers_of(view, now),
        "shows_answers": view.shows_answers(now),
        "student_discord": accounts.find_discord_link(view.seat.student) if view.role == "coach" else None,
    }


def way_in(moment: Moment, room: RoomView | None) -> str | None:
    """Where the room is, while it is open."""
    if not (moment.is_room_due and room and room.state == "open" and room.discord_channel_id):
        return None
    discord = current_app.extensions["settings"].discord_oauth_url
    return f"{discord}/channels/{room.discord_guild_id}/{room.discord_channel_id}"
