"""When a nightly backup is due, and which of them have to go."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.backups.files import Policy, is_due, nightly_name, superfluous

NIGHT = datetime(2027, 3, 10, 3, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("made_at", "failed_at", "now", "due"),
    [
        (None, None, NIGHT - HOUR, True),  # never yet
        (NIGHT - DAY, None, NIGHT - MINUTE, False),
        (NIGHT - DAY, None, NIGHT, True),
        (NIGHT, None, NIGHT, False),
        (NIGHT + MINUTE, None, NIGHT + DAY - MINUTE, False),
        (NIGHT - 5 * DAY, None, NIGHT + 9 * HOUR, True),  # the machine was off at night
        (NIGHT - DAY, NIGHT, NIGHT + HOUR - MINUTE, False),  # it has just failed
        (NIGHT - DAY, NIGHT, NIGHT + HOUR, True),
        (NIGHT - DAY, NIGHT + DAY, NIGHT, True),  # the clock was put back
    ],
)
def test_a_backup_is_due_once_a_night(
    made_at: datetime | None, failed_at: datetime | None, now: datetime, due: bool
) -> None:
    assert is_due(made_at, failed_at, now) is due


def test_the_newest_are_kept_by_number_and_the_others_by_age() -> None:
    names = [nightly_name(NIGHT - night * DAY, "db") for night in range(10)]
    others = ["before-0004.db", "mine.db", "greenroom-20200101-000000.db.unfinished", "greenroom-0.db"]

    def gone(count: int, days: int) -> list[str]:
        return superfluous([*others, *names], Policy(count, days), NIGHT)

    assert gone(3, 0) == names[3:]
    assert gone(3, 6) == names[6:]
    assert gone(3, 30) == []
    assert gone(20, 0) == []
    assert gone(0, 0) == names[1:]  # the one just made is never removed
