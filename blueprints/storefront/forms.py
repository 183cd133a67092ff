"""What a student fills in to book: the time, the product's questions, their goals, a phone number."""

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, RadioField
from wtforms.validators import Optional, Regexp

from blueprints.forms import Form, TextBlock, TextLine, ZoneField, clean, required
from coaching.booking import answers
from coaching.booking.details import BookingDetails
from coaching.catalog.models import Product, Question

INSTANT = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:00Z")
PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,28}[0-9]")
FORM_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


class StartField(HiddenField):
    """The start of a slot, a UTC instant; the slot picker draws it as radios."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = instant(valuelist[0]) if valuelist else None


class OfferField(HiddenField):
    """Which of the product's lengths; its number in plain digits."""

    def process_formdata(self, valuelist: list[str]) -> None:
        # Not int() at once: it takes "１", "1_000" and "+5".
        is_number = bool(valuelist) and re.fullmatch(r"[0-9]{1,9}", valuelist[0])
        self.data = int(valuelist[0]) if is_number else None


class ZoneForm(Form):
    """Which zone times are shown in."""

    zone = ZoneField("Your time zone")


class BookingForm(Form):
    """What every product asks; `booking_form` makes the class for one product."""

    form_key = HiddenField()
    offer = OfferField("Length", [required("Choose a length.")])
    starts_at = StartField("Time", [required("Choose a time.")])
    goals = TextBlock("What do you want to get out of this call?", [Optional()], longest=2000)

    questions: tuple[Question, ...] = ()

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        is_sound = super().validate(extra_validators)
        faults = answers.faults(self.questions, self.answers())
        self.show_faults(faults)
        return is_sound and not faults

    def show_faults(self, faults: Mapping[int, str]) -> None:
        """What booking says about an answer stands beside it."""
        for question in self.questions:
            if question.id in faults:
                self[answer_name(question)].errors = [faults[question.id]]

    def answers(self) -> dict[int, str]:
        """What was typed, by question."""
        return {question.id: self[answer_name(question)].data or "" for question in self.questions}

    def own_words(self) -> list[Field]:
        """The fields in which the student wrote something of their own."""
        names = [*map(answer_name, self.questions), "goals", "phone"]
        return [self[name] for name in names if name in self]

    def details(self) -> BookingDetails:
        return BookingDetails(
            offer_id=self.offer.data,
            starts_at=self.starts_at.data,
            goals=self.goals.data or "",
            phone=self.phone.data if "phone" in self else None,
            answers=self.answers(),
            form_key=self.form_key.data,
        )


def booking_form(
    product: Product, questions: Iterable[Question], typed: MultiDict[str, str] | None = None
) -> BookingForm:
    """The form of one product, filled with what was typed."""
    questions = tuple(questions)
    fields = {answer_name(question): question_field(question) for question in questions}
    if product.session_type == "phone":
        fields["phone"] = TextLine(
            "Your phone number",
            [
                required("Type the number you can be called at."),
                Regexp(PHONE, message="Type a number like +49 30 1234567."),
            ],
        )
    form = type("ProductBookingForm", (BookingForm,), {**fields, "questions": questions})(formdata=typed)
    if not FORM_KEY.fullmatch(form.form_key.data or ""):
        form.form_key.data = secrets.token_urlsafe(16)
    return form


def question_field(question: Question) -> Field:
    """A field for one question; what is wrong with its answer is for booking to say."""
    marks = [] if question.is_required else [Optional()]
    if question.kind == "choice":
        choices = question.choices.splitlines()
        return RadioField(question.label, marks, choices=choices, filters=[clean], validate_choice=False)
    kind = TextBlock if question.kind == "long" else TextLine
    return kind(question.label, marks, longest=answers.LONGEST[question.kind])


def answer_name(question: Question) -> str:
    return f"answer_{question.id}"


def instant(text: str) -> datetime | None:
    """The instant a slot's value means; None for anything else."""
    if not INSTANT.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
