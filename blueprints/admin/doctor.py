"""The admin's page of everything that could be wrong with the site: what `flask doctor` prints."""

from flask import Response, current_app, redirect, url_for
from werkzeug import Response as AnyResponse

from blueprints import web
from blueprints.admin.blueprint import blueprint
from blueprints.web import render
from coaching.diagnostics.actions import check_site
from coaching.diagnostics.queries import last_diagnosis


@blueprint.get("/admin/doctor")
def site_check() -> Response:
    """What the last look at the site found."""
    return _show()


@blueprint.post("/admin/doctor")
def check_site_now() -> AnyResponse:
    """The site has been looked at."""
    parts = current_app.extensions
    if check_site(parts["host"], parts["site"](), web.both_clocks()) is None:
        return _show(409)
    return redirect(url_for("admin.site_check"), 303)


def _show(status: int = 200) -> Response:
    diagnosis = last_diagnosis(None)
    return render("admin/doctor.html", "admin/_doctor.html", status, diagnosis=diagnosis, is_busy=status == 409)
