"""What a room is and until when, by the one definition that planner and pages share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Unpack

import pytest

from coaching.catalog.timing import DEFAULT, RoomTiming
from coaching.guild_parts import Overwrite
from coaching.guild_rights import BOT_RIGHTS, VIDEO_RIGHTS, VIEW_AND_CONNECT
from coaching.rooms.planning.case import AccessMode, Occupant, RoomCase, RoomRecord, RoomState, StepKind
from coaching.rooms.planning.plan import next_step
from coaching.rooms.planning.status import Hindrance, RoomStatus, due_since
from coaching.rooms.planning.steps import Moment
from coaching.rooms.planning.timeline import Overrides, points_to_watch, timeline
from tests.clocks import at
from tests.rooms.differences import CaseDifferences

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
MACHINE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SHUT = frozenset({Overwrite("1", False, deny=VIEW_AND_CONNECT), Overwrite("9", True, allow=BOT_RIGHTS)})


def person(*, away_for: float | None = None, present_at: datetime | None = None, until: datetime = END) -> Occupant:
    """Somebody who was looked for just now; seen inside then, or so many seconds before, or never."""
    return Occupant(
        "2001",
        checked_at=MACHINE,
        is_inside=away_for == 0,
        looked_at=MACHINE,
        last_seen_at=None if away_for is None else MACHINE - timedelta(seconds=away_for),
        looks=((START, until),),
        present_at=present_at,
    )


def a_case(*people: Occupant, state: RoomState = RoomState.OPEN, **differences: Unpack[CaseDifferences]) -> RoomCase:
    """A session of an hour whose room is in this state and has been looked into just now."""
    recorded = RoomRecord(
        id=5,
        state=state,
        discord_guild_id="1",
        discord_channel_id="7" if state in (RoomState.HIDDEN, RoomState.OPEN, RoomState.CLOSED) else None,
        overwrites=SHUT | {Overwrite("2001", True, allow=VIDEO_RIGHTS)} if state == RoomState.OPEN else SHUT,
        made_at=MACHINE - 60 * MINUTE,
        checked_at=MACHINE,
        greeting_message_id="90",
        warned_at=MACHINE,
    )
    ordinary = RoomCase(
        session_id=1,
        session_code="abc",
        starts_at=START,
        ends_at=END,
        is_on=True,
        has_video=True,
        timing=DEFAULT,
        guild_id="1",
        occupants=people,
        recorded=recorded,
    )
    case = replace(ordinary, **differences)
    return replace(case, recorded=replace(case.recorded, thresholds=case.thresholds))


def closes(case: RoomCase, now: datetime) -> bool:
    """True when the planner would let nobody in any more at `now`, all looks being fresh."""
    step = next_step(case, Moment(at(now, MACHINE), MACHINE, "9"))
    return step is not None and (step.kind == StepKind.REMOVE or step.state == RoomState.CLOSED)


@pytest.mark.parametrize(
    ("away_for", "minutes", "is_going_on"),
    [(0, 20, True), (40, 20, True), (75, 20, True), (76, 20, False), (None, 20, False), (40, 60, False)],
)
def test_whoever_lost_the_line_a_moment_ago_still_talks(away_for, minutes, is_going_on):
    case, now = a_case(person(away_for=away_for)), END + minutes * MINUTE
    status = RoomStatus(case, now)
    assert closes(case, now) is not is_going_on
    assert status.lets_in is is_going_on
    assert status.talks_until == (END + 60 * MINUTE if is_going_on else None)
    assert status.why_not_longer(10) == (None if is_going_on else Hindrance.CLOSED)


@pytest.mark.parametrize(
    ("differences", "now", "closes_at", "removed_at"),
    [
        # as planned
        ({}, START, 15, 60),
        ({}, START - 60 * MINUTE, 15, 60),
        # past the end they may stay till the limit, and what comes after it comes later
        ({}, END, 60, 60),
        ({"timing": RoomTiming(15, 5, 15, 15, 40)}, END + 20 * MINUTE, 40, 40),
        # minutes given by hand move the limit
        ({"overrides": Overrides(extra_minutes=10)}, START, 25, 60),
        ({"overrides": Overrides(extra_minutes=10)}, END + 20 * MINUTE, 70, 70),
        # so does the coach's next session
        ({"next_starts_at": END + 40 * MINUTE}, END + 20 * MINUTE, 30, 60),
        ({"next_starts_at": END + 5 * MINUTE}, END + 5 * MINUTE, 15, 60),
        # closed by hand: at once
        ({"overrides": Overrides(closed_at=START + 20 * MINUTE)}, START + 20 * MINUTE, -40, 60),
        ({"overrides": Overrides(opened_at=START - 90 * MINUTE)}, START - 80 * MINUTE, 15, 60),
    ],
)
def test_a_room_closes_when_its_status_says_and_not_before(differences, now, closes_at, removed_at):
    case = a_case(person(away_for=0), **differences)
    status = RoomStatus(case, now)
    assert (status.times.closes_at, status.times.removed_at) == (END + closes_at * MINUTE, END + removed_at * MINUTE)
    if status.talks_until:
        assert status.times.closes_at == status.talks_until
        assert not closes(case, status.times.closes_at - SECOND)
    assert closes(case, max(status.times.closes_at, case.talk_ends_at))


@pytest.mark.parametrize("state", [RoomState.OPEN, RoomState.CLOSED, RoomState.REMOVED])
def test_a_call_that_ran_over_closed_when_the_last_one_was_gone(state):
    gone = person(away_for=100, present_at=END + 39 * MINUTE, until=END + 41 * MINUTE)
    case = a_case(gone, person(until=END + 41 * MINUTE), state=state, timing=RoomTiming(15, 5, 15, 15))
    for minutes in (41, 50, 3000):
        times = RoomStatus(case, END + minutes * MINUTE).times
        assert times.closes_at == times.removed_at == END + 41 * MINUTE
    # So it is for one who has no account any more, and who leaves before the planned closing moves nothing.
    assert RoomStatus(replace(case, occupants=(), former=(gone,)), END + 50 * MINUTE).times == times
    early = replace(gone, present_at=END + 14 * MINUTE)
    assert RoomStatus(replace(case, occupants=(early,)), END + 50 * MINUTE).times == case.timeline


def test_a_room_that_never_came_is_missed_once_the_call_is_over():
    case = a_case(state=RoomState.ABSENT)
    late, missed = RoomStatus(case, END - SECOND), RoomStatus(case, END)
    assert (late.is_to_let_in, late.is_late, late.is_missed) == (True, True, False)
    assert (missed.is_to_let_in, missed.is_late, missed.is_missed) == (False, False, True)
    assert next_step(case, Moment(at(END, MACHINE), MACHINE, "9")).kind == StepKind.SETTLE
    # One that is there and hidden is opened even then.
    assert RoomStatus(a_case(state=RoomState.HIDDEN), END).is_to_let_in
    shared = a_case(state=RoomState.HIDDEN, mode=AccessMode.SHARED_ROLE)
    shared = replace(shared, recorded=replace(shared.recorded, mode=AccessMode.SHARED_ROLE, discord_channel_id=None))
    assert RoomStatus(shared, END).is_missed


def test_a_room_is_late_from_when_it_was_asked_for():
    reopened = a_case(state=RoomState.CLOSED, overrides=Overrides(opened_at=START + 20 * MINUTE))
    assert due_since(reopened, RoomState.OPEN) == START + 20 * MINUTE
    booked = a_case(state=RoomState.ABSENT, overrides=Overrides(booked_at=START - 5 * MINUTE))
    assert not RoomStatus(booked, START - 5 * MINUTE + 14 * SECOND).is_late
    assert RoomStatus(booked, START - 5 * MINUTE + 15 * SECOND).is_late


@pytest.mark.parametrize(
    ("case", "minutes", "why_not_open", "why_not_close", "why_not_longer"),
    [
        (a_case(state=RoomState.ABSENT), -60, None, Hindrance.CLOSED, Hindrance.NOT_BEGUN),
        (a_case(), -10, Hindrance.OPEN, None, Hindrance.NOT_BEGUN),
        (a_case(), 5, Hindrance.OPEN, None, None),
        (a_case(next_starts_at=END + 25 * MINUTE), 5, Hindrance.OPEN, None, Hindrance.NEXT_SESSION),
        (a_case(), 70, Hindrance.OVER, None, None),
        (a_case(), 80, Hindrance.OVER, None, Hindrance.CLOSED),
        (a_case(person(away_for=40)), 80, Hindrance.OVER, None, None),
        (a_case(person(away_for=0)), 120, Hindrance.OVER, Hindrance.CLOSED, Hindrance.CLOSED),
        (a_case(state=RoomState.CLOSED), 80, Hindrance.OVER, Hindrance.CLOSED, Hindrance.CLOSED),
        (
            a_case(state=RoomState.CLOSED, overrides=Overrides(closed_at=START)),
            5,
            None,
            Hindrance.CLOSED,
            Hindrance.CLOSED,
        ),
        (a_case(is_on=False, session_state="cancelled"), 5, Hindrance.OVER, Hindrance.NO_ROOM, Hindrance.NO_ROOM),
        (
            a_case(recorded=RoomRecord(), guild_id=None),
            5,
            Hindrance.NO_ROOM,
            Hindrance.NO_ROOM,
            Hindrance.NO_ROOM,
        ),
    ],
)
def test_what_may_be_pressed_and_why_not(case, minutes, why_not_open, why_not_close, why_not_longer):
    status = RoomStatus(case, START + minutes * MINUTE)
    pressed = (status.why_not_open, status.why_not_close, status.why_not_longer(10))
    assert pressed == (why_not_open, why_not_close, why_not_longer)


@pytest.mark.parametrize(
    ("now", "position"),
    [(-31, 0), (-30, 1), (-15, 2), (0, 3), (30, 3.5), (60, 4), (75, 5), (120, 6)],
)
def test_the_dot_walks_each_stretch_at_its_own_pace(now, position):
    assert timeline(START, END, DEFAULT).position(START + now * MINUTE) == position


def test_a_room_closed_before_its_call_is_in_the_last_stretch():
    times = timeline(START, END, DEFAULT, Overrides(closed_at=START - 5 * MINUTE))
    assert 5 <= times.position(START + MINUTE) < 6


def test_what_there_is_to_watch_stands_in_order():
    points = points_to_watch(timeline(START, END, DEFAULT))
    assert [at for _, at in points] == sorted(at for _, at in points)
    assert [label for label, _ in points if "minutes" in label] == ["16 minutes before", "61 minutes after"]
