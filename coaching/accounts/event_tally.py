"""What anybody can cause as often as they like, counted, so that a flood of it neither fills the disk nor slows others.

One row a minute for each kind, person, origin and detail, written at most once a second; of each kind at most
MOST_AN_HOUR rows an hour in one process, and beyond that one a minute. Pure. What it counts is lost with the process.
"""

from collections import Counter
from datetime import UTC, datetime
from threading import Lock

from coaching.origins import origin_of

MOST_AN_HOUR = 200
WRITTEN_EVERY = 1.0
MANY = "from many addresses"


class Row:
    """One row of the present minute: how often it happened, and how often of that is in the database."""

    def __init__(self, values: dict[str, object]) -> None:
        self.values = values
        self.times = self.written = 0
        self.written_at = 0.0
        self.id: int | None = None


class Tally:
    """The rows of the present minute."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[tuple[object, ...], Row] = {}
        self._minute = self._hour = datetime.min.replace(tzinfo=UTC)
        # By kind: whoever fails a thousand times does not hide that they got in.
        self._made: Counter[object] = Counter()

    def add(self, values: dict[str, object], now: datetime, seconds: float) -> list[Row]:
        """Count one more; the rows that have to be written come back. `seconds` are monotonic."""
        with self._lock:
            due = self._turn_over(now)
            row = self._row_of(values)
            row.times += 1
            if row.times == 1 or seconds - row.written_at >= WRITTEN_EVERY:
                row.written_at = seconds
                due.append(row)
        return due

    def _turn_over(self, now: datetime) -> list[Row]:
        """Begin anew with the minute; what the last one has left to write comes back."""
        minute = now.replace(second=0, microsecond=0)
        if minute == self._minute:
            return []
        left = [row for row in self._rows.values() if row.times > row.written]
        self._rows, self._minute = {}, minute
        if minute.replace(minute=0) != self._hour:
            self._hour, self._made = minute.replace(minute=0), Counter()
        return left

    def _row_of(self, values: dict[str, object]) -> Row:
        key: tuple[object, ...] = (
            values["kind"],
            values["person_id"],
            origin_of(str(values["address"])),
            values["detail"],
        )
        if key not in self._rows:
            if self._made[values["kind"]] < MOST_AN_HOUR:
                self._made[values["kind"]] += 1
            else:
                key = (values["kind"],)
                values = values | {"person_id": None, "address": "", "detail": MANY, "request": ""}
        return self._rows.setdefault(key, Row(values))
