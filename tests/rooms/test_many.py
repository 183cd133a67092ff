"""Many rooms at once: several calls under way at a time, several workers, and still each thing done once."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from coaching.db import database
from coaching.rooms.models import Room
from coaching.rooms.reconciler.pool import Threads
from tests import factories
from tests.clocks import at
from tests.fakes import GUILD_ID
from tests.rooms.conftest import MACHINE, START
from tests.rooms.reconciling import reconcile
from tests.threads import all_at_once

MINUTE = timedelta(minutes=1)
END = START + 60 * MINUTE
LIFE = (START - 30 * MINUTE, START - 15 * MINUTE, END + 15 * MINUTE, END + 60 * MINUTE)
# More than are left of one slice when the next one is planned.
ROOMS = 30
ONCE_A_LIFE = {"create_channel": ROOMS, "set_overwrites": 2 * ROOMS, "post_message": ROOMS, "delete_channel": ROOMS}


@pytest.fixture
def sessions(db):
    return [factories.make_coaching_session(starts_at=START) for _ in range(ROOMS)]


@pytest.fixture
def pool():
    with Threads(4) as started:
        yield started


def changes(host):
    done = Counter(host.names())
    return {name: done[name] for name in (*ONCE_A_LIFE, "create_category")}


def live(host, *pools):
    """The rooms' whole life, with one worker for each of the pools."""
    for minutes, now in enumerate(LIFE):
        both = at(now, MACHINE + minutes * 10 * MINUTE)
        all_at_once(*[partial(look, host, both, pool) for pool in pools], seconds=60)


def look(host, now, pool):
    with database.connection_context():
        reconcile(host, now, patience=timedelta(0), pool=pool)


def test_a_rooms_life_takes_five_changing_calls_and_a_guilds_rooms_share_their_category(host, sessions, pool):
    live(host, pool)
    assert changes(host) == ONCE_A_LIFE | {"create_category": 1}
    assert sum(ONCE_A_LIFE.values()) == 5 * ROOMS
    assert host.rooms_in(GUILD_ID) == []
    assert {room.state for room in Room.select().where(Room.kind == "session")} == {"removed"}


def test_a_second_worker_at_the_same_time_changes_nothing_about_it(host, sessions, pool):
    with Threads(4) as other:
        live(host, pool, other)
        # What one held while the other looked is done at the next look.
        look(host, at(LIFE[-1], MACHINE + 60 * MINUTE), other)
    assert changes(host) == ONCE_A_LIFE | {"create_category": 1}
    assert host.rooms_in(GUILD_ID) == []


def test_a_step_that_breaks_off_the_run_is_not_swallowed(host, sessions, pool):
    def fail():
        raise KeyboardInterrupt

    host.before_call = fail
    with database.connection_context(), pytest.raises(KeyboardInterrupt):
        reconcile(host, at(LIFE[0], MACHINE), patience=timedelta(0), pool=pool)
