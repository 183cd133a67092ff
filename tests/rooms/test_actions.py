"""The worker over a real database and a Discord in memory: a whole life, and anything that may break in it."""

import re
import threading
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

import pytest

from coaching.accounts.models import DiscordLink, GuildMember
from coaching.booking.models import CoachingSession, Seat
from coaching.call_budget.models import CallHold
from coaching.db import database, is_sqlite
from coaching.guild_parts import Channel, Overwrite
from coaching.guild_rights import Right
from coaching.host import HostError
from coaching.refusals import Refusal
from coaching.rooms.cases import queries as case_queries
from coaching.rooms.models import GuildSweep, Room
from coaching.rooms.planning.case import StepKind
from coaching.rooms.planning.plan import next_step
from coaching.rooms.planning.steps import Moment
from coaching.rooms.reconciler.pool import Threads
from coaching.rooms.recording.events import Trouble
from coaching.rooms.recording.mutations import claim_step
from coaching.rooms.recording.results import Stamp
from coaching.rooms.views import queries
from tests import factories
from tests.clocks import at
from tests.fakes import BOT_ID, BOT_ROLE_ID, GUILD_ID, Killed, ordinary_guild
from tests.rooms.conftest import COACH, MACHINE, START, STUDENT, room_of, who_sees
from tests.rooms.kept_tables import KeptTables
from tests.rooms.reconciling import reconcile
from tests.threads import all_at_once

END = START + timedelta(hours=1)
BOTH = {COACH, STUDENT}
CHANGES = {"create_channel", "set_overwrites", "delete_channel", "post_message"}


def minutes(count):
    return timedelta(minutes=count)


def ours(host):
    """The category for rooms, which stays."""
    return {category.channel_id for category in host.categories_in() if category.name.startswith("Coaching rooms ")}


def what_happened(coaching_session):
    return [event.kind for event in queries.room_log(room_of(coaching_session).id)]


def unsettled_sessions(now):
    return [case for case in case_queries.unsettled_cases(now) if case.kind == "session"]


def changes(host):
    return [name for name in host.names() if name in CHANGES]


def test_a_room_comes_and_goes_with_its_session(worker, host, coaching_session):
    seen = []
    for now in (START - minutes(31), START - minutes(30), START - minutes(15), END + minutes(15), END + minutes(60)):
        worker.by_hand(now - timedelta(seconds=1))
        seen.append(who_sees(host))
        worker.sleep(60)
        worker.by_hand(now)
        seen.append(who_sees(host))
    assert seen == [[], [], [], [set()], [set()], [BOTH], [BOTH], [set()], [set()], []]
    assert changes(host) == ["create_channel", "set_overwrites", "post_message", "set_overwrites", "delete_channel"]
    assert what_happened(coaching_session) == ["made_hidden", "opened", "greeted", "closed", "removed"]
    assert unsettled_sessions(END + minutes(61)) == []


def test_a_look_goes_through_no_table_of_what_is_past(worker, host, coaching_session, caplog):
    if not is_sqlite():
        pytest.skip("PostgreSQL goes through a table while it is small")
    with caplog.at_level("DEBUG", logger="peewee"):
        worker.tick(START - timedelta(days=1))
    asked = [record.msg for record in caplog.records if record.msg[0].startswith("SELECT")]
    scanned = {table for sql, values in asked for table in scanned_tables(sql, values)}
    assert scanned <= {"store", "guild", "call_hold", "guild_sweep", "product", "installation"}, scanned


def scanned_tables(sql, values):
    """The tables that SQLite goes through from end to end for this query."""
    called = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(t\d+)"', sql)}
    plan = [row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    return {called[step.split()[1]] for step in plan if step.startswith("SCAN t")}


def test_the_channels_name_shows_the_rooms_code_and_not_the_sessions(worker, host, coaching_session):
    worker.tick(START)
    room = room_of(coaching_session)
    assert [channel.name for channel in host.rooms_in()] == [f"Mixing call · Bob · {room.code}"]
    assert room.code not in coaching_session.code


def test_every_change_says_why_in_the_audit_log(worker, host, coaching_session):
    worker.tick(START)
    made = next(call for call in host.calls if call[0] == "create_channel")
    assert made[:3] == ("create_channel", GUILD_ID, f"Mixing call · Bob · {room_of(coaching_session).code}")
    assert made[3] == f"Greenroom, session {coaching_session.code}: it is time to open"


def test_the_room_is_greeted_with_whose_session_it_is(worker, host, coaching_session):
    Seat.update(goals="Fix *this* <@123> @everyone [link](http://evil.example)").execute()
    worker.tick(START)
    [(_, _, text)] = host.messages
    assert text.splitlines() == [
        "**Mixing call**: Bob and Alice",
        f"<t:{int(START.timestamp())}:F> to <t:{int(END.timestamp())}:t>",
        r"Goals: Fix \*this\* \<\@123\> \@everyone \[link\]\(http\://evil.example\)",
    ]


@pytest.mark.parametrize("state", ["held", "requested", "expired", "declined", "cancelled"])
def test_a_session_that_is_not_on_gets_no_room(worker, host, coaching_session, state):
    CoachingSession.update(state=state).execute()
    worker.by_hand(START)
    assert host.calls == []


def test_a_phone_session_gets_no_room(worker, host, coaching_session):
    CoachingSession.update(session_type="phone").execute()
    worker.by_hand(START)
    assert host.calls == []


def test_a_store_that_lost_its_guild_gets_no_new_room_but_loses_the_old_one(worker, host, coaching_session):
    worker.by_hand(START)
    coaching_session.product.store.guild_verified_at = None
    coaching_session.product.store.save()
    later = factories.make_coaching_session(coaching_session.product, starts_at=END + minutes(60))
    worker.sleep(60)
    worker.by_hand(END + minutes(60))
    assert host.rooms_in() == []
    assert queries.find_room(later) is None


def test_a_late_booking_is_open_after_one_tick(worker, host, coaching_session):
    worker.tick(START - minutes(5))
    assert who_sees(host) == [BOTH]
    assert changes(host) == ["create_channel", "post_message"]


def test_after_an_outage_of_any_length_one_tick_is_enough(worker, host, coaching_session):
    worker.tick(START - minutes(30))
    worker.sleep(3600 * 24 * 7)
    worker.tick(END + timedelta(days=7))
    assert host.rooms_in() == []
    assert room_of(coaching_session).state == "removed"


def test_a_second_tick_changes_nothing(worker, host, coaching_session):
    worker.tick(START)
    before = changes(host)
    worker.tick(START)
    worker.by_hand(START)
    assert changes(host) == before


def test_an_opening_right_after_the_making_waits_ten_seconds(worker, host, coaching_session):
    worker.by_hand(START - minutes(30))
    report = worker.tick(START - minutes(15))
    assert who_sees(host) == [set()]
    assert report.next_at == MACHINE + timedelta(seconds=10)
    worker.by_hand(START - minutes(15))
    assert worker.slept == 10
    assert who_sees(host) == [BOTH]


def test_cancelling_removes_the_room_at_the_next_tick(worker, host, coaching_session):
    worker.tick(START)
    CoachingSession.update(state="cancelled").execute()
    Seat.update(is_live=False).execute()
    worker.tick(START)
    assert host.rooms_in() == []
    assert what_happened(coaching_session)[-1] == "removed"
    assert unsettled_sessions(START) == []


def test_a_session_cancelled_before_its_room_was_made_leaves_nothing(worker, host, coaching_session):
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel")
    worker.tick(START)
    CoachingSession.update(state="cancelled").execute()
    worker.tick(START)
    assert room_of(coaching_session).state == "removed"


def test_a_moved_session_gives_up_its_room_and_gets_one_at_the_new_time(worker, host, coaching_session):
    worker.tick(START)
    moved = timedelta(days=1)
    span = {"starts_at": START + moved, "ends_at": END + moved}
    CoachingSession.update(**span, busy_from=START + moved, busy_until=END + moved).execute()
    worker.tick(START)
    assert host.rooms_in() == []
    worker.sleep(60)
    worker.tick(START + moved)
    assert who_sees(host) == [BOTH]
    assert len(host.messages) == 2


def test_a_channel_deleted_by_hand_is_made_again(worker, host, coaching_session):
    worker.tick(START)
    host.channels.clear()
    worker.sleep(60)
    worker.tick(START + minutes(1))
    assert who_sees(host) == [BOTH]
    assert "deleted_by_others" in what_happened(coaching_session)


def test_a_channel_deleted_by_hand_before_a_change_is_made_again_at_once(worker, host, coaching_session):
    worker.tick(START - minutes(30))
    host.channels.clear()
    worker.sleep(10)
    worker.tick(START)
    assert who_sees(host) == [BOTH]


def test_a_channel_missing_from_a_list_is_not_taken_for_deleted(worker, host, coaching_session):
    worker.tick(START)
    host.hidden.update(host.channels)
    worker.sleep(60)
    worker.tick(START + minutes(1))
    assert len(host.rooms_in()) == 1


def test_overwrites_changed_by_hand_are_put_back(worker, host, coaching_session):
    worker.tick(START)
    [channel] = host.rooms_in()
    let_in = channel.overwrites | {Overwrite("2999", True, allow=1024)}
    host.channels[channel.channel_id] = (GUILD_ID, replace(channel, overwrites=let_in))
    worker.sleep(60)
    worker.tick(START + minutes(1))
    assert who_sees(host) == [BOTH]
    assert what_happened(coaching_session)[-2:] == ["changed_by_others", "access_corrected"]


def test_each_room_is_looked_at_once_a_minute_however_often_we_are_woken(worker, host, coaching_session):
    worker.tick(START)
    for _ in range(10):
        worker.tick(START)
    assert host.names().count("find_channel") == 0
    worker.sleep(60)
    for _ in range(10):
        worker.tick(START)
    assert (host.names().count("find_channel"), host.names().count("find_member")) == (1, 4)


def test_somebody_who_left_is_let_in_again_on_return(worker, host, coaching_session):
    worker.tick(START)
    host.gone.add((GUILD_ID, STUDENT))
    worker.sleep(60)
    worker.tick(START + minutes(1))
    assert who_sees(host) == [{COACH}]
    host.gone.clear()
    worker.sleep(60)
    worker.tick(START + minutes(2))
    assert who_sees(host) == [BOTH]
    assert host.names().count("set_overwrites") == 2
    assert GuildMember.select().where(GuildMember.state == "left").count() == 0


def test_somebody_who_came_between_two_looks_after_the_opening_is_let_in(worker, host, coaching_session):
    worker.tick(START - minutes(30))
    worker.sleep(60)
    worker.tick(START - minutes(16))
    host.gone.add((GUILD_ID, STUDENT))
    worker.sleep(40)
    worker.tick(START - minutes(15))
    worker.sleep(5)
    host.gone.clear()
    host.joined[(GUILD_ID, STUDENT)] = MACHINE + timedelta(seconds=worker.slept)
    assert who_sees(host) == [{COACH}]
    worker.minutes(START - minutes(14), START - minutes(13))
    assert who_sees(host) == [BOTH]
    assert what_happened(coaching_session)[-2:] == ["joined_late", "access_corrected"]
    before = changes(host)
    worker.minutes(START - minutes(12), START - minutes(8))
    assert changes(host) == before


def test_a_relinked_student_takes_the_place_of_the_old_account(worker, host, coaching_session, bob):
    worker.tick(START)
    DiscordLink.delete().where(DiscordLink.person == bob).execute()
    factories.link_discord(bob, "2999")
    worker.sleep(60)
    worker.tick(START + minutes(1))
    assert who_sees(host) == [{COACH, "2999"}]


def test_an_unlinked_student_loses_the_room(worker, host, coaching_session, bob):
    worker.tick(START)
    DiscordLink.delete().where(DiscordLink.person == bob).execute()
    worker.sleep(10)
    worker.tick(START)
    assert who_sees(host) == [{COACH}]


def test_changed_timing_holds_at_the_next_tick(worker, host, coaching_session):
    worker.tick(START - minutes(20))
    product = coaching_session.product
    product.make_minutes = product.open_minutes = 120
    product.save()
    worker.sleep(10)
    worker.tick(START - minutes(20))
    assert who_sees(host) == [BOTH]


def test_a_room_is_made_where_its_store_is_now(worker, host, coaching_session):
    host.fail(Refusal.MISSING_ACCESS, name="create_channel")
    worker.tick(START - minutes(30))
    store = coaching_session.product.store
    store.guild = factories.make_guild("1100000000000000777")
    store.save()
    worker.sleep(120)
    worker.tick(START)
    [channel] = host.rooms_in("1100000000000000777")
    assert not host.can_see(channel.channel_id, "2999")


def test_a_room_that_exists_stays_in_its_guild_when_the_store_moves(worker, host, coaching_session):
    worker.tick(START)
    store = coaching_session.product.store
    store.guild = factories.make_guild("1100000000000000777")
    store.save()
    worker.sleep(60)
    worker.tick(START + minutes(1))
    assert who_sees(host) == [BOTH]
    worker.tick(END + minutes(60))
    assert host.channels == {}


@pytest.mark.parametrize(
    ("reached", "seen"),
    [(START - minutes(30), [set()]), (START, [BOTH]), (END + minutes(15), [set()]), (END + minutes(60), [])],
)
@pytest.mark.parametrize("back_to", [START - timedelta(days=3), START - minutes(20), START])
def test_a_clock_that_was_put_back_undoes_nothing(worker, host, coaching_session, reached, seen, back_to):
    for now in (START, reached) if reached > START else (reached,):
        worker.by_hand(now)
        worker.sleep(60)
    if back_to < reached:
        worker.by_hand(back_to)
    assert who_sees(host) == seen
    worker.sleep(60)
    worker.by_hand(END + minutes(60))
    assert who_sees(host) == []


# What breaks.


THRESHOLDS = (START - minutes(30), START - minutes(15), END + minutes(15), END + minutes(60))


def lifecycle(worker, host, after=()):
    """A whole session, with what each reader sees eight minutes after every threshold."""
    seen = list(after)
    for threshold in THRESHOLDS[len(seen) :]:
        seen.append(pass_threshold(worker, host, threshold))
    return seen


def pass_threshold(worker, host, threshold):
    for late in (-1, 0, 1, 2, 4, 8):
        worker.tick_until_killed(threshold + minutes(late))
        worker.sleep(120)
    return who_sees(host)


class Beginning:
    """The first so many thresholds of an uneventful life, to go on from."""

    def __init__(self, worker, host, seen):
        self.tables, self.seen, self.slept = KeptTables(), list(seen), worker.slept
        self.discord = deepcopy(vars(host))

    def comes_before(self, fault):
        """True while the fault, which is counted nowhere for being asked, has not struck."""
        calls = enumerate(self.discord["calls"], start=1)
        return not any(replace(fault).hits(number, call[0], GUILD_ID) for number, call in calls)

    def put_back(self, worker, host, fault):
        self.tables.put_back()
        worker.slept = self.slept
        vars(host).update(deepcopy(self.discord), faults=[fault])


@pytest.fixture(scope="module")
def beginnings():
    """How an uneventful life goes, threshold by threshold, once a test has lived it."""
    return []


@pytest.fixture
def lifecycle_with_fault(worker, host, coaching_session, beginnings):
    """The same as `life`; whatever comes before the one fault that is ordered, other tests have lived already."""

    def live():
        if not is_sqlite():
            return lifecycle(worker, host)
        [fault] = host.faults
        if not beginnings:
            host.faults.clear()
            beginnings.append(Beginning(worker, host, []))
            for threshold in THRESHOLDS[:-1]:
                seen = [*beginnings[-1].seen, pass_threshold(worker, host, threshold)]
                beginnings.append(Beginning(worker, host, seen))
        latest = [beginning for beginning in beginnings if beginning.comes_before(fault)][-1]
        latest.put_back(worker, host, fault)
        return lifecycle(worker, host, latest.seen)

    return live


RIGHT = [[set()], [BOTH], [set()], []]
UNEVENTFUL = ["create_channel", "list_channels", "set_overwrites", "post_message", "delete_channel"]


def faults():
    refused = HostError("no connection", Refusal.REFUSED_CONNECTION)
    silent = HostError("no answer", Refusal.NO_ANSWER)
    broken = HostError("500", Refusal.SERVER_ERROR, status=500)
    short = HostError("wait", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(seconds=2))
    long = HostError("wait", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(minutes=3))
    block = HostError("<html>", Refusal.BLOCKED, status=429, retry_after=timedelta(minutes=2), is_global=True)
    forbidden = HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013)
    unauthorized = HostError("401", Refusal.UNAUTHORIZED, status=401)
    bug = ValueError("a bug of ours")
    before = [refused, silent, broken, short, long, block, forbidden, unauthorized, bug, Killed()]
    yield from ((fault, False) for fault in before)
    yield from ((fault, True) for fault in (silent, broken, Killed()))


def named(fault):
    error, after_effect = fault
    kind = error.kind if isinstance(error, HostError) else type(error).__name__
    wait = getattr(error, "retry_after", None)
    return f"{kind}{wait.seconds if wait else ''}{'-after' if after_effect else ''}"


@pytest.mark.one_database
@pytest.mark.parametrize("fault", list(faults()), ids=named)
@pytest.mark.parametrize("name", UNEVENTFUL)
def test_whatever_breaks_at_whatever_call_the_end_is_the_same(
    host, coaching_session, lifecycle_with_fault, name, fault
):
    error, after_effect = fault
    ordered = host.fail(error, name=name, after_effect=after_effect)
    seen = lifecycle_with_fault()
    assert ordered.times == 0
    assert seen == RIGHT
    assert room_of(coaching_session).state == "removed"
    assert len(host.messages) == 1


@pytest.mark.parametrize("name", ["find_channel", "find_member"])
@pytest.mark.parametrize("error", [HostError("403", Refusal.MISSING_ACCESS), ValueError("a bug of ours"), Killed()])
def test_a_look_that_breaks_changes_nothing(host, lifecycle_with_fault, name, error):
    ordered = host.fail(error, name=name)
    assert lifecycle_with_fault() == RIGHT
    assert ordered.times == 0


@pytest.mark.one_database
@pytest.mark.parametrize("times", [2, 5])
@pytest.mark.parametrize("name", UNEVENTFUL)
@pytest.mark.parametrize("kind", [Refusal.NO_ANSWER, Refusal.REFUSED_CONNECTION])
def test_a_fault_that_comes_back_some_times_changes_nothing_either(host, lifecycle_with_fault, name, kind, times):
    host.fail(kind, name=name, times=times, after_effect=kind == Refusal.NO_ANSWER)
    assert lifecycle_with_fault() == RIGHT


@pytest.mark.one_database
@pytest.mark.parametrize("at", range(1, 12))
@pytest.mark.parametrize("after_effect", [False, True])
def test_dying_at_the_nth_call_leaves_one_room(host, lifecycle_with_fault, at, after_effect):
    host.fail(Killed(), at=at, after_effect=after_effect)
    assert lifecycle_with_fault() == RIGHT


def test_an_answer_that_was_lost_leads_to_adoption_within_the_same_run(worker, host, coaching_session):
    host.fail(Refusal.NO_ANSWER, name="create_channel", after_effect=True)
    worker.tick(START)
    assert who_sees(host) == [BOTH]
    assert host.names()[:3] == ["create_category", "create_channel", "list_channels"]
    assert what_happened(coaching_session)[:2] == ["step_failed", "found"]
    assert queries.room_log(room_of(coaching_session).id)[0].event.fields == Trouble(StepKind.MAKE, Refusal.NO_ANSWER)


def test_a_creation_that_takes_effect_late_leaves_one_room(worker, host, coaching_session):
    host.fail(Refusal.NO_ANSWER, name="create_channel")
    worker.tick(START)
    name = f"coaching-{room_of(coaching_session).code}"
    host.create_channel(GUILD_ID, name, [], "it was still under way")
    host.calls.clear()
    worker.minutes(START + minutes(1), START + minutes(4))
    assert "create_channel" not in host.names()
    assert who_sees(host) == [BOTH]


def test_a_creation_that_takes_effect_after_we_gave_up_is_swept(worker, host, coaching_session):
    host.fail(Refusal.NO_ANSWER, name="create_channel")
    worker.minutes(START, START + minutes(1))
    room = room_of(coaching_session)
    assert room.discord_channel_id
    orphan = host.create_channel(GUILD_ID, f"coaching-{room.code}", [], "it was still under way")
    worker.minutes(START + minutes(2), START + minutes(12))
    assert orphan.channel_id not in host.channels
    assert who_sees(host) == [BOTH]
    assert "orphan_removed" in what_happened(coaching_session)


def test_nothing_is_removed_that_we_never_make_whatever_its_name_says(worker, host, coaching_session):
    worker.tick(START)
    room = room_of(coaching_session)
    named_alike = [
        Channel("8001", f"coaching-{room.code}", kind=4),  # a category
        Channel("8002", f"coaching-{room.code}", kind=0),  # a text channel
        Channel("8003", "coaching-abcdefgh"),  # a code of nobody's
        Channel("8004", f"coaching-{room.code}-notes"),
        Channel("8005", f"our-coaching-{room.code}"),
    ]
    host.channels |= {channel.channel_id: (GUILD_ID, channel) for channel in named_alike}
    elsewhere = Channel("8006", f"coaching-{room.code}")
    host.channels["8006"] = ("1100000000000000002", elsewhere)
    CoachingSession.update(state="cancelled").execute()
    worker.minutes(START + minutes(1), START + minutes(15))
    assert set(host.channels) - ours(host) == {"8001", "8002", "8003", "8004", "8005", "8006"}


def test_a_channel_deleted_with_a_404_that_was_wrong_is_swept(worker, host, coaching_session):
    worker.tick(START)
    CoachingSession.update(state="cancelled").execute()
    kept = dict(host.channels)
    worker.tick(START)
    host.channels.update(kept)
    worker.minutes(START + minutes(1), START + minutes(12))
    assert host.rooms_in() == []


@pytest.mark.parametrize("name", ["set_overwrites", "post_message"])
def test_a_refusal_that_calls_the_room_unknown_is_no_proof(worker, host, coaching_session, name):
    host.fail(HostError("Unknown Channel", Refusal.UNKNOWN_CHANNEL, status=404, code=10003), name=name)
    seen = lifecycle(worker, host)
    assert seen == RIGHT
    assert host.names().count("create_channel") == 1


def test_a_room_wrongly_taken_for_deleted_ends_as_one_room(worker, host, coaching_session):
    worker.tick(START)
    kept = dict(host.channels)
    host.channels.clear()
    worker.sleep(60)
    worker.tick(START + minutes(1))
    host.channels.update(kept)
    worker.minutes(START + minutes(2), START + minutes(4))
    assert who_sees(host) == [BOTH]


def test_what_only_looks_like_a_room_is_never_touched(worker, host, coaching_session):
    host.channels["1"] = (GUILD_ID, Channel("1", "coaching-general"))
    host.channels["2"] = (GUILD_ID, Channel("2", "coaching-7f3k2p"))
    lifecycle(worker, host)
    assert set(host.channels) - ours(host) == {"1", "2"}


def test_a_claim_lost_during_a_long_call_writes_nothing_and_is_swept(worker, host, coaching_session):
    real = host.create_channel

    def slow(*details):
        made = real(*details)
        Room.update(version=Room.version + 1).execute()
        return made

    host.create_channel = slow
    worker.tick(START)
    host.create_channel = real
    assert room_of(coaching_session).discord_channel_id is None
    worker.minutes(START + minutes(1), START + minutes(12))
    assert who_sees(host) == [BOTH]


def test_a_dead_workers_claim_is_outwaited_by_hand(worker, host, coaching_session):
    host.fail(Killed(), name="create_channel", after_effect=True)
    with pytest.raises(Killed):
        worker.tick(START)
    worker.by_hand(START)
    assert who_sees(host) == [BOTH]
    assert worker.slept == 30


def a_store_in(discord_guild_id):
    owner = factories.make_person("Carol", linked_as=f"2{discord_guild_id[-3:]}")
    return factories.make_store(owner, guild=factories.make_guild(discord_guild_id))


def another_session(store, starts_at=START):
    """One more session in the store at the same time, with a coach of its own."""
    coach = factories.make_person("Coach")
    return factories.make_coaching_session(factories.make_product(store), starts_at=starts_at, coach=coach)


def test_one_broken_guild_costs_the_others_nothing(worker, host, coaching_session):
    broken = a_store_in("1100000000000000777")
    others = [another_session(broken) for _ in range(3)]
    host.fail(
        HostError("403", Refusal.MISSING_ACCESS, status=403, code=50001),
        guild_id="1100000000000000777",
        times=99,
    )
    report = worker.tick(START)
    assert who_sees(host) == [BOTH]
    assert report.failed == 4, "three rooms and the category for them"
    trouble = queries.find_room(others[0]).trouble
    assert trouble.startswith("The bot cannot see your server")
    assert [why for _, why in queries.rooms_in_trouble(others[0].coach)] == [trouble]


def test_a_401_stops_its_guild_after_one_call(worker, host, coaching_session):
    for _ in range(3):
        another_session(coaching_session.product.store)
    host.fail(HostError("401", Refusal.UNAUTHORIZED, status=401), times=99)
    worker.tick(START)
    worker.tick(START)
    assert len(host.calls) == 1
    assert CallHold.get().reason == "unauthorized"


def test_a_bot_that_does_not_know_itself_makes_no_room_without_itself(worker, host, coaching_session):
    worker.tick(START - minutes(30))
    known, host.bot_id = host.bot_id, lambda: (_ for _ in ()).throw(HostError("401", Refusal.UNAUTHORIZED, status=401))
    worker.sleep(60)
    worker.tick(START)
    assert queries.find_room(coaching_session).trouble.startswith("Discord does not accept this site's bot")
    assert changes(host) == ["create_channel"]
    host.bot_id = known
    worker.sleep(120)
    worker.tick(START)
    assert who_sees(host) == [BOTH]


@pytest.mark.parametrize(
    "error",
    [
        HostError("401", Refusal.UNAUTHORIZED, status=401),
        HostError("429", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(minutes=1)),
    ],
    ids=["401", "429"],
)
def test_a_bot_that_is_not_told_who_it_is_asks_once_a_minute_for_all_guilds(worker, host, coaching_session, error):
    another_session(a_store_in("1100000000000000777"))
    asked = []

    def refuse():
        asked.append(worker.slept)
        raise error

    host.bot_id = refuse
    for _ in range(5):
        worker.tick(START)
        worker.sleep(10)
    assert asked == [0.0]
    worker.sleep(10)
    worker.tick(START + minutes(1))
    assert (asked, host.calls) == ([0.0, 60.0], [])


def test_a_short_429_is_waited_for_within_the_run(worker, host, coaching_session):
    host.fail(HostError("429", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(seconds=1.5)), at=1)
    worker.tick(START)
    assert who_sees(host) == [BOTH]
    assert worker.slept == 1.5


def test_a_long_429_holds_up_its_guild_and_is_not_asked_again(worker, host, coaching_session):
    host.fail(HostError("429", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(minutes=3)), at=1)
    report = worker.tick(START)
    worker.tick(START)
    assert (len(host.calls), report.next_at) == (1, MACHINE + timedelta(minutes=3))
    worker.sleep(180)
    worker.tick(START + minutes(3))
    assert who_sees(host) == [BOTH]


def test_a_429_to_upkeep_delays_no_closing(worker, host, coaching_session):
    worker.tick(START)
    worker.sleep(60)
    error = HostError("429", Refusal.RATE_LIMITED, status=429, retry_after=timedelta(hours=1))
    host.fail(error, name="find_member", times=99)
    worker.tick(START + minutes(1))
    worker.tick(START + minutes(1))
    assert host.names().count("find_member") == 3
    worker.tick(END + minutes(15))
    assert who_sees(host) == [set()]


def test_a_global_429_holds_up_every_guild(worker, host, coaching_session):
    another_session(a_store_in("1100000000000000777"))
    error = HostError("429", Refusal.RATE_LIMITED, retry_after=timedelta(minutes=1), is_global=True)
    host.fail(error, at=1)
    worker.tick(START)
    assert len(host.calls) == 1


def test_pauses_grow_while_a_guild_refuses(worker, host, coaching_session):
    host.fail(HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013), name="create_channel", times=999)
    worker.minutes(START - minutes(30), END)
    assert 5 <= host.names().count("create_channel") <= 9
    assert queries.room_log(room_of(coaching_session).id)[0].discord_code == 50013


def test_pauses_grow_while_discord_fails_and_it_is_told_all_the_while(worker, host, coaching_session):
    host.fail(Refusal.SERVER_ERROR, name="create_channel", times=999)
    worker.minutes(START - minutes(30), START - minutes(16))
    room = room_of(coaching_session)
    assert (room.failing_step, room.last_error) == ("make", "server_error")
    assert room.attempts == host.names().count("create_channel") <= 10


def test_a_bug_after_discord_has_made_a_room_makes_no_second_one(worker, host, coaching_session):
    host.fail(ValueError("a bug"), name="create_channel", after_effect=True)
    worker.minutes(START, START + minutes(2))
    assert who_sees(host) == [BOTH]
    assert host.names().count("create_channel") == 1
    assert what_happened(coaching_session)[:2] == ["step_failed", "found"]
    assert queries.room_log(room_of(coaching_session).id)[0].event.fields == Trouble(StepKind.MAKE, Refusal.BROKEN)


def test_a_failing_room_is_tried_again_at_its_next_threshold(worker, host, coaching_session):
    host.fail(HostError("403", Refusal.MISSING_PERMISSION), name="create_channel", times=4)
    worker.minutes(START - minutes(30), START - minutes(15))
    assert room_of(coaching_session).state == "open"


def test_no_room_is_made_after_the_end_however_long_it_failed(worker, host, coaching_session):
    host.fail(Refusal.GUILD_FULL, name="create_channel", times=999)
    worker.minutes(START, START + minutes(3))
    host.faults.clear()
    worker.tick(END)
    assert host.rooms_in() == []
    assert room_of(coaching_session).state == "removed"


def test_a_refused_name_is_replaced_by_another(worker, host, coaching_session):
    host.fail(Refusal.NAME_REFUSED, name="create_channel")
    worker.by_hand(START)
    first, second = (call[2] for call in host.calls if call[0] == "create_channel")
    assert first != second
    assert [channel.name for channel in host.rooms_in()] == [second]


def test_a_greeting_that_is_refused_for_ever_delays_nothing(worker, host, coaching_session):
    host.fail(Refusal.OTHER, name="post_message", times=999)
    assert lifecycle(worker, host) == RIGHT


def test_rooms_of_many_guilds_take_turns(worker, host, db):
    stores = [a_store_in(f"1100000000000000{number}") for number in (701, 702, 703)]
    for store in (stores[0], *stores[:1] * 4, *stores[1:]):
        another_session(store)
    worker.tick(START)
    made_in = [call[1] for call in host.calls if call[0] == "create_channel"]
    assert len(made_in) == 7
    assert set(made_in[:3]) == {store.guild.discord_guild_id for store in stores}


def test_workers_at_once_make_one_room(worker, host, coaching_session):
    def work():
        reconcile(host, at(START, MACHINE), monotonic=lambda: 0.0, sleep=worker.sleep)

    all_at_once(*[work] * 4)
    assert who_sees(host) == [BOTH]
    assert changes(host) == ["create_channel", "post_message"]


def test_a_room_claimed_by_somebody_else_is_left_to_them(worker, host, coaching_session):
    worker.tick(START - minutes(120))
    [case] = unsettled_sessions(START)
    step = next_step(case, Moment(at(START, MACHINE), MACHINE, host.bot_id()))
    stamp = Stamp(at(START, MACHINE))
    assert claim_step(case, step, stamp) is not None
    assert claim_step(case, step, stamp) is None
    [again] = unsettled_sessions(START)
    assert claim_step(again, step, stamp) is None
    assert worker.tick(START).done == 0
    assert changes(host) == []


def test_a_long_run_goes_by_the_time_it_has_become(worker, host, coaching_session):
    worker.by_hand(START)
    worker.sleep(60)
    worker.during_the_next_call(25)
    worker.tick(END + minutes(15) - timedelta(seconds=20))
    assert who_sees(host) == [set()]


def test_a_look_that_our_own_budget_puts_off_is_no_trouble(worker, host, coaching_session):
    worker.tick(START)
    worker.sleep(60)
    later = HostError("the budget is used up", Refusal.RATE_LIMITED, retry_after=timedelta(seconds=20))
    host.fail(later, name="find_member", times=9)
    worker.tick(START + minutes(1))
    assert queries.find_room(coaching_session).trouble is None
    assert what_happened(coaching_session) == ["made_open", "greeted"]


def test_the_log_says_with_which_status_discord_answered(worker, host, coaching_session):
    worker.tick(START)
    assert {event.kind: event.status for event in queries.room_log(room_of(coaching_session).id)} == {
        "made_open": 200,
        "greeted": 200,
    }


def test_several_rooms_are_made_at_a_time(worker, host, coaching_session):
    for _ in range(6):
        factories.make_coaching_session(factories.make_product(), starts_at=START)
    threads = set()
    host.before_call = lambda: threads.add(threading.get_ident())
    with Threads(4) as pool:
        report = reconcile(host, at(START, MACHINE), pool=pool, monotonic=lambda: 0.0, sleep=worker.sleep)
    assert (len(host.rooms_in()), report.failed) == (7, 0)
    assert len(threads) > 1


@pytest.mark.parametrize("problem", [Refusal.NO_ANSWER, Killed()])
def test_a_greeting_whose_answer_was_lost_is_not_repeated_later(worker, host, coaching_session, problem):
    host.forgets_nonces = True
    host.fail(problem, name="post_message", after_effect=True)
    worker.minutes(START, START + minutes(8))
    assert len(host.messages) == 1
    assert what_happened(coaching_session)[-1] == "greeted"


def test_a_search_for_orphans_that_broke_is_done_again_soon(worker, host, coaching_session):
    worker.minutes(START, START + minutes(1))
    orphan = host.create_channel(GUILD_ID, f"coaching-{room_of(coaching_session).code}", [], "a lost answer")
    GuildSweep.update(due_at=None).execute()
    host.fail(Refusal.SERVER_ERROR, name="list_channels")
    worker.minutes(START + minutes(2), START + minutes(4))
    assert orphan.channel_id not in host.channels


def test_a_bot_that_breaks_over_its_own_name_ends_no_run(worker, host, coaching_session):
    known, host.bot_id = host.bot_id, lambda: (_ for _ in ()).throw(ValueError("not an id"))
    assert worker.tick(START).failed == 2, "the category, then the room without one"
    assert host.channels == {}
    host.bot_id = known
    worker.sleep(3700)
    worker.tick(START + minutes(1))
    assert who_sees(host) == [BOTH]


def test_a_refusal_for_want_of_a_right_names_it(worker, host, coaching_session):
    guild = ordinary_guild()
    weak = tuple(
        replace(role, permissions=role.permissions & ~Right.MANAGE_CHANNELS) if role.role_id == BOT_ROLE_ID else role
        for role in guild.roles
    )
    host.guilds[GUILD_ID] = replace(guild, roles=weak)
    host.member_roles[GUILD_ID, BOT_ID] = frozenset({BOT_ROLE_ID})
    host.fail(HostError("403", Refusal.MISSING_PERMISSION, status=403, code=50013), name="create_channel", times=9)
    worker.tick(START)
    trouble = queries.find_room(coaching_session).trouble
    assert trouble.startswith("The bot lacks a right on your server: “Manage Channels”. Turn it on")
    host.faults.clear()
    worker.sleep(200)
    worker.tick(START + minutes(4))
    assert queries.find_room(coaching_session).trouble is None
