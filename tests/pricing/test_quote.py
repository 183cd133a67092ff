from types import SimpleNamespace

import pytest

from coaching.booking.quote_queries import require_payable
from coaching.catalog.models import Product
from coaching.errors import DiscountRefused, LimitReached
from coaching.money import CURRENCIES, least_charge
from coaching.pricing.models import DiscountCode
from coaching.pricing.quote import quote_of
from coaching.pricing.seen_discount import read_discount, say_discount


def off(percent=None, amount_cents=None, code="SPRING"):
    return SimpleNamespace(code=code, percent=percent, amount_cents=amount_cents)


def extra(price_cents, number=7):
    return SimpleNamespace(id=number, title="Notes", price_cents=price_cents, is_refundable=True, gives="")


@pytest.mark.parametrize(
    ("currency", "price", "discount", "extras", "amounts"),
    [
        ("EUR", 4900, None, (), [4900]),
        ("EUR", 4995, off(15), (), [4995, -749]),  # 749.25
        ("EUR", 4995, off(50), (), [4995, -2498]),  # 2497.5: half up
        ("EUR", 3333, off(33), (), [3333, -1100]),  # 1099.89
        ("EUR", 1, off(50), (), [1, -1]),
        ("EUR", 1, off(49), (), [1]),  # nothing is taken off, so nothing is said
        ("EUR", 4900, off(100), (), [4900, -4900]),
        ("EUR", 4900, off(amount_cents=500), (), [4900, -500]),
        ("EUR", 400, off(amount_cents=500), (), [400, -400]),
        ("EUR", 4900, off(50), (999, 1500), [4900, -2450, 999, 1500]),
        ("EUR", 4900, off(100), (999,), [4900, -4900, 999]),  # a code takes off the call, not the extras
        ("EUR", 400, off(amount_cents=500), (999,), [400, -400, 999]),
        ("JPY", 4999, off(15), (500,), [4999, -750, 500]),  # 749.85
        ("JPY", 333, off(50), (), [333, -167]),
        ("KWD", 12_340, off(15), (1_230,), [12_340, -1_850, 1_230]),  # 1851: the last digit is 0
        ("KWD", 12_350, off(50), (), [12_350, -6_180]),  # 6175 is half way to 6180
        ("ISK", 6_995, off(10), (), [6_995, -700]),  # 699.5
        ("UGX", 185_005, off(30), (), [185_005, -55_502]),  # 55501.5
        ("HUF", 1_299_900, off(33), (250_000,), [1_299_900, -428_967, 250_000]),
        ("EUR", 0, off(50), (999,), [0, 999]),
    ],
)
def test_each_line_is_rounded_on_its_own(currency, price, discount, extras, amounts):
    quote = quote_of("Mixing call", price, currency, [extra(cents) for cents in extras], discount)
    assert [line.amount_cents for line in quote.lines] == amounts
    assert quote.price_cents == sum(amounts)
    assert all(amount % CURRENCIES[currency].step == 0 for amount in amounts)


def test_what_is_free_and_nothing_else_has_no_lines():
    assert quote_of("Mixing call", 0, "EUR").kept_lines == ()
    for_nothing = quote_of("Mixing call", 4900, "EUR", discount=off(100))
    assert [line.title for line in for_nothing.kept_lines] == ["Mixing call", "Code SPRING"]
    assert [line.kind for line in quote_of("Mixing call", 0, "EUR", [extra(0)]).kept_lines] == ["session", "bump"]


def test_what_a_page_said_of_a_discount_is_read_again():
    for discount in (off(20), off(amount_cents=500)):
        seen = read_discount(say_discount(discount))
        assert (seen.code, seen.percent, seen.amount_cents) == ("SPRING", discount.percent, discount.amount_cents)
    assert read_discount("") is None
    assert read_discount("SPRING 20% and more") is None


def test_every_currency_has_a_least_charge_that_can_be_paid():
    for code, currency in CURRENCIES.items():
        assert 0 < least_charge(code) < currency.most
        assert least_charge(code) % currency.step == 0


def test_a_total_that_no_card_can_pay_is_no_booking_whatever_it_came_from():
    small = quote_of("Call", 49, "EUR")
    with pytest.raises(LimitReached, match=r"€0\.49 cannot be paid by card: the least is €0\.50"):
        require_payable(Product(payment="stripe"), small, None)
    with pytest.raises(DiscountRefused, match=r"less than €0\.50"):
        require_payable(Product(payment="stripe"), small, DiscountCode(code="X"))
    with pytest.raises(LimitReached, match="more than can be paid at once"):
        require_payable(Product(payment="outside"), quote_of("Call", 100_000_000, "EUR"), None)
    for payment, cents in (("outside", 49), ("stripe", 0), ("stripe", 50)):
        require_payable(Product(payment=payment), quote_of("Call", cents, "EUR"), None)
