"""Reads of a coach's outside calendars: which there are, and when they say that the coach is busy."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from coaching.accounts.models import Person
from coaching.calendars.health import Health, health_of, known_until_now
from coaching.calendars.models import Feed, OutsideBusy
from coaching.db import rows
from coaching.errors import NotFound


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


def outside_busy_spans(coach: Person, around: Around, now: datetime) -> list[tuple[datetime, datetime]]:
    """When the coach is busy by their outside calendars, from when to when, in no order.

    The whole time asked about, where one of them was never read or was read longer ago than the coach allows.
    """
    return [(span.starts_at, span.ends_at) for span in outside_busy(coach, around, now)]


def outside_busy(coach: Person, around: Around, now: datetime) -> list[OutsideSpan]:
    """The same, with the name of the calendar that says so."""
    found, readable = [], {}
    columns = (Feed.id, Feed.name, Feed.fetched_at, Feed.known_until, Feed.stale_after_minutes)
    for number, name, fetched_at, known_until, minutes in rows(Feed.select(*columns).where(Feed.coach == coach)):
        known_to = known_until_now(fetched_at, known_until, minutes, now)
        if known_to is not None and known_to > around.starts_at:
            readable[number] = name
        unknown_from = around.starts_at if known_to is None else max(known_to, around.starts_at)
        if unknown_from < around.ends_at:
            found.append(OutsideSpan(unknown_from, around.ends_at, name, is_unknown=True))
    if not readable:
        return found
    overlapping = OutsideBusy.select(OutsideBusy.feed_id, OutsideBusy.starts_at, OutsideBusy.ends_at).where(
        OutsideBusy.feed.in_(list(readable)),
        OutsideBusy.ends_at > around.starts_at,
        OutsideBusy.starts_at < around.ends_at,
    )
    return [*found, *(OutsideSpan(start, end, readable[number]) for number, start, end in rows(overlapping))]
