"""What a coach fills in about an outside calendar."""

from typing import Any

from flask import current_app
from wtforms import SelectField
from wtforms.validators import StopValidation

from blueprints.forms import Form, FormKey, TextLine, plain_number, required
from coaching.calendars.addresses import LONGEST, NO_ADDRESS, WrongAddress, checked_address
from coaching.calendars.emails import span_label

LONGEST_NAME = 60
AGES = (60, 4 * 60, 12 * 60, 24 * 60, 3 * 24 * 60, 7 * 24 * 60)


def asked_as(form: Any, field: Any) -> None:
    """The field holds the address as it will be asked for, if one was typed."""
    if not field.data:
        return
    try:
        field.data = checked_address(field.data, allows_loopback=current_app.config["DEMO"])
    except WrongAddress as wrong:
        raise StopValidation(wrong.sentence) from None


class CalendarForm(Form):
    """An outside calendar that is there already; without an address it keeps the one it has."""

    name = TextLine("Name", [required("Give the calendar a name, like “Family”.")], longest=LONGEST_NAME)
    address = TextLine("New address", [asked_as], longest=LONGEST)
    stale_after_minutes = SelectField(
        "How old may what was read be?",
        choices={str(minutes): span_label(minutes) for minutes in AGES},
        coerce=plain_number,
        default=24 * 60,
    )

    def offer_age(self, minutes: int) -> None:
        """An age that is none of the usual ones can be kept."""
        if minutes not in AGES:
            ages = sorted({*AGES, minutes})
            self.stale_after_minutes.choices = {str(age): span_label(age) for age in ages}


class NewCalendarForm(CalendarForm):
    """One to be added."""

    address = TextLine("Private address", [required(NO_ADDRESS), asked_as], longest=LONGEST)
    form_key = FormKey()
