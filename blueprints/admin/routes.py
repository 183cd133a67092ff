"""For admins: is everything fine, the sessions with their rooms, the runs of the clockwork, the mails."""

from flask import Blueprint, Response, abort, current_app, request

import clock
from blueprints import web
from coaching.operation import queries

PAGE_SIZE = 50

blueprint = Blueprint("admin", __name__)


@blueprint.get("/admin")
def overview() -> Response:
    """Is everything fine: one line, green or not; then what is not."""
    require_admin()
    return web.render(
        "admin/overview.html",
        health=queries.health(clock.machine_now()),
        figures=queries.figures(web.now()),
        last_run=next(iter(queries.recent_runs(1)), None),
    )


@blueprint.get("/admin/sessions")
def session_list() -> Response:
    """All sessions with the state of their rooms, the latest first."""
    require_admin()
    page = _page()
    listed = queries.sessions_page(page, PAGE_SIZE)
    return web.render("admin/sessions.html", listed=listed, number=page, has_more=len(listed) == PAGE_SIZE)


@blueprint.get("/admin/runs")
def run_list() -> Response:
    """The last runs of the clockwork."""
    require_admin()
    return web.render("admin/runs.html", runs=queries.recent_runs())


@blueprint.get("/admin/mail")
def mail_list() -> Response:
    """The last mails; where none can be sent, with their text, since the admin has to hand it on."""
    require_admin()
    sends_mail = current_app.extensions["settings"].mail_url is not None
    return web.render("admin/mail.html", notices=queries.recent_notices(PAGE_SIZE), sends_mail=sends_mail)


def require_admin() -> None:
    """404 for everybody else: that there is such a page is nobody's business."""
    person = web.current_person()
    if person is None or not person.is_admin:
        abort(404)


def _page() -> int:
    text = request.args.get("page", "1")
    return int(text) if text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 10_000 else 1
