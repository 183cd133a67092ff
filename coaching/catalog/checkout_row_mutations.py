"""The rows of a checkout: offers and questions, which are retired rather than changed."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from coaching.catalog.details import OfferDetails, QuestionDetails
from coaching.catalog.models import Offer, Product, Question
from coaching.catalog.queries import offers_of, questions_of, retired_questions


def replace_offers(product: Product, offers: Iterable[OfferDetails]) -> None:
    """These are the product's offers, in this order; the others are retired."""
    # Never changed in place: a page with the old price must not book the new one.
    old = offers_of(product)
    for position, wanted in enumerate(offers):
        same = (row for row in old if (row.minutes, row.price_cents) == (wanted.minutes, wanted.price_cents))
        row = next(same, None)
        if row:
            old.remove(row)
        row = row or Offer(product=product, minutes=wanted.minutes, price_cents=wanted.price_cents)
        row.position = position
        row.save()
    Offer.update(is_retired=True).where(Offer.id.in_([row.id for row in old])).execute()


def replace_questions(product: Product, questions: Sequence[QuestionDetails], now: datetime) -> None:
    """These are the product's questions, in this order; the others are retired, and lead to what took their place."""
    # Never reworded or deleted in place: a student may be answering it just now.
    old = {row.id: row for row in questions_of(product)}
    # A form in another window may name a question that was reworded since: it means what took its place.
    named = [wanted.id for wanted in questions if wanted.id]
    successors = {row.id: row.successor_id for row in retired_questions(product, named)}
    before = [old.pop(successors.get(wanted.id or 0, wanted.id) or 0, None) for wanted in questions]
    asked: list[Question] = []
    for position, (wanted, row_before) in enumerate(zip(questions, before, strict=True)):
        fresh = Question(
            product=product, kind=wanted.kind, label=wanted.label, choices="\n".join(wanted.choices), position=position
        )
        replaced = row_before or next((row for row in old.values() if row.words == fresh.words), None)
        row = replaced if replaced and replaced.words == fresh.words else fresh
        row.is_required, row.position = wanted.is_required, position
        # Anew each time: by this the reference follows what takes the place of the question it named.
        place = position if wanted.depends_on is None else wanted.depends_on
        row.depends_on = asked[place] if place in range(position) else None
        row.depends_answer = wanted.depends_answer if row.depends_on else ""
        row.save()
        asked.append(row)
        if replaced:
            old.pop(replaced.id, None)
            if replaced is not row:
                _retire_question(replaced, row, now)
    for row in old.values():
        _retire_question(row, None, now)


def _retire_question(question: Question, successor: Question | None, now: datetime) -> None:
    Question.update(retired_at=now, successor=successor).where(Question.id == question.id).execute()
    # Those before it lead to what is asked now, without a detour.
    Question.update(successor=successor).where(Question.successor == question).execute()
