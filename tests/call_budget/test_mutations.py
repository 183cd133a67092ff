"""The call budget in the database: right however many threads and processes ask at once."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playhouse.pool import MaxConnectionsExceeded

from coaching.call_budget.limiter import CALLS, INTERVAL
from coaching.call_budget.models import CallBucket, CallLimiter
from coaching.call_budget.mutations import SharedBudget, record_answer, take_permit
from coaching.call_budget.queries import standing
from coaching.call_permits import CallAnswer, CallPermit
from coaching.db import database
from coaching.tallies.queries import counted
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOME = Path(__file__).parent.parent.parent
ROOM, GUILD = "/channels/20", "/guilds/10/channels"
# Another process of ours: it takes permits when told to, and says for when.
TAKER = """
import sys
from datetime import datetime
from coaching.db import database, open_database
from coaching.call_budget.mutations import take_permit
database.initialize(open_database(sys.argv[1]))
with database.connection_context():
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(sys.argv[3])):
        found = take_permit("PATCH", "/channels/20", datetime.fromisoformat(sys.argv[2]))
        print(found.at.isoformat() if found.is_reserved else "no")
"""


def answer_with(remaining: int, status: int = 200) -> CallAnswer:
    return CallAnswer(status, most=20, remaining=remaining, reset_after=timedelta(seconds=5))


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def permit(at: datetime) -> CallPermit:
    """A call that went at that time, before its bucket was known."""
    return CallPermit(at, True)


def assert_in_one_queue(times: list[datetime], number: int) -> None:
    """Each call has a time of its own, at the rate that all of them share."""
    assert len(times) == number
    assert sorted(times) == [NOW + nth * INTERVAL for nth in range(number)]


def test_processes_share_one_queue(db: None, database_url: str) -> None:
    command = [sys.executable, "-c", TAKER, database_url, NOW.isoformat(), "25"]
    takers = [
        subprocess.Popen(command, cwd=HOME, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for taker in takers:
        assert taker.stdout
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        assert taker.stdin
        taker.stdin.write("\n")
        taker.stdin.flush()
    lines = [line for taker in takers for line in taker.communicate(timeout=20)[0].split()]

    assert_in_one_queue([datetime.fromisoformat(line) for line in lines], 75)


def test_threads_share_one_queue(db: None) -> None:
    def take() -> list[datetime]:
        budget = SharedBudget(lambda: NOW)
        return [budget.take("PATCH", f"/channels/{number}").at for number in range(10)]

    assert_in_one_queue([at for times in all_at_once(*[take] * 6) for at in times], 60)


def test_many_callers_do_not_take_more_than_a_bucket_holds(db: None) -> None:
    record_answer("POST", GUILD, permit(NOW), answer_with(10), NOW)
    taken = all_at_once(*[lambda: [take_permit("POST", GUILD, NOW).is_reserved for _ in range(5)]] * 5)

    assert [is_reserved for permits in taken for is_reserved in permits].count(True) == 10
    assert CallBucket.get().remaining == 0


def test_every_refusal_and_every_call_is_counted(db: None) -> None:
    def be_refused() -> None:
        budget = SharedBudget(lambda: NOW)
        for _ in range(10):
            budget.learn("GET", ROOM, permit(NOW), CallAnswer(403))

    all_at_once(*[be_refused] * 4)

    assert standing(NOW).refused == 40
    assert counted(CALLS) == {"GET /channels/{id} 403": 40}


def test_calls_without_an_answer_are_counted_too(db: None) -> None:
    record_answer("POST", GUILD, permit(NOW), CallAnswer(None), NOW)
    assert counted(CALLS) == {"POST /guilds/{id}/channels none": 1}


def test_a_bucket_far_from_its_limit_costs_no_row(db: None) -> None:
    record_answer("PATCH", ROOM, permit(NOW), answer_with(18), NOW)
    assert CallBucket.select().count() == 0


def test_an_empty_bucket_is_waited_for_in_its_guild_only(db: None) -> None:
    record_answer("POST", GUILD, permit(NOW), answer_with(0), NOW)

    assert take_permit("POST", GUILD, NOW).at == after(5)
    assert take_permit("POST", "/guilds/11/channels", NOW).is_reserved
    assert take_permit("GET", GUILD, NOW).is_reserved


def test_a_global_429_is_known_to_all(db: None) -> None:
    record_answer("POST", GUILD, permit(NOW), CallAnswer(429, refused_for=timedelta(seconds=7), is_global=True), NOW)

    new_permit = take_permit("PATCH", ROOM, NOW)

    assert (new_permit.at, new_permit.is_reserved, new_permit.is_for_all) == (after(7), False, True)
    assert standing(NOW).held_for == timedelta(seconds=7)


def test_a_time_that_was_not_reserved_leaves_the_queue_as_it_was(db: None) -> None:
    record_answer("POST", GUILD, permit(NOW), answer_with(0), NOW)
    for _ in range(5):
        take_permit("POST", GUILD, NOW)

    assert standing(NOW).queue == timedelta(0)


def test_a_lasting_limit_outlives_the_process_and_old_ones_are_forgotten(db: None) -> None:
    record_answer("POST", GUILD, permit(NOW), answer_with(0), NOW)
    record_answer("POST", "/guilds/11/roles", permit(NOW), CallAnswer(429, refused_for=timedelta(hours=40)), NOW)
    record_answer("POST", "/guilds/12/channels", permit(after(4000)), answer_with(0), after(4000))

    assert [row.key.split()[2] for row in CallBucket.select().order_by(CallBucket.key)] == ["12", "11"]


def test_before_the_first_call_nothing_waits(db: None) -> None:
    assert standing(NOW).queue == standing(NOW).held_for == timedelta(0)
    assert standing(NOW).refused == 0


def test_an_answer_that_cannot_be_counted_is_not_lost(db: None, caplog: pytest.LogCaptureFixture) -> None:
    database.drop_tables([CallBucket])
    SharedBudget(lambda: NOW).learn("GET", ROOM, permit(NOW), CallAnswer(200))
    assert "was not counted" in caplog.text


def test_an_answer_is_not_lost_to_a_pool_without_connections_either(db: None, caplog: pytest.LogCaptureFixture) -> None:
    def no_connection() -> datetime:
        raise MaxConnectionsExceeded("all are in use")

    SharedBudget(no_connection).learn("GET", ROOM, permit(NOW), CallAnswer(200))
    assert "was not counted" in caplog.text


@pytest.mark.one_database
def test_without_its_table_nobody_may_call(db: None) -> None:
    database.drop_tables([CallLimiter])
    permit = SharedBudget(lambda: NOW).take("GET", ROOM)
    assert (permit.wait, permit.is_reserved) == (timedelta(seconds=1), False)
