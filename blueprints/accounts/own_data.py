"""What somebody downloads about themselves: asked for, made by the worker, kept for a day for nobody but them."""

from pathlib import Path

from flask import Response, current_app, redirect, request, send_file, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import zones
from blueprints.accounts.blueprint import blueprint
from blueprints.accounts.login import fresh_sign_in_required
from blueprints.signed_in import signed_in
from blueprints.web import render
from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person
from coaching.own_data.export_actions import EXPORTS, export_path
from coaching.own_data.export_mutations import ask_for_export, drop_exports
from coaching.own_data.export_queries import ExportView, export_of
from coaching.own_data.export_rules import ExportState, file_name


@blueprint.get("/settings/data")
@login_required
def own_data() -> Response:
    """How one's own file stands, with the way to it."""
    return show_data()


@blueprint.post("/settings/data")
@fresh_sign_in_required
def ask_for_data() -> AnyResponse:
    """One file is made, however often it is asked for."""
    person, now = signed_in().person, clock.machine_now()
    if own_export(person).state is ExportState.FAILED:
        drop_exports(person)
    if ask_for_export(person, now):
        current_app.extensions["wake_exports"]()
    return redirect(url_for(".own_data"), 303)


@blueprint.get("/settings/data/file")
@login_required
def download_data() -> Response:
    """The file itself; 410 where there is none, or none any more."""
    person = signed_in().person
    export = own_export(person)
    if export.made_at is None:
        return show_data(status=410)
    try:
        answer = send_file(
            path_of(export),
            mimetype="application/zip",
            as_attachment=True,
            download_name=file_name(export.made_at),
            etag=export.name,
        )
    except OSError:  # its time was over in this very moment
        return show_data(status=410)
    if request.method == "GET" and "Range" not in request.headers:
        note("data downloaded", clock.machine_now(), person)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def show_data(status: int = 200) -> Response:
    """The page, or the part of it that asks whether the file is ready."""
    return render("accounts/own_data.html", "accounts/_own_data.html", status, **data_context(), is_over=status == 410)


def data_context() -> dict[str, object]:
    """What the templates list of one's own file."""
    return {"export": own_export(signed_in().person), "zone": zones.page_zone("UTC")}


def own_export(person: Person) -> ExportView:
    """How the file stands; one that is not where it was made, as on another machine, has failed."""
    export = export_of(person, clock.machine_now())
    is_lost = export.state is ExportState.READY and not path_of(export).is_file()
    return ExportView(ExportState.FAILED, export.asked_at) if is_lost else export


def path_of(export: ExportView) -> Path:
    """Where the file lies once it is ready."""
    folder: Path = current_app.extensions["settings"].data_dir / EXPORTS
    return export_path(folder.absolute(), export.name)
