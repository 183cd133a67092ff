"""What the copy of a schedule is called. Pure."""

import pytest

from coaching.hours.copy_names import LONGEST_NAME, name_of_copy


@pytest.mark.parametrize(
    ("name", "taken", "expected"),
    [
        ("Evenings", [], "Evenings (copy)"),
        ("Evenings", ["Evenings", "EVENINGS  (Copy)"], "Evenings (copy 2)"),
        ("Evenings (copy 2)", ["Evenings (copy)", "Evenings (copy 2)"], "Evenings (copy 3)"),
        ("Mornings (copy of last year)", [], "Mornings (copy of last year) (copy)"),
        ("x" * LONGEST_NAME, ["x" * 53 + " (copy)"], "x" * 51 + " (copy 2)"),
    ],
)
def test_no_two_schedules_have_one_name(name: str, taken: list[str], expected: str) -> None:
    assert name_of_copy(name, taken) == expected
    assert len(expected) <= LONGEST_NAME
