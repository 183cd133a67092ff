from datetime import UTC, datetime, timedelta

import pytest

from coaching.pricing.code_rules import UNKNOWN, CodeLimits, CodeUses, is_written_well, normal, why_not

NOW = datetime(2027, 3, 8, 8, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("limits", "uses", "words"),
    [
        (CodeLimits(), CodeUses(1000, 1000, True), None),
        (CodeLimits(is_active=False), CodeUses(), UNKNOWN),
        (CodeLimits(product_ids=frozenset({8})), CodeUses(), "other calls"),
        (CodeLimits(product_ids=frozenset({7, 8})), CodeUses(), None),
        (CodeLimits(from_at=NOW), CodeUses(), None),
        (CodeLimits(from_at=NOW + SECOND), CodeUses(), "not count yet"),
        (CodeLimits(until_at=NOW + SECOND), CodeUses(), None),
        (CodeLimits(until_at=NOW), CodeUses(), "is over"),
        (CodeLimits(most_uses=3), CodeUses(by_all=2), None),
        (CodeLimits(most_uses=3), CodeUses(by_all=3), "used up"),
        (CodeLimits(most_per_person=1), CodeUses(by_all=5, by_student=0), None),
        (CodeLimits(most_per_person=1), CodeUses(by_all=5, by_student=1), "one person"),
        (CodeLimits(first_booking_only=True), CodeUses(has_booked=True), "first call"),
        (CodeLimits(first_booking_only=True), CodeUses(), None),
    ],
)
def test_a_code_counts_within_its_limits(limits, uses, words):
    sentence = why_not(limits, uses, 7, NOW)
    assert (sentence is None) if words is None else (words in (sentence or ""))


def test_a_code_is_the_same_however_it_is_typed():
    assert normal(" spring 20 ") == "SPRING20"
    assert [
        code for code in ("SPRING", "A1", "A-B_C", "A", "-AB", "AB-", "A B", "ÄB", "") if is_written_well(code)
    ] == [
        *("SPRING", "A1", "A-B_C"),
    ]
