"""The wizard: a coaching product in four steps, each with its own address; and publishing, withdrawing, archiving."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response as AnyResponse

from blueprints.parking import take_parked
from blueprints.web import current_person, now, render
from blueprints.wizard.form import Fields, StepForm
from blueprints.wizard.page import preview_context, step_context
from blueprints.wizard.room_timing import timing_of
from blueprints.wizard.steps import STEPS, Step, step_after
from blueprints.wizard.thumbnail import ThumbnailForm
from coaching.booking.queries import coming_with_room
from coaching.catalog import mutations, queries
from coaching.catalog.models import Product, Store
from coaching.catalog.steps import missing
from coaching.errors import NotReadyToPublish, Refused, UnsoundHours

blueprint = Blueprint("wizard", __name__)
ON_SALE = "It is on sale now. Students can book it."
STEP = "<any(thumbnail, checkout, availability, options):step>"


@blueprint.get("/store/<store>/products/coaching-call/create")
@login_required
def create(store: str) -> Response:
    """The first step of a product that is not there yet."""
    own, parked = queries.get_own_store(current_person(), store), take_parked()
    return show_new(own, ThumbnailForm(formdata=parked), is_parked=parked is not None)


@blueprint.post("/store/<store>/products/coaching-call/create")
@login_required
def create_draft(store: str) -> AnyResponse:
    """A new draft with what the first step says; the wizard goes on at its own address."""
    own, form = queries.get_own_store(current_person(), store), ThumbnailForm(formdata=sent_fields())
    if not form.validate():
        return show_new(own, form, 422)
    try:
        product = mutations.create_product(own, form.details(), form.form_key.data, now())
    except Refused as refusal:
        form.form_errors = [refusal.sentence]
        return show_new(own, form, 422)
    return redirect(url_for(".edit_step", code=product.code, step="checkout"), 303)


@blueprint.post("/store/<store>/products/coaching-call/create/preview")
@login_required
def preview_new(store: str) -> Response:
    """The card as it would look; nothing is kept."""
    own = queries.get_own_store(current_person(), store)
    return show_preview(Product(store=own), ThumbnailForm(formdata=sent_fields()))


@blueprint.get("/products/<code>")
@login_required
def open_product(code: str) -> AnyResponse:
    """On to the first step where something is missing, else to the last."""
    product = queries.get_own_product(current_person(), code)
    places = [thing.place for thing in missing(queries.facts_of(product))]
    step = next((place for place in places if place in STEPS), "options")
    return redirect(url_for(".edit_step", code=code, step=step), 302)


@blueprint.get(f"/products/<code>/{STEP}")
@login_required
def edit_step(code: str, step: str) -> Response:
    """One step, as the draft has it, or as it was typed before somebody had to sign in."""
    product, this = queries.get_own_product(current_person(), code), STEPS[step]
    if parked := take_parked():
        return show_step(product, this, this.form.of_fields(product, parked, now()), arrives=True, is_parked=True)
    return show_step(product, this, this.form.of_draft(product, now()), arrives=True)


@blueprint.post(f"/products/<code>/{STEP}")
@login_required
def save_step(code: str, step: str) -> AnyResponse:
    """What the step says is kept, or shown again with a message beside each field."""
    product, this, fields = queries.get_own_product(current_person(), code), STEPS[step], sent_fields()
    if changed := this.form.rearranged(product, fields, now()):
        return show_step(product, this, changed)
    form = this.form.of_fields(product, fields, now())
    if not form.validate():
        return show_step(product, this, form, 422)
    then, timing = fields.get("then", "next"), timing_of(product)
    if refusal := keep(product, this, form, publishes=then == "publish"):
        return refusal
    if timing_of(product) != timing:
        plan_anew(product)
    if then == "next":
        return redirect(url_for(".edit_step", code=code, step=step_after(step)), 303)
    flash(ON_SALE if then == "publish" else "Saved.", "good")
    return redirect(url_for(".edit_step", code=code, step=step), 303)


@blueprint.post(f"/products/<code>/{STEP}/preview")
@login_required
def preview_step(code: str, step: str) -> Response:
    """The card as it would look; nothing is kept."""
    product = queries.get_own_product(current_person(), code)
    return show_preview(product, STEPS[step].form.of_fields(product, sent_fields(), now()))


@blueprint.post("/products/<code>/publication")
@login_required
def publish(code: str) -> AnyResponse:
    """Students can book it from now on, or the page lists what is missing."""
    product, last = queries.get_own_product(current_person(), code), STEPS["options"]
    try:
        mutations.publish_product(product, now())
    except NotReadyToPublish as refusal:
        return show_step(product, last, last.form.of_draft(product, now()), 422, refused=refusal.missing)
    except Refused as refusal:
        form = last.form.of_draft(product, now())
        form.form_errors = [refusal.sentence]
        return show_step(product, last, form, 422)
    flash(ON_SALE, "good")
    return redirect(url_for(".edit_step", code=code, step="options"), 303)


@blueprint.post("/products/<code>/withdrawal")
@login_required
def withdraw(code: str) -> AnyResponse:
    """It is a draft again."""
    mutations.withdraw_product(queries.get_own_product(current_person(), code), now())
    flash("It is a draft now. Nobody can book it; what is booked stays booked.", "good")
    return redirect(url_for(".edit_step", code=code, step="options"), 303)


@blueprint.post("/products/<code>/archive")
@login_required
def archive(code: str) -> AnyResponse:
    """It is out of every list."""
    product = queries.get_own_product(current_person(), code)
    mutations.archive_product(product, now())
    flash(f"“{product.title or 'Untitled coaching call'}” is archived.", "good")
    return redirect(url_for("stores.home", store=product.store.slug), 303)


def keep(product: Product, step: Step, form: StepForm, publishes: bool) -> Response | None:
    """What the form says is kept, and published if asked; otherwise the page that says why not."""
    try:
        step.save(product, form.details(), now())
        if publishes:
            mutations.publish_product(product, now())
    except NotReadyToPublish as refusal:
        return show_step(product, step, form, 422, refused=refusal.missing)
    except (Refused, UnsoundHours) as refusal:
        form.form_errors = [refusal.sentence]
        return show_step(product, step, form, 422)
    return None


def plan_anew(product: Product) -> None:
    """The worker looks at the rooms of what is booked, and the coach reads how many sessions that concerns."""
    if coming := coming_with_room(product, now()):
        whose = "One session is booked: its room follows" if coming == 1 else f"{coming} booked sessions follow"
        flash(f"{whose} the new timing.", "info")
        current_app.extensions["wake_rooms"]()


def sent_fields() -> Fields:
    """What was sent, files and all."""
    return Fields(CombinedMultiDict((request.files, request.form)))


def show_new(store: Store, form: StepForm, status: int = 200, **context: Any) -> Response:
    """The first step of a product that is not there yet."""
    address = url_for(".create", store=store.slug)
    return show(Product(store=store), STEPS["thumbnail"], form, address, status, **context)


def show_step(product: Product, step: Step, form: StepForm, status: int = 200, **context: Any) -> Response:
    """A step of a product."""
    address = url_for(".edit_step", code=product.code, step=step.name)
    return show(product, step, form, address, status, **context)


def show(product: Product, step: Step, form: StepForm, address: str, status: int, **context: Any) -> Response:
    """The step's page or fragment."""
    context |= step_context(product, step, form, address)
    answer = render("wizard/edit.html", "wizard/_step_alone.html", status, **context)
    if request.headers.get("HX-Current-URL", "").endswith(address):
        answer.headers["HX-Push-Url"] = "false"  # the same address once more would make Back do nothing
    return answer


def show_preview(product: Product, form: StepForm) -> Response:
    """The card alone, with what is typed."""
    return render("wizard/_preview.html", **preview_context(product, form), oob=True)
