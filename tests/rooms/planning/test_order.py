"""In which order steps come. Pure, no database."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from coaching.rooms.planning.case import RoomState, StepKind
from coaching.rooms.planning.steps import MANY, Reason, Step, in_order
from tests.rooms.planning.test_plan import A_CASE, MACHINE, START

MINUTE = timedelta(minutes=1)
MAKE = Step(StepKind.MAKE, Reason.SESSION_NEAR, RoomState.HIDDEN)
GREET = Step(StepKind.GREET, Reason.ROOM_OPENED, RoomState.OPEN)


def room(code, guild_id="10", starts_at=START):
    return replace(A_CASE, session_code=code, guild_id=guild_id, starts_at=starts_at)


def look(minutes_ago):
    return Step(StepKind.LOOK, Reason.LOOK_INSIDE, RoomState.OPEN, last_done_at=MACHINE - minutes_ago * MINUTE)


def codes(steps):
    return [case.session_code for case, _ in in_order(steps)]


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


def test_the_looks_of_one_guild_let_the_messages_of_another_go_first():
    greetings = [(room(f"greeting {number}", "10"), GREET) for number in range(3)]
    looks = [(room(f"look {number}", f"2{number}"), look(1)) for number in range(3)]
    assert codes(looks + greetings)[:3] == ["greeting 0", "greeting 1", "greeting 2"]


@pytest.mark.parametrize("step", [MAKE, GREET])
@pytest.mark.parametrize(("count", "looks"), [(0, 50), (1, MANY), (MANY, MANY), (MANY + 1, 0)])
def test_while_many_rooms_change_or_are_written_in_nobody_is_looked_at(step, count, looks):
    steps = [(room(f"s{number}"), step) for number in range(count)]
    steps += [(room(f"l{number}"), look(1)) for number in range(50)]
    kinds = Counter(step.kind for _, step in in_order(steps))
    assert kinds == +Counter({step.kind: count, StepKind.LOOK: looks})
