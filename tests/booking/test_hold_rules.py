"""Pure: until when a hold or a request lasts, and what it is at an instant."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from coaching.booking.hold_rules import (
    LONGEST_INVITATION,
    asked_until,
    confirmed_by,
    has_lapsed,
    held_until,
    least_notice,
    settled_by,
    state_at,
    warned_at,
)

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.one_database


def sold(**differences):
    ordinary = {
        "needs_approval": False,
        "pays_first": False,
        "payment": "outside",
        "make_minutes": 30,
        "open_minutes": 15,
        "opens_at_booking": False,
        "needs_room": True,
    }
    return SimpleNamespace(**ordinary | differences)


@pytest.mark.parametrize(
    ("differences", "lead"),
    [
        ({}, 30),
        ({"make_minutes": 0, "open_minutes": 20}, 20),  # a room is made before it opens
        ({"opens_at_booking": True}, 0),
        ({"needs_room": False}, 0),
    ],
)
def test_all_is_settled_before_the_room_is_made_or_else_by_the_start(differences, lead) -> None:
    assert settled_by(NOW, sold(**differences)) == NOW - lead * MINUTE
    asked = sold(needs_approval=True, **differences)
    assert least_notice(asked, SimpleNamespace(price_cents=100)) == (lead + 15) * MINUTE


@pytest.mark.parametrize(
    ("differences", "cents", "minutes"),
    [
        ({}, 100, 0),
        ({"pays_first": True}, 100, 45),
        ({"pays_first": True}, 0, 0),
        ({"needs_approval": True}, 0, 45),
        ({"needs_approval": True, "pays_first": True}, 100, 60),  # a quarter of an hour each, to answer and to pay
    ],
)
def test_no_time_is_offered_too_late_to_be_answered_or_paid(differences, cents, minutes) -> None:
    assert least_notice(sold(**differences), SimpleNamespace(price_cents=cents)) == minutes * MINUTE


def test_nothing_lasts_longer_than_a_day_or_past_the_room() -> None:
    far, near = NOW + 99 * HOUR, NOW + HOUR
    assert held_until(NOW, 30, far) == NOW + 30 * MINUTE
    assert held_until(NOW, 9_999, far) == NOW + 24 * HOUR
    assert held_until(NOW, 1440, near) == near
    assert held_until(NOW, 9_999, far, LONGEST_INVITATION) == NOW + 48 * HOUR
    assert asked_until(NOW, 9_999, far, False) == NOW + 24 * HOUR
    assert asked_until(NOW, 1440, near, False) == near
    assert asked_until(NOW, 1440, near, True) == near - 15 * MINUTE
    # Once the student says that they have paid: a day for the answer, never less than there was.
    assert confirmed_by(NOW, NOW + MINUTE, far) == NOW + 24 * HOUR
    assert confirmed_by(NOW, near, near) == near


def test_a_hold_has_run_out_at_its_instant_whoever_writes_it_down() -> None:
    until = NOW + HOUR
    for state in ("held", "requested"):
        assert state_at(state, until, until - MINUTE) == state
        assert state_at(state, until, until) == "expired"
    assert not has_lapsed("scheduled", until, until)
    assert not has_lapsed("held", None, until)


def test_the_warning_comes_when_a_quarter_is_left_and_not_much_earlier() -> None:
    assert warned_at(NOW, NOW + HOUR) == NOW + 45 * MINUTE
    assert warned_at(NOW, NOW + 24 * HOUR) == NOW + 22 * HOUR
    assert warned_at(NOW, NOW + 20 * MINUTE) == NOW + 10 * MINUTE
