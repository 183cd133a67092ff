"""What a coach and an admin read in a room's log."""

from itertools import product

import pytest

from coaching.log_lines import Event, Fields, Text, event_of
from coaching.refusals import Refusal
from coaching.rooms.planning.case import StepKind
from coaching.rooms.planning.steps import Reason
from coaching.rooms.recording.events import Because, ByHand, EventKind, MoreTime, OfSide, Orphan, Side, Trouble
from coaching.rooms.views.labels import EventMessage, event_label, message_to_coach

# One event of every kind that has a shape of its own.
SHAPED = {
    EventKind.CAME: OfSide(Side.STUDENT),
    EventKind.CAME_BACK: OfSide(Side.COACH),
    EventKind.LEFT: OfSide(Side.COACH),
    EventKind.OPENED_BY_HAND: ByHand("Ann {said} so"),
    EventKind.CLOSED_BY_HAND: ByHand("Alice"),
    EventKind.RETRIED: ByHand("zoë"),
    EventKind.EXTENDED: MoreTime("Alice", 10),
    EventKind.ORPHAN_REMOVED: Orphan("channel", "77"),
    EventKind.NO_MORE_ROLES: Because(Refusal.ROLES_FULL),
    EventKind.STEP_FAILED: Trouble(StepKind.SET_ACCESS, Refusal.NO_ANSWER),
    EventKind.STEP_DELAYED: Trouble(StepKind.MAKE, Refusal.RATE_LIMITED),
    EventKind.NOTE: Text("something new"),
}
KINDS = {kind.value: kind for kind in EventKind}
EVENTS = [Event(kind, SHAPED.get(kind, Fields())) for kind in EventKind]


@pytest.mark.parametrize(
    ("kind", "reason", "sentence", "meaning"),
    [
        ("made_hidden", "session_near", "It was made, hidden from both of you.", "The session is near."),
        ("opened", "time_to_open", "It was opened: both of you can enter.", "It is time to open."),
        ("opened", "", "It was opened: both of you can enter.", ""),
        ("opened", "the session was moved", "It was opened: both of you can enter.", "The session was moved."),
        (
            "disconnected",
            "not_for_them",
            "Somebody was put out of the call.",
            "They were inside without the right to be there.",
        ),
        ("came", "look_inside", "Your student came in.", ""),
        ("came_back", "look_inside", "You came back in.", ""),
        ("opened_by_hand", "", "Ann {said} so had it opened at once.", ""),
        ("extended", "", "Alice gave it 10 more minutes.", ""),
        ("retried", "", "zoë had it tried again at once.", ""),
        (
            "no_more_roles",
            "session_near",
            "Your server takes no more roles.",
            "The room lets in the two of you by name instead.",
        ),
        ("note", "nobody knows", "Something new.", "Nobody knows."),
    ],
)
def test_a_line_is_a_plain_sentence(kind, reason, sentence, meaning):
    known = KINDS[kind]
    assert message_to_coach(Event(known, SHAPED.get(known, Fields())), reason) == EventMessage(sentence, meaning)


@pytest.mark.parametrize(
    ("kind", "log_line"),
    [
        ("made_hidden", "Made hidden"),
        ("left", "Left: coach"),
        ("step_failed", "Step failed: set access, no answer"),
        ("extended", "Extended: Alice, 10"),
        ("orphan_removed", "Orphan removed: channel, 77"),
        ("note", "Something new"),
    ],
)
def test_admins_read_what_is_written_down(kind, log_line):
    known = KINDS[kind]
    assert event_label(Event(known, SHAPED.get(known, Fields()))) == log_line


def test_every_kind_has_words_and_lies_in_a_row_as_it_is():
    for event in EVENTS:
        columns = event.columns
        assert event_of(EventKind, columns["kind"], columns["fields"]) == event
        assert message_to_coach(event).sentence.endswith(".")
        assert event_label(event)
    for reason in Reason:
        assert message_to_coach(Event(EventKind.OPENED), reason).meaning.lower() == f"{reason.label.lower()}."


def test_a_room_that_was_not_found_says_what_that_means():
    line = message_to_coach(Event(EventKind.NOT_FOUND), Reason.ROOM_UNKNOWN)
    assert line.sentence == "We could not find the room in Discord."
    assert "made again" in line.meaning


def test_a_refusal_says_what_discord_said_and_what_to_do():
    trouble = Trouble(StepKind.MAKE, Refusal.MISSING_PERMISSION)
    line = message_to_coach(Event(EventKind.STEP_FAILED, trouble), Reason.SESSION_NEAR)
    assert line.sentence == "It could not be made."
    assert line.meaning.startswith("Discord said that the bot may not do this. The bot lacks a right on your server.")


def test_whatever_fails_has_words_without_codes():
    kinds = (EventKind.STEP_FAILED, EventKind.STEP_DELAYED)
    for step, refusal, kind in product(StepKind, Refusal, kinds):
        line = message_to_coach(Event(kind, Trouble(step, refusal)), Reason.TIME_TO_OPEN)
        assert line.sentence.endswith(".")
        assert line.meaning.endswith(".")
        assert "_" not in line.sentence + line.meaning.replace("DISCORD_BOT_TOKEN", "")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("not_yet_known", "{}"),
        ("came", "{not json"),
        ("came", "[]"),
        ("came", "{}"),
        ("came", '{"side": "nobody"}'),
        ("came", '{"side": "coach", "more": 1}'),
        ("opened", '{"side": "coach"}'),
    ],
)
def test_a_line_that_cannot_be_read_is_told_all_the_same(kind, fields):
    event = event_of(EventKind, kind, fields)
    assert event == Event(EventKind.NOTE, Text(kind))
    assert message_to_coach(event).sentence


def test_a_kind_says_only_what_its_shape_has():
    with pytest.raises(TypeError):
        Event(EventKind.OPENED, ByHand("Alice"))
    with pytest.raises(TypeError):
        Event(EventKind.CAME)
