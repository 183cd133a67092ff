"""Outside calendars are read, by the worker only. No transaction is open while anybody is waited for."""

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Semaphore
from time import monotonic
from urllib.parse import urlsplit

from coaching.calendars.essence import essence_of
from coaching.calendars.events import Frame, fingerprint, mark_of
from coaching.calendars.expanding_actions import expand
from coaching.calendars.faults import Fault, FeedError
from coaching.calendars.health import HORIZON, is_to_be_expanded
from coaching.calendars.models import Feed
from coaching.calendars.reading_mutations import Claim, FetchedFeed, claim_due, record_fault, record_fetched_feed
from coaching.calendars.source import FeedSource
from coaching.hours.queries import schedules_of
from coaching.now import Now
from coaching.vault import Unreadable

logger = logging.getLogger(__name__)

# Most of a reading is waiting for a foreign server. The rest is a process of its own, and a small machine has room for
# few of those.
AT_ONCE = 4
EXPANDED_AT_ONCE = 2
LONGEST_RUN = timedelta(seconds=40)
# What is over already but not long ago: a page may still show it.
LOOK_BACK = timedelta(days=1)


_may_expand = Semaphore(EXPANDED_AT_ONCE)


@dataclass(frozen=True)
class Task:
    """What a thread has to know to read one calendar, without the database."""

    address: str
    etag: str
    modified: str
    text_sha256: str
    is_whole: bool  # it is worked through even if it has not changed
    frame: Frame


def refresh_feeds(source: FeedSource, site_url: str, clock: Callable[[], Now], longest: timedelta = LONGEST_RUN) -> int:
    """All calendars that are due were read, or as many as there was time for; how many."""
    ends_at = monotonic() + longest.total_seconds()
    count = 0
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="calendar") as threads:
        while monotonic() < ends_at and (claimed := claim_due(clock().product, AT_ONCE)):
            count += len(claimed)
            running = dict(_begin_all(threads, source, claimed, site_url, clock().product))
            for done in as_completed(running):
                _record(running[done], done, site_url, clock())
    return count


def read_calendar(source: FeedSource, task: Task) -> FetchedFeed:
    """What the calendar says; FeedError where it cannot be read. Writes nothing and asks no database."""
    if isinstance(task.address, Unreadable):
        raise FeedError(Fault.NO_KEY)
    marks = ("", "") if task.is_whole else (task.etag, task.modified)
    answer = source.read_feed(task.address, *marks)
    if answer is None:
        return FetchedFeed(task.etag, task.modified)
    essence = essence_of(answer.text)
    sha256 = fingerprint(essence, task.frame)
    if sha256 == task.text_sha256 and not task.is_whole:
        return FetchedFeed(answer.etag, answer.modified)
    with _may_expand:
        reading = expand(essence, task.frame)
    return FetchedFeed(answer.etag, answer.modified, sha256, reading.busy, reading.events, reading.remark)


def _begin_all(
    threads: ThreadPoolExecutor, source: FeedSource, claimed: list[tuple[Feed, Claim]], site_url: str, now: datetime
) -> Iterator[tuple[Future[FetchedFeed], Claim]]:
    for feed, claim in claimed:
        task = _task_of(feed, site_url, now)
        yield threads.submit(partial(read_calendar, source, task)), claim


def _task_of(feed: Feed, site_url: str, now: datetime) -> Task:
    zone = next((schedule.zone for schedule in schedules_of(feed.coach)), feed.coach.zone or "UTC")
    frame = Frame(now - LOOK_BACK, now + HORIZON, zone, urlsplit(site_url).hostname or "", feed.coach.email or "")
    is_whole = is_to_be_expanded(feed.known_until, now) or not feed.text_sha256.startswith(mark_of(frame))
    return Task(feed.address, feed.etag, feed.modified, feed.text_sha256, is_whole, frame)


def _record(claim: Claim, done: "Future[FetchedFeed]", site_url: str, now: Now) -> None:
    try:
        fetched_feed = done.result()
    except FeedError as error:
        logger.info("outside calendar not read", extra={"feed": claim.feed_id, "fault": error.fault.value})
        record_fault(claim, error, site_url, now)
    except Exception as error:
        # Of the error only its name: its words may hold the address, which is a secret.
        logger.error("reading an outside calendar broke", extra={"feed": claim.feed_id, "error": type(error).__name__})
        record_fault(claim, FeedError(Fault.BROKEN), site_url, now)
    else:
        record_fetched_feed(claim, fetched_feed, now.product)
