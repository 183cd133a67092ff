"""Servers that take no more, against the real sandbox: of channels in a category, of channels, categories and roles."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coaching.alerts.mutations import write_alerts
from coaching.guild_parts import CATEGORY, VOICE
from coaching.notices.models import Notice
from coaching.rooms.models import Room, RoomEvent
from sandbox.records import Channel, Role
from sandbox.state import State
from tests.rooms.matrix import (
    BOTH,
    CLOSED,
    MADE,
    MAKE_CATEGORY,
    MAKE_ROLE,
    MAKE_ROOM,
    MINUTE,
    NOBODY,
    OPEN,
    READY,
    REMOVED,
    SESSION_ROLE,
    SHARED_ROLE,
    Ask,
    Life,
)
from tests.rooms.near_discord import GUILD, NearSandbox

ROLES = ("POST", "/guilds/<guild_id>/roles")

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NearSandbox]:
    near = NearSandbox(tmp_path_factory.mktemp("sandbox"))
    yield near
    near.end()


@pytest.fixture
def life_of(db: None, sandbox: NearSandbox) -> Callable[..., Life]:
    return lambda mode="members": Life(sandbox, mode)


def fill(life: Life, count: int, make: Callable[[State, int], Any]) -> list[Any]:
    """So many things of somebody else's stand in the guild."""
    return [
        life.sandbox.by_hand(lambda state, number=number: state.put(make(state, number))) for number in range(count)
    ]


def others_channels(life: Life, count: int, kind: int = VOICE, parent_id: str | None = None) -> list[Channel]:
    return fill(life, count, lambda state, n: Channel(state.new_id(), GUILD, kind, f"theirs {n}", parent_id=parent_id))


def empty(life: Life, things: list[Any]) -> None:
    """Somebody has cleared them away."""
    life.sandbox.by_hand(lambda state: state.remove(*things))


def room_of(life: Life) -> Room:
    return Room.get(Room.coaching_session == life.coaching_session)


def letters(life: Life) -> list[str]:
    """The subjects of the mails that wait for the coach."""
    write_alerts("https://green.example", life.clock.machine_now)
    return [notice.subject for notice in Notice.select().where(Notice.person_id == life.coaching_session.coach_id)]


# --- A category of 50 channels


@pytest.mark.parametrize("dies", ["", "before", "after"])
@pytest.mark.parametrize("ask", [MAKE_ROOM, MAKE_CATEGORY], ids=["room", "category"])
def test_when_its_category_is_full_a_room_goes_into_the_next_one_whoever_dies_over_it(life_of, ask: Ask, dies: str):
    life = life_of()
    life.go_to(READY)
    [full] = life.sandbox.channels("Coaching rooms ", CATEGORY)
    others_channels(life, 50, parent_id=full.id)
    life.wire.mishaps.append(ask.meets({}, dies=dies, times=1))
    life.go_to(MADE)
    life.work_until(MADE + 2 * MINUTE)
    assert life.outcome.deaths == bool(dies)
    [_, following] = life.sandbox.channels("Coaching rooms ", CATEGORY)
    assert [room.parent_id for room in life.sandbox.rooms()] == [following.id]
    life.go_to(OPEN)
    assert life.sandbox.sight().rooms == [BOTH]
    life.go_to(REMOVED)
    assert life.sandbox.sight().rooms == []


def test_a_server_with_all_its_50_categories_has_its_rooms_outside_of_any(life_of):
    life = life_of()
    others_channels(life, 50, kind=CATEGORY)
    life.go_to(MADE)
    assert [room.parent_id for room in life.sandbox.rooms()] == [None]


# --- A guild of 500 channels


def test_the_coach_of_a_full_server_is_told_and_gets_the_room_once_there_is_place(life_of):
    life = life_of()
    life.go_to(READY)
    theirs = others_channels(life, 500)
    life.go_to(MADE)
    assert letters(life) == ["Your Discord server is full"]
    empty(life, theirs)
    life.go_to(OPEN)
    assert life.sandbox.sight().rooms == [BOTH]


# --- A guild of 250 roles, or one that takes no new ones for two days


def no_room_for_roles(life: Life) -> None:
    fill(life, 250, lambda state, n: Role(state.new_id(), GUILD, f"theirs {n}", 0, 1))


def no_new_roles(life: Life) -> None:
    life.sandbox.parts.limits.allowances.buckets[ROLES] = (0, 48 * 3600)


@pytest.mark.parametrize("dies", ["", "before", "after"])
@pytest.mark.parametrize("happens", [no_room_for_roles, no_new_roles])
def test_where_no_more_roles_are_taken_the_two_are_let_in_by_name(life_of, happens: Callable[[Life], None], dies: str):
    life = life_of(SESSION_ROLE)
    life.go_to(READY)
    happens(life)
    life.wire.mishaps.append(MAKE_ROLE.meets({}, dies=dies, times=1))
    seen = []
    for instant in (MADE, OPEN, CLOSED):
        life.go_to(instant)
        life.work_until(instant + 2 * MINUTE)
        seen.append(life.sandbox.sight().rooms)
    assert (life.outcome.deaths, seen) == (bool(dies), [[NOBODY], [BOTH], [NOBODY]])
    assert (life.sandbox.roles("Session "), room_of(life).mode) == ([], "members")
    told = RoomEvent.select().where(RoomEvent.kind == "no_more_roles")
    assert told.count() == 1
    life.go_to(REMOVED)
    assert life.sandbox.sight().rooms == []


def test_the_coach_whose_shared_role_finds_no_place_is_told_and_has_it_once_there_is(life_of):
    life = life_of(SHARED_ROLE)
    no_room_for_roles(life)
    life.go_to(READY)
    assert letters(life) == ["Your Discord server takes no more roles"]
    empty(life, life.sandbox.roles("theirs "))
    life.go_to(OPEN)
    life.heal()
    assert life.sandbox.sight().shared_roles == [BOTH]
