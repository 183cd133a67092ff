"""Up to three reminders, each one of a short list of times before a call."""

from collections.abc import Iterator, Sequence
from typing import Any

from wtforms import SelectField
from wtforms.fields.choices import Choice  # type: ignore[attr-defined]  # newer than the types of WTForms
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from blueprints.forms import plain_number
from coaching.catalog.reminders import MOST_REMINDERS

# In minutes; none is 0.
USUAL = (5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 4320, 10080)
NONE = "None"
FAULT = "Choose one of the list."
UNITS = ((1440, "day"), (60, "hour"), (1, "minute"))
NAMES = tuple(f"reminder_{number}" for number in range(1, MOST_REMINDERS + 1))


class ReminderField(SelectField):
    """How long before the start, in minutes; 0 for no reminder. A length that is kept stands in the list, too."""

    data: int | None

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, coerce=plain_number, validate_choice=False, **options)
        self.kept = 0

    @property
    def offered(self) -> list[int]:
        return [0, *sorted({*USUAL, self.kept} - {0})]

    def keep(self, minutes: int) -> None:
        """This is what is kept now: it can be chosen, and is shown in place of what is in no list."""
        self.kept = minutes

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(FAULT) from None

    def iter_choices(self) -> Iterator[Choice]:
        chosen = self.data if self.data in self.offered else self.kept
        for count in self.offered:
            yield Choice(str(count), length_before(count) if count else NONE, count == chosen, {})

    def pre_validate(self, form: object) -> None:
        if self.data not in self.offered:
            raise ValidationError(FAULT)


def reminder_fields(form: BaseForm) -> list[ReminderField]:
    """The form's reminders; none where they were taken out."""
    return [field for name in NAMES if name in form and isinstance(field := form[name], ReminderField)]


def slots_of(reminders: Sequence[int]) -> list[int]:
    """The reminders in the order of the fields, the earliest first; 0 where there is none."""
    longest_first = sorted(reminders, reverse=True)[:MOST_REMINDERS]
    return [*longest_first, *[0] * (MOST_REMINDERS - len(longest_first))]


def chosen_in(values: Sequence[int | None]) -> tuple[int, ...]:
    """What was chosen, each length once, the earliest first."""
    return tuple(sorted({minutes for minutes in values if minutes}, reverse=True))


def length_before(minutes: int) -> str:
    """`1440` -> "1 day before"; in the largest unit that it is a multiple of."""
    size, unit = next((size, unit) for size, unit in UNITS if minutes % size == 0)
    count = minutes // size
    return f"{count} {unit}{'' if count == 1 else 's'} before"


def reminders_label(reminders: Sequence[int]) -> str:
    """All of them in a line."""
    return ", ".join(length_before(minutes) for minutes in sorted(reminders, reverse=True)) or NONE
