"""Servers that take no more, against the real sandbox: of channels in a category, of channels, categories and roles."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from coaching.guild_parts import CATEGORY, VOICE
from coaching.notices.models import Notice
from coaching.rooms.models import Room, RoomEvent
from sandbox.records import Channel, Role
from sandbox.state import State
from tests.rooms.in_process_sandbox import GUILD, InProcessSandbox
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
    Lifecycle,
)

ROLES = ("POST", "/guilds/<guild_id>/roles")

pytestmark = pytest.mark.one_database


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcessSandbox]:
    near = InProcessSandbox(tmp_path_factory.mktemp("sandbox"))
    yield near
    near.end()


@pytest.fixture
def lifecycle_of(db: None, sandbox: InProcessSandbox) -> Callable[..., Lifecycle]:
    return lambda mode="members": Lifecycle(sandbox, mode)


def fill(lifecycle: Lifecycle, count: int, make: Callable[[State, int], Any]) -> list[Any]:
    """So many things of somebody else's stand in the guild."""
    return [
        lifecycle.sandbox.by_hand(lambda state, number=number: state.put(make(state, number)))
        for number in range(count)
    ]


def others_channels(lifecycle: Lifecycle, count: int, kind: int = VOICE, parent_id: str | None = None) -> list[Channel]:
    return fill(
        lifecycle, count, lambda state, n: Channel(state.new_id(), GUILD, kind, f"theirs {n}", parent_id=parent_id)
    )


def empty(lifecycle: Lifecycle, things: list[Any]) -> None:
    """Somebody has cleared them away."""
    lifecycle.sandbox.by_hand(lambda state: state.remove(*things))


def room_of(lifecycle: Lifecycle) -> Room:
    return Room.get(Room.coaching_session == lifecycle.coaching_session)


def email_subjects(lifecycle: Lifecycle) -> list[str]:
    """The subjects of the mails that wait for the coach."""
    return [notice.subject for notice in Notice.select().where(Notice.person_id == lifecycle.coaching_session.coach_id)]


# --- A category of 50 channels


@pytest.mark.parametrize("dies", ["", "before", "after"])
@pytest.mark.parametrize("ask", [MAKE_ROOM, MAKE_CATEGORY], ids=["room", "category"])
def test_when_its_category_is_full_a_room_goes_into_the_next_one_whoever_dies_over_it(
    lifecycle_of, ask: Ask, dies: str
):
    lifecycle = lifecycle_of()
    lifecycle.go_to(READY)
    [full] = lifecycle.sandbox.channels("Coaching rooms ", CATEGORY)
    others_channels(lifecycle, 50, parent_id=full.id)
    lifecycle.wire.faults.append(ask.meets({}, dies=dies, times=1))
    lifecycle.go_to(MADE)
    lifecycle.work_until(MADE + 2 * MINUTE)
    assert lifecycle.outcome.deaths == bool(dies)
    [_, following] = lifecycle.sandbox.channels("Coaching rooms ", CATEGORY)
    assert [room.parent_id for room in lifecycle.sandbox.rooms()] == [following.id]
    lifecycle.go_to(OPEN)
    assert lifecycle.sandbox.snapshot().rooms == [BOTH]
    lifecycle.go_to(REMOVED)
    assert lifecycle.sandbox.snapshot().rooms == []


def test_a_server_with_all_its_50_categories_has_its_rooms_outside_of_any(lifecycle_of):
    lifecycle = lifecycle_of()
    others_channels(lifecycle, 50, kind=CATEGORY)
    lifecycle.go_to(MADE)
    assert [room.parent_id for room in lifecycle.sandbox.rooms()] == [None]


# --- A guild of 500 channels


def test_the_coach_of_a_full_server_is_told_and_gets_the_room_once_there_is_place(lifecycle_of):
    lifecycle = lifecycle_of()
    lifecycle.go_to(READY)
    theirs = others_channels(lifecycle, 500)
    lifecycle.go_to(MADE)
    assert email_subjects(lifecycle) == ["Your Discord server is full"]
    empty(lifecycle, theirs)
    lifecycle.go_to(OPEN)
    assert lifecycle.sandbox.snapshot().rooms == [BOTH]


# --- A guild of 250 roles, or one that takes no new ones for two days


def no_room_for_roles(lifecycle: Lifecycle) -> None:
    fill(lifecycle, 250, lambda state, n: Role(state.new_id(), GUILD, f"theirs {n}", 0, 1))


def no_new_roles(lifecycle: Lifecycle) -> None:
    lifecycle.sandbox.parts.limits.allowances.buckets[ROLES] = (0, 48 * 3600)


@pytest.mark.parametrize("dies", ["", "before", "after"])
@pytest.mark.parametrize("happens", [no_room_for_roles, no_new_roles])
def test_where_no_more_roles_are_taken_the_two_are_let_in_by_name(
    lifecycle_of, happens: Callable[[Lifecycle], None], dies: str
):
    lifecycle = lifecycle_of(SESSION_ROLE)
    lifecycle.go_to(READY)
    happens(lifecycle)
    lifecycle.wire.faults.append(MAKE_ROLE.meets({}, dies=dies, times=1))
    seen = []
    for instant in (MADE, OPEN, CLOSED):
        lifecycle.go_to(instant)
        lifecycle.work_until(instant + 2 * MINUTE)
        seen.append(lifecycle.sandbox.snapshot().rooms)
    assert (lifecycle.outcome.deaths, seen) == (bool(dies), [[NOBODY], [BOTH], [NOBODY]])
    assert (lifecycle.sandbox.roles("Session "), room_of(lifecycle).mode) == ([], "members")
    events = RoomEvent.select().where(RoomEvent.kind == "no_more_roles")
    assert events.count() == 1
    lifecycle.go_to(REMOVED)
    assert lifecycle.sandbox.snapshot().rooms == []


def test_the_coach_whose_shared_role_finds_no_place_is_told_and_has_it_once_there_is(lifecycle_of):
    lifecycle = lifecycle_of(SHARED_ROLE)
    no_room_for_roles(lifecycle)
    lifecycle.go_to(READY)
    assert email_subjects(lifecycle) == ["Your Discord server takes no more roles"]
    empty(lifecycle, lifecycle.sandbox.roles("theirs "))
    lifecycle.go_to(OPEN)
    lifecycle.heal()
    assert lifecycle.sandbox.snapshot().shared_roles == [BOTH]
