"""What runs at once in a test ends, and says how."""

import threading

import pytest

from tests.threads import all_at_once

pytestmark = pytest.mark.one_database


def test_each_result_comes_back_in_its_place(db: None) -> None:
    assert all_at_once(lambda: "a", lambda: "b", lambda: "c") == ["a", "b", "c"]


def test_an_error_in_a_thread_is_an_error_of_the_test(db: None) -> None:
    with pytest.raises(ZeroDivisionError):
        all_at_once(lambda: 1, lambda: 1 // 0)


def test_who_never_ends_is_not_waited_for(db: None) -> None:
    go_on = threading.Event()
    with pytest.raises(TimeoutError, match="1 of 2"):
        all_at_once(lambda: True, go_on.wait, seconds=0.2)
    go_on.set()
