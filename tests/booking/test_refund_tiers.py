"""Pure: which tier counts when, what it gives of which lines, and how it is said."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.cancel_terms import CancelTerms, PriceLine, due_after, is_late, share_of
from coaching.booking.refund_tiers import PRESETS, Tier, in_order, preset_of, tiers_of

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
pytestmark = pytest.mark.one_database


def terms(tiers: str = "1440:100", price_cents: int = 4900, most_percent: int = 100) -> CancelTerms:
    return CancelTerms(STARTS_AT, tiers_of(tiers), [PriceLine(price_cents)] * bool(price_cents), "EUR", most_percent)


def test_a_tier_counts_up_to_and_on_its_last_second() -> None:
    tiers, two_hours = tiers_of("1440:100 120:50"), timedelta(hours=2)
    for before, percent in (
        (30 * DAY, 100),
        (DAY, 100),
        (DAY - SECOND, 50),
        (two_hours, 50),
        (two_hours - SECOND, 0),
        (-DAY, 0),
    ):
        assert tiers.percent_at(STARTS_AT, STARTS_AT - before) == percent, before
    assert tiers_of("0:40").percent_at(STARTS_AT, STARTS_AT) == 40
    assert tiers_of("").percent_at(STARTS_AT, STARTS_AT - 30 * DAY) == 0


def test_tiers_are_kept_as_text_and_what_never_counts_or_cannot_be_read_is_left_out() -> None:
    for text in (*PRESETS.values(), "", "0:100", "43200:100 1440:75 720:50 120:25 0:10"):
        assert str(tiers_of(text)) == text
    for text, kept in (
        ("120:50 1440:100", "1440:100 120:50"),
        ("2880:50 1440:100", "1440:100"),
        ("60:0 30:101 nonsense 99999999999999:5", ""),
        ("1440:100 1440:50", "1440:100"),
    ):
        assert str(tiers_of(text)) == kept, text
    assert [preset_of(tiers_of(text)) for text in (*PRESETS.values(), "0:100")] == [*PRESETS, "own"]
    assert in_order([Tier(0, 10), Tier(60, 20)]) == tiers_of("60:20 0:10")


def test_what_a_policy_means_is_a_clause() -> None:
    for text, words in (
        ("", "nothing goes back"),
        ("0:100", "all of it goes back until the start"),
        ("1440:100", "all of it goes back until 24 h before the start, nothing after"),
        (
            "10080:100 2880:50 90:30",
            "all of it goes back until 7 days before the start, half of it until 48 h before, "
            "30 % of it until 1 h 30 min before, nothing after",
        ),
    ):
        assert tiers_of(text).clause == words


def test_of_a_time_that_is_near_only_what_still_counts_is_said() -> None:
    tiers = tiers_of("1440:100 120:50")
    for hours, words in (
        (25, tiers.clause),
        (24, tiers.clause),
        (3, "half of it goes back until 2 h before the start, nothing after"),
        (1, "nothing goes back"),
    ):
        assert tiers.left_at(STARTS_AT, STARTS_AT - timedelta(hours=hours)).clause == words


def test_only_a_students_late_cancellation_of_a_call_with_a_price_costs_them_anything() -> None:
    late = STARTS_AT - timedelta(hours=1)
    assert due_after(terms(), "student", late) == 4900
    assert due_after(terms("1440:100 60:50"), "student", late) == 2450
    assert due_after(terms(), "student", STARTS_AT - DAY) == 0
    assert due_after(terms(), "coach", late) == due_after(terms(), None, None) == 0
    assert due_after(terms(price_cents=0), "student", late) == 0
    assert not is_late(terms("0:100"), late)
    assert not terms("0:100").binds
    assert terms("").binds


def test_a_move_brings_no_tier_back_that_was_over() -> None:
    moved = terms("1440:100 120:50", most_percent=50)
    assert moved.percent_at(STARTS_AT - 30 * DAY) == 50
    assert moved.percent_at(STARTS_AT - SECOND) == 0
    assert moved.until is None
    assert moved.binds


def test_the_right_cents_go_back_in_every_currency() -> None:
    """Each line on its own, half up to what can be paid; all of it is all of it."""
    for currency, amounts, percent, back in (
        ("EUR", [4900], 50, 2450),
        ("EUR", [4999], 50, 2500),
        ("EUR", [1], 50, 1),
        ("EUR", [1], 49, 0),
        ("EUR", [333, 333, 333], 50, 501),  # 166.5 each
        ("EUR", [4999, 1501], 33, 2145),  # 1649.67 and 495.33
        ("EUR", [5000, -500], 50, 2250),
        ("EUR", [4999, -501], 50, 2249),  # 2499.5 and 250.5
        ("JPY", [4901], 50, 2451),
        ("JPY", [100], 33, 33),
        ("ISK", [4999], 25, 1250),
        ("HUF", [49999], 50, 25000),
        ("KWD", [12510], 50, 6260),  # 6.255 cannot be paid
        ("KWD", [12500], 33, 4130),
        ("UGX", [3333], 10, 333),
        ("EUR", [100], 0, 0),
        ("EUR", [12345], 100, 12345),
        ("KWD", [12345], 100, 12345),  # never changed, whatever can be paid
    ):
        assert share_of([PriceLine(amount) for amount in amounts], percent, currency) == back, (
            currency,
            amounts,
            percent,
        )


def test_what_is_never_given_back_stays_paid_and_a_discount_is_the_calls() -> None:
    call, extra, never = PriceLine(4900), PriceLine(1000), PriceLine(900, is_refundable=False)
    off = PriceLine(-680)
    for lines, percent, back in (
        ([call, never], 100, 4900),
        ([call, never], 50, 2450),
        ([never], 100, 0),
        ([call, extra, never, off], 100, 5220),
        ([call, extra, never, off], 50, 2610),
        ([call, never, PriceLine(-4900)], 100, 0),
        ([call, never, PriceLine(-1)], 50, 2449),  # half a cent is one, on either side
    ):
        assert share_of(lines, percent, "EUR") == back, (lines, percent)
