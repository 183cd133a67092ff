"""Amounts: each currency with its own decimals, rounded in one way, and in words."""

from decimal import Decimal
from fractions import Fraction

import pytest

from coaching.money import (
    CURRENCIES,
    HIGHEST_CHARGE,
    amount,
    currency_of,
    in_other_currency,
    least_charge,
    why_not_charged,
)


@pytest.mark.parametrize(
    ("units", "currency", "words"),
    [
        (4950, "EUR", "€49.50"),
        (4900, "EUR", "€49"),
        (5, "USD", "$0.05"),
        (123456700, "SEK", "1,234,567 SEK"),
        (4900, "JPY", "¥4,900"),
        (12500, "KWD", "12.500 KWD"),
        (12000, "KWD", "12 KWD"),
        (1200, "ISK", "1,200 ISK"),
        (499900, "HUF", "4,999 HUF"),
        (150, "ZZZ", "1.50 ZZZ"),
    ],
)
def test_an_amount_reads_with_its_currencys_decimals(units: int, currency: str, words: str) -> None:
    assert amount(units, currency) == words


@pytest.mark.parametrize(
    ("currency", "units", "rounded"),
    [
        ("EUR", Fraction(9999, 2), 5000),
        ("EUR", Fraction(1, 3), 0),
        ("EUR", Fraction(2, 3), 1),
        ("JPY", Fraction(333, 2), 167),
        ("KWD", Fraction(12345), 12350),
        ("KWD", Fraction(12344), 12340),
        ("ISK", Fraction(999, 10), 100),
    ],
)
def test_of_two_that_are_as_near_the_higher_one_is_paid(currency: str, units: Fraction, rounded: int) -> None:
    assert currency_of(currency).rounded(units) == rounded


def test_what_is_typed_is_counted_in_the_currencys_units() -> None:
    assert [currency_of(code).units(Decimal("12.5")) for code in ("EUR", "JPY", "KWD")] == [1250, 13, 12500]
    assert [currency_of(code).number(1250) for code in ("EUR", "JPY", "KWD")] == ["12.50", "1250", "1.250"]


def test_every_currency_can_pay_its_highest_price() -> None:
    for known in CURRENCIES.values():
        assert known.step <= known.most <= HIGHEST_CHARGE
        assert known.most % known.step == 0


def test_a_number_is_kept_in_another_currency() -> None:
    assert in_other_currency(4950, "EUR", "USD") == 4950
    assert in_other_currency(4950, "EUR", "JPY") == 50
    assert in_other_currency(4950, "EUR", "KWD") == 49500
    assert in_other_currency(12340, "KWD", "EUR") == 1234
    assert in_other_currency(50, "JPY", "EUR") == 5000


def test_a_card_pays_nothing_or_something_between_the_least_and_the_most() -> None:
    for code, known in CURRENCIES.items():
        least = least_charge(code)
        assert 0 < least < known.most <= HIGHEST_CHARGE, code
        assert least % known.step == 0, code
        assert not any(why_not_charged(units, code) for units in (0, least, HIGHEST_CHARGE)), code
        assert why_not_charged(least - known.step, code) or least == known.step, code
        assert why_not_charged(HIGHEST_CHARGE + 1, code), code
    assert why_not_charged(49, "EUR") == "The least that a card can pay is €0.50: make it more, or free."
    assert [least_charge(code) for code in ("GBP", "JPY", "HUF", "ZZZ")] == [30, 50, 17_500, 100]


def test_an_amount_below_zero_reads_as_one():
    assert amount(-980, "EUR") == "−€9.80"
    assert amount(-12_500, "KWD") == "−12.500 KWD"
