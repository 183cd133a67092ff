"""The admin's pages of all sessions with the state of their rooms, of all rooms, and of one room with all about it."""

from typing import Any

from flask import Response, current_app, redirect, request, url_for
from werkzeug import Response as AnyResponse

from blueprints import web
from blueprints.admin.blueprint import NUMBER, PAGE_SIZE, blueprint, searched
from blueprints.signed_in import signed_in
from coaching.operation.queries import sessions_page
from coaching.own_data.retention_mutations import ROOM_LOG_KEPT
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.manual_mutations import retry_now
from coaching.rooms.orphans.queries import existing_orphans
from coaching.rooms.views import overview_queries
from coaching.rooms.views.labels import MODES, STATES, event_label, hold_label, reason_label, step_label, waiting_label
from coaching.rooms.views.overview_queries import CHOICES, Choice
from coaching.rooms.views.queries import room_log, seen_in
from coaching.runtime.queries import worker_state

LOOK_EVERY = 10
WORDS: dict[str, Any] = {
    "states": STATES,
    "modes": MODES,
    "step_label": step_label,
    "waiting_label": waiting_label,
    "hold_label": hold_label,
    "event_label": event_label,
    "reason_label": reason_label,
}


@blueprint.get("/admin/sessions")
def session_list() -> Response:
    """The sessions that are asked for, or all, the latest first."""
    page, words = web.asked_page(), searched()
    listed, has_more = sessions_page(page, PAGE_SIZE, words)
    return web.render("admin/sessions.html", listed=listed, words=words, number=page, has_more=has_more)


@blueprint.get("/admin/rooms")
def room_list() -> Response:
    """Rooms with what comes next for each; the list draws itself again while something is due."""
    choice, search, number, now = chosen(), searched("search"), web.asked_page(), web.both_clocks()
    page = overview_queries.rooms_page(choice, search, number, PAGE_SIZE, now)
    return web.render(
        "admin/rooms.html",
        "admin/_rooms.html",
        listed=page,
        unreadable=unreadable_rooms(now.product) if worker_state(now.machine).meets_unreadable_rows else (),
        choice=choice,
        search=search,
        number=number,
        look_every=LOOK_EVERY if page.is_lively else None,
        orphans=existing_orphans(),
        **WORDS,
    )


@blueprint.get(f"/admin/rooms/<{NUMBER}:room_id>")
def room(room_id: int) -> Response:
    """One room: its states, what comes next, who was seen, and its log."""
    now = web.both_clocks()
    page = overview_queries.page_of_room(room_id, now)
    return web.render(
        "admin/room.html",
        "admin/_room.html",
        row=page.rows[0],
        holds=page.holds,
        seen=seen_in(room_id, now),
        log=room_log(room_id)[::-1],
        log_days=ROOM_LOG_KEPT.days,
        look_every=LOOK_EVERY if page.is_lively else None,
        **WORDS,
    )


@blueprint.post(f"/admin/rooms/<{NUMBER}:room_id>/retry")
def retry(room_id: int) -> AnyResponse:
    """Whatever failed at the room is tried again at once."""
    retry_now(room_id, signed_in().person, web.now())
    current_app.extensions["wake_rooms"]()
    return redirect(url_for("admin.room", room_id=room_id), 303)


def chosen() -> Choice:
    """Which rooms are asked for; all of them where that makes no sense."""
    asked = request.args.get("show", "all")
    return asked if asked in CHOICES else "all"
