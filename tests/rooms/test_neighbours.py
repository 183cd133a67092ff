"""What the trouble of one guild or room costs the others: nothing."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from peewee import OperationalError

from coaching.accounts.discord_mutations import record_membership
from coaching.accounts.models import DiscordLink, GuildMember
from coaching.call_budget.hold_mutations import hold_hanging_guild
from coaching.call_budget.models import CallHold
from coaching.catalog.models import Store
from coaching.db import database
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.models import GuildSweep, Room
from coaching.rooms.planning.case import RoomCase
from coaching.rooms.reconciler.pool import Threads
from tests import factories
from tests.clocks import at
from tests.fakes import GUILD_ID, FakeHost
from tests.rooms.conftest import COACH, MACHINE, START, STUDENT, room_of, who_sees
from tests.rooms.reconciling import IN_A_MINUTE, reconcile
from tests.threads import wait_for

BOTH = {COACH, STUDENT}
OTHER_GUILD = "1100000000000000777"
NO_PATIENCE = timedelta(0)
DAYS = HostError("429", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(days=2))


class HangingHost(FakeHost):
    """One guild answers nothing until it is let go, and then that it did not answer in time."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()
        self.hanging = threading.Semaphore(0)

    def create_channel(self, guild_id, *details):
        if guild_id == OTHER_GUILD:
            self.hanging.release()
            self.let_go.wait(20)
            raise HostError("no answer", Refusal.NO_ANSWER)
        return super().create_channel(guild_id, *details)


def minutes(count):
    return timedelta(minutes=count)


def sessions_in(guild_id, how_many, **store):
    coach = factories.make_person("Cleo")
    in_guild = factories.make_store(coach, guild=factories.make_guild(guild_id), **store)
    return [
        factories.make_coaching_session(
            factories.make_product(in_guild), starts_at=START, coach=factories.make_person("Coach")
        )
        for _ in range(how_many)
    ]


def test_a_guild_that_does_not_answer_takes_half_of_the_threads_at_most(db):
    sessions_in(OTHER_GUILD, 12)
    sessions_in(GUILD_ID, 12)
    host = HangingHost()
    slept: list[float] = []

    def look():
        with database.connection_context(), Threads(4) as pool:
            reconcile(host, at(START, MACHINE), pool=pool, sleep=slept.append)

    with ThreadPoolExecutor(1) as thread:
        looking = thread.submit(look)
        for _ in range(2):
            assert host.hanging.acquire(timeout=20)
        try:
            wait_for(lambda: len(host.rooms_in(GUILD_ID)) == 12)
            assert not host.hanging.acquire(blocking=False)
        finally:
            host.let_go.set()
        looking.result(30)


def test_a_guild_whose_calls_hang_is_left_alone_for_growing_times(worker, host, db):
    sessions_in(OTHER_GUILD, 3)
    host.fail(Refusal.NO_ANSWER, name="create_channel", times=99)
    host.before_call = lambda: worker.sleep(8) if host.calls[-1][0] == "create_channel" else None
    pauses = []
    for _ in range(6):
        worker.tick(START + timedelta(seconds=worker.slept), patience=NO_PATIENCE)
        held = CallHold.get(CallHold.name == OTHER_GUILD)
        pauses.append((held.until - MACHINE).total_seconds() - worker.slept)
        worker.slept = (held.until - MACHINE).total_seconds()
    assert pauses == [2, 4, 8, 16, 30, 30]


def test_a_guild_that_has_hung_for_hours_is_left_alone_no_longer_than_before(db):
    CallHold.create(name=OTHER_GUILD, hung=60, reason=Refusal.NO_ANSWER, until=MACHINE)
    assert hold_hanging_guild(OTHER_GUILD, MACHINE) == MACHINE + timedelta(seconds=30)


def test_an_answer_that_cannot_be_written_down_costs_the_other_rooms_nothing(worker, host, coaching_session):
    [other] = sessions_in(OTHER_GUILD, 1)
    host.answered_with = lambda: "no number" if host.calls[-1][:2] == ("create_channel", OTHER_GUILD) else 200
    worker.tick(START)
    assert who_sees(host) == [BOTH]
    host.answered_with = lambda: 200
    worker.minutes(START + minutes(1), START + minutes(3))
    assert (room_of(other).state, len(host.rooms_in(OTHER_GUILD))) == ("open", 1)


def test_a_database_that_takes_nothing_is_not_asked_over_and_over(worker, host, coaching_session, monkeypatch):
    tries = []

    def refuse(case, *_):
        tries.append(case.session_code)
        raise OperationalError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr("coaching.rooms.recording.mutations.claim_step", refuse)
        report = worker.tick(START)
    assert len(tries) == len(set(tries)) <= 2
    assert (report.done, host.names()) == (0, [])
    assert report.next_at <= MACHINE + timedelta(seconds=10 + worker.slept)
    worker.minutes(START + minutes(1), START + minutes(2))
    assert who_sees(host) == [BOTH]


def test_a_shared_role_that_cannot_be_made_for_days_leaves_other_sessions_their_fallback(
    worker, host, coaching_session
):
    Store.update(access_mode="session_role").execute()
    sessions_in(GUILD_ID, 1, access_mode="shared_role")
    host.fail(DAYS, name="create_role", times=99)
    worker.by_hand(START - minutes(120))
    worker.minutes(START - minutes(1), START)
    assert who_sees(host) == [BOTH]


def test_a_shared_role_that_failed_is_tried_again_within_minutes(worker, host, db):
    sessions_in(GUILD_ID, 1, access_mode="shared_role")
    host.fail(HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013), name="create_role", times=99)
    worker.minutes(START - minutes(180), START - minutes(120))
    shared_role = Room.get(Room.kind == "shared")
    assert shared_role.attempts > 8
    assert shared_role.next_try_at - (MACHINE + timedelta(seconds=worker.slept)) <= minutes(5)


def test_a_room_whose_steps_lead_nowhere_does_not_keep_a_run_busy(worker, host, coaching_session):
    """Discord makes rooms, and says of each one that there is no such channel."""
    host.find_channel = lambda channel_id: None
    host.fail(Refusal.UNKNOWN_CHANNEL, name="post_message", times=999)
    worker.tick(START)
    assert host.names().count("create_channel") < 10


def test_what_becomes_due_during_a_search_for_orphans_is_done_after_it(worker, host, coaching_session):
    worker.tick(START - minutes(20))
    worker.sleep(240)
    GuildSweep.update(due_at=None).execute()
    host.calls.clear()
    slow = host.list_channels

    def list_slowly(guild_id):
        worker.sleep(15)
        return slow(guild_id)

    host.list_channels = list_slowly
    worker.tick(START - minutes(15) - timedelta(seconds=10))
    assert who_sees(host) == [BOTH]


def test_a_run_searches_no_guild_after_its_time(worker, host, db):
    guilds = [f"11000000000000008{number:02}" for number in range(12)]
    for guild_id in guilds:
        sessions_in(guild_id, 1)
    worker.by_hand(START)
    GuildSweep.update(due_at=None).execute()
    slow = host.list_channels

    def list_slowly(guild_id):
        worker.sleep(15)
        return slow(guild_id)

    host.list_channels = list_slowly
    began = worker.slept
    worker.tick(START + minutes(1))
    assert worker.slept - began <= IN_A_MINUTE.total_seconds() + 15


def test_searches_for_orphans_in_many_guilds_read_the_rooms_no_more_often(worker, host, db, monkeypatch):
    guilds = [f"11000000000000008{number:02}" for number in range(12)]
    for guild_id in guilds:
        sessions_in(guild_id, 1)
    worker.by_hand(START)
    GuildSweep.update(due_at=None).execute()
    host.calls.clear()
    readings, read = [], case_queries.unsettled_cases

    def noted(now: datetime) -> list[RoomCase]:
        readings.append(now)
        return read(now)

    monkeypatch.setattr(case_queries, "unsettled_cases", noted)
    worker.tick(START + timedelta(seconds=10))
    assert {call[1] for call in host.calls if call[0] == "list_channels"} == set(guilds)
    assert len(readings) <= 3


def test_two_rooms_of_one_coach_may_ask_about_them_for_the_first_time_at_once(db, alice):
    link = DiscordLink.get(DiscordLink.person == alice)
    GuildMember.delete().execute()
    start_together = threading.Barrier(4)

    def record():
        with database.connection_context():
            start_together.wait(5)
            record_membership(link, GUILD_ID, "joined", MACHINE)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(record) for _ in range(4)]:
            done.result(20)
    assert [member.state for member in GuildMember.select()] == ["joined"]
