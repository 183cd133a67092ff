"""The four steps as rows of one table: what each is called, its form, and the mutation that keeps it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from blueprints.wizard.availability import AvailabilityForm
from blueprints.wizard.checkout import CheckoutForm
from blueprints.wizard.form import StepForm
from blueprints.wizard.options import OptionsForm
from blueprints.wizard.thumbnail import ThumbnailForm
from coaching.booking.product_mutations import save_options
from coaching.catalog import mutations
from coaching.catalog.models import Product


@dataclass(frozen=True)
class WizardStep:
    """`template` draws the step's fields; `question` is the one thing it asks."""

    name: str
    label: str
    question: str
    form: type[StepForm]
    save: Callable[[Product, Any, datetime, mutations.Seen], None]

    @property
    def template(self) -> str:
        return f"wizard/_{self.name}.html"


_TABLE = (
    WizardStep("thumbnail", "Thumbnail", "How should it look in your store?", ThumbnailForm, mutations.save_thumbnail),
    WizardStep(
        "checkout", "Checkout", "What do students get, and for how much?", CheckoutForm, mutations.save_checkout
    ),
    WizardStep("availability", "Availability", "When can it be booked?", AvailabilityForm, mutations.save_availability),
    WizardStep("options", "Options", "How do students pay you?", OptionsForm, save_options),
)
STEPS = {step.name: step for step in _TABLE}


def step_after(name: str) -> str:
    """The step that follows; the last one follows itself."""
    names = list(STEPS)
    return names[min(names.index(name) + 1, len(names) - 1)]
