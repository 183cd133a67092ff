"""What is said to come next for a room."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Unpack

import pytest

from coaching.catalog.timing import DEFAULT
from coaching.guild_parts import Overwrite
from coaching.guild_rights import BOT_RIGHTS, VIEW_AND_CONNECT
from coaching.refusals import Refusal
from coaching.rooms.planning.case import (
    AccessMode,
    Occupant,
    Parent,
    RoomCase,
    RoomKind,
    RoomRecord,
    RoomState,
    StepKind,
)
from coaching.rooms.planning.schedule import Hold, scheduled_step
from coaching.rooms.planning.status import RoomStatus
from coaching.rooms.planning.steps import Reason, Step
from coaching.rooms.planning.wanted import bot_in
from coaching.rooms.views.labels import step_label
from tests.clocks import at
from tests.rooms.differences import CaseDifferences, RecordDifferences

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HIDDEN = frozenset({Overwrite("1", False, deny=VIEW_AND_CONNECT), Overwrite("9", True, allow=BOT_RIGHTS)})
SEEN = Occupant("2001", checked_at=MACHINE - 300 * MINUTE, looked_at=MACHINE - 300 * MINUTE)


def a_case(**differences: Unpack[CaseDifferences]) -> RoomCase:
    """A session of an hour, nothing made yet."""
    ordinary = RoomCase(
        session_id=1,
        session_code="abc",
        starts_at=START,
        ends_at=START + 60 * MINUTE,
        is_on=True,
        has_video=True,
        timing=DEFAULT,
        guild_id="1",
        occupants=(SEEN,),
    )
    return replace(ordinary, **differences)


def hidden(**differences: Unpack[RecordDifferences]) -> RoomCase:
    """The same with its room made and hidden."""
    case = a_case()
    ordinary = RoomRecord(
        id=5,
        state=RoomState.HIDDEN,
        thresholds=case.thresholds,
        discord_guild_id="1",
        discord_channel_id="7",
        overwrites=HIDDEN,
        made_at=MACHINE - 300 * MINUTE,
        checked_at=MACHINE - 300 * MINUTE,
    )
    return replace(case, recorded=replace(ordinary, **differences))


@pytest.mark.parametrize(
    ("minutes", "label", "at_minutes", "is_due"),
    [
        (-60, "Make it, hidden", -30, False),
        (-29, "Make it, hidden", -29, True),
        (-16, "Make it, open", -15, False),
        (5, "Make it, open", 5, True),
    ],
)
def test_a_room_that_is_not_there_yet_comes_at_its_time(minutes, label, at_minutes, is_due):
    scheduled = scheduled_step(a_case(), at(START + minutes * MINUTE, MACHINE))
    assert step_label(scheduled.step) == label
    assert (scheduled.at, scheduled.is_due) == (START + at_minutes * MINUTE, is_due)


def test_a_hidden_room_opens_at_its_time():
    scheduled = scheduled_step(hidden(), at(START - 25 * MINUTE, MACHINE))
    assert (step_label(scheduled.step), scheduled.at) == ("Open it", START - 15 * MINUTE)
    assert RoomStatus(hidden(), START - 25 * MINUTE).wanted == RoomState.HIDDEN
    assert not scheduled.is_due
    assert scheduled_step(hidden(), at(START, MACHINE)).is_due


def test_a_failing_step_comes_at_its_next_try():
    failing = hidden(failing_step=StepKind.SET_ACCESS, attempts=2, next_try_at=MACHINE + 4 * MINUTE)
    scheduled = scheduled_step(failing, at(START, MACHINE))
    assert (step_label(scheduled.step), scheduled.at, scheduled.is_due) == ("Open it", START + 4 * MINUTE, True)


def test_what_waits_for_its_category_is_due_without_a_step():
    scheduled = scheduled_step(a_case(parent=Parent(is_coming=True)), at(START, MACHINE))
    assert (scheduled.step, scheduled.is_due, scheduled.waits_for) == (None, True, RoomKind.CATEGORY)


@pytest.mark.parametrize(("minutes", "is_due"), [(-16, False), (-15, True), (59, True), (60, False)])
def test_who_shares_a_role_that_is_not_there_waits_for_it_while_it_could_let_them_in(minutes, is_due):
    scheduled = scheduled_step(a_case(mode=AccessMode.SHARED_ROLE), at(START + minutes * MINUTE, MACHINE))
    assert (scheduled.is_due, scheduled.waits_for) == (is_due, RoomKind.SHARED if is_due else None)
    there = scheduled_step(a_case(mode=AccessMode.SHARED_ROLE, shared_role_id="6"), at(START, MACHINE))
    assert (step_label(there.step), there.is_due, there.waits_for) == ("Give the role", True, None)


def test_nothing_comes_for_what_is_over():
    gone = hidden(state=RoomState.REMOVED, discord_channel_id=None, overwrites=frozenset())
    scheduled = scheduled_step(gone, at(START + 300 * MINUTE, MACHINE))
    assert (scheduled.step, scheduled.at, scheduled.is_due) == (None, None, False)
    assert RoomStatus(gone, START + 300 * MINUTE).wanted == RoomState.REMOVED


def test_looking_after_a_room_is_not_due():
    scheduled = scheduled_step(hidden(checked_at=None), at(START - 25 * MINUTE, MACHINE))
    assert (step_label(scheduled.step), scheduled.is_due) == ("See whether it is as it was left", False)


@pytest.mark.parametrize(
    ("guild_id", "kind", "is_held"),
    [("", "", True), ("1", "", True), ("1", "make", True), ("1", "look", False), ("2", "", False)],
)
def test_a_step_comes_when_its_server_is_no_longer_left_alone(guild_id, kind, is_held):
    hold = Hold(guild_id, kind, START + 9 * MINUTE, Refusal.UNAUTHORIZED)
    scheduled = scheduled_step(a_case(), at(START, MACHINE), [hold])
    assert (scheduled.at, scheduled.hold) == ((START + 9 * MINUTE, hold) if is_held else (START, None))
    assert scheduled.is_due


def test_a_hold_that_ends_before_a_step_comes_holds_nothing_up():
    hold = Hold("", "", START - 20 * MINUTE, Refusal.BLOCKED)
    assert scheduled_step(hidden(), at(START - 25 * MINUTE, MACHINE), [hold]).hold is None


@pytest.mark.parametrize(("minutes", "until"), [(59, None), (60, 90), (89, 90), (90, None)])
def test_a_talk_past_the_end_says_until_when_it_may_go_on(minutes, until):
    inside = replace(SEEN, is_inside=True)
    talking = replace(hidden(state=RoomState.OPEN), occupants=(inside,), timing=replace(DEFAULT, overrun_minutes=30))
    talking = replace(talking, recorded=replace(talking.recorded, thresholds=talking.thresholds))
    assert RoomStatus(talking, START + minutes * MINUTE).talks_until == (START + until * MINUTE if until else None)


def test_the_bot_is_known_by_its_entry():
    assert bot_in(hidden().recorded) == "9"
    assert bot_in(RoomRecord()) == ""


@pytest.mark.parametrize("kind", StepKind)
def test_every_step_has_words(kind):
    label = step_label(Step(kind, Reason.TIME_TO_OPEN, RoomState.OPEN))
    assert label
    assert "_" not in label
