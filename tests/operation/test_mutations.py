"""The worker's own rows: the demo's clock, the heartbeat, the claimed minutes."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.runtime.models import Run
from coaching.runtime.mutations import MOST_FORGOTTEN, add_to_run, forget_old_runs, record_heartbeat, set_clock_offset
from coaching.runtime.queries import clock_offset, last_heartbeat, recent_runs, worker_state

NOON = datetime(2027, 3, 9, 12, 0, 30, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db")


def test_the_clock_stands_with_the_machine_until_it_is_moved() -> None:
    assert clock_offset() == timedelta()

    set_clock_offset(timedelta(days=3))
    set_clock_offset(timedelta(hours=-2))
    assert clock_offset() == timedelta(hours=-2)

    set_clock_offset(timedelta())
    assert clock_offset() == timedelta()


def test_a_jump_reaches_its_instant() -> None:
    set_clock_offset(timedelta(seconds=59, microseconds=1))

    assert clock_offset() == timedelta(seconds=60)


def test_a_run_keeps_what_came_of_it() -> None:
    add_to_run(NOON, due=3, done=2, failed=1, took=timedelta(milliseconds=250))

    kept = recent_runs(1)[0]
    assert (kept.due, kept.done, kept.failed, kept.took_ms) == (3, 2, 1, 250)


def test_old_runs_go_and_never_many_at_once() -> None:
    long_ago = NOON - timedelta(days=15)
    old = [{"minute": long_ago + n * timedelta(minutes=1), "started_at": long_ago} for n in range(MOST_FORGOTTEN + 1)]
    Run.insert_many(old).execute()
    for at in (NOON - timedelta(days=13), NOON):
        add_to_run(at, due=0, done=0, failed=0, took=timedelta())

    forget_old_runs(NOON)
    assert Run.select().count() == 3

    forget_old_runs(NOON)
    assert Run.select().count() == 2


def test_the_worker_is_silent_until_it_is_heard_and_after_three_minutes() -> None:
    assert worker_state(NOON).is_silent

    record_heartbeat("worker", NOON)
    record_heartbeat("worker", NOON + timedelta(minutes=1))

    assert last_heartbeat("worker") == NOON + timedelta(minutes=1)
    assert not worker_state(NOON + timedelta(minutes=4)).is_silent
    assert worker_state(NOON + timedelta(minutes=4, seconds=1)).is_silent
