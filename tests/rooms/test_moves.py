"""Stores, people and sessions that move while rooms stand, with Discord in memory."""

from datetime import timedelta

import pytest

from coaching.accounts.discord_mutations import unlink_discord
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product, Store
from coaching.refusals import Refusal
from coaching.rooms import manual_mutations
from coaching.rooms.views.queries import find_shared_code
from tests import factories
from tests.fakes import GUILD_ID
from tests.rooms.conftest import (
    BOTH,
    CLOSED,
    COACH,
    END,
    MACHINE,
    MADE,
    OPENED,
    REMOVED,
    START,
    minutes,
    room_of,
    who_sees,
)

NEW_GUILD = "1100000000000000777"


def holders(host, guild_id=GUILD_ID):
    return {user for (guild, user), roles in host.member_roles.items() if roles and guild == guild_id}


def move_store(store, guild_id=NEW_GUILD):
    store.guild = factories.make_guild(guild_id)
    store.save(only=[Store.guild])


def test_a_store_that_moves_shares_a_role_in_its_new_guild(worker, host, by_shared_role, bob):
    later = factories.make_coaching_session(by_shared_role.product, bob, starts_at=END + minutes(60))
    worker.by_hand(OPENED)
    move_store(by_shared_role.product.store)
    worker.by_hand(START)
    assert (holders(host), holders(host, NEW_GUILD)) == (BOTH, set())
    worker.by_hand(CLOSED)
    worker.by_hand(later.starts_at - minutes(15))
    assert (holders(host), holders(host, NEW_GUILD)) == (set(), BOTH)
    assert host.roles_in() == []


def test_one_that_moves_while_a_role_given_at_booking_is_held_serves_the_next_students_there(
    worker, host, by_shared_role
):
    Product.update(opens_at_booking=True).execute()
    worker.tick(START - timedelta(days=9))
    move_store(by_shared_role.product.store)
    student = factories.make_person("Carol", linked_as="2003")
    factories.make_coaching_session(by_shared_role.product, student, starts_at=START + timedelta(days=1))
    worker.by_hand(START - timedelta(days=8))
    assert (holders(host), holders(host, NEW_GUILD)) == (BOTH, {COACH, "2003"})
    [category] = host.categories_in(NEW_GUILD)
    assert category.name == f"Coaching {find_shared_code(Store.get())}"


def test_a_role_deleted_in_the_new_guild_is_not_given_anew_in_the_old_one(worker, host, by_shared_role):
    Product.update(opens_at_booking=True).execute()
    worker.tick(START - timedelta(days=9))
    move_store(by_shared_role.product.store)
    worker.by_hand(START - timedelta(days=8))
    [role] = host.roles_in(NEW_GUILD)
    host.drop_role(NEW_GUILD, role.role_id)
    host.calls.clear()
    worker.sleep(601)
    worker.by_hand(START - timedelta(days=7))
    assert ("create_role" in host.names(), "give_role" in host.names()) == (True, False)
    worker.by_hand(END)
    assert (holders(host), host.roles_in()) == (set(), [])


def test_a_role_opened_by_hand_is_given_where_its_store_has_moved(worker, host, by_shared_role, alice):
    manual_mutations.open_now(by_shared_role, alice, MADE)
    move_store(by_shared_role.product.store)
    worker.by_hand(START)
    assert holders(host, NEW_GUILD) == BOTH


def test_nobody_keeps_a_shared_role_for_a_session_that_came_too_late(worker, host, by_shared_role, bob, alice):
    later = factories.make_coaching_session(by_shared_role.product, bob, starts_at=END + minutes(15))
    worker.by_hand(OPENED)
    manual_mutations.open_now(later, alice, END)
    # No worker looks until the second session has ended, too.
    worker.by_hand(later.ends_at + minutes(1))
    worker.by_hand(later.ends_at + timedelta(days=1))
    assert holders(host) == set()


def test_whoever_cannot_be_given_the_role_again_does_not_keep_it_for_good(worker, host, by_shared_role, bob):
    later = factories.make_coaching_session(by_shared_role.product, bob, starts_at=END + minutes(15))
    worker.by_hand(OPENED)
    host.fail(Refusal.MISSING_PERMISSION, name="give_role", times=99)
    worker.minutes(END, END + minutes(20))
    worker.by_hand(later.ends_at + timedelta(days=1))
    assert holders(host) == set()


def test_a_room_of_an_archived_product_stands_only_where_a_role_is_shared(worker, host, by_shared_role):
    Product.update(opens_at_booking=True, make_minutes=0, open_minutes=0, close_minutes=0, remove_minutes=0).execute()
    worker.tick(START - timedelta(days=9))
    Product.update(state="archived").execute()
    Store.update(access_mode="members").execute()
    worker.by_hand(START - timedelta(days=8))
    assert (holders(host), who_sees(host)) == (set(), [])
    worker.sleep(60)
    worker.by_hand(START)
    assert who_sees(host) == [BOTH]


@pytest.mark.parametrize("mode", ["members", "session_role", "shared_role"])
def test_whoever_unlinks_discord_loses_the_room(worker, host, coaching_session, bob, mode):
    Store.update(access_mode=mode).execute()
    worker.by_hand(OPENED)
    unlink_discord(bob, MACHINE)
    worker.sleep(60)
    worker.by_hand(START)
    if mode == "shared_role":
        assert holders(host) == {COACH}
    else:
        assert who_sees(host) == [{COACH}]
    worker.by_hand(CLOSED)
    worker.by_hand(REMOVED)
    assert (host.rooms_in(), holders(host), room_of(coaching_session).state) == ([], set(), "removed")


@pytest.mark.parametrize("mode", ["members", "session_role", "shared_role"])
def test_a_store_without_a_guild_still_settles_its_rooms(worker, host, coaching_session, mode):
    Store.update(access_mode=mode).execute()
    worker.by_hand(OPENED)
    Store.update(guild=None, guild_verified_at=None).execute()
    worker.sleep(60)
    for now in (START, CLOSED, REMOVED):
        worker.by_hand(now)
    assert (host.rooms_in(), host.roles_in(), room_of(coaching_session).state) == ([], [], "removed")


def test_two_stores_on_one_guild_keep_their_own_ways(worker, host, by_shared_role):
    other = factories.make_person("Dora", linked_as="2004")
    product = factories.make_product(factories.make_store(other, access_mode="session_role"))
    student = factories.make_person("Emil", linked_as="2005")
    factories.make_coaching_session(product, student, starts_at=START)
    worker.by_hand(OPENED)
    assert [len(roles) for roles in host.member_roles.values()] == [1] * 4
    assert (len(host.rooms_in()), len(host.roles_in())) == (1, 2)
    worker.by_hand(CLOSED)
    worker.by_hand(REMOVED)
    assert (holders(host), host.rooms_in(), len(host.roles_in())) == (set(), [], 1)


def test_a_coach_who_is_a_student_elsewhere_keeps_what_is_open(worker, host, by_shared_role, alice, bob):
    product = factories.make_product(factories.make_store(bob, access_mode="shared_role"))
    factories.make_coaching_session(product, alice, starts_at=END)
    worker.by_hand(OPENED)
    worker.by_hand(CLOSED)
    assert [len(roles) for roles in host.member_roles.values()] == [1, 1]
    assert CoachingSession.select().count() == 2
