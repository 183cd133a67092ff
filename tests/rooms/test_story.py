"""What a coach reads in a room's log."""

from itertools import product

import pytest

from coaching.refusals import Refusal
from coaching.rooms.planning.case import StepKind
from coaching.rooms.story import Told, told


@pytest.mark.parametrize(
    ("what", "why", "sentence", "meaning"),
    [
        ("made hidden", "the session is near", "It was made, hidden from both of you.", "The session is near."),
        ("opened", "it is time to open", "It was opened: both of you can enter.", "It is time to open."),
        ("opened", "", "It was opened: both of you can enter.", ""),
        (
            "put out of the call",
            "the room is not for them",
            "Somebody was put out of the call.",
            "They were inside without the right to be there.",
        ),
        ("student came", "see who is in the room", "Your student came in.", ""),
        ("wanted open now", "Alice said so", "Alice had it opened at once.", ""),
        ("wanted open 10 minutes longer", "Alice said so", "Alice gave it 10 more minutes.", ""),
        ("wanted tried again", "Ann said so said so", "Ann said so had it tried again at once.", ""),
        ("something new", "nobody knows", "Something new.", "Nobody knows."),
    ],
)
def test_a_line_is_a_plain_sentence(what, why, sentence, meaning):
    assert told(what, why) == Told(sentence, meaning)


def test_a_room_that_was_not_found_says_what_that_means():
    found = told("looked in vain", "look whether the room was made after all")
    assert found.sentence == "We could not find the room in Discord."
    assert "made again" in found.meaning


def test_a_refusal_says_what_discord_said_and_what_to_do():
    found = told("make failed: missing_permission", "the session is near")
    assert found.sentence == "It could not be made."
    assert found.meaning.startswith("Discord said that the bot may not do this. The bot lacks a right on your server.")


def test_whatever_fails_has_words_without_codes():
    for step, refusal, how in product(StepKind, Refusal, ("failed", "has to wait")):
        found = told(f"{step} {how}: {refusal}", "it is time to open")
        assert found.sentence.endswith(".")
        assert found.meaning.endswith(".")
        assert "_" not in found.sentence + found.meaning.replace("DISCORD_BOT_TOKEN", "")


def test_a_server_without_free_roles_is_told_without_the_code_for_it():
    found = told("no more roles on this server: entries for each person instead (roles_full)", "the session is near")
    assert found == Told("Your server takes no more roles.", "The room lets in the two of you by name instead.")
