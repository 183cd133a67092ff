"""Pure: what is wrong with an answer, and what one to a question counts for that was reworded since."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.answers import faults, given

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
A_DAY_AGO = NOW - timedelta(days=1)


@dataclass
class Question:
    kind: str = "text"
    choices: str = ""
    is_required: bool = False
    id: int = 7
    label: str = "Which?"
    retired_at: datetime | None = None
    successor_id: int | None = None


def retired(successor_id=7, **differences):
    """Number 6 before it was reworded, an hour ago."""
    return Question(**{"id": 6, "retired_at": NOW - timedelta(hours=1), "successor_id": successor_id, **differences})


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


def read(questions, answers, *old):
    """What was answered, as (number now, number then, text)."""
    return [(one.question.id, one.asked.id, one.text) for one in given(questions, answers, old)]


def test_an_answer_counts_for_what_took_the_place_of_its_question():
    now = Question(is_required=True, label="Which software?")
    assert read([now], {6: " Logic "}, retired()) == [(7, 6, "Logic")]
    assert faults([now], {6: "Logic"}, [retired()], A_DAY_AGO) == {}


def test_an_answer_to_the_new_words_goes_before_one_to_the_old():
    assert read([Question()], {6: "old", 7: "new"}, retired()) == [(7, 7, "new"), (6, 6, "old")]


def test_an_answer_to_a_removed_question_is_kept_by_itself():
    assert read([Question()], {6: "Logic"}, retired(None)) == [(7, 7, ""), (6, 6, "Logic")]
    assert read([Question()], {6: "  "}, retired(None)) == [(7, 7, "")]
    assert faults([], {6: "Logic"}, [retired(None, is_required=True)], A_DAY_AGO) == {}


def test_a_sentence_does_not_answer_a_choice_but_is_kept():
    now = Question("choice", "Live\nLogic", is_required=True)
    assert read([now], {6: "Mostly Logic"}, retired()) == [(7, 7, ""), (6, 6, "Mostly Logic")]
    assert list(faults([now], {6: "Mostly Logic"}, [retired()], A_DAY_AGO)) == [7]


@pytest.mark.parametrize("is_required", [True, False])
def test_a_choice_that_is_gone_has_to_be_made_again(is_required):
    now, old = Question("choice", "Live\nReaper", is_required), retired(kind="choice", choices="Live\nLogic")
    assert faults([now], {6: "Live"}, [old], A_DAY_AGO) == {}
    assert "“Logic” is no longer among the answers" in faults([now], {6: "Logic"}, [old], A_DAY_AGO)[7]
    assert list(faults([now], {6: "Reaper"}, [old], A_DAY_AGO)) == [7]


def test_what_was_reworded_long_ago_is_answered_anew():
    old = retired(retired_at=A_DAY_AGO - timedelta(minutes=1))
    assert "reads otherwise now" in faults([Question()], {6: "Logic"}, [old], A_DAY_AGO)[7]
    gone = retired(None, retired_at=A_DAY_AGO - timedelta(days=30))
    assert faults([], {6: "Logic"}, [gone], A_DAY_AGO) == {}


def test_an_answer_is_as_long_as_its_question_allowed():
    old = retired(kind="long")
    assert faults([Question()], {6: "x" * 4000}, [old], A_DAY_AGO) == {}
    assert list(faults([Question()], {6: "x" * 4001}, [old], A_DAY_AGO)) == [7]
