"""Several runs of one process: the newest sees to everything, and no call that hangs keeps anything else waiting."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from coaching.db import database
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms import case_queries
from coaching.rooms.run import Limits
from coaching.rooms.workers import Workers
from tests import factories
from tests.fakes import GUILD_ID, FakeHost
from tests.rooms.conftest import COACH, MACHINE, START, STUDENT, who_sees
from tests.rooms.reconciling import reconcile
from tests.threads import wait_for

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
OTHER_GUILD = "1100000000000000777"
AT_ONCE = Limits(50 * SECOND, timedelta(0), 50 * SECOND)
MADE, OPENED = START - 30 * MINUTE, START - 15 * MINUTE


class SlowHost(FakeHost):
    """Whoever makes a room in one of the slow guilds waits until all may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.slow = {GUILD_ID}
        self.go_on = threading.Event()
        self.waiting = threading.Semaphore(0)

    def create_channel(self, guild_id, *details):
        if guild_id in self.slow:
            self.waiting.release()
            assert self.go_on.wait(60)
        return super().create_channel(guild_id, *details)


@pytest.fixture
def host():
    return SlowHost()


@pytest.fixture
def pool():
    with Workers(4) as started:
        yield started


@pytest.fixture
def begin(host, pool, db):
    """Begins a run in a thread of its own."""

    def run(now, machine_now):
        with database.connection_context():
            return reconcile(host, now, machine_now, AT_ONCE, workers=pool)

    with ThreadPoolExecutor(4) as threads:
        yield lambda now, machine_now=MACHINE: threads.submit(run, now, machine_now)
        host.go_on.set()


def test_what_an_older_run_has_not_begun_is_left_to_the_newer_one_and_its_clock(host, begin, pool):
    sessions = [factories.make_coaching_session(starts_at=START) for _ in range(12)]
    older = begin(MADE)
    assert host.waiting.acquire(timeout=20)
    newer = begin(START + 24 * 60 * MINUTE, MACHINE + MINUTE)
    wait_for(lambda: pool.in_charge == 2)
    host.go_on.set()
    reports = older.result(30), newer.result(30)
    assert 1 <= host.names().count("create_channel") <= 2 < len(sessions)
    assert reports[0].due < len(sessions)
    assert reports[0].next_at is None
    assert host.rooms_in(GUILD_ID) == []


def test_the_newer_run_sees_what_comes_after_a_call_of_the_older_one(host, begin, pool, coaching_session):
    older = begin(START)
    assert host.waiting.acquire(timeout=20)
    newer = begin(START)
    wait_for(lambda: pool.in_charge == 2)
    host.go_on.set()
    older.result(30)
    newer.result(30)
    assert who_sees(host) == [{COACH, STUDENT}]
    assert host.names().count("create_channel") == 1


def test_a_call_that_ends_while_a_newer_run_reads_is_followed_by_another_look(
    host, begin, pool, coaching_session, monkeypatch
):
    searched_lately(monkeypatch)
    older = begin(START)
    assert host.waiting.acquire(timeout=20)
    read, sign_on, newer_thread = case_queries.unsettled_cases, pool.sign_on, []
    monkeypatch.setattr(pool, "sign_on", lambda: newer_thread.append(threading.get_ident()) or sign_on())

    def read_meanwhile(now):
        found = read(now)
        if threading.get_ident() in newer_thread:
            # What the newer one has read is no longer so.
            host.go_on.set()
            pool.wait_while_busy(20 * SECOND)
        elif host.go_on.is_set():
            wait_for(lambda: pool.in_charge == 2)
        return found

    monkeypatch.setattr(case_queries, "unsettled_cases", read_meanwhile)
    newer = begin(START)
    older.result(30)
    newer.result(30)
    assert host.names().count("post_message") == 1


def test_a_call_that_ends_while_its_own_run_reads_is_followed_by_another_look(
    host, begin, coaching_session, monkeypatch
):
    searched_lately(monkeypatch)
    read = case_queries.unsettled_cases

    def read_slowly(now):
        found = read(now)
        threading.Event().wait(0.5)
        return found

    monkeypatch.setattr(case_queries, "unsettled_cases", read_slowly)
    looking = begin(START)
    assert host.waiting.acquire(timeout=20)
    # The run has waited for a second, and reads again.
    threading.Event().wait(1.25)
    host.go_on.set()
    looking.result(30)
    assert host.names().count("post_message") == 1


def searched_lately(monkeypatch):
    """No search for strays is due, which would hide that a run ends too early."""
    monkeypatch.setattr(case_queries, "sweeps_due", lambda machine_now: [])


@pytest.mark.parametrize("rooms", [1, 30])
def test_calls_that_hang_let_no_room_of_another_guild_miss_its_time(host, begin, coaching_session, rooms):
    guild = factories.make_guild(OTHER_GUILD)
    for number in range(rooms):
        store = factories.make_store(factories.make_person(f"Cleo {number}"), guild=guild)
        # Their rooms are to be made shortly before the other one opens.
        factories.make_coaching_session(factories.make_product(store), starts_at=START + 15 * MINUTE - 3 * SECOND)
    host.slow = {OTHER_GUILD}
    begin(MADE).result(30)
    assert host.waiting.acquire(blocking=False) is False
    looking = begin(OPENED - 3 * SECOND, MACHINE + 15 * MINUTE)
    assert host.waiting.acquire(timeout=20)
    wait_for(lambda: who_sees(host) == [{COACH, STUDENT}])
    assert not looking.done()


def test_a_run_that_breaks_while_it_looks_relieves_nobody(host, begin, pool, coaching_session, monkeypatch):
    older = begin(START)
    assert host.waiting.acquire(timeout=20)
    with monkeypatch.context() as broken:
        broken.setattr("coaching.rooms.case_queries.unsettled_cases", lambda now: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            begin(START).result(20)
    host.go_on.set()
    older.result(30)
    assert who_sees(host) == [{COACH, STUDENT}]


def test_a_call_that_is_lost_is_still_written_down_by_a_run_that_was_relieved(host, begin, pool, coaching_session):
    host.fail(HostError("no answer", Refusal.NO_ANSWER), name="create_channel", after_effect=True)
    older = begin(MADE)
    assert host.waiting.acquire(timeout=20)
    newer = begin(MADE)
    wait_for(lambda: pool.in_charge == 2)
    host.go_on.set()
    assert older.result(30).failed == 1
    newer.result(30)
    # It looked for the room before making another one.
    assert len(host.rooms_in(GUILD_ID)) == host.names().count("create_channel") == 1
