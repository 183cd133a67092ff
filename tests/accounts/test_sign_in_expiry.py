"""How long a sign-in lives: thresholds, one second before and on them."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.sign_in_expiry import ends_at, is_alive, is_fresh

MADE = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("idle_since", "now", "is_admin", "expected"),
    [
        (timedelta(0), timedelta(days=14) - SECOND, False, True),
        (timedelta(0), timedelta(days=14), False, False),
        (timedelta(days=59), timedelta(days=60) - SECOND, False, True),
        (timedelta(days=59), timedelta(days=60), False, False),
        (timedelta(hours=11), timedelta(hours=12) - SECOND, True, True),
        (timedelta(hours=11), timedelta(hours=12), True, False),
    ],
)
def test_it_ends_after_idle_days_days_in_all_and_sooner_for_admins(
    idle_since: timedelta, now: timedelta, is_admin: bool, expected: bool
) -> None:
    assert is_alive(MADE, MADE + idle_since, ends_at(MADE, is_admin), is_admin, MADE + now) is expected


def test_whoever_becomes_an_admin_has_the_shorter_life_at_once() -> None:
    ends = ends_at(MADE, is_admin=False)
    assert not is_alive(MADE, MADE + timedelta(hours=13), ends, True, MADE + timedelta(hours=13))


def test_a_verification_is_fresh_for_ten_minutes() -> None:
    assert is_fresh(MADE, MADE + timedelta(minutes=10) - SECOND)
    assert not is_fresh(MADE, MADE + timedelta(minutes=10))
