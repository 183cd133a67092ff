"""Pure: until when a cancellation is free, and who may have the price after."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.cancel_rules import CancelTerms, is_late, is_owed

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
A_DAY = CancelTerms(STARTS_AT, notice_minutes=1440, price_cents=4900)
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.one_database


def test_a_cancellation_is_free_up_to_and_on_its_last_minute() -> None:
    last = STARTS_AT - timedelta(days=1)
    assert A_DAY.until == last
    assert not is_late(A_DAY, last)
    assert is_late(A_DAY, last + SECOND)


def test_only_a_students_late_cancellation_of_a_call_with_a_price_costs_them_anything() -> None:
    late = STARTS_AT - timedelta(hours=1)
    assert is_owed(A_DAY, "student", late)
    assert not is_owed(A_DAY, "coach", late)
    assert not is_owed(A_DAY, None, None)
    assert not is_owed(CancelTerms(STARTS_AT, 1440, 0), "student", late)
    assert not is_owed(CancelTerms(STARTS_AT, 0, 4900), "student", late)
