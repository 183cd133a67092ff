"""Rooms that are entered by a role: one for each session, or one that a store shares; with Discord in memory."""

from datetime import timedelta

import pytest

from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.guild_parts import Channel
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from coaching.rooms.views import queries
from tests import factories
from tests.fakes import GUILD_ID, Killed
from tests.rooms.conftest import (
    BOTH,
    CLOSED,
    COACH,
    END,
    MADE,
    OPENED,
    REMOVED,
    START,
    STUDENT,
    minutes,
    room_of,
    who_sees,
)


def holders(host, role):
    return {user for (_, user), roles in host.member_roles.items() if role.role_id in roles}


def shared_role(host):
    [role] = host.roles_in()
    return role


# --- A role for each session


def test_a_role_comes_and_goes_with_its_session(worker, host, by_role):
    seen = []
    for now in (MADE - minutes(1), MADE, OPENED, CLOSED, REMOVED):
        worker.by_hand(now)
        seen.append((who_sees(host), [role.name for role in host.roles_in()]))
        worker.sleep(60)
    room = room_of(by_role)
    role = [f"Session {room.code}"]
    assert seen == [([], []), ([set()], role), ([BOTH], role), ([set()], role), ([], [])]
    assert (room.state, room.mode) == ("removed", "session_role")


def test_only_roles_are_given_when_it_opens(worker, host, by_role):
    worker.by_hand(MADE)
    host.calls.clear()
    worker.by_hand(OPENED)
    assert [name for name in host.names() if name in ("set_overwrites", "give_role")] == ["give_role"] * 2


def test_a_booking_minutes_before_the_start_gets_its_role_in_one_run(worker, host, by_role):
    worker.tick(START - minutes(3))
    assert who_sees(host) == [BOTH]


@pytest.mark.parametrize("refusal", [
    HostError("full", Refusal.ROLES_FULL, status=400, code=30005),
    HostError("429", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(hours=20)),
])  # fmt: skip
def test_a_server_that_takes_no_more_roles_gets_entries_by_name(worker, host, by_role, refusal):
    host.fail(refusal, name="create_role", times=99)
    worker.by_hand(MADE)
    assert who_sees(host) == [set()]
    worker.sleep(60)
    worker.by_hand(OPENED)
    assert (who_sees(host), room_of(by_role).mode) == ([BOTH], "members")
    assert host.names().count("create_role") == 1
    assert queries.room_log(room_of(by_role).id)[0].kind == "no_more_roles"
    worker.by_hand(REMOVED)
    assert (host.rooms_in(), host.roles_in()) == ([], [])


def test_a_role_deleted_by_a_moderator_is_made_and_given_again(worker, host, by_role):
    worker.by_hand(OPENED)
    [old] = host.roles_in()
    host.drop_role(GUILD_ID, old.role_id)
    assert who_sees(host) == [set()]
    worker.sleep(60)
    worker.by_hand(START)
    [new] = host.roles_in()
    assert (who_sees(host), new.role_id != old.role_id) == ([BOTH], True)
    worker.by_hand(REMOVED)
    assert (host.rooms_in(), host.roles_in()) == ([], [])


def test_somebody_who_left_and_came_back_has_their_role_again(worker, host, by_role):
    worker.by_hand(OPENED)
    host.leave(GUILD_ID, STUDENT)
    worker.sleep(60)
    worker.by_hand(START)
    assert who_sees(host) == [{COACH}]
    host.gone.clear()
    worker.sleep(60)
    worker.by_hand(START + minutes(1))
    assert who_sees(host) == [BOTH]


def test_a_role_taken_by_hand_is_given_again(worker, host, by_role):
    worker.by_hand(OPENED)
    [role] = host.roles_in()
    host.take_role(GUILD_ID, STUDENT, role.role_id, "by hand")
    worker.sleep(60)
    worker.tick(OPENED + minutes(1))
    assert who_sees(host) == [BOTH]


@pytest.mark.one_database
@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("call", range(1, 12))
def test_killed_at_any_call_it_ends_with_one_role_and_one_room(worker, host, by_role, call, after_effect):
    host.fail(Killed(), at=call, after_effect=after_effect)
    for now in (MADE, OPENED, START):
        worker.minutes(now, now + minutes(1))
    assert (who_sees(host), len(host.roles_in())) == ([BOTH], 1)
    worker.minutes(REMOVED, REMOVED + minutes(12))
    assert (host.rooms_in(), host.roles_in()) == ([], [])
    assert room_of(by_role).state == "removed"


def test_a_cancelled_session_leaves_neither_room_nor_role(worker, host, by_role):
    worker.by_hand(OPENED)
    CoachingSession.update(state="cancelled").execute()
    worker.tick(START)
    assert (host.rooms_in(), host.roles_in(), room_of(by_role).state) == ([], [], "removed")


# --- A store that changes its way


@pytest.mark.parametrize("new", ["session_role", "members"])
def test_a_hidden_room_is_made_anew_in_the_stores_new_way(worker, host, coaching_session, new):
    Store.update(access_mode="members" if new == "session_role" else "session_role").execute()
    worker.by_hand(MADE)
    Store.update(access_mode=new).execute()
    worker.by_hand(MADE + minutes(1))
    assert (who_sees(host), len(host.roles_in())) == ([set()], int(new == "session_role"))
    worker.sleep(60)
    worker.by_hand(OPENED)
    assert (who_sees(host), room_of(coaching_session).mode) == ([BOTH], new)


def test_an_open_room_stays_as_it_is_when_its_store_changes_its_way(worker, host, coaching_session):
    worker.by_hand(OPENED)
    [before] = host.rooms_in()
    Store.update(access_mode="session_role").execute()
    worker.by_hand(START)
    assert (host.rooms_in(), host.roles_in()) == ([before], [])


# --- A role that a store shares


def test_the_shared_role_is_given_and_taken_by_the_clock(worker, host, by_shared_role):
    seen = []
    for now in (MADE, OPENED - minutes(1), OPENED, CLOSED, REMOVED):
        worker.by_hand(now)
        seen.append(holders(host, shared_role(host)))
    assert seen == [set(), set(), BOTH, set(), set()]
    role_row = Room.get(Room.kind == "shared")
    assert [category.name for category in host.categories_in()] == [f"Coaching {role_row.code}"]
    assert shared_role(host).name == f"Coaching Access {role_row.code}"
    assert (host.rooms_in(), room_of(by_shared_role).state) == ([], "removed")


def test_the_shared_role_opens_its_category(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    [category] = host.categories_in()
    assert host.can_see(category.channel_id, STUDENT)
    assert not host.can_see(category.channel_id, "2999")


def sit_down(host, person, parent_id=None):
    """The person sits in one of the coach's own channels: in the shared category, or elsewhere."""
    channel_id = f"77{person}"
    host.channels[channel_id] = (GUILD_ID, Channel(channel_id, "Studio", parent_id=parent_id))
    host.voice[GUILD_ID, person] = channel_id


@pytest.mark.parametrize("opens_at_booking", [False, True])
def test_whoever_loses_the_shared_role_is_put_out_of_its_category(worker, host, by_shared_role, opens_at_booking):
    Product.update(opens_at_booking=opens_at_booking).execute()
    worker.by_hand(OPENED)
    [category] = host.categories_in()
    sit_down(host, STUDENT, category.channel_id)
    sit_down(host, COACH)
    worker.minutes(CLOSED, CLOSED + minutes(1))
    assert set(host.voice) == {(GUILD_ID, COACH)}
    worker.minutes(REMOVED, REMOVED + minutes(1))
    assert room_of(by_shared_role).state == "removed"


def test_a_student_who_keeps_the_shared_role_goes_on_sitting_in_its_category(worker, host, by_shared_role, bob):
    factories.make_coaching_session(by_shared_role.product, bob, starts_at=END + minutes(15))
    worker.by_hand(OPENED)
    [category] = host.categories_in()
    worker.by_hand(END)
    sit_down(host, STUDENT, category.channel_id)
    worker.minutes(CLOSED, CLOSED + minutes(1))
    assert set(host.voice) == {(GUILD_ID, STUDENT)}


def test_a_bot_that_may_put_nobody_out_comes_to_an_end_all_the_same(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    [category] = host.categories_in()
    sit_down(host, STUDENT, category.channel_id)
    host.fail(HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013), name="disconnect", times=99)
    worker.minutes(CLOSED, REMOVED + minutes(40))
    assert (room_of(by_shared_role).state, holders(host, shared_role(host))) == ("removed", set())


def test_a_role_whose_giving_nobody_wrote_down_is_taken_all_the_same(worker, host, by_shared_role):
    worker.by_hand(MADE)
    host.fail(Killed(), name="give_role", after_effect=True)
    assert worker.tick_until_killed(OPENED)
    assert len(holders(host, shared_role(host))) == 1
    worker.minutes(REMOVED, REMOVED + minutes(1))
    assert holders(host, shared_role(host)) == set()
    assert room_of(by_shared_role).state == "removed"


NO_RIGHT = HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013)
NOT_NOW = HostError("held back", Refusal.RATE_LIMITED, retry_after=timedelta(minutes=2))


@pytest.mark.parametrize("refusal", [NO_RIGHT, NOT_NOW], ids=["refused", "held back"])
def test_a_role_that_could_not_be_given_is_taken_from_nobody(worker, host, by_shared_role, refusal):
    for name in ("give_role", "take_role"):
        host.fail(refusal, name=name, times=999)
    worker.minutes(OPENED, REMOVED)
    assert ("give_role" in host.names(), "take_role" in host.names()) == (True, False)
    room = room_of(by_shared_role)
    assert (room.state, room.maybe_holders) == ("removed", frozenset())


def test_a_refusal_says_nothing_about_a_role_that_an_earlier_call_may_have_given(worker, host, by_shared_role):
    worker.by_hand(MADE)
    host.fail(Refusal.NO_ANSWER, name="give_role", after_effect=True)
    host.fail(NO_RIGHT, name="give_role", times=99)
    worker.minutes(OPENED, CLOSED + minutes(1))
    assert holders(host, shared_role(host)) == set()


def test_the_role_is_not_taken_from_somebody_who_was_not_there_to_be_given_it(worker, host, by_shared_role):
    host.leave(GUILD_ID, STUDENT)
    worker.minutes(OPENED, CLOSED)
    taken_from = {call[2] for call in host.calls if call[0] == "take_role"}
    assert (taken_from, room_of(by_shared_role).state) == ({COACH}, "closed")


def test_people_of_a_guild_whose_verification_was_lost_are_asked_about_once_a_look(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    Store.update(guild_verified_at=None).execute()
    for person in BOTH:
        host.leave(GUILD_ID, person)
    worker.minutes(START, START + minutes(1))
    host.gone.clear()
    host.drop_role(GUILD_ID, shared_role(host).role_id)
    worker.minutes(START + minutes(2), START + minutes(3))
    host.calls.clear()
    worker.sleep(60)
    worker.tick(START + minutes(5))
    assert host.names().count("find_member") <= 2


def test_the_shared_role_exists_as_soon_as_the_store_wants_it(worker, host, by_shared_role):
    worker.tick(START - timedelta(days=20))
    assert len(host.roles_in()) == len(host.categories_in()) == 1


def test_a_student_with_another_open_session_keeps_the_shared_role(worker, host, by_shared_role, bob):
    later = factories.make_coaching_session(by_shared_role.product, bob, starts_at=END + minutes(15))
    worker.by_hand(OPENED)
    worker.by_hand(END)
    host.calls.clear()
    worker.by_hand(CLOSED)
    assert (holders(host, shared_role(host)), host.names().count("take_role")) == (BOTH, 0)
    assert room_of(by_shared_role).state == "closed"
    worker.by_hand(later.ends_at + minutes(15))
    assert holders(host, shared_role(host)) == set()


def test_a_role_that_opens_at_booking_is_given_then_and_taken_after_the_last_session(worker, host, by_shared_role, bob):
    Product.update(opens_at_booking=True, make_minutes=0, open_minutes=0, close_minutes=0, remove_minutes=0).execute()
    in_a_month = START + timedelta(days=30)
    later = factories.make_coaching_session(by_shared_role.product, bob, starts_at=in_a_month)
    worker.tick(START - timedelta(days=9))
    assert holders(host, shared_role(host)) == BOTH
    worker.by_hand(END)
    assert holders(host, shared_role(host)) == BOTH
    worker.by_hand(later.ends_at)
    assert holders(host, shared_role(host)) == set()


def test_a_cancelled_session_that_opened_at_booking_gives_the_role_back(worker, host, by_shared_role):
    Product.update(opens_at_booking=True).execute()
    worker.tick(START - timedelta(days=9))
    CoachingSession.update(state="cancelled").execute()
    Seat.update(is_live=False).execute()
    worker.tick(START - timedelta(days=8))
    assert holders(host, shared_role(host)) == set()


def test_a_shared_role_deleted_by_a_moderator_is_made_and_given_again(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    old = shared_role(host)
    host.drop_role(GUILD_ID, old.role_id)
    worker.sleep(601)
    worker.by_hand(START)
    worker.sleep(61)
    worker.by_hand(START + minutes(1))
    new = shared_role(host)
    assert (holders(host, new), new.role_id != old.role_id) == (BOTH, True)
    [category] = host.categories_in()
    assert host.can_see(category.channel_id, STUDENT)


def test_a_store_that_shares_no_more_keeps_neither_role_nor_category(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    Store.update(access_mode="members").execute()
    worker.by_hand(START)
    assert holders(host, shared_role(host)) == BOTH
    worker.by_hand(CLOSED)
    worker.by_hand(REMOVED)
    assert (host.roles_in(), [category.name for category in host.categories_in() if "rooms" not in category.name]) == (
        [],
        [],
    )


@pytest.mark.one_database
@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("call", range(1, 8))
def test_killed_at_any_call_there_is_one_shared_role(worker, host, by_shared_role, call, after_effect):
    host.fail(Killed(), at=call, after_effect=after_effect)
    for now in (MADE, OPENED, START):
        worker.minutes(now, now + minutes(1))
    assert (holders(host, shared_role(host)), len(host.categories_in())) == (BOTH, 1)
    worker.minutes(CLOSED, CLOSED + minutes(2))
    assert holders(host, shared_role(host)) == set()
