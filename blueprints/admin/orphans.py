"""The admin's pages of what stands in Discord without a row: which, and one of them to be closed or removed."""

from flask import Response, abort, current_app, flash, redirect, url_for
from werkzeug import Response as AnyResponse

import clock
from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import NUMBER, blueprint
from blueprints.signed_in import signed_in
from coaching.host import HostError
from coaching.refusals import explain
from coaching.rooms.models import Orphan
from coaching.rooms.orphans.actions import dispose_of
from coaching.rooms.orphans.queries import existing_orphans
from coaching.rooms.orphans.rules import Disposal
from coaching.rooms.planning.case import Part

KINDS = {
    Part.CHANNEL: "Room",
    Part.CATEGORY: "Category",
    Part.ROLE: "Role",
}
# What is said of it, with its name before.
OUTCOMES = {
    Disposal.REMOVED: ("is removed.", "good"),
    Disposal.CLOSED: ("is closed: nobody else can enter it. Who is inside stays until it is removed.", "good"),
    Disposal.GONE: ("was gone already.", "good"),
    Disposal.NOT_OURS: ("was left alone: it has another name by now, or belongs to a booking here.", "info"),
    Disposal.OUT_OF_REACH: (
        "was left alone: the bot is not let near it any more. Whoever manages that server can delete it.",
        "info",
    ),
}


@blueprint.get("/admin/orphans")
def orphan_list() -> Response:
    """All of them, as they were last seen; those that still let people in first."""
    return web.render("admin/orphans.html", orphans=existing_orphans(), kinds=KINDS)


@blueprint.get(f"/admin/orphans/<{NUMBER}:orphan_id>")
def orphan(orphan_id: int) -> Response:
    """One of them, with what can be done about it and what that means."""
    return show_orphan(known_orphan(orphan_id))


@blueprint.post(f"/admin/orphans/<{NUMBER}:orphan_id>/closing")
def close_orphan_now(orphan_id: int) -> AnyResponse:
    """Let nobody into it any more."""
    orphan = known_orphan(orphan_id)
    return abort(404) if orphan.kind == Part.ROLE else answer(orphan, Disposal.CLOSED)


@blueprint.post(f"/admin/orphans/<{NUMBER}:orphan_id>/removal")
def remove_orphan_now(orphan_id: int) -> AnyResponse:
    """Remove it from Discord."""
    return answer(known_orphan(orphan_id), Disposal.REMOVED)


def answer(orphan: Orphan, wanted: Disposal) -> AnyResponse:
    """Close or remove it, and say what came of it."""
    if detour := ask_for_factor():
        return detour
    host, person = current_app.extensions["host"], signed_in().person
    try:
        words, kind = OUTCOMES[dispose_of(host, orphan, wanted, person, clock.both())]
    except HostError as error:
        return show_orphan(orphan, 409, f"It was not {wanted}. {explain(error.kind)}")
    flash(f"“{orphan.name}” {words}", kind)
    return redirect(url_for("admin.orphan_list"), 303)


def show_orphan(orphan: Orphan, status: int = 200, trouble: str = "") -> Response:
    return web.render("admin/orphan.html", status=status, orphan=orphan, kinds=KINDS, trouble=trouble)


def known_orphan(orphan_id: int) -> Orphan:
    """The orphan of this number; 404 where it is none any more."""
    return next((orphan for orphan in existing_orphans() if orphan.id == orphan_id), None) or abort(404)
