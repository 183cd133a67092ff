"""Pure: what is wrong with an answer."""

from dataclasses import dataclass

import pytest

from coaching.booking.answers import faults


@dataclass
class Question:
    kind: str = "text"
    choices: str = ""
    is_required: bool = False
    id: int = 7


@pytest.mark.parametrize(
    ("question", "answer", "is_fine"),
    [
        (Question(), "", True),
        (Question(is_required=True), "", False),
        (Question(is_required=True), "   ", False),
        (Question(is_required=True), "Techno", True),
        (Question(), "x" * 500, True),
        (Question(), "x" * 501, False),
        (Question(kind="long"), "x" * 4000, True),
        (Question(kind="long"), "x" * 4001, False),
        (Question(kind="choice", choices="Ableton\nLogic"), "Logic", True),
        (Question(kind="choice", choices="Ableton\nLogic"), "Cubase", False),
        (Question(kind="choice", choices="Ableton\nLogic"), "", True),
    ],
)
def test_an_answer_is_fine_or_told_why_not(question, answer, is_fine):
    assert (faults([question], {7: answer}) == {}) == is_fine


def test_an_unanswered_required_question_is_named():
    assert list(faults([Question(is_required=True)], {})) == [7]
