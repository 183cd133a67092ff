"""Reads of a coach's outside calendars: which there are, and when they say that the coach is busy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coaching.accounts.models import Person
from coaching.calendars.faults import SENTENCES, Fault
from coaching.calendars.health import MANY, Health, health_of, known_until_now
from coaching.calendars.models import Feed, OutsideBusy
from coaching.db import rows
from coaching.errors import NotFound
from coaching.reading import Selection, given


class Around(Protocol):
    """From one instant up to another."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


@dataclass(frozen=True)
class OutsideSpan:
    """When a calendar keeps its coach from being booked: it says that they are busy, or is not known for that time."""

    starts_at: datetime
    ends_at: datetime
    calendar: str
    is_unknown: bool = False


@dataclass(frozen=True)
class Standing:
    """How many outside calendars there are, how many cannot be read, and how many of those do not answer at all."""

    count: int
    dead: int
    unreachable: int


def feeds_of(coach: Person) -> list[Feed]:
    """The coach's outside calendars, the oldest first."""
    return list(Feed.select().where(Feed.coach == coach).order_by(Feed.id))


def get_own_feed(coach: Person, code: str) -> Feed:
    """The coach's own outside calendar, or NotFound."""
    feed: Feed | None = Feed.get_or_none(Feed.coach == coach, Feed.code == code)
    if feed is None:
        raise NotFound
    return feed


def health_now(feed: Feed, now: datetime) -> Health:
    """How the calendar fares."""
    return health_of(
        failures=feed.failures,
        fault=feed.fault,
        fetched_at=feed.fetched_at,
        known_until=feed.known_until,
        stale_after_minutes=feed.stale_after_minutes,
        made_at=feed.made_at,
        now=now,
    )


def feeds_in_trouble(coach: Person, now: datetime) -> list[tuple[Feed, Health]]:
    """The coach's calendars that have to be looked after by hand, or keep all their times from being offered."""
    healths = [(feed, health_now(feed, now)) for feed in feeds_of(coach)]
    return [(feed, health) for feed, health in healths if health in (Health.DEAD, Health.BLOCKING)]


def standing_of_feeds() -> Standing:
    """How all coaches' outside calendars fare together."""
    feeds = list(rows(Feed.select(Feed.failures, Feed.fault)))
    unreachable = sum(failures >= MANY and fault == SENTENCES[Fault.UNREACHABLE] for failures, fault in feeds)
    return Standing(len(feeds), sum(failures >= MANY for failures, _ in feeds), unreachable)


def outside_busy_spans(coach: Person, around: Around, now: datetime) -> list[tuple[datetime, datetime]]:
    """When the coach is busy by their outside calendars, from when to when, in no order.

    The whole time asked about, where one of them was never read or was read longer ago than the coach allows.
    """
    return [(span.starts_at, span.ends_at) for span in outside_busy(coach, around, now)]


def outside_busy(coach: Person, around: Around, now: datetime) -> list[OutsideSpan]:
    """The same, with the name of the calendar that says so."""
    outside_spans, readable = [], {}
    for number, name, fetched_at, known_until, minutes in _FEEDS.all(coach=coach.id):
        known_to = known_until_now(fetched_at, known_until, minutes, now)
        if known_to is not None and known_to > around.starts_at:
            readable[number] = name
        unknown_from = around.starts_at if known_to is None else max(known_to, around.starts_at)
        if unknown_from < around.ends_at:
            outside_spans.append(OutsideSpan(unknown_from, around.ends_at, name, is_unknown=True))
    if not readable:
        return outside_spans
    busy = _BUSY.all(coach=coach.id, starts_at=around.starts_at, ends_at=around.ends_at)
    return [
        *outside_spans,
        *(OutsideSpan(start, end, readable[number]) for number, start, end in busy if number in readable),
    ]


_FEEDS: Selection[tuple[int, str, datetime | None, datetime | None, int]] = Selection(
    lambda: (
        Feed.select(Feed.id, Feed.name, Feed.fetched_at, Feed.known_until, Feed.stale_after_minutes)
        .where(Feed.coach == given("coach"))
        .tuples()
    )
)
_BUSY: Selection[tuple[int, datetime, datetime]] = Selection(
    lambda: (
        OutsideBusy.select(OutsideBusy.feed, OutsideBusy.starts_at, OutsideBusy.ends_at)
        .join(Feed)
        .where(Feed.coach == given("coach"))
        .where(OutsideBusy.ends_at > given("starts_at"), OutsideBusy.starts_at < given("ends_at"))
        .tuples()
    )
)
