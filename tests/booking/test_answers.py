"""Pure: what is wrong with an answer, and what one to a question counts for that was reworded since."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.answers import applicable, faults, given

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
    depends_on_id: int | None = None
    depends_answer: str = ""


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
    return [(kept.question.id, kept.asked.id, kept.text) for kept in given(questions, answers, old)]


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


def test_a_question_under_a_condition_is_asked_only_where_that_holds():
    asked = [
        Question(id=1, kind="choice", choices="Live\nLogic"),
        Question(id=2, kind="choice", choices="11\n12", is_required=True, depends_on_id=1, depends_answer="Live"),
        Question(id=3, is_required=True, depends_on_id=2, depends_answer="12"),
    ]

    def counted(answers, *old):
        return [kept.question.id for kept in applicable(given(asked, answers, old))]

    assert (counted({}), faults(asked, {})) == ([1], {})
    assert list(faults(asked, {1: "Live"})) == [2]
    assert list(faults(asked, {1: "Live", 2: "12"})) == [3]
    assert (counted({1: "Live", 2: "11", 3: "x"}), faults(asked, {1: "Live", 2: "11"})) == ([1, 2], {})
    # What hangs on an answer that does not count hangs in the air, too, and is not looked at.
    answers = {1: "Logic", 2: "no choice", 3: "x"}
    assert (counted(answers), faults(asked, answers)) == ([1], {})
    # An answer to the question as it was is one to what took its place; what is asked no more is kept by itself.
    old = [retired(successor_id=1, kind="choice", choices="Live"), retired(id=5, depends_on_id=6, depends_answer="x")]
    assert counted({6: "Live", 2: "11", 5: "y"}, *old) == [1, 2, 5]
