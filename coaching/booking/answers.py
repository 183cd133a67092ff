"""What is wrong with a student's answers to a product's questions. Pure."""

from collections.abc import Iterable, Mapping
from typing import Protocol

LONGEST = {"text": 500, "long": 4000, "choice": 500}


class Asked(Protocol):
    """A question as it is asked; `choices` has one per line."""

    id: int
    kind: str
    choices: str
    is_required: bool


def faults(questions: Iterable[Asked], answers: Mapping[int, str]) -> dict[int, str]:
    """By question what is wrong with its answer, as a sentence; empty when all are fine."""
    found = ((question.id, _fault(question, answers.get(question.id, "").strip())) for question in questions)
    return {question_id: fault for question_id, fault in found if fault}


def _fault(question: Asked, answer: str) -> str | None:
    if not answer:
        return "Answer this question to book." if question.is_required else None
    if question.kind == "choice" and answer not in question.choices.splitlines():
        return "Choose one of the answers."
    if len(answer) > LONGEST[question.kind]:
        return f"Keep this under {LONGEST[question.kind]} characters."
    return None
