"""Patience: a lock that somebody holds for long costs others less time than the first who waited for it."""

from collections.abc import Callable

import pytest

from coaching import patience
from coaching.db_waits import PASSING_WAIT_MS, in_passing, longest_wait, wait_at_most
from coaching.patience import Patience


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[[float], None]:
    """Set the clock by which waiting is measured."""
    return lambda seconds: monkeypatch.setattr(patience, "monotonic", lambda: 1000 + seconds)


def test_after_somebody_has_waited_in_vain_others_wait_less_until_one_gets_through(at: Callable[[float], None]) -> None:
    usual, short = 5000, 1000
    shared = Patience()

    def begin() -> int:
        wait_at_most(5000)
        shared.begin()
        with in_passing():
            assert longest_wait() == PASSING_WAIT_MS
        wait = longest_wait()
        shared.end()
        return wait

    at(0)
    assert begin() == usual
    shared.note_lost()
    at(1)
    assert begin() == short
    shared.note_won()
    at(2)
    assert begin() == usual
    shared.note_lost()
    at(2 + Patience.LASTS)
    assert begin() == usual


def test_who_began_to_wait_before_somebody_got_through_says_nothing_new(at: Callable[[float], None]) -> None:
    shared = Patience()
    at(0)
    shared.begin()
    at(1)
    shared.note_won()
    at(2)
    shared.note_lost()
    shared.begin()

    assert longest_wait() == 5000
