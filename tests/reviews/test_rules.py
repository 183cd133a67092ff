"""Who may review a call, until when, and what reviews come to: pure, so that each rule is a line."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coaching.reviews.rules import (
    FORMER_STUDENT,
    LONGEST_NAME,
    SENTENCES,
    CallFacts,
    Presence,
    ReviewFacts,
    Why,
    in_few_lines,
    is_verified,
    may_answer,
    shown_name,
    why_not_change,
    why_not_review,
)
from coaching.reviews.standing import Standing

ENDED_AT = datetime(2027, 3, 9, 19, 0, tzinfo=UTC)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SEEN, MISSED, UNKNOWN = Presence
ROOM = CallFacts("completed", ENDED_AT, is_by_phone=False, presence=SEEN, takes_reviews=True)
PHONE = replace(ROOM, is_by_phone=True, presence=UNKNOWN)
LATER = ENDED_AT + DAY


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        # Seen in the room: whatever the outcome was corrected to, and before it is written down at all.
        *((replace(ROOM, state=state), None) for state in ("scheduled", "in_progress", "completed", "no_show")),
        *((replace(ROOM, state=state), Why.CALLED_OFF) for state in ("cancelled", "declined", "expired")),
        *((replace(ROOM, state=state), Why.CALLED_OFF) for state in ("held", "requested")),
        # Looked for and never there: nobody's word makes up for it.
        *(
            (replace(ROOM, presence=MISSED, state=state), Why.NOT_SEEN)
            for state in ("scheduled", "completed", "no_show")
        ),
        # Nobody knows, as with a shared role or after an outage: once its coach has said that it was held.
        (replace(ROOM, presence=UNKNOWN), None),
        *((replace(ROOM, presence=UNKNOWN, state=state), Why.NOT_KNOWN) for state in ("scheduled", "no_show")),
        # By phone: unless somebody said that it was not held.
        *((replace(PHONE, state=state), None) for state in ("scheduled", "completed")),
        (replace(PHONE, state="no_show"), Why.NOT_HELD),
        (replace(PHONE, state="cancelled"), Why.CALLED_OFF),
        (replace(ROOM, takes_reviews=False), Why.NO_REVIEWS),
        (replace(PHONE, takes_reviews=False), Why.NO_REVIEWS),
    ],
)
def test_who_was_there_may_review_the_call(call: CallFacts, expected: Why | None) -> None:
    assert why_not_review(call, LATER) == expected


def test_a_call_can_be_reviewed_from_its_end_for_sixty_days() -> None:
    assert why_not_review(ROOM, ENDED_AT - SECOND) == Why.NOT_OVER
    assert why_not_review(replace(ROOM, state="requested"), ENDED_AT - SECOND) == Why.NOT_OVER
    assert why_not_review(ROOM, ENDED_AT) is None
    assert why_not_review(ROOM, ENDED_AT + 60 * DAY - SECOND) is None
    assert why_not_review(ROOM, ENDED_AT + 60 * DAY) == Why.TOO_LATE
    assert set(SENTENCES) == set(Why)


def test_only_a_call_in_whose_room_they_were_seen_is_called_verified() -> None:
    assert is_verified(ROOM)
    assert not is_verified(replace(ROOM, presence=UNKNOWN))
    assert not is_verified(PHONE)
    assert not is_verified(replace(PHONE, presence=SEEN))


def test_a_review_and_its_answer_can_be_changed_for_fourteen_days() -> None:
    written = ReviewFacts(ENDED_AT, None, None, is_hidden=False)
    assert why_not_change(written, ENDED_AT + 14 * DAY - SECOND) is None
    assert why_not_change(written, ENDED_AT + 14 * DAY) == Why.FINAL
    assert why_not_change(replace(written, is_hidden=True), LATER) == Why.HIDDEN
    assert may_answer(written, ENDED_AT + 400 * DAY)
    assert not may_answer(replace(written, is_hidden=True), LATER)
    answered = replace(written, answered_at=LATER)
    assert may_answer(answered, LATER + 14 * DAY - SECOND)
    assert not may_answer(answered, LATER + 14 * DAY)
    # What is changed below an answer may be answered otherwise.
    assert may_answer(replace(answered, edited_at=LATER + 5 * DAY), LATER + 19 * DAY - SECOND)
    assert not may_answer(replace(answered, edited_at=LATER + 5 * DAY), LATER + 19 * DAY)


@pytest.mark.parametrize(
    ("stars", "words"),
    [
        ([], "New, no reviews yet"),
        ([5], "New, one review so far"),
        ([5, 1], "New, 2 reviews so far"),
        ([5, 4, 4], "4.3 of 5 from 3 reviews"),
        (
            [5, 5, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5],
            "4.2 of 5 from 20 reviews",
        ),  # 4.15: a half goes up
        ([1] * 1200, "1.0 of 5 from 1,200 reviews"),
    ],
)
def test_a_standing_is_the_plain_mean_to_one_decimal_and_new_below_three(stars: list[int], words: str) -> None:
    standing = Standing.of(len(stars), sum(stars))
    assert standing.label == words
    assert standing.is_new == (len(stars) < 3)


def test_a_review_shows_the_first_word_of_its_authors_name() -> None:
    assert shown_name("Sam Lindqvist") == "Sam"
    assert shown_name("x" * 200) == "x" * LONGEST_NAME
    assert shown_name(None) == shown_name("  ") == FORMER_STUDENT


def test_empty_lines_are_no_words() -> None:
    assert in_few_lines("One.\n \n\t\n\n\nTwo. \nThree.") == "One.\n\nTwo.\nThree."
