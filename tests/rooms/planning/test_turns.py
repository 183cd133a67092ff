"""In which order steps come, and when the next ones are planned. Pure, no database."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from coaching.rooms.planning.case import RoomState, StepKind
from coaching.rooms.planning.steps import Step
from coaching.rooms.planning.turns import FEW, SLICE, in_turn, reserve
from tests.rooms.planning.test_plan import A_CASE, MACHINE, START

MINUTE = timedelta(minutes=1)
MAKE = Step(StepKind.MAKE, "the session is near", RoomState.HIDDEN)
GREET = Step(StepKind.GREET, "the room has opened", RoomState.OPEN)


def room(code, guild_id="10", starts_at=START):
    return replace(A_CASE, session_code=code, guild_id=guild_id, starts_at=starts_at)


def look(minutes_ago):
    return Step(StepKind.LOOK, "see who is in the room", RoomState.OPEN, last_done_at=MACHINE - minutes_ago * MINUTE)


def codes(steps):
    return [case.session_code for case, _ in in_turn(steps)]


def test_a_guild_with_many_rooms_keeps_none_with_few_waiting():
    many = [(room(f"many {number}", "10"), MAKE) for number in range(5)]
    few = [(room(f"few {number}", "20"), MAKE) for number in range(2)]
    assert codes(many + few)[:4] == ["many 0", "few 0", "many 1", "few 1"]


def test_the_session_that_starts_first_comes_first_in_its_guild():
    assert codes([(room("late", starts_at=START + MINUTE), MAKE), (room("soon"), MAKE)]) == ["soon", "late"]


def test_changes_come_before_messages_and_those_before_looks_the_oldest_first():
    steps = [
        (room("seen lately"), look(1)),
        (room("seen long ago"), look(9)),
        (room("not greeted"), GREET),
        (room("not made"), MAKE),
    ]
    assert codes(steps) == ["not made", "not greeted", "seen long ago", "seen lately"]


@pytest.mark.parametrize(("changes", "looks"), [(FEW, SLICE - FEW), (FEW + 1, 0), (SLICE + 50, 0)])
def test_while_many_rooms_change_nobody_is_looked_at(changes, looks):
    steps = [(room(f"c{number}"), MAKE) for number in range(changes)]
    steps += [(room(f"l{number}"), look(1)) for number in range(2 * SLICE)]
    kinds = Counter(step.kind for _, step in in_turn(steps))
    assert kinds == Counter({StepKind.MAKE: min(changes, SLICE), StepKind.LOOK: looks})


@pytest.mark.parametrize(
    ("seconds", "calls"),
    [(0.0, FEW), (0.1, FEW), (0.5, 50), (1.0, 100), (60.0, SLICE // 2)],
)
def test_the_next_slice_is_planned_when_as_many_are_left_as_that_takes(seconds, calls):
    assert reserve(timedelta(seconds=seconds)) == calls
