"""From what is recorded of calls, receipts and reviews to figures by day. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from coaching.figures import names
from coaching.figures.calendar import Days, day_of

# A room that opens so late is in time: the worker looks each second or two, and calls go out one after another.
IN_TIME = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
AGREED = ("scheduled", "in_progress", "completed", "no_show")
OVER = ("completed", "no_show")


@dataclass(frozen=True, slots=True)
class Key:
    """Which figure of which product on which day."""

    product_id: int
    day_on: date
    name: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Booking:
    """A call as it was booked, and what says where its student came from."""

    product_id: int
    zone: str  # of the store
    created_at: datetime
    source: str | None
    has_partner: bool
    has_code: bool
    is_invited: bool


@dataclass(frozen=True, slots=True)
class RoomRecord:
    """What is known of a call's room. `opens_at` is when it was to open, where that was written down."""

    opens_at: datetime | None = None
    let_in: tuple[tuple[datetime, datetime], ...] = ()
    let_in_since: datetime | None = None
    kept_out: bool = False  # it never let its student in, for a cause that was not theirs


@dataclass(frozen=True, slots=True)
class Call:
    """A call by its planned start, and what became of it."""

    session_id: int
    product_id: int
    zone: str  # of the store
    starts_at: datetime
    timed_at: datetime  # since when it is at that time
    minutes: int
    state: str
    ended_by: str | None
    absent: str | None
    both_there_seconds: int | None  # None without a record
    room: RoomRecord | None


@dataclass(frozen=True, slots=True)
class Money:
    """What the receipts of a day and currency come to; a refund's are below zero."""

    product_id: int
    issued_on: date
    currency: str
    is_test: bool
    is_refund: bool
    cents: int


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A review that can be seen."""

    product_id: int
    zone: str
    made_at: datetime
    stars: int


Record = Booking | Call | Money | Reviewed


def count(records: Iterable[Record], days: Days) -> Counter[Key]:
    """The figures of these days; a figure that is 0 is left out."""
    figures: Counter[Key] = Counter()
    for record in records:
        day = _day_of(record)
        if day in days:
            for name, label, amount in _figures_of(record):
                figures[Key(record.product_id, day, name, label)] += amount
    return Counter({key: amount for key, amount in figures.items() if amount})


def source_of(booking: Booking) -> str:
    """Where the student came from, one of names.SOURCES: the most telling of what is known."""
    if booking.is_invited:
        return "invitation"
    if booking.has_partner:
        return "partner"
    if booking.has_code:
        return "code"
    return booking.source if booking.source in names.SOURCES else "unknown"


def delay_of(room: RoomRecord, timed_at: datetime) -> timedelta | None:
    """How late the room let its student in, reckoned from when it was to open, or was booked after that; None where
    nobody knows."""
    if room.opens_at is None:
        return None
    due_at = max(room.opens_at, timed_at)
    # One that was open for an earlier time, before the call was moved, says nothing of this one.
    since = [begin for begin, end in room.let_in if end > due_at]
    if room.let_in_since is not None:
        since.append(room.let_in_since)
    return max(min(since) - due_at, timedelta()) if since else None


def read_opening(thresholds: str) -> datetime | None:
    """When a room was to open, by what is kept of its times (RoomCase.thresholds); None where that says nothing."""
    try:
        return datetime.fromisoformat(thresholds.split()[1]).replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return None


def _day_of(record: Record) -> date:
    match record:
        case Booking():
            return day_of(record.created_at, record.zone)
        case Call():
            return day_of(record.starts_at, record.zone)
        case Money():
            return record.issued_on
        case Reviewed():
            return day_of(record.made_at, record.zone)


def _figures_of(record: Record) -> Iterator[tuple[str, str, int]]:
    """Each figure that the record adds to: its name, its label, by how much."""
    match record:
        case Booking():
            yield names.CREATED, source_of(record), 1
        case Call():
            yield _outcome(record)
            yield from _minutes(record)
            yield from _room(record)
        case Money():
            label = record.currency + (names.TEST if record.is_test else "")
            yield (names.REFUNDED, label, -record.cents) if record.is_refund else (names.INCOME, label, record.cents)
        case Reviewed():
            yield names.REVIEWS, "", 1
            yield names.STARS, "", record.stars


def _outcome(call: Call) -> tuple[str, str, int]:
    match call.state:
        case "completed":
            return names.COMPLETED, "", 1
        case "cancelled":
            return names.CANCELLED, call.ended_by or "", 1
        case "no_show":
            return names.NO_SHOW, call.absent or "unknown", 1
        case "declined" | "expired":
            return names.CAME_TO_NOTHING, call.state, 1
        case _:
            return names.COMING, "", 1


def _minutes(call: Call) -> Iterator[tuple[str, str, int]]:
    if call.state in AGREED:
        yield names.BOOKED_MINUTES, "", call.minutes
    if call.state == "completed":
        yield names.PLANNED_MINUTES, "", call.minutes
        if call.both_there_seconds is not None:
            yield names.RECORDED_MINUTES, "", call.minutes
            yield names.SPENT_SECONDS, "", call.both_there_seconds


def _room(call: Call) -> Iterator[tuple[str, str, int]]:
    if call.room is None or call.state not in OVER:
        return
    if call.room.kept_out:
        yield names.ROOM_NEVER, "", 1
        return
    delay = delay_of(call.room, call.timed_at)
    if delay is not None:
        yield (names.ROOM_IN_TIME if delay <= IN_TIME else names.ROOM_LATE), "", 1
        yield names.ROOM_DELAY, "", delay // SECOND
