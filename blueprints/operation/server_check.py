"""The coach's page "Check my server": what the last look found, and a button that looks again."""

from flask import Response, current_app, redirect, url_for
from flask_login import login_required
from werkzeug import Response as Answer

import clock
from blueprints import web
from blueprints.stores.routes import invite_address
from blueprints.web import current_person, render
from coaching.catalog.models import Store
from coaching.catalog.queries import get_own_store
from coaching.operation.doctor import check_store
from coaching.operation.queries import last_examination


@login_required
def server_check(store: str) -> Response:
    """What the last look at the store's server found."""
    return _show(get_own_store(current_person(), store))


@login_required
def check_server(store: str) -> Answer:
    """The store's server has been looked at."""
    own = get_own_store(current_person(), store)
    if check_store(current_app.extensions["host"], own, web.now(), clock.machine_now()) is None:
        return _show(own, 409)
    return redirect(url_for("operation.server_check", store=own.slug), 303)


def _show(store: Store, status: int = 200) -> Response:
    return render(
        "operation/server_check.html",
        status=status,
        store=store,
        found=last_examination(store),
        is_busy=status == 409,
        invite_href=invite_address(),
    )
