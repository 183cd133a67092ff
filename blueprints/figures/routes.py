"""A coach's figures: by day, week or month, for each of their stores, with the lists behind them and as a file."""

from flask import Response, request
from flask_login import login_required

from blueprints.figures.asked import asked_for
from blueprints.figures.behind import show_list
from blueprints.figures.blueprint import blueprint
from blueprints.figures.page import context_of, csv_file
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.catalog.models import Store
from coaching.catalog.queries import stores_of
from coaching.errors import NotFound

__all__ = ["blueprint"]


@blueprint.get("/dashboard/figures")
@login_required
def show() -> Response:
    """The figures of one of the signed-in coach's stores."""
    stores = stores_of(signed_in().person)
    store = store_asked(stores)
    context = context_of(asked_for("figures.show", store, now()), now()) if store else {}
    return render("figures/show.html", stores=stores, store=store, **context)


@blueprint.get("/dashboard/figures.csv")
@login_required
def show_file() -> Response:
    """The same for a spreadsheet."""
    return csv_file(asked_for("figures.show", own_store(), now()), now())


@blueprint.get("/dashboard/figures/behind")
@login_required
def show_behind() -> Response:
    """The list behind one of the figures."""
    store = own_store()
    return show_list(store, "figures.show", store.zone)


def own_store() -> Store:
    """The store that the address names, else the first; NotFound for whoever has none."""
    store = store_asked(stores_of(signed_in().person))
    if store is None:
        raise NotFound
    return store


def store_asked(stores: list[Store]) -> Store | None:
    """The one that the address names, else the first; None without any, NotFound for another's."""
    slug = request.args.get("store")
    if slug is None:
        return next(iter(stores), None)
    chosen_store = next((store for store in stores if store.slug == slug), None)
    if chosen_store is None:
        raise NotFound
    return chosen_store
