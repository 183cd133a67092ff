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
from coaching.rooms.orphans.actions import close_orphan, remove_orphan
from coaching.rooms.orphans.queries import find_orphan, standing_orphans
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
    return web.render("admin/orphans.html", orphans=standing_orphans(), kinds=KINDS)


@blueprint.get(f"/admin/orphans/<{NUMBER}:orphan_id>")
def orphan(orphan_id: int) -> Response:
    """One of them, with what can be done about it and what that means."""
    return show_orphan(known_orphan(orphan_id))


@blueprint.post(f"/admin/orphans/<{NUMBER}:orphan_id>/closing")
def close_orphan_now(orphan_id: int) -> AnyResponse:
    """Let nobody into it any more."""
    orphan = known_orphan(orphan_id)
    if orphan.kind == Part.ROLE:
        abort(404)
    if detour := ask_for_factor():
        return detour
    try:
        outcome = close_orphan(current_app.extensions["host"], orphan, signed_in().person, clock.machine_now())
    except HostError as error:
        return show_orphan(orphan, 409, f"It was not closed. {explain(error.kind)}")
    return say_disposal(orphan, outcome)


@blueprint.post(f"/admin/orphans/<{NUMBER}:orphan_id>/removal")
def remove_orphan_now(orphan_id: int) -> AnyResponse:
    """Remove it from Discord."""
    orphan = known_orphan(orphan_id)
    if detour := ask_for_factor():
        return detour
    try:
        outcome = remove_orphan(current_app.extensions["host"], orphan, signed_in().person, clock.machine_now())
    except HostError as error:
        return show_orphan(orphan, 409, f"It was not removed. {explain(error.kind)}")
    return say_disposal(orphan, outcome)


def say_disposal(orphan: Orphan, outcome: Disposal) -> AnyResponse:
    words, kind = OUTCOMES[outcome]
    flash(f"“{orphan.name}” {words}", kind)
    return redirect(url_for("admin.orphan_list"), 303)


def show_orphan(orphan: Orphan, status: int = 200, trouble: str = "") -> Response:
    guild_name = next((standing.guild_name for standing in standing_orphans() if standing == orphan), "")
    return web.render(
        "admin/orphan.html", status=status, orphan=orphan, guild_name=guild_name, kinds=KINDS, trouble=trouble
    )


def known_orphan(orphan_id: int) -> Orphan:
    """The orphan of this number; 404 where it is none any more."""
    orphan = find_orphan(orphan_id)
    return orphan if orphan is not None else abort(404)
