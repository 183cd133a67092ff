"""The figures of the whole site, or of one store, for admins."""

from flask import Response, request

from blueprints.admin.blueprint import blueprint
from blueprints.figures.asked import asked_for
from blueprints.figures.behind import show_list
from blueprints.figures.page import context_of, csv_file
from blueprints.web import now, render
from coaching.catalog.models import Store
from coaching.catalog.queries import get_store
from coaching.figures.queries import busiest_stores


@blueprint.get("/admin/figures")
def figures() -> Response:
    """All stores together, or the one that is asked for."""
    store = store_asked()
    asked = asked_for("admin.figures", store, now())
    busiest = [] if store else busiest_stores(asked.days)
    return render("admin/figures.html", store=store, busiest=busiest, **context_of(asked, now()))


@blueprint.get("/admin/figures.csv")
def figures_file() -> Response:
    """The same for a spreadsheet."""
    return csv_file(asked_for("admin.figures", store_asked(), now()), now())


@blueprint.get("/admin/figures/behind")
def figures_behind() -> Response:
    """The list behind one of the figures."""
    store = store_asked()
    return show_list(store, "admin.figures", store.zone if store else "UTC")


def store_asked() -> Store | None:
    """The store that the address names; NotFound where there is none of that name."""
    slug = request.args.get("store")
    return get_store(slug) if slug else None
