"""Holds: until when calls are not even begun, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.call_budget.hold_mutations import hold_calls
from coaching.call_budget.queries import find_hold
from coaching.refusals import Refusal

NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("later", "reason"), [(2, Refusal.RATE_LIMITED), (-2, Refusal.BLOCKED), (0, Refusal.BLOCKED)])
def test_a_hold_that_lasts_longer_stays(db: None, later: int, reason: Refusal) -> None:
    hold_calls("1", Refusal.BLOCKED, NOW)
    hold_calls("1", Refusal.RATE_LIMITED, NOW + later * MINUTE)
    hold_calls("2", Refusal.RATE_LIMITED, NOW + 5 * MINUTE)

    hold = find_hold("1")
    assert hold
    assert (hold.until, hold.reason) == (max(NOW, NOW + later * MINUTE), reason)
