"""What the page of runs shows: the last hour as a chart, and rows with the gaps between them. Pure.

The template draws the chart; this file says what stands where.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
COLUMNS = 60
# What the highest bar may stand for, in milliseconds: the least that holds all of them.
TOPS = (1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000)
# A run of no time at all is there to be seen.
LOWEST = 3.0

Kind = Literal["good", "failed", "unfinished", "missing"]


class Ran(Protocol):
    """A run as the table has it."""

    @property
    def minute(self) -> datetime: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def due(self) -> int: ...
    @property
    def done(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def took_ms(self) -> int | None: ...


@dataclass(frozen=True)
class Column:
    """One minute: where it stands, in per cent from the left, how high, in per cent of the chart, and what it says."""

    kind: Kind
    left: float
    height: float
    words: str


@dataclass(frozen=True)
class Gap:
    """Minutes without a run, between two that had one."""

    first: datetime
    last: datetime

    @property
    def minutes(self) -> int:
        return (self.last - self.first) // MINUTE + 1


@dataclass(frozen=True)
class RunChart:
    """An hour of runs, and what the highest bar would stand for."""

    columns: tuple[Column, ...]
    starts_at: datetime
    ends_at: datetime
    top_seconds: int
    longest_ms: int

    def count(self, *kinds: Kind) -> int:
        """How many minutes are of these kinds."""
        return sum(column.kind in kinds for column in self.columns)

    @property
    def sentence(self) -> str:
        """What the picture shows, in words."""
        runs = self.count("good", "failed", "unfinished")
        if not runs:
            return "No run in the last hour."
        parts = [f"{_many(runs, 'run')} in the last hour, the longest took {_seconds(self.longest_ms)}."]
        if failed := self.count("failed"):
            parts.append(f"{failed} had failures.")
        if missing := self.count("missing"):
            parts.append(f"{_many(missing, 'minute')} had no run.")
        if unfinished := self.count("unfinished"):
            parts.append(f"{unfinished} not finished.")
        return " ".join(parts)


def run_chart(runs: Iterable[Ran], now: datetime, zone: str = "UTC") -> RunChart:
    """The last hour's runs as columns, with times of `zone`. Before the first run that is known, nothing is missing."""
    known = {run.minute: run for run in runs}
    ends_at = now.replace(second=0, microsecond=0)
    if ends_at not in known:
        # This minute's run may still come.
        ends_at -= MINUTE
    minutes = [ends_at - n * MINUTE for n in reversed(range(COLUMNS))]
    longest = max((known[minute].took_ms or 0 for minute in minutes if minute in known), default=0)
    top = next((top for top in TOPS if longest <= top), longest)
    began = min(known, default=ends_at + MINUTE)
    columns = tuple(
        Column(
            kind,
            round(number * 100 / COLUMNS, 2),
            _height(known.get(minute), top),
            _run_label(minute.astimezone(ZoneInfo(zone)), known.get(minute)),
        )
        for number, minute in enumerate(minutes)
        if (kind := _kind(known.get(minute), minute >= began))
    )
    return RunChart(columns, minutes[0], ends_at, top // 1000, longest)


def with_gaps(runs: Iterable[Ran]) -> list[Ran | Gap]:
    """The runs, the newest first, and between two of them the minutes that had none."""
    rows: list[Ran | Gap] = []
    later: Ran | None = None
    for run in runs:
        if later and later.minute - run.minute > MINUTE:
            rows.append(Gap(run.minute + MINUTE, later.minute - MINUTE))
        rows.append(run)
        later = run
    return rows


def _kind(run: Ran | None, has_begun: bool) -> Kind | None:
    if run is None:
        return "missing" if has_begun else None
    if run.took_ms is None:
        return "unfinished"
    return "failed" if run.failed else "good"


def _height(run: Ran | None, top: int) -> float:
    if run is None:
        return 0
    if run.took_ms is None:
        return 100
    return round(max(LOWEST, run.took_ms * 100 / top), 1)


def _run_label(minute: datetime, run: Ran | None) -> str:
    if run is None:
        return f"{minute:%H:%M} no run"
    took = "not finished" if run.took_ms is None else _seconds(run.took_ms)
    return f"{minute:%H:%M} {took}: {run.due} due, {run.done} done, {run.failed} failed"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"
