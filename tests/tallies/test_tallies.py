"""Tallies count what happens, whoever counts at the same time."""

from coaching.db import database
from coaching.tallies.mutations import count
from coaching.tallies.queries import counted
from tests.threads import all_at_once


def test_what_was_never_counted_is_empty(db: None) -> None:
    assert counted("steps") == {}


def test_each_label_of_each_name_is_counted_apart(db: None) -> None:
    count("steps", "make done")
    count("steps", "make done")
    count("steps", "make failed")
    count("calls", "make done")

    assert counted("steps") == {"make done": 2, "make failed": 1}
    assert counted("calls") == {"make done": 1}


def test_a_tally_takes_more_than_one_at_a_time(db: None) -> None:
    count("late_sum", "open", by=3_000_000_000)
    count("late_sum", "open", by=40)

    assert counted("late_sum") == {"open": 3_000_000_040}


def test_what_is_rolled_back_was_not_counted(db: None) -> None:
    with database.atomic() as transaction:
        count("steps", "make done")
        transaction.rollback()

    assert counted("steps") == {}


def test_nobody_is_forgotten_when_many_count_at_once(db: None) -> None:
    def count_often() -> None:
        for _ in range(30):
            count("steps", "make done")

    all_at_once(*[count_often] * 6)

    assert counted("steps") == {"make done": 180}
