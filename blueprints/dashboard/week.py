"""The next seven days at a glance, and what of all that is to come stands first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from blueprints.dashboard.rows import Row
from blueprints.filters import local_time

DAYS = 7
# So many times of day fit under a day where there is room.
TIMES_SHOWN = 3
# So many signs fit under a day on a phone.
NARROW = len("10:00")
# Where the page lists the times that are kept for students.
KEPT_ANCHOR = "kept-times"


@dataclass(frozen=True)
class Day:
    """One day of the week: `times` are the first starts on it, `anchor` is where its sessions stand on the page.

    Of `count` as many as `kept` are held by invitations that nobody has taken yet.
    """

    on: date
    is_today: bool
    count: int
    times: tuple[str, ...]
    anchor: str | None
    kept: int = 0

    @property
    def narrow(self) -> str:
        """What fits where there is no room for more than "10:00": the first start, or with am and pm how many calls."""
        if len(self.times[0]) <= NARROW:
            return self.times[0]
        return "1 call" if self.count == 1 else f"{self.count} calls"

    @property
    def said(self) -> str:
        """The day in words: "Tuesday 9 March, 2 calls: 10:00, 18:00"."""
        booked = self.count - self.kept
        calls = {0: "no calls", 1: "1 call"}.get(booked, f"{booked} calls")
        calls += f" and {self.kept} kept" if self.kept else ""
        times = f": {', '.join(self.times)}" if self.times else ""
        return f"{'Today, ' if self.is_today else ''}{self.on:%A} {self.on.day} {self.on:%B}, {calls}{times}"


def first_ones(rows: Sequence[Row], zone: str, now: datetime) -> tuple[str, list[Row]]:
    """What stands first on the page, with its heading: all of today, else the next one."""
    today = [row for row in rows if day_of(row, zone) <= on(now, zone)]
    return ("Today", today) if today else ("Next", list(rows[:1]))


def week_of(rows: Iterable[Row], zone: str, now: datetime, kept: Iterable[datetime] = ()) -> list[Day]:
    """The seven days from today on; `kept` are the starts of times that are held by invitations."""
    today = on(now, zone)
    starts: dict[date, list[datetime]] = {}
    for row in rows:
        starts.setdefault(max(day_of(row, zone), today), []).append(row.view.coaching_session.starts_at)
    kept_starts: dict[date, list[datetime]] = {}
    for start in kept:
        kept_starts.setdefault(on(start, zone), []).append(start)
    return [day_with(starts.get(day, []), kept_starts.get(day, []), day, today, zone) for day in days_from(today)]


def day_with(starts: Sequence[datetime], kept: Sequence[datetime], day: date, today: date, zone: str) -> Day:
    times = tuple(local_time(start, zone, "time") for start in sorted([*starts, *kept]))
    anchor = anchor_of(day) if starts else KEPT_ANCHOR if kept else None
    return Day(day, day == today, len(times), times[:TIMES_SHOWN], anchor, len(kept))


def with_anchors(lists: Sequence[Sequence[Row]], zone: str, now: datetime) -> list[list[Row]]:
    """The same lists; the first row of each day of the week can be led to."""
    today, seen, anchored = on(now, zone), set[date](), list[list[Row]]()
    for rows in lists:
        anchored.append([])
        for row in rows:
            day = max(day_of(row, zone), today)
            is_first = day not in seen and day < today + timedelta(days=DAYS)
            anchored[-1].append(replace(row, anchor=anchor_of(day)) if is_first else row)
            seen.add(day)
    return anchored


def days_from(today: date) -> list[date]:
    return [today + timedelta(days=count) for count in range(DAYS)]


def day_of(row: Row, zone: str) -> date:
    return on(row.view.coaching_session.starts_at, zone)


def on(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def anchor_of(day: date) -> str:
    return f"day-{day.isoformat()}"
