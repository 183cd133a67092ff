"""How soon a task may run again: at once where it was cheap, after a rest where it was not, beside one that hangs."""

import pytest

import queues
from queues import Pace

pytestmark = pytest.mark.one_database


class Clocks:
    """The process's clock, and how much of a processor this thread has had."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.used = 5.0

    def work(self, seconds: float, used: float) -> None:
        self.now += seconds
        self.used += used


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr(queues, "monotonic", lambda: clocks.now)
    monkeypatch.setattr(queues, "thread_time", lambda: clocks.used)
    return clocks


@pytest.fixture
def pace() -> Pace:
    return Pace(rest=4, longest=3.0)


@pytest.fixture
def begin(pace):
    """Try to begin a run: 0 where it may, else in how many seconds it is planned; None where one is already."""

    def tried() -> float | None:
        planned: list[float] = []
        return 0 if pace.may_begin(planned.append) else planned[0] if planned else None

    return tried


@pytest.mark.parametrize(("seconds", "used", "rest"), [(20, 0.1, 0.4), (1, 0.5, 2.0), (30, 9, 3.0)])
def test_a_run_is_followed_by_rest_for_what_it_took_of_the_processor(clocks, pace, begin, seconds, used, rest):
    assert begin() == 0
    with pace.run():
        clocks.work(seconds, used)
    assert begin() == pytest.approx(rest)
    clocks.now += rest
    assert begin() == 0


def test_a_cheap_run_is_followed_by_none(clocks, pace, begin):
    begin()
    with pace.run():
        clocks.work(20, 0.01)
    assert begin() == 0


def test_none_begins_right_after_another_and_one_that_hangs_holds_up_none(clocks, pace, begin):
    assert begin() == 0
    with pace.run():
        clocks.now += 1
        assert begin() == 2.0
        clocks.now += 2
        assert begin() == 0


def test_a_run_is_put_off_once_and_need_not_be_asked_for_again_until_its_time(clocks, pace, begin):
    begin()
    assert not pace.is_planned
    assert (begin(), begin()) == (3.0, None)
    assert pace.is_planned
    clocks.now += 3
    assert not pace.is_planned
    assert begin() == 0


def test_a_run_that_breaks_is_followed_by_its_rest(clocks, pace, begin):
    def run():
        with pace.run():
            clocks.work(1, 0.5)
            raise RuntimeError

    begin()
    with pytest.raises(RuntimeError):
        run()
    assert begin() == 2.0


def test_within_a_run_it_rests_only_while_something_goes_first(monkeypatch):
    rested: list[float] = []
    monkeypatch.setattr(queues, "sleep", rested.append)
    is_busy = [True, True, False]
    pace = Pace(rest=4, longest=3.0, is_busy=lambda: is_busy.pop(0))
    for seconds in (0.5, 2, 2):
        pace.give_way(seconds)
    assert rested == [2.0, 3.0]
