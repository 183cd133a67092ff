"""A student's answers to a product's questions, also to those the coach has reworded since: what counts, and what is
wrong with it. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LONGEST = {"text": 500, "long": 4000, "choice": 500}


class Asked(Protocol):
    """A question as it is or was asked; `choices` has one per line."""

    id: int
    kind: str
    label: str
    choices: str
    is_required: bool
    retired_at: datetime | None
    successor_id: int | None
    depends_on_id: int | None
    depends_answer: str


@dataclass(frozen=True, slots=True)
class Given:
    """An answer to `question`, which read as `asked` says when it was typed."""

    question: Asked
    asked: Asked
    text: str


def given(questions: Iterable[Asked], answers: Mapping[int, str], retired: Sequence[Asked] = ()) -> list[Given]:
    """What was answered to each question; an answer to a `retired` one counts for what took its place.

    One that nothing took the place of, or something that such an answer does not fit, is kept by itself.
    """
    typed = {question_id: text.strip() for question_id, text in answers.items()}
    before = {old.successor_id: old for old in retired if typed.get(old.id)}
    given_answers = []
    for question in questions:
        asked = question
        if not typed.get(question.id) and question.id in before and _fits(before[question.id], question):
            asked = before.pop(question.id)
        given_answers.append(Given(question, asked, typed.get(asked.id, "")))
    counted = {answer.asked.id for answer in given_answers}
    return given_answers + [
        Given(old, old, typed[old.id]) for old in retired if typed.get(old.id) and old.id not in counted
    ]


def applicable(given_answers: Iterable[Given]) -> list[Given]:
    """Of these, in the order in which they are asked, what counts: an answer to a question whose condition does not
    hold is none, and so no condition holds by it.
    """
    said: dict[int, str] = {}
    kept = []
    for answer in given_answers:
        question = answer.question
        # What is asked no more is kept by itself: its condition may have gone with it.
        if question.depends_on_id is None or question.retired_at or holds(question, said):
            said[question.id] = answer.text
            kept.append(answer)
    return kept


def holds(question: Asked, said: Mapping[int, str]) -> bool:
    """True when what was answered before, by question, is what this one depends on."""
    return question.depends_on_id is not None and said.get(question.depends_on_id) == question.depends_answer


def faults(
    questions: Iterable[Asked],
    answers: Mapping[int, str],
    retired: Sequence[Asked] = (),
    asked_since: datetime | None = None,
) -> dict[int, str]:
    """By question what is wrong with its answer, as a sentence; empty when all are fine.

    What was reworded before `asked_since` has to be answered anew.
    """
    counted = applicable(given(questions, answers, retired))
    pairs = ((answer.question.id, _fault(answer, asked_since)) for answer in counted)
    return {question_id: fault for question_id, fault in pairs if fault}


def _fits(old: Asked, question: Asked) -> bool:
    # No field for a choice could show a sentence.
    return question.kind != "choice" or old.kind == "choice"


def _fault(given: Given, asked_since: datetime | None) -> str | None:
    question, asked, text = given.question, given.asked, given.text
    if not text:
        return "Answer this question to book." if question.is_required else None
    if asked.kind == "choice" and text not in asked.choices.splitlines():
        return "Choose one of the answers."
    if len(text) > LONGEST[asked.kind]:
        return f"Keep this under {LONGEST[asked.kind]} characters."
    if asked is question:
        return None
    if question.kind == "choice" and text not in question.choices.splitlines():
        return f"“{text}” is no longer among the answers. Choose another one."
    is_long_ago = asked_since and asked.retired_at and asked.retired_at < asked_since
    return "This question reads otherwise now. Check your answer." if is_long_ago else None
