"""What a product lacks before it can be published. Pure."""

from dataclasses import replace
from typing import Any

import pytest

from coaching.catalog.steps import Facts, is_done, missing, payment_of

READY = Facts(
    has_title=True,
    has_offers=True,
    costs_money=True,
    has_pay_text=True,
    has_hours=True,
    session_type="video",
    is_linked=True,
    is_member=True,
    has_guild=True,
    guild_is_verified=True,
)


def test_a_complete_product_lacks_nothing() -> None:
    assert missing(READY) == ()


@pytest.mark.parametrize(
    ("lack", "place", "words"),
    [
        ({"has_title": False}, "checkout", "title"),
        ({"has_offers": False}, "checkout", "length"),
        ({"has_hours": False}, "availability", "weekly hours"),
        ({"has_pay_text": False}, "options", "how to pay"),
        ({"has_guild": False, "guild_is_verified": False, "is_member": False}, "store", "Choose the Discord server"),
        ({"guild_is_verified": False}, "store", "Verify again"),
        ({"is_linked": False, "is_member": False}, "checkout", "Connect your Discord"),
        ({"is_member": False}, "checkout", "Join your store's Discord server"),
    ],
)
def test_each_lack_leads_to_its_place(lack: dict[str, Any], place: str, words: str) -> None:
    (thing,) = missing(replace(READY, **lack))
    assert thing.place == place
    assert words in thing.sentence
    assert not is_done(place, replace(READY, **lack))


def test_a_phone_call_needs_neither_guild_nor_discord() -> None:
    facts = replace(
        READY, session_type="phone", is_linked=False, is_member=False, has_guild=False, guild_is_verified=False
    )
    assert missing(facts) == ()


def test_a_free_product_needs_no_payment_text() -> None:
    assert missing(replace(READY, costs_money=False, has_pay_text=False)) == ()


@pytest.mark.parametrize(
    ("costs_money", "chosen", "payment"),
    [(False, "free", "free"), (False, "outside", "free"), (True, "outside", "outside"), (True, "free", "outside")],
)
def test_the_payment_goes_with_the_prices(costs_money: bool, chosen: str, payment: str) -> None:
    assert payment_of(costs_money, chosen) == payment


def test_what_is_missing_stands_in_the_order_of_the_steps() -> None:
    facts = replace(READY, has_title=False, has_offers=False, has_hours=False, has_pay_text=False)
    assert [thing.place for thing in missing(facts)] == ["checkout", "checkout", "availability", "options"]
