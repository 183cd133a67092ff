"""What random lives have found, each told once more as it was at its shortest."""

from collections.abc import Iterator

import pytest

from sandbox.records import VOICE
from tests.rooms.lives import Lives
from tests.rooms.lives_oracle import Booking
from tests.rooms.lives_world import STRANGER


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


def test_a_talk_was_held_though_somebody_took_their_account_away_after_it(lives):
    one = talking(lives)
    lives.world.hang_up(lives.oracle.links["bob"])
    lives.unlink("bob", "nothing")
    lives.pass_until(lives.oracle.times(one).limit)
    lives.settle()
    assert lives.states() == {one.session_id: ("completed", None)}


def test_the_shared_role_is_taken_although_its_category_is_gone(lives):
    lives.change_mode("alice", "shared_role", "nothing")
    lives.book("alice", "bob", 10, False, "settle")
    [one], [category] = lives.oracle.bookings, lives.world.ours()
    lives.world.delete_channel(category)
    lives.discord_fails("403 50013", ("POST", "/guilds/*/channels"), 1000, 0, "minutes")
    lives.pass_until(lives.oracle.times(one).limit)
    lives.follow("minutes")
    assert [lives.world.holders(role) for role in lives.world.roles()] == [set()]
    lives.settle()


def test_who_sits_in_another_sessions_room_is_not_present_where_a_role_is_shared(lives):
    lives.change_mode("alice", "shared_role", "nothing")
    lives.book("alice", "bob", 10, False, "nothing")
    lives.book("carol", "bob", 50, False, "nothing")
    first, second = lives.oracle.bookings
    lives.pass_until(first.starts_at)
    lives.steer(second, "open")
    lives.follow("minutes")
    lives.enter_room(first, "alice")
    lives.enter_room(second, "bob")
    lives.world.sleep(150)
    lives.settle()
    lives.world.hang_up(lives.oracle.links["alice"])
    lives.watch_until(first.ends_at)
    lives.pass_until(lives.oracle.times(first).limit)
    lives.settle()
    assert lives.states()[first.session_id] == ("no_show", "student")


def test_who_was_let_into_a_hidden_room_by_hand_is_put_out_when_it_is_put_right(lives):
    lives.change_mode("alice", "session_role", "nothing")
    lives.book("alice", "bob", 25, False, "settle")
    [role], [room] = lives.world.roles(), [one for one in lives.world.ours() if one.type == VOICE]
    alice = lives.oracle.links["alice"]
    lives.oracle.let_in.add((role.id, alice))
    lives.world.give_role(role, alice)
    lives.world.enter(alice, room)
    lives.world.sleep(150)
    assert alice in lives.world.seats
    lives.oracle.let_in.add((room.id, STRANGER))
    lives.world.let_in(room, STRANGER)
    lives.settle()
    assert alice not in lives.world.seats


def test_an_outcome_that_was_told_stands_when_the_clock_is_put_back(lives):
    lives.book("alice", "bob", 25, False, "settle")
    [one] = lives.oracle.bookings
    lives.clock_jumps(70, "settle")
    told = lives.states()
    assert told[one.session_id][0] == "no_show"
    lives.clock_jumps(-60, "settle")
    lives.pass_until(one.starts_at)
    for who in one.people:
        lives.enter_room(one, who)
    lives.world.sleep(150)
    lives.settle()
    assert lives.states() == told


def talking(lives: Lives) -> Booking:
    """A session in whose room both have been seen."""
    lives.book("alice", "bob", 10, False, "settle")
    [one] = lives.oracle.bookings
    lives.pass_until(one.starts_at)
    for who in one.people:
        lives.enter_room(one, who)
    lives.world.sleep(150)
    lives.settle()
    assert one.was_seen == set(one.people)
    return one
