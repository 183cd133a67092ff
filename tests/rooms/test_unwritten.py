"""Nothing can be written down, for want of room or because of a lock: whom the clock lets in no longer is out."""

import pytest

from coaching.messages.actions import Outlets
from coaching.operation.actions import run_by_cron
from tests import factories
from tests.clocks import at
from tests.fakes import GUILD_ID, FakeFeeds
from tests.locking import holding
from tests.rooms.conftest import BOTH, CLOSED, MACHINE, OPENED, REMOVED, START, minutes, room_of, who_sees
from tests.sending import SENDER

pytestmark = pytest.mark.usefixtures("impatient")


def test_a_room_is_closed_though_nothing_can_be_written_and_that_is_recorded_later(
    worker, host, coaching_session, database_url
):
    worker.minutes(OPENED, OPENED)
    assert who_sees(host) == [BOTH]
    later = factories.make_coaching_session(coaching_session.product, starts_at=CLOSED + minutes(31))

    with holding(database_url):
        worker.tick(CLOSED)
        assert who_sees(host) == [set()]
        worker.minutes(CLOSED + minutes(1), CLOSED + minutes(2))
    # Nothing is made of which nobody could be told.
    assert (room_of(coaching_session).state, len(host.rooms_in())) == ("open", 1)

    worker.minutes(CLOSED + minutes(3), CLOSED + minutes(4))
    assert (room_of(coaching_session).state, room_of(later).state) == ("closed", "hidden")
    assert who_sees(host) == [set(), set()]


def test_a_host_without_a_worker_closes_it_too(worker, host, coaching_session, database_url):
    worker.minutes(OPENED, OPENED)
    with holding(database_url):
        assert run_by_cron(Outlets(None, host), SENDER, 0, at(CLOSED, MACHINE + minutes(1)), FakeFeeds())
    assert who_sees(host) == [set()]


def test_a_talk_is_not_cut_off_for_want_of_room_either(worker, host, coaching_session, database_url):
    worker.minutes(OPENED, OPENED)
    host.voice[GUILD_ID, "2002"] = room_of(coaching_session).discord_channel_id

    with holding(database_url):
        worker.tick(CLOSED)
        assert who_sees(host) == [BOTH]
        worker.sleep(60)
        worker.tick(REMOVED)
        assert host.rooms_in(GUILD_ID) == []


def test_a_shared_role_is_taken_though_nothing_can_be_written(worker, host, by_shared_role, database_url):
    worker.minutes(START, START + minutes(2))
    given = [user_id for user_id in BOTH if host.find_member(GUILD_ID, user_id).role_ids]

    with holding(database_url):
        worker.tick(CLOSED)
    kept = [user_id for user_id in BOTH if host.find_member(GUILD_ID, user_id).role_ids]
    assert (sorted(given), kept) == (sorted(BOTH), [])
