"""What a store's page lists: the order of its calls, and those that only a link leads to."""

from flask import redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.signed_in import signed_in
from blueprints.stores.blueprint import blueprint
from blueprints.web import now, render, wants_fragment
from coaching.catalog import listing_mutations, queries
from coaching.catalog.models import Store

STEPS = {"up": -1, "down": 1}


@blueprint.post("/store/<store>/order")
@login_required
def move(store: str) -> AnyResponse:
    """A call stands one place further up or down in the store."""
    own = queries.get_own_store(signed_in().person, store)
    way = next((name for name in STEPS if name in request.form), None)
    if way:
        listing_mutations.move_product(own, request.form[way], STEPS[way])
    return show_on_sale(own, request.form[way] if way else None)


@blueprint.post("/products/<code>/listing")
@login_required
def set_listing(code: str) -> AnyResponse:
    """A call stands in the store's lists, or is found by its link only."""
    product = queries.get_own_product(signed_in().person, code)
    listing_mutations.set_listing(product, request.form.get("listed") == "no", now())
    return show_on_sale(product.store, code)


def show_on_sale(store: Store, changed: str | None) -> AnyResponse:
    """Back to the store's home; for htmx the list alone, which tells of the one that was `changed`."""
    if not wants_fragment():
        return redirect(url_for("stores.home", store=store.slug, _anchor="on-sale"), 303)
    on_sale = queries.on_sale(store)
    return render(
        "stores/home.html",
        "stores/_on_sale.html",
        store=store,
        on_sale=on_sale,
        offers=queries.offers_by_product(on_sale),
        changed=changed,
    )
