"""Whether a server has room for what comes: how many rooms stand at once, and what that means. Pure."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.checks import State
from coaching.diagnostics.server_checks import (
    Demand,
    channels_ahead,
    checks_ahead,
    most_at_once,
    new_roles_ahead,
    roles_ahead,
)

DAY = datetime(2027, 3, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("spans", "most"),
    [
        ([], 0),
        ([(9, 10)], 1),
        ([(9, 10), (10, 11)], 1),
        ([(9, 10), (9, 10)], 2),
        ([(9, 12), (10, 11)], 2),
        ([(9, 11), (10, 12), (11, 13)], 2),
        ([(9, 12), (10, 12), (11, 12), (13, 14)], 3),
        ([(11, 12), (9, 10), (9, 12)], 2),
        ([(9, 9)], 0),
        ([(9, 9), (9, 10)], 1),
        ([(10, 9)], 0),
    ],
)
def test_how_many_rooms_stand_at_once(spans: list[tuple[int, int]], most: int) -> None:
    assert most_at_once((at(begins), at(ends)) for begins, ends in spans) == most


@pytest.mark.parametrize(
    ("count", "more", "state"),
    [
        (0, 1, State.OK),
        (470, 9, State.OK),
        (470, 10, State.WARN),
        (470, 30, State.WARN),
        (470, 31, State.BAD),
        (500, 0, State.WARN),
        (500, 1, State.BAD),
        (512, 1, State.BAD),
    ],
)
def test_a_server_too_full_for_what_comes_is_told_before_it_comes(count: int, more: int, state: State) -> None:
    assert channels_ahead(count, more).state == state


def test_the_sentence_says_how_many_rooms_are_too_many_and_that_some_channels_are_hidden() -> None:
    check = channels_ahead(495, 8)

    assert check.sentence == "Up to 8 more rooms stand at once, and 5 channels are free. 3 rooms cannot be made."
    assert "At least 3 have to go" in check.remedy
    assert "that the bot cannot see" in check.remedy


@pytest.mark.parametrize(("count", "more", "state"), [(240, 10, State.OK), (240, 11, State.WARN), (250, 1, State.WARN)])
def test_too_few_roles_cost_no_room(count: int, more: int, state: State) -> None:
    assert roles_ahead(count, more).state == state


@pytest.mark.parametrize(("planned", "state"), [(100, State.OK), (101, State.WARN)])
def test_more_new_roles_than_discord_may_take_are_told(planned: int, state: State) -> None:
    assert new_roles_ahead(planned).state == state


def test_who_has_no_sessions_hears_nothing() -> None:
    assert list(checks_ahead(Demand(), channels=500, roles=250)) == []


def test_roles_are_spoken_of_only_where_sessions_bring_them() -> None:
    names = [check.name for check in checks_ahead(Demand(rooms=1), channels=3, roles=3)]

    assert names == ["Rooms of the next two days"]


def at(hour: int) -> datetime:
    return DAY + timedelta(hours=hour)
