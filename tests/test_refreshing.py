"""What keeps public lists up to date: at once when asked, again where something is left, and never all the time."""

import logging
import threading
from time import monotonic

import pytest

import refreshing
from refreshing import Refresher

pytestmark = pytest.mark.one_database
PATIENCE = 10  # seconds


def test_it_runs_at_once_when_asked_and_again_while_something_is_left(caplog: pytest.LogCaptureFixture) -> None:
    ran = threading.Semaphore(0)
    left: list[bool | Exception] = [True, False, RuntimeError("the database is away"), False]

    def work() -> bool:
        ran.release()
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    caplog.set_level(logging.CRITICAL, logger="greenroom.refreshing")
    refresher = Refresher(work, least_pause=0)
    refresher.keep()
    refresher.keep()  # one thread
    assert ran.acquire(timeout=PATIENCE)
    assert ran.acquire(timeout=PATIENCE)  # what was left over
    assert not ran.acquire(timeout=0.02)
    refresher.ask()  # it breaks, and lives on
    assert ran.acquire(timeout=PATIENCE)
    refresher.ask()
    assert ran.acquire(timeout=PATIENCE)
    refresher.end()
    refresher.ask()
    refresher.keep()
    assert not ran.acquire(timeout=0.02)
    assert left == []


def test_a_long_run_is_followed_by_a_longer_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "REST", 3)
    times: list[float] = []
    done = threading.Event()

    def work() -> bool:
        times.append(monotonic())
        if len(times) == 2:
            done.set()
            return False
        threading.Event().wait(0.05)
        return True

    refresher = Refresher(work, least_pause=0)
    refresher.keep()
    assert done.wait(PATIENCE)
    refresher.end()
    assert times[1] - times[0] >= 4 * 0.05
