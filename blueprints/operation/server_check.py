"""The coach's page "Check my server": what the last look found, and a button that looks again."""

from flask import Response, current_app, redirect, url_for
from flask_login import login_required
from werkzeug import Response as AnyResponse

from blueprints import web
from blueprints.operation.blueprint import blueprint
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.checks import is_healthy
from coaching.diagnostics.actions import check_store
from coaching.diagnostics.queries import last_diagnosis
from coaching.rooms.manual_mutations import retry_store


@blueprint.get("/store/<store>/server-check")
@login_required
def server_check(store: str) -> Response:
    """What the last look at the store's server found."""
    return _show(get_own_store(signed_in().person, store))


@blueprint.post("/store/<store>/server-check")
@login_required
def check_server(store: str) -> AnyResponse:
    """The store's server has been looked at, and once it is sound whatever failed there is tried again at once."""
    own = get_own_store(signed_in().person, store)
    checks = check_store(current_app.extensions["host"], own, web.both_clocks())
    if checks is None:
        return _show(own, 409)
    # Whoever has just mended their server should not have to wait for the pause after the last failure.
    if is_healthy(checks) and retry_store(own, signed_in().person, web.now()):
        current_app.extensions["wake_rooms"]()
    return redirect(url_for("operation.server_check", store=own.slug), 303)


def _show(store: Store, status: int = 200) -> Response:
    return render(
        "operation/server_check.html",
        "operation/_server_check.html",
        status,
        store=store,
        diagnosis=last_diagnosis(store),
        is_busy=status == 409,
        knows_commands=signed_in().person.is_admin,
    )
