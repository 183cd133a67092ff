"""How times read, whatever the clocks do."""

from datetime import UTC, datetime

import pytest

from blueprints.filters import local_time

FIRST, SECOND = datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("style", "first", "second"),
    [
        ("full", "Sunday 31 October 2027, 02:30 UTC+2", "Sunday 31 October 2027, 02:30 UTC+1"),
        ("short", "Sun 31 Oct, 02:30 UTC+2", "Sun 31 Oct, 02:30 UTC+1"),
        ("time", "02:30 UTC+2", "02:30 UTC+1"),
        # A day needs no offset.
        ("day", "Sunday 31 October", "Sunday 31 October"),
    ],
)
def test_a_time_that_comes_twice_carries_its_offset(style: str, first: str, second: str) -> None:
    assert local_time(FIRST, "Europe/Berlin", style) == first
    assert local_time(SECOND, "Europe/Berlin", style) == second
    assert "UTC" not in local_time(FIRST, "UTC", style)
    assert "UTC" not in local_time(FIRST.replace(day=30), "Europe/Berlin", style)
