"""The extras of a product: what a student can add to the call when they book."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.wrappers import Response as AnyResponse

from blueprints.bumps.forms import BumpForm
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from coaching.catalog import bump_mutations as mutations
from coaching.catalog.bump_queries import bumps_of, get_bump
from coaching.catalog.details import MOST_BUMPS
from coaching.catalog.models import Bump, Product
from coaching.catalog.queries import get_own_product
from coaching.errors import ChangedMeanwhile, CoachingError, LimitReached, NotReadyToPublish

blueprint = Blueprint("extras", __name__)
GONE = "This extra was changed or removed in another window. What you typed is below: it would be a new one."


@blueprint.get("/products/<code>/extras")
@login_required
def overview(code: str) -> Response:
    """The product's extras."""
    product = own(code)
    bumps = bumps_of(product)
    return render("bumps/overview.html", product=product, store=product.store, bumps=bumps, most=MOST_BUMPS)


@blueprint.get("/products/<code>/extras/new")
@login_required
def new(code: str) -> Response:
    """The form for one more."""
    product = own(code)
    return show(product, BumpForm(formdata=None).of(product))


@blueprint.post("/products/<code>/extras")
@login_required
def add(code: str) -> AnyResponse:
    """One more extra."""
    product = own(code)
    form = BumpForm().of(product)
    if not form.validate():
        return show(product, form, 422)
    try:
        bump = mutations.add_bump(product, form.details(), form.form_key.data, now())
    except (LimitReached, NotReadyToPublish) as error:
        return show(product, form, 422, refusal=error)
    return back(product, f"“{bump.title}” can be added to the call now.")


@blueprint.get("/products/<code>/extras/<int:bump_id>")
@login_required
def edit(code: str, bump_id: int) -> Response:
    """One of the extras."""
    product = own(code)
    bump = get_bump(product, bump_id)
    return show(product, BumpForm(formdata=None).of(product).show(bump), bump=bump)


@blueprint.post("/products/<code>/extras/<int:bump_id>")
@login_required
def save(code: str, bump_id: int) -> AnyResponse:
    """The extra is this from now on; what is booked stays as it was sold."""
    product = own(code)
    form, bump = BumpForm().of(product), next((bump for bump in bumps_of(product) if bump.id == bump_id), None)
    if not form.validate():
        return show(product, form, 422, bump=bump)
    try:
        bump = mutations.save_bump(product, bump_id, form.details(), now())
    except ChangedMeanwhile:
        return show(product, form, 409, refusal=CoachingError(GONE))
    except (LimitReached, NotReadyToPublish) as error:
        return show(product, form, 422, bump=bump, refusal=error)
    return back(product, f"“{bump.title}” is saved. What is booked stays as it was.")


@blueprint.post("/products/<code>/extras/<int:bump_id>/removal")
@login_required
def remove(code: str, bump_id: int) -> AnyResponse:
    """It is offered no more."""
    product = own(code)
    mutations.remove_bump(product, bump_id, now())
    return back(product, "It is removed. Who has booked it keeps it.")


def own(code: str) -> Product:
    """The signed-in coach's product, or NotFound."""
    return get_own_product(signed_in().person, code)


def back(product: Product, sentence: str) -> AnyResponse:
    """To the extras, with what was done."""
    flash(sentence, "good")
    return redirect(url_for(".overview", code=product.code), 303)


def show(
    product: Product,
    form: BumpForm,
    status: int = 200,
    *,
    bump: Bump | None = None,
    refusal: CoachingError | None = None,
) -> Response:
    """The form of one extra."""
    if refusal:
        lacking = refusal.missing if isinstance(refusal, NotReadyToPublish) else ()
        form.form_errors = [thing.sentence for thing in lacking] or [refusal.sentence]
    context: dict[str, Any] = {"bump": bump, "had_picture": bool(request.files.get("picture"))}
    return render("bumps/edit.html", status=status, product=product, store=product.store, form=form, **context)
