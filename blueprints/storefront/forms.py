"""What a student fills in to book: the time, the product's questions, their goals, a phone number."""

import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, RadioField
from wtforms.validators import Optional, Regexp
from wtforms.widgets import HiddenInput

from blueprints.forms import Form, Hidden, TextBlock, TextLine, ZoneField, checked, required
from blueprints.storefront.prices import SEEN_DISCOUNT, chosen_ids
from coaching.booking import answers
from coaching.booking.changes import SeenTerms
from coaching.booking.details import BookingDetails
from coaching.booking.term_queries import ASKED_LASTS
from coaching.catalog.models import Product, Question
from coaching.catalog.queries import questions_of, retired_questions
from coaching.plain_text import clean

INSTANT = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:00Z")
PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,28}[0-9]")
FORM_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
ANSWER = re.compile(r"answer_([0-9]{1,9})")
SEEN = re.compile(r"([a-z]{1,20}) ([a-z]{1,20}) ([A-Z]{3}) (-|[0-9]{1,9}r?(?:,[0-9]{1,9}r?){0,50}) (.{0,200})")


class StartField(Field):
    """The start of a slot, a UTC instant; the slot picker draws it as radios."""

    widget = HiddenInput()
    data: datetime | None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = instant(valuelist[0]) if valuelist else None


class OfferField(Field):
    """Which of the product's lengths; its number in plain digits. The slot picker draws it as radios."""

    widget = HiddenInput()
    data: int | None

    def process_formdata(self, valuelist: list[str]) -> None:
        # Not int() at once: it takes "１", "1_000" and "+5".
        is_number = bool(valuelist) and re.fullmatch(r"[0-9]{1,9}", valuelist[0])
        self.data = int(valuelist[0]) if is_number else None


class ZoneForm(Form):
    """Which zone times are shown in."""

    zone = ZoneField("Your time zone")


class BookingForm(Form):
    """What every product asks; `booking_form` makes one for a product, and for what a form of it asked."""

    form_key = Hidden()
    offer = OfferField("Length", [required("Choose a length.")])
    starts_at = StartField("Time", [required("Choose a time.")])
    code = TextLine("Discount code", [Optional()], longest=100)
    goals = TextBlock("What do you want to get out of this call?", [Optional()], longest=2000)

    # Where the product is a call by phone.
    phone: TextLine
    product: Product
    # What is asked now, and what the sent form asked besides; with the answers by the question as it was asked.
    current: Sequence[Question] = ()
    retired: Sequence[Question] = ()
    typed: Mapping[int, str] = {}
    bumps: Collection[int] = ()
    seen_discount: str = ""
    seen: SeenTerms | None = None
    asked_since: datetime | None = None

    @property
    def given(self) -> list[answers.Given]:
        """The questions to draw, with what stands in their fields."""
        return answers.given(self.current, self.typed, self.retired)

    @property
    def asks_first(self) -> bool:
        """Whether something has to be filled in that is not yet."""
        needed = [
            given
            for given in answers.applicable(self.given)
            if given.question.is_required and not given.question.retired_at
        ]
        return any(not given.text.strip() for given in needed) or ("phone" in self and not self.phone.data)

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        is_valid = super().validate(extra_validators)
        faults = answers.faults(self.current, self.typed, self.retired, self.asked_since)
        for question_id, fault in faults.items():
            self[answer_name(question_id)].errors = [fault]
        return is_valid and not faults

    def condition_of(self, question: answers.Asked) -> tuple[str, str, str] | None:
        """The field and the answer on which a question depends, and a sentence about it; None for one always asked."""
        before = next((earlier for earlier in self.current if earlier.id == question.depends_on_id), None)
        if before is None or question.retired_at:
            return None
        answer = question.depends_answer
        return answer_name(before.id), answer, f"Only if your answer to “{before.label}” is “{answer}”."

    def own_words(self) -> list[Field]:
        """The fields in which the student wrote something of their own."""
        names = [*(answer_name(given.question.id) for given in self.given), "goals", "phone"]
        return [self[name] for name in names if name in self]

    def seen_now(self) -> str:
        """What `read_seen` reads: the form as it is drawn now."""
        product = self.product
        asked = ",".join(f"{question.id}r" if question.is_required else str(question.id) for question in self.current)
        return f"{product.session_type} {product.payment} {product.store.currency} {asked or '-'} {product.title}"

    def details(self) -> BookingDetails:
        return BookingDetails(
            offer_id=checked(self.offer.data),
            starts_at=checked(self.starts_at.data),
            goals=self.goals.data,
            phone=self.phone.data if "phone" in self else None,
            answers=self._counted(),
            form_key=self.form_key.data,
            seen=self.seen,
            bumps=tuple(sorted(self.bumps)),
            code=self.code.data,
            seen_discount=self.seen_discount,
        )

    def _counted(self) -> dict[int, str]:
        # What was typed under a condition that does not hold is no answer.
        left_out = {given.asked.id for given in self.given} - {
            given.asked.id for given in answers.applicable(self.given)
        }
        return {key: text for key, text in self.typed.items() if key not in left_out}


def booking_form(product: Product, fields: MultiDict[str, str] | None, now: datetime) -> BookingForm:
    """The form of one product, filled with what was typed: also what answers a question that reads otherwise now."""
    fields, seen = MultiDict(fields or {}), read_seen(fields)
    current, asked = questions_of(product), asked_in(fields, seen)
    retired = retired_questions(product, asked - {question.id for question in current})
    typed = {
        question.id: clean(fields[answer_name(question.id)], many_lines=question.kind == "long")
        for question in (*current, *retired)
        if answer_name(question.id) in fields
    }
    form_fields: dict[str, Any] = {}
    for given in answers.given(current, typed, retired):
        name = answer_name(given.question.id)
        form_fields[name] = question_field(given.question, given.asked)
        # A line has no breaks to show.
        fields[name] = given.text if given.question.kind == "long" else " ".join(given.text.splitlines())
    if product.session_type == "phone":
        form_fields["phone"] = TextLine(
            "Your phone number",
            [
                required("Type the number you can be called at."),
                Regexp(PHONE, message="Type a number like +49 30 1234567."),
            ],
        )
    known = {"product": product, "current": current, "retired": retired, "typed": typed, "seen": seen}
    known |= {"bumps": chosen_ids(fields), "seen_discount": fields.get(SEEN_DISCOUNT, "")}
    # WTForms looks through each new class for its fields: where nothing is asked, that is saved.
    cls: type[BookingForm] = type("ProductBookingForm", (BookingForm,), form_fields) if form_fields else BookingForm
    form = cls(formdata=fields)
    vars(form).update(known, asked_since=now - ASKED_LASTS)
    if not FORM_KEY.fullmatch(form.form_key.data):
        form.form_key.data = secrets.token_urlsafe(16)
    return form


def question_field(question: answers.Asked, asked: answers.Asked) -> Field:
    """A field for one question; what is wrong with its answer is for booking to say."""
    marks = [] if question.is_required and not question.retired_at else [Optional()]
    if question.kind == "choice":
        choices = {line: line for line in question.choices.splitlines()}
        return RadioField(question.label, marks, choices=choices, filters=[clean], validate_choice=False)
    kind = TextBlock if question.kind == "long" else TextLine
    return kind(question.label, marks, longest=answers.LONGEST[asked.kind])


def answer_name(question_id: int) -> str:
    return f"answer_{question_id}"


def asked_in(fields: Mapping[str, str], seen: SeenTerms | None) -> set[int]:
    """The numbers of the questions that a sent form asked."""
    sent = (ANSWER.fullmatch(name) for name in fields)
    return {int(name[1]) for name in sent if name} | set(seen.questions if seen else ())


def read_seen(fields: Mapping[str, str] | None) -> SeenTerms | None:
    """What the form says that it showed; None where it says nothing that can be read."""
    parts = SEEN.fullmatch((fields or {}).get("seen", ""))
    if parts is None:
        return None
    session_type, payment, currency, asked, title = parts.groups()
    questions = {int(number.removesuffix("r")): number.endswith("r") for number in asked.split(",") if number != "-"}
    return SeenTerms(title, session_type, payment, currency, questions)


def instant(text: str) -> datetime | None:
    """The instant a slot's value means; None for anything else."""
    if not INSTANT.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
