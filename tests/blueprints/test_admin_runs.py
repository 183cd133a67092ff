"""The page of runs: the last hour as a chart, and every run with the gaps between them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from blueprints.admin.runs import COLUMNS, Gap, Ran, run_chart, with_gaps
from coaching.accounts.models import Person
from coaching.runtime.models import Run
from tests import factories

Browser = Callable[[Person | None], FlaskClient]
MINUTE = timedelta(minutes=1)
NOON = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)


@dataclass
class Done:
    """A run as the table has it."""

    minute: datetime
    took_ms: int | None = 500
    failed: int = 0
    due: int = 0
    done: int = 0

    @property
    def started_at(self) -> datetime:
        return self.minute


def runs(*ago: int, **differences: Any) -> list[Ran]:
    """Runs so many minutes before noon."""
    return [Done(NOON - n * MINUTE, **differences) for n in ago]


def test_an_hour_of_runs_is_sixty_bars_of_their_length() -> None:
    chart = run_chart(runs(*range(COLUMNS)), NOON)

    assert [column.kind for column in chart.columns] == ["good"] * COLUMNS
    assert {column.height for column in chart.columns} == {50}
    assert chart.top_seconds == 1
    assert chart.columns[0].left == 0
    assert chart.columns[-1].left < 100


def test_a_failure_and_an_unfinished_run_are_marked() -> None:
    chart = run_chart([*runs(1), *runs(2, failed=2), *runs(3, took_ms=None)], NOON)

    assert [column.kind for column in chart.columns] == ["unfinished", "failed", "good"]
    assert chart.sentence == ("3 runs in the last hour, the longest took 500 ms. 1 had failures. 1 not finished.")


def test_a_minute_without_a_run_is_missing_but_none_before_the_first_and_not_this_one() -> None:
    chart = run_chart(runs(1, 4), NOON + timedelta(seconds=20))

    assert [column.kind for column in chart.columns] == ["good", "missing", "missing", "good"]
    assert "2 minutes had no run." in chart.sentence


def test_a_worker_that_has_stopped_leaves_the_end_of_the_hour_empty() -> None:
    chart = run_chart(runs(*range(30, 90)), NOON)

    assert chart.count("good") == 31
    assert chart.columns[-1].kind == "missing"
    assert run_chart(runs(90), NOON).sentence == "No run in the last hour."


@pytest.mark.parametrize(
    ("took_ms", "top_seconds"), [(0, 1), (1000, 1), (1001, 2), (45_000, 60), (119_000, 120), (400_000, 400)]
)
def test_the_longest_run_fits(took_ms: int, top_seconds: int) -> None:
    chart = run_chart(runs(1, took_ms=took_ms), NOON)

    assert chart.top_seconds == top_seconds
    assert 0 < chart.columns[0].height <= 100


def test_gaps_stand_between_the_runs_they_part() -> None:
    recent = runs(1, 2, 6, 8)

    rows = with_gaps(recent)

    assert [row.minutes for row in rows if isinstance(row, Gap)] == [3, 1]
    assert rows[2] == Gap(NOON - 5 * MINUTE, NOON - 3 * MINUTE)
    assert with_gaps([]) == []


def test_the_page_shows_chart_gaps_and_failures(browser_of: Browser, db: None) -> None:
    this_minute = datetime.now(UTC).replace(second=0, microsecond=0)
    for ago in (2, 3, 7):
        at = this_minute - ago * MINUTE
        Run.create(minute=at, started_at=at, due=3, done=2, failed=1, took_ms=1234)
    admin = browser_of(factories.make_person("Ada", is_admin=True))

    page = admin.get("/admin/runs").text

    assert "<desc>3 runs in the last hour, the longest took 1.2 s. 3 had failures." in page
    assert "No run for 3 min" in page
    assert "1.2 s" in page
    assert "by hand or by the cron address counts in the same minute" in page
    assert "more time planning took" in page
    assert "style=" not in page


def test_earlier_runs_are_on_further_pages(browser_of: Browser, db: None) -> None:
    Run.insert_many([{"minute": NOON - n * MINUTE, "started_at": NOON, "took_ms": n} for n in range(61)]).execute()
    admin = browser_of(factories.make_person("Ada", is_admin=True))

    first, second = admin.get("/admin/runs").text, admin.get("/admin/runs?page=2").text

    assert "Earlier runs" in first
    assert "60 ms" not in first
    assert "60 ms" in second
    assert "<svg role" not in second.partition("<table")[0]
