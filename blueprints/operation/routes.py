"""Is it up, is it ready, what is wrong with a server, and in demo mode: what time it is."""

from datetime import datetime, timedelta

from flask import Response, abort, current_app, redirect, request
from werkzeug import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.next_pages import page_address
from blueprints.operation import cron, metrics, server_check
from blueprints.operation.blueprint import blueprint
from blueprints.operation.clock_bar import clock_bar
from blueprints.operation.readiness import SENTENCES, Ready
from coaching.operation.actions import run_in_a_request
from coaching.operation.mutations import move_clock

VIEWS = (cron, metrics, server_check)
__all__ = ["VIEWS", "blueprint"]

blueprint.app_context_processor(lambda: {"demo_clock": clock_bar})


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is up; nothing else is asked."""
    return Response("up\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Database, queue, disk and worker can do their work: yes or no, and hardly more."""
    is_ready = Ready(current_app.extensions["readiness"].answer())
    return Response(f"{SENTENCES[is_ready]}\n", 200 if is_ready else 503, mimetype="text/plain")


@blueprint.post("/demo/clock")
def set_clock() -> AnyResponse:
    """The demo's clock jumps, and what is due then is done."""
    if not current_app.config["DEMO"]:
        abort(404)
    move_clock(_wanted_offset())
    run_in_a_request(current_app.extensions["host"], clock.both())
    current_app.extensions["wake_notices"]()
    current_app.extensions["wake_calendars"]()
    # The bar does not name its page: htmx may have changed what stands under it.
    return redirect(web.safe_next(request.form.get("next") or page_address()), 303)


def _wanted_offset() -> timedelta:
    if request.form.get("reset"):
        return timedelta()
    try:
        at = datetime.fromisoformat(request.form.get("at", ""))
    except ValueError:
        abort(400)
    if at.tzinfo is None or not 2000 <= at.year <= 2100:
        abort(400)
    return at - clock.machine_now()
