"""What a step's page is drawn from."""

from typing import Any

from blueprints.accounts.cards import discord_card
from blueprints.wizard.availability import AvailabilityForm
from blueprints.wizard.checkout import CheckoutForm
from blueprints.wizard.form import SEEN, StepForm
from blueprints.wizard.steps import STEPS, WizardStep
from blueprints.zones import existing
from coaching.catalog.bump_queries import bumps_of
from coaching.catalog.models import Product
from coaching.catalog.queries import facts_of, products_on_schedule
from coaching.catalog.step_queries import version_of
from coaching.catalog.steps import Facts, is_done, missing


def step_context(product: Product, step: WizardStep, form: StepForm, address: str) -> dict[str, Any]:
    """What wizard/_step.html lists."""
    facts = facts_of(product) if product.id else None
    context: dict[str, Any] = {
        "product": product,
        "address": address,
        "step": step,
        "form": form,
        "sent_along": sent_along(product, step, form),
        "is_unsaved": form.drawn is not None and form.mark() != form.drawn,
        "lacking": missing(facts) if facts else (),
        "stepper_rows": [stepper_row(product, listed_step, step, facts) for listed_step in STEPS.values()],
    }
    if isinstance(form, CheckoutForm):
        context["bumps"] = bumps_of(product) if product.id else []
        context["card"] = discord_card(product.store.owner, product.store, address, form="step-form")
    if isinstance(form, AvailabilityForm):
        context["sharing"] = sharing(product, form)
    return context | preview_context(product, form)


def preview_context(product: Product, form: StepForm) -> dict[str, Any]:
    """What wizard/_preview.html lists."""
    context: dict[str, Any] = {"store": product.store, "preview": form.preview(product), "href": None}
    if isinstance(form, AvailabilityForm):
        context["form"] = form
        context["example"] = form.example(existing(form.zone.data) or product.store.zone)
    return context


def sent_along(product: Product, step: WizardStep, form: StepForm) -> dict[str, str]:
    """What the form says about the page it stands on: how it was drawn, and from what."""
    return {"drawn": form.drawn or form.mark()} | {SEEN + part: mark for part, mark in seen_on(product, step, form)}


def seen_on(product: Product, step: WizardStep, form: StepForm) -> list[tuple[str, str]]:
    """What the page shows of the product: what was sent with the form as long as that holds, else what is kept now."""
    if form.seen is not None:
        return list(form.seen.items())
    if not product.id:
        return []
    # The last step publishes what is in the others, too.
    steps = list(STEPS) if step.name == "options" else [step.name]
    schedule = form.shown_schedule() if isinstance(form, AvailabilityForm) else product.schedule
    return [("state", product.state), *((name, version_of(product, name, schedule)) for name in steps)]


def stepper_row(product: Product, step: WizardStep, current: WizardStep, facts: Facts | None) -> dict[str, Any]:
    """One entry of the stepper."""
    state = "current" if step is current else "done" if facts and is_behind(product, step, facts) else "todo"
    return {"name": step.name if product.id else None, "label": step.label, "state": state}


def is_behind(product: Product, step: WizardStep, facts: Facts) -> bool:
    """True for a step that was filled in and lacks nothing."""
    was_saved = {"availability": product.schedule_id is not None, "options": product.published_at is not None}
    return was_saved.get(step.name, True) and is_done(step.name, facts)


def sharing(product: Product, form: AvailabilityForm) -> list[Product]:
    """The other products that take their hours from the shown schedule."""
    schedule = form.shown_schedule()
    return [other for other in products_on_schedule(schedule) if other.id != product.id] if schedule else []


def is_live(product: Product, form: StepForm) -> bool:
    """True when a save changes what students see at once: the product's own page, or one that shares its schedule."""
    others = sharing(product, form) if isinstance(form, AvailabilityForm) else []
    return any(affected.state == "published" for affected in (product, *others))
