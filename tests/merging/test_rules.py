"""What keeps two accounts apart, and what the one that stays takes over: tables of cases, no database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from coaching.merging.rules import Account, Held, address_of, obstacles, takeover, ways_in

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
MAIL = {"email": "here@example.com", "is_verified": True, "has_password": True, "has_zone": True}
NOTHING: dict[str, Any] = {}
numbers = count(1)


def account(person_id: int = 1, **differences: Any) -> Account:
    ordinary: dict[str, Any] = {
        "name": "Robin",
        "email": None,
        "is_verified": False,
        "has_password": False,
        "has_zone": False,
    }
    return Account(**{"person_id": person_id, "is_admin": False, "discord": None} | ordinary | differences)


def held(minute: int, length: int = 60, buffer: int = 0, *, is_coached: bool = False) -> Held:
    start, end = START + timedelta(minutes=minute), START + timedelta(minutes=minute + length)
    busy = start - timedelta(minutes=buffer), end + timedelta(minutes=buffer)
    return Held(next(numbers), "Call", start, end, *busy, is_coached)


def sentences(here: Account, there: Account, *booked: str) -> list[str]:
    return [obstacle.sentence for obstacle in obstacles(here, there, booked)]


@pytest.mark.parametrize(
    ("here", "there", "taken"),
    [
        (NOTHING, MAIL, {"address", "password", "zone"}),
        (MAIL, MAIL, set()),
        (MAIL, {"discord": "robin"}, {"discord"}),
        (MAIL | {"is_verified": False}, MAIL, {"address"}),
        (MAIL | {"is_verified": False}, MAIL | {"is_verified": False}, set()),
        (MAIL, MAIL | {"is_verified": False}, set()),
        (NOTHING, MAIL | {"is_verified": False}, {"address", "password", "zone"}),
        ({"has_password": True}, MAIL, {"address", "zone"}),
    ],
)
def test_the_one_that_stays_takes_what_it_lacks(here: Any, there: Any, taken: set[str]) -> None:
    assert takeover(account(1, **here), account(2, **there)) == taken


HERE, THERE = MAIL, MAIL | {"email": "there@example.com"}
UNCONFIRMED, NO_PASSWORD, DISCORD = {"is_verified": False}, {"has_password": False}, {"discord": "robin"}
FORGOTTEN = ", once you have chosen a password under “Forgotten password”"


@pytest.mark.parametrize(
    ("here", "there", "ways"),
    [
        (HERE, THERE, "with here@example.com"),
        (HERE | UNCONFIRMED, THERE | UNCONFIRMED, "with here@example.com"),
        (HERE, THERE | UNCONFIRMED, "with here@example.com"),
        (HERE | UNCONFIRMED, THERE, "with there@example.com and the password of here@example.com"),
        (HERE | UNCONFIRMED | NO_PASSWORD, THERE, "with there@example.com"),
        (HERE | UNCONFIRMED, THERE | NO_PASSWORD, "with there@example.com and the password of here@example.com"),
        (HERE | NO_PASSWORD, THERE, "with here@example.com and the password of there@example.com"),
        (HERE, THERE | DISCORD, "with here@example.com, and with Discord"),
        (HERE, DISCORD, "with here@example.com, and with Discord"),
        (DISCORD, THERE, "with there@example.com, and with Discord"),
        (
            DISCORD | {"has_password": True},
            THERE,
            "with there@example.com and the password of robin at Discord, and with Discord",
        ),
        (DISCORD, THERE | NO_PASSWORD, "with Discord"),
        (HERE | NO_PASSWORD, THERE | NO_PASSWORD, "with here@example.com" + FORGOTTEN),
    ],
)
def test_how_one_signs_in_afterwards_names_the_address_and_whose_the_password_is(
    here: Any, there: Any, ways: str
) -> None:
    kept, other = account(1, **here), account(2, **there)
    assert ways_in(kept, other) == ways
    assert address_of(kept, other) == (other.email if "address" in takeover(kept, other) else kept.email)


def test_two_ordinary_accounts_can_be_merged() -> None:
    here = account(1, **MAIL, stores=("Nova",), products=50, live=(held(0),))
    there = account(2, discord="robin", stores=("Vega", "Mira"), products=50, live=(held(60),))
    assert obstacles(here, there, []) == []


@pytest.mark.parametrize("side", [0, 1])
def test_an_admins_account_stays_apart(side: int) -> None:
    here, there = account(1, is_admin=side == 0), account(2, is_admin=side == 1)
    assert "admin" in sentences(here, there)[0]


def test_two_discord_accounts_are_named() -> None:
    [obstacle] = obstacles(account(1, discord="one"), account(2, discord="two"), [])
    assert "one here, two there" in obstacle.sentence
    assert obstacle.is_of_discord


@pytest.mark.parametrize(
    ("first", "other", "clash"),
    [
        (held(0), held(59), True),
        (held(0), held(60), False),
        (held(0, is_coached=True), held(30), True),
        (held(0, buffer=15, is_coached=True), held(60), False),  # a student's own clash uses the bare times
        (held(0, buffer=15, is_coached=True), held(60, is_coached=True), True),
        (held(0, buffer=15, is_coached=True), held(75, is_coached=True), False),
    ],
)
def test_two_sessions_at_one_time_are_named(first: Held, other: Held, clash: bool) -> None:
    for pair in ((first, other), (other, first)):
        listed = obstacles(account(1, live=(pair[0],)), account(2, live=(pair[1],)), [])
        assert [obstacle.pairs for obstacle in listed] == ([(pair,)] if clash else [])


def test_of_many_clashes_the_first_few_are_shown() -> None:
    times, others = ([held(number * 60) for number in range(20)] for _ in range(2))
    [obstacle] = obstacles(account(1, live=tuple(times)), account(2, live=tuple(others)), [])
    assert list(obstacle.pairs) == list(zip(times, others, strict=True))[:5]


def test_a_session_between_the_two_is_no_clash_with_itself() -> None:
    taken = held(0)
    given = replace(taken, is_coached=True)
    assert obstacles(account(1, live=(taken,)), account(2, live=(given,)), []) == []


def test_a_seat_at_ones_own_product_stays_where_it_is() -> None:
    assert "“Mixing call”" in sentences(account(1), account(2), "Mixing call")[0]


def test_two_stores_of_one_name_are_named_however_they_are_written() -> None:
    assert sentences(account(1, stores=("NOVA Straße",)), account(2, stores=("nova strasse", "Vega")))[0].startswith(
        "Both accounts have a store called “nova strasse”"
    )


def test_what_one_account_may_have_is_not_passed_by_merging() -> None:
    assert "4 stores" in sentences(account(1, stores=("a", "b")), account(2, stores=("c", "d")))[0]
    assert "Archive 1 of them" in sentences(account(1, products=100), account(2, products=1))[0]
