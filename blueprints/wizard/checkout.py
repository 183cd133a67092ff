"""Step 2: what is sold, at which lengths and prices, and what the student is asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from wtforms import BooleanField, FieldList, FormField, RadioField, SelectField
from wtforms import Form as PlainForm
from wtforms.validators import ValidationError

from blueprints.forms import FormKey, Hidden, Money, TextBlock, TextLine, WholeNumber
from blueprints.wizard import rows
from blueprints.wizard.form import Fields, Preview, StepForm
from coaching.catalog.details import (
    LONGEST_DESCRIPTION,
    LONGEST_OFFER,
    LONGEST_TITLE,
    MOST_CHOICES,
    MOST_OFFERS,
    MOST_QUESTIONS,
    SHORTEST_OFFER,
    CheckoutDetails,
    OfferDetails,
    QuestionDetails,
)
from coaching.catalog.models import Product, Question
from coaching.catalog.queries import offers_of, questions_of
from coaching.catalog.text import render_markdown
from coaching.money import why_not_charged
from coaching.plain_text import clean

SESSION_TYPES = {"video": "Video", "audio": "Audio", "phone": "Phone"}
LONGEST_CHOICES = 2000
QUESTION_KINDS = {"text": "One line", "long": "Several lines", "choice": "A choice"}
BLANKS = {"offers": {"minutes": "", "price": ""}, "questions": {"label": "", "kind": "text", "choices": ""}}
ALWAYS = "always"


class OfferForm(PlainForm):
    """One length with its price; a row left empty counts as not there."""

    minutes = WholeNumber("Minutes", least=SHORTEST_OFFER, most=LONGEST_OFFER)
    price = Money("Price")
    by_card = False

    @property
    def is_blank(self) -> bool:
        return not any(field.data is not None or field.errors or field.process_errors for field in self)

    def validate_minutes(self, field: WholeNumber) -> None:
        if field.data is None and self.price.data is not None:
            raise ValidationError("How many minutes?")

    def validate_price(self, field: Money) -> None:
        if field.data is None and self.minutes.data is not None:
            raise ValidationError("Type a price; 0 means free.")
        if self.by_card and (why_not := why_not_charged(field.data or 0, field.currency.code)):
            raise ValidationError(why_not)


class QuestionForm(PlainForm):
    """One question; a row left empty counts as not there. It carries the number of the question that it was."""

    question_id = Hidden()
    label = TextLine("Question", longest=200)
    kind = SelectField("Answer", choices=QUESTION_KINDS)
    choices = TextBlock("Choices, one per line", longest=LONGEST_CHOICES)
    is_required = BooleanField("Students have to answer")
    # By its key a row is named while rows are added, moved and removed: "KEY ANSWER" is the condition of a later one.
    key = FormKey()
    # A page on which nothing could be depended on does not ask.
    only_if = SelectField("When to ask it", choices=[], default=ALWAYS, validate_choice=False)
    conditions: Sequence[tuple[str, str]] = ()

    @property
    def is_blank(self) -> bool:
        return not self.label.data and not self.choices.data

    @property
    def choice_lines(self) -> tuple[str, ...]:
        # Of what is too long anyway no more is looked at: lines are cleaned one by one.
        lines = (clean(line) for line in self.choices.data[:LONGEST_CHOICES].splitlines())
        return tuple(dict.fromkeys(line for line in lines if line))

    def offer_conditions(self, conditions: Sequence[tuple[str, str]]) -> None:
        """What it may depend on: value and words of each. What it depends on now stays in sight, if it is gone, too."""
        self.conditions = conditions
        gone = [] if self.knows_condition else [(self.only_if.data, "What it depended on is gone")]
        self.only_if.choices = [(ALWAYS, "Always"), *conditions, *gone]

    @property
    def knows_condition(self) -> bool:
        return self.only_if.data in (ALWAYS, *dict(self.conditions))

    def validate_only_if(self, field: SelectField) -> None:
        if not self.is_blank and not self.knows_condition:
            raise ValidationError("The answer that it depended on is no longer there, or comes later. Choose again.")

    def validate_label(self, field: TextLine) -> None:
        if not field.data and not self.is_blank:
            raise ValidationError("What do you want to ask?")

    def validate_choices(self, field: TextBlock) -> None:
        if self.kind.data != "choice" or self.is_blank:
            return
        if not 2 <= len(self.choice_lines) <= MOST_CHOICES:
            raise ValidationError(f"Write 2 to {MOST_CHOICES} choices, one per line.")
        if any(len(line) > 100 for line in self.choice_lines):
            raise ValidationError("Each choice can have at most 100 characters.")


class CheckoutForm(StepForm):
    title = TextLine("Title", longest=LONGEST_TITLE)
    description = TextBlock("Description", longest=LONGEST_DESCRIPTION)
    session_type = RadioField("How you talk", choices=SESSION_TYPES, default="video")
    # One more than allowed, so that too many can be said instead of failing.
    offers = FieldList(FormField(OfferForm, ""), "Lengths and prices", max_entries=MOST_OFFERS + 1)
    questions = FieldList(FormField(QuestionForm, ""), "Questions", max_entries=MOST_QUESTIONS + 1)

    @classmethod
    def of_draft(cls, product: Product, now: datetime) -> Self:
        offers = [{"minutes": offer.minutes, "price": offer.price_cents} for offer in offers_of(product)]
        form = cls(
            formdata=None,
            data={
                "title": product.title,
                "description": product.description,
                "session_type": product.session_type,
                "offers": offers or [{"minutes": 60, "price": None}],
                "questions": [
                    {name: getattr(question, name) for name in ("label", "kind", "choices", "is_required")}
                    | {
                        "question_id": str(question.id),
                        "key": row_key(question.id),
                        "only_if": kept_condition(question),
                    }
                    for question in questions_of(product)
                ],
            },
        )
        return form.in_currency(product.store.currency).paid_by(product.payment).with_conditions()

    @classmethod
    def of_fields(cls, product: Product, fields: Fields, now: datetime) -> Self:
        for name, most in (("offers", MOST_OFFERS), ("questions", MOST_QUESTIONS)):
            fields = rows.with_rows(fields, name, rows.rows_in(fields, name)[: most + 1])
        form = cls(formdata=fields).in_currency(product.store.currency).paid_by(product.payment)
        return form.with_conditions()

    @classmethod
    def rearranged(cls, product: Product, fields: Fields, now: datetime) -> Self | None:
        changed = rows.rearranged(fields, BLANKS)
        if changed is None:
            return None
        form = cls.of_fields(product, changed[0], now)
        form.focus, form.said = changed[1:]
        return form

    def in_currency(self, currency: str) -> Self:
        """The same form, its prices meant in the store's currency, and labelled with it."""
        for entry in self.offers:
            entry.form.price.label.text = f"Price in {currency}"
            entry.form.price.set_currency(currency)
        return self

    def paid_by(self, payment: str) -> Self:
        """The same form; a price that is paid by card has to be one that a card can be charged with."""
        for entry in self.offers:
            entry.form.by_card = payment == "stripe"
        return self

    def with_conditions(self) -> Self:
        """The same form, each question with the answers to earlier ones on which it may depend."""
        known: list[tuple[str, str]] = []
        for number, entry in enumerate(self.questions, 1):
            question = entry.form
            question.offer_conditions(list(known))
            if question.kind.data == "choice":
                known += [
                    (f"{question.key.data} {line}", f"Only if question {number} is “{line}”")
                    for line in question.choice_lines[:MOST_CHOICES]
                ]
        return self

    def validate_offers(self, field: "FieldList[FormField[OfferForm]]") -> None:
        if len(field.entries) > MOST_OFFERS:
            raise ValidationError(f"At most {MOST_OFFERS} lengths. Remove some.")
        lengths = [offer.minutes for offer in self.typed_offers()]
        if len(lengths) != len(set(lengths)):
            raise ValidationError("Two lengths are the same. Change or remove one of them.")

    def validate_questions(self, field: "FieldList[FormField[QuestionForm]]") -> None:
        if len(field.entries) > MOST_QUESTIONS:
            raise ValidationError(f"At most {MOST_QUESTIONS} questions. Remove some.")

    def typed_offers(self) -> list[OfferDetails]:
        """The offers that are complete and sound."""
        typed = [(entry.minutes.data, entry.price.data) for entry in self.offers]
        lengths = range(SHORTEST_OFFER, LONGEST_OFFER + 1)
        return [OfferDetails(minutes, price) for minutes, price in typed if minutes in lengths and price is not None]

    def details(self) -> CheckoutDetails:
        asked = [entry.form for entry in self.questions if not entry.form.is_blank]
        places = {question.key.data: place for place, question in enumerate(asked)}
        return CheckoutDetails(
            title=self.title.data,
            description=self.description.data,
            session_type=self.session_type.data,
            offers=tuple(self.typed_offers()),
            questions=tuple(question_details(question, places) for question in asked),
        )

    def preview(self, product: Product) -> Preview:
        is_type = self.session_type.data in SESSION_TYPES
        return replace(
            super().preview(product),
            title=self.title.data,
            session_type=self.session_type.data if is_type else product.session_type,
            # Drawn before anything is checked: what is too long to be kept is not drawn in full either.
            description_html=render_markdown(self.description.data[:LONGEST_DESCRIPTION]),
            offers=self.typed_offers(),
        )


def question_details(form: QuestionForm, places: Mapping[str, int]) -> QuestionDetails:
    """One question as the mutation takes it; `places` are those of all questions, by the keys of their rows."""
    choices = form.choice_lines if form.kind.data == "choice" else ()
    # Whose it is, saving finds out: among the product's own questions or not at all.
    known = str(form.question_id.data)
    question_id = int(known) if re.fullmatch(r"[0-9]{1,9}", known) else None
    key, _, answer = (form.only_if.data or "").partition(" ")
    return QuestionDetails(
        *(form.label.data, form.kind.data, form.is_required.data, choices, question_id),
        depends_on=places.get(key),
        depends_answer=answer if key in places else "",
    )


def row_key(question_id: int) -> str:
    """The key of a kept question's row; a new row has a random one of the same length."""
    return f"q{question_id:09d}"


def kept_condition(question: Question) -> str:
    """What the question depends on, as its row says it."""
    return f"{row_key(question.depends_on_id)} {question.depends_answer}" if question.depends_on_id else ALWAYS
