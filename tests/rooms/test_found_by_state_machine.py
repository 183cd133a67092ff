"""What random lives have found, each told once more as it was at its shortest."""

from collections.abc import Iterator

import pytest

from sandbox.records import VOICE
from tests.rooms.reference_model import Booking
from tests.rooms.simulated_discord import BOT, STRANGER
from tests.rooms.state_machine import RoomsMachine


@pytest.fixture
def machine(db: None) -> Iterator[RoomsMachine]:
    machine = RoomsMachine()
    yield machine
    machine.teardown()


def test_a_store_gets_its_role_back_when_the_role_and_its_category_were_deleted(machine):
    machine.change_mode("alice", "shared_role", "settle")
    [role], [category] = machine.discord.roles(), machine.discord.ours()
    machine.discord.delete_role(role)
    machine.discord.delete_channel(category)
    machine.settle()
    assert machine.discord.roles() != [role]


def test_a_room_gets_its_role_back_when_the_role_and_the_channel_were_deleted(machine):
    machine.change_mode("alice", "session_role", "nothing")
    machine.book("alice", "bob", 10, False, "settle")
    for role in machine.discord.roles():
        machine.discord.delete_role(role)
    for channel in machine.discord.ours():
        machine.discord.delete_channel(channel)
    machine.settle()
    assert [role.name.split()[0] for role in machine.discord.roles()] == ["Session"]


def test_a_talk_was_held_though_somebody_took_their_account_away_after_it(machine):
    booking = talking(machine)
    machine.discord.hang_up(machine.model.links["bob"])
    machine.unlink("bob", "nothing")
    machine.pass_until(machine.model.times(booking).limit)
    machine.settle()
    assert machine.states() == {booking.session_id: ("completed", None)}


def test_the_shared_role_is_taken_although_its_category_is_gone(machine):
    machine.change_mode("alice", "shared_role", "nothing")
    machine.book("alice", "bob", 10, False, "settle")
    [booking], [category] = machine.model.bookings, machine.discord.ours()
    machine.discord.delete_channel(category)
    machine.discord_fails("403 50013", ("POST", "/guilds/*/channels"), 1000, 0, "minutes")
    machine.pass_until(machine.model.times(booking).limit)
    machine.follow("minutes")
    assert [machine.discord.holders(role) for role in machine.discord.roles()] == [set()]
    machine.settle()


def test_who_sits_in_another_sessions_room_is_not_present_where_a_role_is_shared(machine):
    machine.change_mode("alice", "shared_role", "nothing")
    machine.book("alice", "bob", 10, False, "nothing")
    machine.book("carol", "bob", 50, False, "nothing")
    first, second = machine.model.bookings
    machine.pass_until(first.starts_at)
    machine.steer(second, "open")
    machine.follow("minutes")
    machine.enter_room(first, "alice")
    machine.enter_room(second, "bob")
    machine.discord.sleep(150)
    machine.settle()
    machine.discord.hang_up(machine.model.links["alice"])
    machine.watch_until(first.ends_at)
    machine.pass_until(machine.model.times(first).limit)
    machine.settle()
    assert machine.states()[first.session_id] == ("no_show", "student")


def test_who_was_let_into_a_hidden_room_by_hand_is_put_out_when_it_is_put_right(machine):
    machine.change_mode("alice", "session_role", "nothing")
    machine.book("alice", "bob", 25, False, "settle")
    [role], [room] = machine.discord.roles(), [channel for channel in machine.discord.ours() if channel.type == VOICE]
    alice = machine.model.links["alice"]
    machine.model.let_in.add((role.id, alice))
    machine.discord.give_role(role, alice)
    machine.discord.enter(alice, room)
    machine.discord.sleep(150)
    assert alice in machine.discord.seats
    machine.model.let_in.add((room.id, STRANGER))
    machine.discord.let_in(room, STRANGER)
    machine.settle()
    assert alice not in machine.discord.seats


def test_a_category_is_looked_after_though_its_role_cannot_be_made_for_days(machine):
    machine.change_mode("alice", "shared_role", "settle")
    [role], [category] = machine.discord.roles(), machine.discord.ours()
    machine.discord.delete_role(role)
    machine.discord_has_no_more_roles("429 for days", "nothing")
    for _ in range(2):
        machine.discord.sleep(700)
        machine.work()
        machine.discord.let_in(category, STRANGER)
    machine.discord.sleep(700)
    machine.work()
    assert machine.discord.roles() == []
    assert STRANGER not in machine.discord.viewers(machine.discord.ours()[0])


def test_who_lost_their_account_while_the_bot_was_shut_out_is_disconnected_once_it_is_back(machine):
    machine.change_mode("alice", "session_role", "nothing")
    talking(machine)
    account = machine.model.links["alice"]
    [room] = [channel for channel in machine.discord.ours() if channel.type == VOICE]
    machine.discord.drop_entry(room, BOT)
    machine.unlink("alice", "minutes")
    assert account in machine.discord.seats
    machine.discord.end_trouble()
    for _ in range(15):  # pauses after refusals grow to minutes
        machine.work()
        machine.discord.sleep(60)
    assert account not in machine.discord.seats


def test_an_outcome_that_was_told_stands_when_the_clock_is_put_back(machine):
    machine.book("alice", "bob", 25, False, "settle")
    [booking] = machine.model.bookings
    machine.clock_jumps(70, "settle")
    outcomes = machine.states()
    assert outcomes[booking.session_id][0] == "no_show"
    machine.clock_jumps(-60, "settle")
    machine.pass_until(booking.starts_at)
    for who in booking.people:
        machine.enter_room(booking, who)
    machine.discord.sleep(150)
    machine.settle()
    assert machine.states() == outcomes


def talking(machine: RoomsMachine) -> Booking:
    """A session in whose room both have been seen."""
    machine.book("alice", "bob", 10, False, "settle")
    [booking] = machine.model.bookings
    machine.pass_until(booking.starts_at)
    for who in booking.people:
        machine.enter_room(booking, who)
    machine.discord.sleep(150)
    machine.settle()
    assert booking.was_seen == set(booking.people)
    return booking
