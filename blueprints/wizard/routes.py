"""The wizard: a coaching product in four steps, each with its own address; and publishing, withdrawing, archiving."""

from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, request, url_for
from flask_login import login_required
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from werkzeug.wrappers import Response as AnyResponse

from blueprints.accounts.login import ask_for_factor
from blueprints.saved_forms import take_saved
from blueprints.signed_in import signed_in
from blueprints.web import now, render
from blueprints.wizard.answers import (
    WAYS_OUT,
    go_on,
    show_conflict,
    show_lacking,
    show_new,
    show_preview,
    show_refused,
    show_step,
    way_out,
)
from blueprints.wizard.form import Fields, StepForm, preview_of
from blueprints.wizard.options import OptionsForm
from blueprints.wizard.page import is_live
from blueprints.wizard.steps import STEPS, WizardStep
from blueprints.wizard.thumbnail import ThumbnailForm
from coaching.booking.queries import coming_with_room
from coaching.catalog import mutations, queries
from coaching.catalog.models import Product
from coaching.catalog.steps import Missing, missing
from coaching.coaches.standing_queries import coach_of
from coaching.errors import ChangedMeanwhile, NotReadyToPublish, Refused, UnsoundHours
from coaching.payments.account_queries import can_take_cards

blueprint = Blueprint("wizard", __name__)
OTHER_STATE = "Nothing was changed: another window has put this call elsewhere meanwhile. This is how it is now."
NO_CARDS_YET = Missing("cards", "Connect Stripe, so that students can pay by card; or choose to be paid directly.")
STEP = "<any(thumbnail, checkout, availability, options):step>"


@blueprint.get("/store/<store>/products/coaching-call/create")
@login_required
def create(store: str) -> Response:
    """The first step of a product that is not there yet."""
    own, saved = queries.get_own_store(signed_in().person, store), take_saved()
    return show_new(own, ThumbnailForm(formdata=saved), is_restored=saved is not None)


@blueprint.post("/store/<store>/products/coaching-call/create")
@login_required
def create_draft(store: str) -> AnyResponse:
    """A new draft with what the first step says; the wizard goes on at its own address."""
    own, form = queries.get_own_store(signed_in().person, store), ThumbnailForm(formdata=sent_fields())
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
    own = queries.get_own_store(signed_in().person, store)
    return show_preview(Product(store=own), ThumbnailForm(formdata=sent_fields()))


@blueprint.get("/products/<code>")
@login_required
def open_product(code: str) -> AnyResponse:
    """On to the first step where something is missing, else to the last."""
    product = queries.get_own_product(signed_in().person, code)
    places = [thing.place for thing in missing(queries.facts_of(product))]
    step = next((place for place in places if place in STEPS), "options")
    return redirect(url_for(".edit_step", code=code, step=step), 302)


@blueprint.get(f"/products/<code>/{STEP}")
@login_required
def edit_step(code: str, step: str) -> Response:
    """One step, as the draft has it, or as it was typed before somebody had to sign in."""
    product, this = queries.get_own_product(signed_in().person, code), STEPS[step]
    kept = this.form.of_draft(product, now())
    if saved := take_saved():
        form = this.form.of_fields(product, saved, now()).sent_with(saved)
        # A picture that was chosen is no part of what came back, and has to be asked for.
        if form.needs_upload or not form.says_the_same_as(kept):
            return show_step(product, this, form, arrives=True, is_restored=True)
    return show_step(product, this, kept, arrives=True)


@blueprint.post(f"/products/<code>/{STEP}")
@login_required
def save_step(code: str, step: str) -> AnyResponse:
    """What the step says is kept, or shown again with a message beside each field.

    A button that only leads elsewhere (`go`) keeps a draft's changes on the way, and asks where a save is live at once.
    """
    product, this, fields = queries.get_own_product(signed_in().person, code), STEPS[step], sent_fields()
    if changed := this.form.rearranged(product, fields, now()):
        return show_step(product, this, changed.sent_with(fields))
    form = this.form.of_fields(product, fields, now()).sent_with(fields)
    then, leaving = fields.get("then", "next"), fields.get("go")
    if leaving in WAYS_OUT:
        if form.says_the_same_as(this.form.of_draft(product, now())):
            return go_on(product, this, leaving)
        then = leaving
    if not form.validate():
        return show_step(product, this, form, 422, leaving=way_out(product, leaving))
    if leaving in WAYS_OUT and is_live(product, form):
        return show_step(product, this, form, 409, leaving=way_out(product, leaving))
    if isinstance(form, OptionsForm) and form.pay_text.data != product.pay_text and (detour := ask_for_factor()):
        return detour  # where students' money goes
    timing = product.timing
    if refusal := keep(product, this, form, then):
        return refusal
    if product.timing != timing:
        plan_anew(product)
    if then == "stay":
        flash("Saved.", "good")
    elif leaving in WAYS_OUT:
        flash(f"{this.label} is saved.", "good")
    return go_on(product, this, then)


@blueprint.post(f"/products/<code>/{STEP}/preview")
@login_required
def preview_step(code: str, step: str) -> Response:
    """The card as it would look; nothing is kept."""
    product = queries.get_own_product(signed_in().person, code)
    return show_preview(product, STEPS[step].form.of_fields(product, sent_fields(), now()))


@blueprint.get("/products/<code>/publication")
@login_required
def published(code: str) -> AnyResponse:
    """It is on sale: where, how to tell people, and how it looks to them."""
    product = queries.get_own_product(signed_in().person, code)
    if product.state != "published":
        return redirect(url_for(".edit_step", code=code, step="options"), 302)
    href = url_for("storefront.product", store=product.store.slug, product=product.slug)
    coach = coach_of(signed_in().person)
    return render(
        "wizard/published.html",
        "wizard/_published_alone.html",
        store=product.store,
        product=product,
        preview=preview_of(product),
        href=href,
        is_nobody=coach is not None and not (coach.headline or coach.bio),
    )


@blueprint.post("/products/<code>/publication")
@login_required
def publish(code: str) -> AnyResponse:
    """Students can book it from now on, or the page lists what is missing."""
    product, last = queries.get_own_product(signed_in().person, code), STEPS["options"]
    form = last.form.of_draft(product, now())
    return put_on_sale(product, last, form, {}) or redirect(url_for(".published", code=code), 303)


@blueprint.post("/products/<code>/withdrawal")
@login_required
def withdraw(code: str) -> AnyResponse:
    """It is a draft again."""
    product = queries.get_own_product(signed_in().person, code)
    try:
        mutations.withdraw_product(product, now(), seen_state())
        flash("It is a draft now. Nobody can book it; what is booked stays booked.", "good")
    except ChangedMeanwhile:
        flash(OTHER_STATE, "bad")
    return redirect(url_for(".edit_step", code=code, step="options"), 303)


@blueprint.post("/products/<code>/archive")
@login_required
def archive(code: str) -> AnyResponse:
    """It is out of every list."""
    product = queries.get_own_product(signed_in().person, code)
    try:
        mutations.archive_product(product, now(), seen_state())
    except ChangedMeanwhile:
        flash(OTHER_STATE, "bad")
        return redirect(url_for(".edit_step", code=code, step="options"), 303)
    flash(f"“{product.title or 'Untitled coaching call'}” is archived.", "good")
    return redirect(url_for("stores.home", store=product.store.slug), 303)


def keep(product: Product, step: WizardStep, form: StepForm, then: str) -> AnyResponse | None:
    """What the form says is kept, and published if asked; otherwise the page that says why not."""
    try:
        step.save(product, form.details(), now(), form.seen or {})
    except ChangedMeanwhile:
        return show_conflict(product, step, form, then)
    except NotReadyToPublish as refusal:
        return show_lacking(product, step, form, refusal)
    except (Refused, UnsoundHours) as refusal:
        return show_refused(product, step, form, refusal)
    others = {part: mark for part, mark in (form.seen or {}).items() if part != step.name}
    form.seen = form.drawn = None  # what the page shows from here on is what is kept
    return put_on_sale(product, step, form, others) if then == "publish" else None


def put_on_sale(product: Product, step: WizardStep, form: StepForm, seen: mutations.Seen) -> AnyResponse | None:
    """It is published; otherwise the page that says why not."""
    kept = queries.reread_product(product)
    if kept.payment == "stripe" and not can_take_cards(kept.store):
        return show_step(product, step, form, 422, refused=[*missing(queries.facts_of(kept)), NO_CARDS_YET])
    try:
        mutations.publish_product(product, now(), seen)
    except ChangedMeanwhile as refusal:
        if not refusal.steps:
            flash(OTHER_STATE, "bad")
            return redirect(url_for(".edit_step", code=product.code, step=step.name), 303)
        kept = queries.get_own_product(product.store.owner, product.code)
        changed = [STEPS[name] for name in refusal.steps]
        return show_step(kept, step, step.form.of_draft(kept, now()), 409, changed_steps=changed)
    except NotReadyToPublish as refusal:
        return show_lacking(product, step, form, refusal)
    except Refused as refusal:
        return show_refused(product, step, form, refusal)
    return None


def plan_anew(product: Product) -> None:
    """The worker looks at the rooms of what is booked, and the coach reads how many sessions that concerns."""
    if coming := coming_with_room(product, now()):
        whose = "One session is booked: its room follows" if coming == 1 else f"{coming} booked sessions follow"
        flash(f"{whose} the new timing.", "info")
        current_app.extensions["wake_rooms"]()


def seen_state() -> mutations.Seen:
    """In which state the page showed the product, if it says."""
    return {"state": request.form["state"]} if "state" in request.form else {}


def sent_fields() -> Fields:
    """What was sent, with the picture; another file stands for nothing."""
    pictures: Fields = MultiDict(("picture", file) for file in request.files.getlist("picture"))
    parts: list[MultiDict[str, Any]] = [pictures, request.form]
    return Fields(CombinedMultiDict(parts))
