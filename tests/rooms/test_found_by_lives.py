"""What random lives have found, each told once more as it was at its shortest."""

from collections.abc import Iterator

import pytest

from tests.rooms.lives import Lives


@pytest.fixture
def lives(db: None) -> Iterator[Lives]:
    lives = Lives()
    yield lives
    lives.teardown()


def test_a_store_gets_its_role_back_when_the_role_and_its_category_were_deleted(lives):
    lives.change_mode("alice", "shared_role", "settle")
    [role], [category] = lives.world.roles(), lives.world.ours()
    lives.world.delete_role(role)
    lives.world.delete_channel(category)
    lives.settle()
    assert lives.world.roles() != [role]


def test_a_room_gets_its_role_back_when_the_role_and_the_channel_were_deleted(lives):
    lives.change_mode("alice", "session_role", "nothing")
    lives.book("alice", "bob", 10, False, "settle")
    for role in lives.world.roles():
        lives.world.delete_role(role)
    for channel in lives.world.ours():
        lives.world.delete_channel(channel)
    lives.settle()
    assert [role.name.split()[0] for role in lives.world.roles()] == ["Session"]
