"""The table of refunds: what the docs say is what the code decides by, and every cause stands in it."""

from pathlib import Path

import pytest

from coaching.payments.causes import Cause
from coaching.payments.refund_rules import TABLE

MONEY = Path(__file__).parent.parent.parent / "docs" / "money.md"
pytestmark = pytest.mark.one_database


def test_the_docs_show_the_table_that_the_code_decides_by() -> None:
    drawn = ["| what happened | money |", "|---|---|", *(f"| {rule.happened} | {rule.money} |" for rule in TABLE)]
    assert "\n".join(drawn) in MONEY.read_text()


def test_every_cause_of_a_refund_stands_in_the_table() -> None:
    assert {cause for rule in TABLE for cause in rule.causes} == set(Cause)
