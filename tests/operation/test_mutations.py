"""The clockwork's own rows: the demo's clock, the heartbeat, the claimed minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.operation import queries
from coaching.operation.models import Run
from coaching.operation.mutations import (
    MOST_FORGOTTEN,
    claim_run,
    forget_old_runs,
    record_heartbeat,
    record_run,
    set_clock_offset,
)

NOON = datetime(2027, 3, 9, 12, 0, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db")


def test_the_clock_stands_with_the_machine_until_it_is_moved() -> None:
    assert queries.clock_offset() == timedelta()

    set_clock_offset(timedelta(days=3))
    set_clock_offset(timedelta(hours=-2))
    assert queries.clock_offset() == timedelta(hours=-2)

    set_clock_offset(timedelta())
    assert queries.clock_offset() == timedelta()


def test_a_jump_reaches_its_instant() -> None:
    set_clock_offset(timedelta(seconds=59, microseconds=1))

    assert queries.clock_offset() == timedelta(seconds=60)


def test_a_minute_is_claimed_once() -> None:
    assert claim_run(NOON) is not None
    assert claim_run(NOON + timedelta(seconds=20)) is None
    assert claim_run(NOON + timedelta(seconds=30)) is not None


def test_a_run_keeps_what_came_of_it() -> None:
    run = claim_run(NOON)
    assert run is not None

    record_run(run, due=3, done=2, failed=1, took=timedelta(milliseconds=250))

    kept = queries.recent_runs(1)[0]
    assert (kept.due, kept.done, kept.failed, kept.took_ms) == (3, 2, 1, 250)


def test_old_runs_go_and_never_many_at_once() -> None:
    long_ago = NOON - timedelta(days=15)
    old = [{"minute": long_ago + n * timedelta(minutes=1), "started_at": long_ago} for n in range(MOST_FORGOTTEN + 1)]
    Run.insert_many(old).execute()
    claim_run(NOON - timedelta(days=13))
    claim_run(NOON)

    forget_old_runs(NOON)
    assert Run.select().count() == 3

    forget_old_runs(NOON)
    assert Run.select().count() == 2


def test_the_worker_is_silent_until_it_is_heard_and_after_three_minutes() -> None:
    assert queries.worker_is_silent(NOON)

    record_heartbeat("worker", NOON)
    record_heartbeat("worker", NOON + timedelta(minutes=1))

    assert queries.last_heartbeat("worker") == NOON + timedelta(minutes=1)
    assert not queries.worker_is_silent(NOON + timedelta(minutes=4))
    assert queries.worker_is_silent(NOON + timedelta(minutes=4, seconds=1))
