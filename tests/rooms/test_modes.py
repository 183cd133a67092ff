"""What the fault matrix found in the modes with roles, each as a story of its own."""

from datetime import timedelta

import pytest

from coaching.catalog.models import Product
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms.orphans.mutations import want_sweep
from tests.fakes import GUILD_ID
from tests.rooms.conftest import CLOSED, COACH, END, MACHINE, OPENED, REMOVED, START, STUDENT, room_of, who_sees

UNKNOWN_ROLE = HostError("404", Refusal.UNKNOWN_ROLE, status=404, code=10011)


def holders(host):
    return {user for (_, user), roles in host.member_roles.items() if roles}


def test_a_role_that_discord_denies_by_mistake_is_taken_all_the_same(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    host.fail(UNKNOWN_ROLE, name="take_role", times=2)
    worker.minutes(CLOSED, CLOSED + timedelta(minutes=1))
    assert (holders(host), room_of(by_shared_role).state) == (set(), "closed")


def test_somebody_whom_discord_denies_by_mistake_is_put_out_of_the_call_all_the_same(worker, host, coaching_session):
    Product.update(remove_minutes=120).execute()
    worker.by_hand(OPENED)
    [room] = host.rooms_in()
    host.voice[GUILD_ID, STUDENT] = room.channel_id
    host.fail(HostError("404", Refusal.UNKNOWN_MEMBER, status=404, code=10007), name="disconnect")
    for now in (END, END + timedelta(minutes=60), END + timedelta(minutes=62)):
        worker.by_hand(now)
        worker.sleep(120)
    assert host.voice == {}


def test_the_role_of_somebody_who_has_left_needs_no_taking(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    host.leave(GUILD_ID, STUDENT)
    worker.tick(CLOSED)
    assert (holders(host), room_of(by_shared_role).state) == (set(), "closed")


@pytest.mark.parametrize(
    ("trouble", "left"),
    [
        (Refusal.SERVER_ERROR, 1),
        (Refusal.MISSING_PERMISSION, 2),
        (HostError("429", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(minutes=5)), 2),
    ],
    ids=["passes", "stays", "takes longer"],
)
def test_a_search_for_orphans_that_broke_is_soon_repeated_where_that_may_help(
    worker, host, coaching_session, trouble, left
):
    worker.by_hand(OPENED)
    [room] = host.rooms_in()
    host.create_channel(GUILD_ID, room.name, room.overwrites, "by a call that was given up long ago")
    host.fail(trouble, name="delete_channel")
    want_sweep(GUILD_ID, MACHINE)
    worker.minutes(OPENED, OPENED + timedelta(minutes=3))
    assert len(host.rooms_in()) == left


@pytest.mark.parametrize("now", [START - timedelta(minutes=20), START])
def test_a_role_that_is_gone_and_cannot_be_made_again_locks_nobody_out(worker, host, by_role, now):
    worker.by_hand(START - timedelta(minutes=30))
    worker.sleep(60)
    worker.by_hand(now)
    [role] = host.roles_in()
    host.drop_role(GUILD_ID, role.role_id)
    host.fail(Refusal.ROLES_FULL, name="create_role", times=99)
    worker.sleep(60)
    worker.by_hand(START + timedelta(minutes=1))
    assert (who_sees(host), room_of(by_role).mode) == ([{COACH, STUDENT}], "members")
    worker.by_hand(REMOVED)
    assert (host.rooms_in(), host.roles_in()) == ([], [])


def test_a_second_role_is_found_when_none_of_ours_exists_any_more(worker, host, by_role):
    worker.by_hand(OPENED)
    [role] = host.roles_in()
    worker.by_hand(REMOVED)
    host.create_role(GUILD_ID, role.name, "by a call that was given up long ago")
    want_sweep(GUILD_ID, MACHINE)
    worker.tick(REMOVED)
    assert host.roles_in() == []


def test_a_role_given_at_booking_that_a_moderator_deleted_is_given_again_long_before_the_call(
    worker, host, by_shared_role
):
    Product.update(opens_at_booking=True, make_minutes=0, open_minutes=0, close_minutes=0, remove_minutes=0).execute()
    now = START - timedelta(days=9)
    worker.tick(now)
    [role] = host.roles_in()
    host.drop_role(GUILD_ID, role.role_id)
    for _ in range(2):
        worker.sleep(601)
        worker.tick(now)
    assert holders(host) == {COACH, STUDENT}


def test_when_all_have_left_whoever_comes_back_has_the_shared_role_again(worker, host, by_shared_role):
    worker.by_hand(OPENED)
    for person in (COACH, STUDENT):
        host.leave(GUILD_ID, person)
    worker.sleep(60)
    worker.tick(START)
    assert holders(host) == set()
    host.gone.clear()
    worker.sleep(60)
    worker.tick(START + timedelta(minutes=1))
    assert holders(host) == {COACH, STUDENT}
