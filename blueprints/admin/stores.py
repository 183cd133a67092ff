"""The admin's page of stores: those that ask to use the site's own guild, then all of them."""

from flask import Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import web
from blueprints.accounts.login import ask_for_factor
from blueprints.admin.blueprint import PAGE_SIZE, blueprint, searched
from blueprints.forms import Form, TextLine
from blueprints.saved_forms import take_saved_with
from blueprints.signed_in import signed_in
from coaching.catalog import actions, guild_mutations
from coaching.catalog import queries as catalog
from coaching.errors import GuildNotVerified
from coaching.operation.queries import stores_page

LONGEST_REASON = 150


class GuildForm(Form):
    reason = TextLine("Why", longest=LONGEST_REASON)


@blueprint.get("/admin/stores")
def store_list() -> Response:
    """The stores that wait for a decision, then all, or those that are asked for."""
    saved = take_saved_with("asks")
    return show_stores(refused=GuildForm(saved), of=saved.get("asks", "")) if saved else show_stores()


@blueprint.post("/admin/stores/<store>/guild-approval")
def decide_on_guild(store: str) -> AnyResponse:
    """The store may use the site's own guild, or is told to verify another."""
    asking, admin = catalog.get_store(store), signed_in().person
    guild_id = current_app.extensions["settings"].discord_guild_id
    if guild_id is None or asking.guild_asked_at is None:
        abort(404)
    form, is_allowed = GuildForm(), request.form.get("decision") == "approve"
    if not form.validate():
        return show_stores(422, refused=form, of=asking.slug)
    if not is_allowed and not form.reason.data:
        form.reason.errors = ["Say why not."]
        return show_stores(422, refused=form, of=asking.slug)
    if detour := ask_for_factor():
        return detour
    if not is_allowed:
        guild_mutations.decline_site_guild(asking, admin, form.reason.data, web.now())
        return redirect(url_for(".store_list"), 303)
    host = current_app.extensions["host"]
    try:
        actions.approve_site_guild(host, asking, admin, guild_id, web.now(), form.reason.data)
    except GuildNotVerified as error:
        return show_stores(422, error.sentence)
    return redirect(url_for(".store_list"), 303)


def show_stores(status: int = 200, trouble: str = "", refused: GuildForm | None = None, of: str = "") -> Response:
    """The page; `refused` is the form `of` a store with what is wrong in it."""
    page, words = web.asked_page(), searched()
    listed, has_more = stores_page(page, PAGE_SIZE, words)
    return web.render(
        "admin/stores.html",
        status=status,
        asking=catalog.stores_asking() if page == 1 and not words else [],
        listed=listed,
        words=words,
        number=page,
        has_more=has_more,
        trouble=trouble,
        refused=refused,
        refused_of=of,
    )
