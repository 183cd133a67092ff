"""The categories in which rooms are made: one for a guild, the next one when Discord takes no more channels."""

from datetime import timedelta

import pytest

from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from tests import factories
from tests.fakes import Killed
from tests.rooms.conftest import BOTH, START, minutes, room_of, who_sees

FULL = HostError("full", Refusal.CATEGORY_FULL, status=400, code=50035)


def test_rooms_of_a_guild_are_made_in_one_category(worker, host, coaching_session):
    for _ in range(3):
        factories.make_coaching_session(factories.make_product(), starts_at=START)
    worker.tick(START - timedelta(hours=20))
    [category] = host.categories_in()
    worker.tick(START)
    assert {room.parent_id for room in host.rooms_in()} == {category.channel_id}
    assert host.categories_in() == [category]


def test_a_full_category_is_followed_by_another_one(worker, host, coaching_session):
    host.fail(FULL, name="create_channel")
    worker.tick(START)
    [full, following] = host.categories_in()
    assert ([room.parent_id for room in host.rooms_in()], who_sees(host)) == ([following.channel_id], [BOTH])
    assert Room.get(Room.discord_channel_id == full.channel_id).is_full


def test_a_category_takes_rooms_again_when_one_in_it_was_removed(worker, host, coaching_session):
    worker.tick(START)
    [category] = host.categories_in()
    Room.update(is_full=True).where(Room.kind == "category").execute()
    worker.minutes(START + minutes(120), START + minutes(121))
    assert host.rooms_in() == []
    later = factories.make_coaching_session(factories.make_product(), starts_at=START + timedelta(days=1))
    worker.tick(later.starts_at)
    assert [room.parent_id for room in host.rooms_in()] == [category.channel_id]


def test_a_category_that_a_moderator_deleted_is_made_again(worker, host, coaching_session):
    worker.tick(START - timedelta(hours=20))
    [lost] = host.categories_in()
    host.channels.clear()
    worker.tick(START)
    [remade] = host.categories_in()
    assert (remade != lost, [room.parent_id for room in host.rooms_in()]) == (True, [remade.channel_id])


def test_a_category_that_cannot_be_made_keeps_no_room_from_being_made(worker, host, coaching_session):
    host.fail(HostError("403", Refusal.MISSING_PERMISSION, status=403), name="create_category", times=99)
    worker.tick(START)
    assert (who_sees(host), host.categories_in()) == ([BOTH], [])


@pytest.mark.parametrize("after_effect", [False, True])
def test_killed_while_it_makes_the_category_there_is_one(worker, host, coaching_session, after_effect):
    host.fail(Killed(), name="create_category", after_effect=after_effect)
    worker.minutes(START - minutes(30), START + minutes(1))
    assert (len(host.categories_in()), who_sees(host)) == (1, [BOTH])
    assert room_of(coaching_session).parent_id == host.categories_in()[0].channel_id
