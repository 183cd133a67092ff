"""The resident loop of a worker: what it notices by itself, and what it lets nothing keep waiting."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession
from coaching.call_budget.models import CallHold
from coaching.db import change_mark, database
from coaching.host import HostError
from coaching.notices.models import Notice
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.models import GuildSweep, Room
from coaching.rooms.planning.case import RoomCase
from coaching.rooms.reconciler import loop, plan
from coaching.rooms.reconciler.loop import Reconciler
from coaching.rooms.reconciler.pool import Job, Threads
from tests import factories
from tests.fakes import GUILD_ID, FakeHost
from tests.rooms.conftest import COACH, START, STUDENT, who_sees
from tests.threads import all_at_once, wait_for

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
OTHER_GUILD = "1100000000000000777"
MADE, OPENED = START - 30 * MINUTE, START - 15 * MINUTE
BOTH = [{COACH, STUDENT}]


class SlowHost(FakeHost):
    """Whoever makes a room in one of the slow guilds waits until all may go on."""

    def __init__(self) -> None:
        super().__init__()
        self.slow: set[str] = set()
        self.go_on = threading.Event()
        self.waiting = threading.Semaphore(0)

    def create_channel(self, guild_id, *details):
        if guild_id in self.slow:
            self.waiting.release()
            assert self.go_on.wait(60)
        return super().create_channel(guild_id, *details)


@pytest.fixture
def host() -> SlowHost:
    return SlowHost()


@pytest.fixture
def begin(host: SlowHost, db: None) -> Iterator[Callable[..., Reconciler]]:
    """Begins a loop whose product's clock says `now` at first; all of them end with the test."""
    begun: list[tuple[Reconciler, threading.Thread]] = []

    def start(now: datetime, **options) -> Reconciler:
        ahead = now - datetime.now(UTC)
        pool = Threads(4)

        def clock() -> Now:
            machine = datetime.now(UTC)
            return Now(machine + ahead, machine)

        reconciler = Reconciler(host, clock, pool, **options)
        thread = threading.Thread(target=reconciler.run, daemon=True)
        begun.append((reconciler, thread))
        thread.start()
        return reconciler

    yield start
    host.go_on.set()
    for reconciler, thread in begun:
        reconciler.stop(10)
        thread.join(20)
        assert not thread.is_alive()


def sessions_in(guild_id: str, how_many: int, starts_at: datetime) -> list[CoachingSession]:
    guild = factories.make_guild(guild_id)
    stores = [factories.make_store(factories.make_person(f"Cleo {number}"), guild=guild) for number in range(how_many)]
    return [factories.make_coaching_session(factories.make_product(store), starts_at=starts_at) for store in stores]


def test_what_was_booked_gets_its_room_although_the_hint_was_lost(begin, host, alice, bob):
    begin(START - MINUTE)
    wait_for(lambda: GuildSweep.select().count() == 0 and host.calls == [])
    product = factories.make_product(factories.make_store(alice))
    factories.make_coaching_session(product, bob, starts_at=START)
    wait_for(lambda: who_sees(host) == BOTH)


def test_a_wake_up_ends_the_wait(begin, host, monkeypatch):
    monkeypatch.setattr(loop, "POLL", 60 * SECOND)
    monkeypatch.setattr(loop, "PLAN_AT_LEAST", 60 * SECOND)
    plans, read = [], case_queries.unsettled_cases

    def noted(now: datetime) -> list[RoomCase]:
        plans.append(now)
        return read(now)

    monkeypatch.setattr(case_queries, "unsettled_cases", noted)
    reconciler = begin(START)
    wait_for(lambda: len(plans) == 1)
    reconciler.wake()
    wait_for(lambda: len(plans) == 2)


def test_the_next_threshold_is_kept_without_anybody_asking(begin, host, coaching_session, monkeypatch):
    monkeypatch.setattr(loop, "POLL", 60 * SECOND)
    monkeypatch.setattr(loop, "PLAN_AT_LEAST", 60 * SECOND)
    begin(MADE - SECOND)
    wait_for(lambda: len(who_sees(host)) == 1)


@pytest.mark.parametrize("rooms", [1, 12])
def test_calls_that_hang_let_no_room_of_another_guild_miss_its_time(begin, host, coaching_session, rooms):
    host.slow = {OTHER_GUILD}
    sessions_in(OTHER_GUILD, rooms, START)
    # Their rooms are made at once and hang; the other one opens a moment later.
    begin(OPENED - 1.5 * SECOND)
    assert host.waiting.acquire(timeout=20)
    wait_for(lambda: who_sees(host) == BOTH)
    assert not host.go_on.is_set()


def test_a_guild_that_hangs_has_half_of_the_threads_at_most(begin, host, db):
    host.slow = {OTHER_GUILD}
    sessions_in(OTHER_GUILD, 6, START)
    sessions_in(GUILD_ID, 6, START)
    begin(START - MINUTE)
    for _ in range(2):
        assert host.waiting.acquire(timeout=20)
    wait_for(lambda: len(host.rooms_in(GUILD_ID)) == 6)
    assert not host.waiting.acquire(blocking=False)


def test_what_comes_after_an_answer_is_done_at_once(begin, host, coaching_session, monkeypatch):
    """Also when the answer came while the rooms were being read."""
    monkeypatch.setattr(loop, "POLL", 60 * SECOND)
    monkeypatch.setattr(loop, "PLAN_AT_LEAST", 60 * SECOND)
    host.slow = {GUILD_ID}
    read = case_queries.unsettled_cases

    def read_meanwhile(now):
        cases = read(now)
        if host.waiting.acquire(blocking=False):
            host.go_on.set()
            wait_for(lambda: Room.select().where(Room.state == "open").exists())
        return cases

    reconciler = begin(START)
    wait_for(lambda: "create_channel" in host.names() or host.waiting._value > 0)
    monkeypatch.setattr(case_queries, "unsettled_cases", read_meanwhile)
    reconciler.wake()
    wait_for(lambda: host.names().count("post_message") == 1)


def test_who_is_let_in_is_soon_told_and_nobody_is_for_anything_else(begin, host, coaching_session):
    """The loop knows no queue: it says that a message is owed, once it is written down."""
    owed = []
    begin(START, on_owed=lambda: owed.append([notice.kind for notice in Notice.select()]))
    wait_for(lambda: who_sees(host) == BOTH and owed)
    wait_for(lambda: host.names().count("post_message") == 1)
    assert owed == [["room_open"]]


def test_a_turn_that_breaks_is_told_and_the_loop_goes_on(begin, host, coaching_session, monkeypatch):
    monkeypatch.setattr(loop, "PAUSE_AFTER_BREAKING", 0.1 * SECOND)
    broken: list[BaseException] = []
    read = case_queries.unsettled_cases
    monkeypatch.setattr(case_queries, "unsettled_cases", lambda now: 1 / 0 if not broken else read(now))
    begin(START, on_break=broken.append)
    wait_for(lambda: who_sees(host) == BOTH)
    assert len(broken) == 1


def test_two_loops_make_one_room(begin, host, coaching_session):
    begin(MADE)
    begin(MADE)
    wait_for(lambda: len(who_sees(host)) == 1)
    wait_for(lambda: not Room.select().where(Room.claimed_until.is_null(False)).exists())
    assert host.names().count("create_channel") == 1


def test_a_401_costs_one_call_and_then_one_probe_at_a_time(host, db):
    sessions_in(OTHER_GUILD, 3, START)
    sessions_in(GUILD_ID, 3, START)
    refused = HostError("401", Refusal.UNAUTHORIZED, status=401)
    host.fail(refused, times=999)
    slept = [0.0]

    def look() -> None:
        now = Now(START, datetime(2026, 11, 21, 9, tzinfo=UTC)).after(slept[0] * SECOND)
        Reconciler(host, lambda: now, sleep=lambda seconds: None, monotonic=lambda: 0.0).settle(
            SECOND, patience=0 * SECOND
        )

    look()
    assert len(host.calls) == 1
    slept[0] = 61.0
    host.bot_id = lambda: (_ for _ in ()).throw(refused)
    all_at_once(look, look, look)
    assert CallHold.get().reason == Refusal.UNAUTHORIZED
    assert len(host.calls) == 1, "the probe asked for its own name once, and nothing else was asked"
    host.faults.clear()
    del host.bot_id
    slept[0] = 200.0
    look()
    assert CallHold.select().count() == 0
    assert len(host.rooms_in(GUILD_ID)) == len(host.rooms_in(OTHER_GUILD)) == 3


def test_a_change_by_anybody_else_shows_in_the_mark_and_a_look_does_not(db, coaching_session):
    # PostgreSQL counts transactions for all its databases, so those of other tests may come between two looks.
    assert any(change_mark() == change_mark() for _ in range(50))
    before = change_mark()

    def write() -> None:
        CoachingSession.update(title="Another").execute()

    all_at_once(write)
    assert change_mark() != before


def test_a_job_is_never_twice_under_way_and_only_the_newest_plan_counts(db):
    go_on, ran = threading.Event(), []

    def job(key: str, waits: bool = False) -> Job:
        def run() -> None:
            ran.append(key)
            if waits:
                go_on.wait(20)

        return Job(key, "guild", run)

    with Threads(4) as pool, database.connection_context():
        pool.offer([job("a", waits=True), job("b", waits=True), job("c")])
        wait_for(lambda: pool.busy == {"a", "b"})
        pool.offer([job("a"), job("d")])
        go_on.set()
        wait_for(lambda: "d" in ran and not pool.busy)
    assert sorted(ran) == ["a", "b", "d"]


def test_a_room_that_cannot_be_planned_costs_no_other(begin, host, coaching_session, monkeypatch):
    [other] = sessions_in(OTHER_GUILD, 1, START)
    decide = plan.step_and_wait
    monkeypatch.setattr(
        plan, "step_and_wait", lambda case, moment: 1 / 0 if case.session_code == other.code else decide(case, moment)
    )
    begin(START)
    wait_for(lambda: who_sees(host) == BOTH)
    assert host.rooms_in(OTHER_GUILD) == []
