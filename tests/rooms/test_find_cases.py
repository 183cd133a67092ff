"""The cases of some rooms, planned without all the others, are those that a look at everything finds."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.rooms.cases.queries import find_cases, unsettled_cases
from coaching.rooms.models import Room
from tests import factories

NOW = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def rooms(alice, bob):
    """Two talks in a row by a shared role, only one with its room yet; two of another store; their shared parts."""
    sharing = factories.make_product(factories.make_store(alice, access_mode="shared_role"))
    others = factories.make_product(factories.make_store(bob, slug="bobs"))
    numbers = iter(range(1, 99))

    def room(coaching_session=None, **differences):
        number = next(numbers)
        ordinary = {"code": f"room{number}", "discord_guild_id": factories.GUILD_ID, "created_at": factories.MADE_AT}
        return Room.create(**ordinary | {"coaching_session": coaching_session, "state": "open"} | differences)

    first = factories.make_coaching_session(sharing, starts_at=NOW - 60 * MINUTE)
    factories.make_coaching_session(sharing, starts_at=NOW)
    shared = {"mode": "shared_role", "asked_mode": "shared_role"}
    shared_role = {"kind": "shared", "number": 1, "store": sharing.store, "discord_role_id": "6", "state": "hidden"}
    category = {"kind": "category", "number": 2, "discord_channel_id": "5", "state": "hidden"}
    return [
        room(first, holders=frozenset({"2001"}), **shared),
        room(factories.make_coaching_session(others, starts_at=NOW + 60 * MINUTE)),
        room(factories.make_coaching_session(others, starts_at=NOW + 180 * MINUTE), discord_guild_id="77"),
        room(**shared_role),
        room(**category),
        room(**category | {"number": 3, "discord_guild_id": "77"}),
        room(**category | {"number": 4, "discord_guild_id": "78"}),
    ]


@pytest.mark.parametrize("minutes", [-60, 0, 5, 30, 300])
def test_each_room_and_shared_part_is_found_as_among_all(rooms, minutes):
    now = NOW + minutes * MINUTE
    known = {case.recorded.id: case for case in unsettled_cases(now)}
    for room in rooms:
        expected = [known[room.id]] if room.id in known else []
        assert find_cases([room.id], now) == (expected, [])
    cases, _ = find_cases([room.id for room in rooms], now)
    assert {case.recorded.id: case for case in cases} == {key: case for key, case in known.items() if key}


def test_the_role_is_kept_for_a_session_that_is_not_shown(rooms):
    [case], _ = find_cases([rooms[0].id], NOW)
    assert case.role_transfers == {"2001"}


def test_no_rooms_have_no_cases(db):
    assert find_cases([], NOW) == ([], [])
