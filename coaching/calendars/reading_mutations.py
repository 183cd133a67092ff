"""Reading outside calendars, as far as it is written down: which one is claimed, and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from peewee import Expression

from coaching.calendars.addresses import shown_address
from coaching.calendars.emails import SUBJECT, email_about
from coaching.calendars.events import Busy
from coaching.calendars.faults import SENTENCES, FeedError
from coaching.calendars.health import CLAIM, CLOCKS_APART, HORIZON, PACE, Health, is_worth_a_message, pause_after
from coaching.calendars.models import Feed, OutsideBusy
from coaching.calendars.queries import health_now
from coaching.db import database, rows
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.now import Now

ROWS_AT_ONCE = 400
MESSAGE_WORTH = timedelta(days=1)


@dataclass(frozen=True)
class Claim:
    """The right to record what came of reading a calendar: until then nobody else reads it."""

    feed_id: int
    until: datetime


@dataclass(frozen=True)
class FetchedFeed:
    """What came of reading a calendar; without `busy` its events are those that are known."""

    etag: str = ""
    modified: str = ""
    text_sha256: str = ""
    busy: tuple[Busy, ...] | None = None
    events: int = 0
    remark: str = ""


def claim_due(now: datetime, most: int) -> list[tuple[Feed, Claim]]:
    """Calendars that are due, the longest waiting first, each claimed."""
    claimed = []
    for feed in list(Feed.select().where(_is_due(now)).order_by(Feed.next_try_at, Feed.id).limit(most)):
        claim = Claim(feed.id, now + CLAIM)
        is_open = (Feed.id == feed.id) & (Feed.next_try_at == feed.next_try_at)
        if Feed.update(next_try_at=claim.until, tried_at=now).where(is_open).execute():
            claimed.append((feed, claim))
    return claimed


def record_fetched_feed(claim: Claim, fetched_feed: FetchedFeed, now: datetime) -> None:
    """The calendar was read at `now`, and its coach is busy when it says so."""
    values: dict[str, Any] = {"etag": fetched_feed.etag, "modified": fetched_feed.modified, "next_try_at": now + PACE}
    values |= {"fetched_at": now, "failures": 0, "notified_at": None}
    if fetched_feed.busy is not None:
        values |= {"text_sha256": fetched_feed.text_sha256, "events": fetched_feed.events, "fault": fetched_feed.remark}
        values["known_until"] = now + HORIZON
    with database.atomic():
        if _finish(claim, values) and fetched_feed.busy is not None:
            _replace_busy(claim.feed_id, set(fetched_feed.busy))


def record_fault(claim: Claim, error: FeedError, site_url: str, now: Now) -> None:
    """The calendar was not read: it is tried again later, and its coach is told where it may not pass by itself."""
    with database.atomic():
        feed = Feed.get_or_none(Feed.id == claim.feed_id)
        if feed is None:
            return
        failures = feed.failures + 1
        feed.failures, feed.fault = failures, SENTENCES[error.fault]
        # Without its marks it is worked through anew the next time, and what was odd in it is found again.
        values: dict[str, Any] = {
            "failures": failures,
            "fault": feed.fault,
            "etag": "",
            "modified": "",
            "text_sha256": "",
        }
        values["next_try_at"] = now.product + pause_after(failures, error.retry_after)
        health = health_now(feed, now.product)
        is_to_be_notified = feed.notified_at is None and is_worth_a_message(failures, feed.fetched_at, health)
        if is_to_be_notified:
            values["notified_at"] = now.product
        if _finish(claim, values) and is_to_be_notified:
            _notify(feed, is_blocking=health is Health.BLOCKING, site_url=site_url, now=now)


def _notify(feed: Feed, *, is_blocking: bool, site_url: str, now: Now) -> None:
    address = shown_address(feed.address)
    owe(
        MessageKind.ALERT,
        f"feed:{feed.code}:{now.machine:%Y-%m-%d}",
        feed.coach_id,
        now.machine,
        subject=SUBJECT,
        body=email_about(feed.name, address, feed.fault, feed.stale_after_minutes, is_blocking, site_url),
        ends_at=now.machine + MESSAGE_WORTH,
    )


def _replace_busy(feed_id: int, busy: set[Busy]) -> None:
    """The calendar's times are these. What stays is not touched: from one reading to the next little changes."""
    known = {
        (start, end): number
        for number, start, end in rows(
            OutsideBusy.select(OutsideBusy.id, OutsideBusy.starts_at, OutsideBusy.ends_at).where(
                OutsideBusy.feed == feed_id
            )
        )
    }
    gone = [number for times, number in known.items() if times not in busy]
    for some in batched(gone):
        OutsideBusy.delete().where(OutsideBusy.id.in_(some)).execute()
    for some in batched([{"feed": feed_id, "starts_at": a, "ends_at": b} for a, b in sorted(busy - known.keys())]):
        OutsideBusy.insert_many(some).execute()


def _finish(claim: Claim, values: dict[str, Any]) -> bool:
    """Change the calendar if it is still ours to do so; False where it was removed or replaced meanwhile."""
    is_ours = (Feed.id == claim.feed_id) & (Feed.next_try_at == claim.until)
    return bool(Feed.update(**values).where(is_ours).execute())


def _is_due(now: datetime) -> Expression:
    # A clock that was set back: what was read later than now says nothing.
    expression: Expression = (Feed.next_try_at <= now) | (Feed.tried_at > now + CLOCKS_APART)
    return expression


def batched(items: list[Any]) -> Iterator[list[Any]]:
    """The items, some at a time: a statement takes only so many values."""
    for first in range(0, len(items), ROWS_AT_ONCE):
        yield items[first : first + ROWS_AT_ONCE]
