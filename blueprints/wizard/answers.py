"""What the wizard answers: a step's page with what is to be said on it, the card alone, or where it goes on."""

from typing import Any

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints.accounts.next_pages import go_to
from blueprints.web import now, render
from blueprints.wizard.differences import differences
from blueprints.wizard.form import StepForm
from blueprints.wizard.options import OptionsForm
from blueprints.wizard.page import preview_context, step_context
from blueprints.wizard.steps import STEPS, WizardStep, step_after
from coaching.catalog import queries
from coaching.catalog.models import Product, Store
from coaching.errors import CoachingError, NotReadyToPublish

WAYS_OUT = {*STEPS, "guild", "extras", "codes", "cards"}


def show_conflict(product: Product, step: WizardStep, form: StepForm, then: str) -> Response:
    """What was typed, beside what another window has saved meanwhile; sent once more, it is saved."""
    kept = queries.get_own_product(product.store.owner, product.code)
    context: dict[str, Any] = {
        "is_conflict": True,
        "went_live": kept.state == "published" and (form.seen or {}).get("state", "published") != "published",
        "differences": differences(kept, step.name, form.details(), now()),
        "then": then,
    }
    form.seen = None
    return show_step(kept, step, form, 409, **context)


def show_lacking(product: Product, step: WizardStep, form: StepForm, refusal: NotReadyToPublish) -> Response:
    """What is missing: beside its field if it is on this page, else in a list."""
    things = list(refusal.missing)
    if isinstance(form, OptionsForm) and any(thing.place == step.name for thing in things):
        form.pay_text.errors = [thing.sentence for thing in things if thing.place == step.name]
        things = [thing for thing in things if thing.place != step.name]
    return show_step(product, step, form, 422, refused=things)


def show_refused(product: Product, step: WizardStep, form: StepForm, refusal: CoachingError) -> Response:
    """The form again, with the sentence on top."""
    form.form_errors = [refusal.sentence]
    return show_step(product, step, form, 422)


def way_out(product: Product, place: str | None) -> dict[str, str] | None:
    """Where a button wants to lead: its name, its address, and what it is called."""
    if place not in WAYS_OUT:
        return None
    if place == "guild":
        return {
            "name": place,
            "href": url_for("stores.guild", store=product.store.slug),
            "label": "your Discord server",
        }
    if place == "extras":
        return {"name": place, "href": url_for("extras.overview", code=product.code), "label": "the extras"}
    if place == "cards":
        href = url_for("payment_accounts.show", store=product.store.slug)
        return {"name": place, "href": href, "label": "payments by card"}
    if place == "codes":
        return {"name": place, "href": url_for("discounts.overview", store=product.store.slug), "label": "your codes"}
    href = url_for(".edit_step", code=product.code, step=place)
    return {"name": place, "href": href, "label": STEPS[place].label}


def go_on(product: Product, step: WizardStep, then: str) -> AnyResponse:
    """On to where the pressed button leads: a page outside of the wizard is shown whole, never within the step."""
    if then == "publish":
        return redirect(url_for(".published", code=product.code), 303)
    if way := way_out(product, then):
        return redirect(way["href"], 303) if then in STEPS else go_to(way["href"])
    following = step_after(step.name) if then == "next" else step.name
    return redirect(url_for(".edit_step", code=product.code, step=following), 303)


def show_new(store: Store, form: StepForm, status: int = 200, **context: Any) -> Response:
    """The first step of a product that is not there yet."""
    address = url_for(".create", store=store.slug)
    return show(Product(store=store), STEPS["thumbnail"], form, address, status, **context)


def show_step(product: Product, step: WizardStep, form: StepForm, status: int = 200, **context: Any) -> Response:
    """A step of a product."""
    address = url_for(".edit_step", code=product.code, step=step.name)
    return show(product, step, form, address, status, **context)


def show(product: Product, step: WizardStep, form: StepForm, address: str, status: int, **context: Any) -> Response:
    """The step's page or fragment."""
    context |= step_context(product, step, form, address)
    answer = render("wizard/edit.html", "wizard/_step_alone.html", status, **context)
    if request.headers.get("HX-Current-URL", "").endswith(address):
        answer.headers["HX-Push-Url"] = "false"  # the same address once more would make Back do nothing
    return answer


def show_preview(product: Product, form: StepForm) -> Response:
    """The card alone, with what is typed."""
    return render("wizard/_preview.html", **preview_context(product, form), oob=True)
