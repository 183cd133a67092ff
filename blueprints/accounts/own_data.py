"""What somebody downloads about themselves: asked for, made by the worker, kept for a day for nobody but them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class DataPages:
    """By which endpoints somebody sees how their file stands, asks for it and downloads it."""

    page: str
    ask: str
    file: str


OWN = DataPages("accounts.own_data", "accounts.ask_for_data", "accounts.download_data")


@blueprint.get("/settings/data")
@login_required
def own_data() -> Response:
    """How one's own file stands, with the way to it."""
    return show_data()


@blueprint.post("/settings/data")
@fresh_sign_in_required
def ask_for_data() -> AnyResponse:
    """One file is made, however often it is asked for."""
    put_together(signed_in().person)
    return redirect(url_for(".own_data"), 303)


@blueprint.get("/settings/data/file")
@login_required
def download_data() -> Response:
    """The file itself; 410 where there is none, or none any more."""
    return file_of(signed_in().person) or show_data(status=410)


def put_together(person: Person) -> None:
    """The person's file is made, if there is none; one that failed is made anew."""
    if own_export(person).state is ExportState.FAILED:
        drop_exports(person)
    if ask_for_export(person, clock.machine_now()):
        current_app.extensions["wake_exports"]()


def file_of(person: Person) -> Response | None:
    """The person's file as a download; None where there is none, or none any more."""
    export = own_export(person)
    if export.made_at is None:
        return None
    try:
        answer = send_file(
            path_of(export),
            mimetype="application/zip",
            as_attachment=True,
            download_name=file_name(export.made_at),
            etag=export.name,
        )
    except OSError:  # its time was over in this very moment
        return None
    if request.method == "GET" and "Range" not in request.headers:
        note("data downloaded", clock.machine_now(), person)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def show_data(status: int = 200) -> Response:
    """The page, or the part of it that asks whether the file is ready."""
    context = data_context(signed_in().person)
    return render("accounts/own_data.html", "accounts/_own_data.html", status, **context, is_over=status == 410)


def data_context(person: Person, pages: DataPages = OWN) -> dict[str, Any]:
    """What the templates list of the person's file."""
    return {"export": own_export(person), "zone": zones.page_zone("UTC"), "pages": pages, "is_told": pages is OWN}


def own_export(person: Person) -> ExportView:
    """How the file stands; one that is not where it was made, as on another machine, has failed."""
    export = export_of(person, clock.machine_now())
    is_lost = export.state is ExportState.READY and not path_of(export).is_file()
    return ExportView(ExportState.FAILED, export.asked_at) if is_lost else export


def path_of(export: ExportView) -> Path:
    """Where the file lies once it is ready."""
    folder: Path = current_app.extensions["settings"].data_dir / EXPORTS
    return export_path(folder.absolute(), export.name)
