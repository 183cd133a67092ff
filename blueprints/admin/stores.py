"""The admin's page of stores: those that ask to use the site's own guild, then all of them."""

from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import blueprint
from blueprints.admin.rooms import asked_page
from blueprints.signed_in import signed_in
from coaching.catalog import actions, mutations
from coaching.catalog import queries as catalog
from coaching.errors import GuildNotProved
from coaching.operation.session_queries import stores_page
from coaching.plain_text import clean

PAGE_SIZE = 50
LONGEST_SEARCH = 100


@blueprint.get("/admin/stores")
def store_list() -> Response:
    """The stores that wait for a decision, then all, or those that are asked for."""
    return show_stores()


@blueprint.post("/admin/stores/<store>/guild-approval")
def decide_on_guild(store: str) -> AnyResponse:
    """The store may use the site's own guild, or is told to prove another."""
    asking, admin = catalog.get_store(store), signed_in().person
    guild_id = current_app.extensions["settings"].discord_guild_id
    if guild_id is None or asking.guild_asked_at is None:
        abort(404)
    if detour := ask_for_factor():
        return detour
    if request.form.get("decision") != "approve":
        mutations.decline_site_guild(asking, admin, web.now())
        return redirect(url_for(".store_list"), 303)
    try:
        actions.approve_site_guild(current_app.extensions["host"], asking, admin, guild_id, web.now())
    except GuildNotProved as error:
        return show_stores(422, error.sentence)
    return redirect(url_for(".store_list"), 303)


def show_stores(status: int = 200, trouble: str = "") -> Response:
    page, words = asked_page(), clean(request.args.get("q"))[:LONGEST_SEARCH]
    listed = stores_page(page, PAGE_SIZE, words)
    return web.render(
        "admin/stores.html",
        status=status,
        asking=catalog.stores_asking() if page == 1 and not words else [],
        listed=listed,
        words=words,
        number=page,
        has_more=len(listed) == PAGE_SIZE,
        trouble=trouble,
    )
