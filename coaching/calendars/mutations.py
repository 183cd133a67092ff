"""Changes that coaches make to their outside calendars. Those that come of reading are in reading_mutations.py."""

from datetime import datetime, timedelta

from coaching.accounts.event_mutations import note
from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.lock_mutations import lock_person
from coaching.accounts.models import Person
from coaching.calendars.addresses import host_of
from coaching.calendars.models import Feed, OutsideBusy
from coaching.calendars.queries import feeds_of
from coaching.db import database, new_code
from coaching.errors import LimitReached

MOST_FEEDS = 10
# Whoever presses again and again asks a foreign server no oftener.
LEAST_PAUSE = timedelta(seconds=20)


def add_feed(coach: Person, name: str, address: str, stale_after_minutes: int, form_key: str, now: datetime) -> Feed:
    """What stands in this calendar counts as busy, too; one that they have already, by its address, stays as it is.

    LimitReached when there are enough of them.
    """
    with database.atomic():
        lock_person(coach)
        feeds = feeds_of(coach)
        known = find_result(coach, "feed", form_key)
        for feed in feeds:
            if feed.code == known or feed.address == address:
                return feed
        if len(feeds) >= MOST_FEEDS:
            raise LimitReached(f"You can have at most {MOST_FEEDS} outside calendars. Remove one that you do not need.")
        feed = Feed.create(
            code=new_code(),
            coach=coach,
            name=name,
            address=address,
            stale_after_minutes=stale_after_minutes,
            next_try_at=now,
            made_at=now,
        )
        if known is None:
            keep_result(coach, "feed", form_key, feed.code, now)
        note("outside calendar added", now, coach, detail=host_of(address))
    return feed


def save_feed(feed: Feed, name: str, stale_after_minutes: int, address: str | None, now: datetime) -> None:
    """The calendar has this name and may be so old; with an `address`, that is where it is read from now on."""
    with database.atomic():
        lock_person(feed.coach)
        values: dict[str, object] = {"name": name, "stale_after_minutes": stale_after_minutes}
        if address is not None and address != feed.address:
            # It may be another calendar: nothing is known of that.
            OutsideBusy.delete().where(OutsideBusy.feed == feed).execute()
            values |= {"address": address, "etag": "", "modified": "", "text_sha256": "", "events": 0, "failures": 0}
            values |= {"fault": "", "fetched_at": None, "known_until": None, "tried_at": None, "notified_at": None}
            # As a new one it is read at once; whoever reads it now has no claim on it any more.
            values |= {"next_try_at": now, "made_at": now}
            note("outside calendar replaced", now, feed.coach, detail=host_of(address))
        Feed.update(**values).where(Feed.id == feed.id).execute()


def remove_feed(feed: Feed, now: datetime) -> None:
    """What stands in the calendar does not count any more, and its address is forgotten."""
    with database.atomic():
        lock_person(feed.coach)
        if Feed.delete().where(Feed.id == feed.id).execute():
            note("outside calendar removed", now, feed.coach, detail=host_of(feed.address))


def read_again(feed: Feed, now: datetime) -> bool:
    """The calendar is due; False where it was asked for a moment ago, or is read just now."""
    may_be = Feed.tried_at.is_null() | (Feed.tried_at <= now - LEAST_PAUSE) | (Feed.tried_at > now)
    changed = Feed.update(next_try_at=now).where((Feed.id == feed.id) & may_be).execute()
    return bool(changed)


def keep_ages(jump: timedelta) -> None:
    """The clock has jumped: whatever was read a minute ago still was, or no time would be offered until it is read."""
    for feed in Feed.select(Feed.id, Feed.fetched_at, Feed.tried_at, Feed.next_try_at, Feed.made_at):
        known = {name: getattr(feed, name) for name in ("fetched_at", "tried_at", "next_try_at", "made_at")}
        moved = {name: at + jump for name, at in known.items() if at}
        Feed.update(moved).where(Feed.id == feed.id).execute()


def move_feeds(from_coach: Person, to_coach: Person) -> None:
    """Every outside calendar is the other person's."""
    Feed.update(coach=to_coach).where(Feed.coach == from_coach).execute()
