"""Outside calendars being read: what is due, what comes of it, and what the coach is told."""

import logging
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.accounts.models import Person
from coaching.booking.slots import Span
from coaching.calendars.actions import refresh_feeds
from coaching.calendars.events import Frame
from coaching.calendars.expanding_actions import expand
from coaching.calendars.faults import SENTENCES, Fault, FeedError
from coaching.calendars.health import PACE, Health
from coaching.calendars.models import Feed, OutsideBusy
from coaching.calendars.mutations import read_again, remove_feed, save_feed
from coaching.calendars.queries import feeds_in_trouble, health_now, outside_busy_spans
from coaching.calendars.reading_mutations import FetchedFeed, claim_due, record_fault, record_fetched_feed
from coaching.calendars.source import FeedText
from coaching.db import database
from coaching.notices.models import Notice
from coaching.now import Now
from gateways.feeds import WebFeeds
from tests import factories
from tests.calendars.ics import calendar, event
from tests.fakes import FakeFeeds
from tests.gateways.feed_server import Server

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
ADDRESS = "https://calendar.example.com/private-0123456789abcdef/basic.ics"
SITE = "https://coach.example.com"
CALL = event(":20270304T100000Z", "DURATION:PT1H")
WEEK = Span(NOW, NOW + timedelta(days=7))
IS_BUSY = [(datetime(2027, 3, 4, 10, 0, tzinfo=UTC), datetime(2027, 3, 4, 11, 0, tzinfo=UTC))]


def refresh(feeds: FakeFeeds, now: datetime = NOW) -> int:
    return refresh_feeds(feeds, SITE, lambda: Now(now, now + timedelta(days=1000)))


def new_feed(coach: Person, **differences: object) -> Feed:
    return factories.make_feed(coach, None, address=ADDRESS, next_try_at=NOW, made_at=NOW, **differences)


def latest(feed: Feed) -> Feed:
    return Feed.get_by_id(feed.id)


def test_a_new_calendar_is_read_at_once_and_then_every_few_minutes(alice: Person) -> None:
    feed, feeds = new_feed(alice), FakeFeeds()
    own = event(":20270305T100000Z", "DURATION:PT1H", uid="gw56pb@coach.example.com")
    feeds.calendars[ADDRESS] = FeedText(calendar(CALL, own), '"1"', "Mon")

    assert outside_busy_spans(alice, WEEK, NOW) == [(WEEK.starts_at, WEEK.ends_at)]
    assert refresh(feeds) == 1
    assert outside_busy_spans(alice, WEEK, NOW) == IS_BUSY
    assert health_now(latest(feed), NOW) is Health.WELL
    assert (latest(feed).events, latest(feed).failures) == (1, 0)

    # Not before its time, and then with the marks it had.
    assert refresh(feeds, NOW + PACE - timedelta(seconds=1)) == 0
    feeds.calendars[ADDRESS] = None
    assert refresh(feeds, NOW + PACE) == 1
    assert feeds.asked == [(ADDRESS, "", ""), (ADDRESS, '"1"', "Mon")]
    assert latest(feed).fetched_at == NOW + PACE
    assert outside_busy_spans(alice, WEEK, NOW + PACE) == IS_BUSY

    # What the calendar says now holds: what stays is the same row, what is gone is gone.
    kept = OutsideBusy.get().id
    more = event(":20270306T100000Z", "DURATION:PT1H", uid="two")
    feeds.calendars[ADDRESS] = calendar(CALL, more)
    refresh(feeds, NOW + 2 * PACE)
    assert OutsideBusy.select().count() == 2
    assert OutsideBusy.select().where(OutsideBusy.id == kept).exists()

    # After a month it is worked out further ahead, although nothing has changed: so it is asked for whole.
    feeds.calendars[ADDRESS] = FeedText(calendar(CALL), '"2"')
    refresh(feeds, NOW + timedelta(days=31))
    assert feeds.asked[-1] == (ADDRESS, "", "")
    assert latest(feed).known_until > NOW + timedelta(days=430)


def test_a_calendar_that_cannot_be_read_is_tried_again_and_its_coach_told_once(alice: Person) -> None:
    feed, feeds, at = new_feed(alice, name="Family"), FakeFeeds({ADDRESS: FeedError(Fault.UNREACHABLE)}), NOW
    tries = []
    for _ in range(7):
        assert refresh(feeds, at) == 1
        tries.append(latest(feed).next_try_at - at)
        at = latest(feed).next_try_at
    assert [pause // timedelta(minutes=1) for pause in tries] == [2, 4, 8, 16, 32, 60, 60]
    assert latest(feed).fault == SENTENCES[Fault.UNREACHABLE]
    assert feeds_in_trouble(alice, at)[0][1] is Health.BLOCKING

    letter = Notice.get()  # one
    assert (letter.person_id, letter.kind) == (alice.id, "alert")
    assert "“Family” (calendar.example.com/…ic.ics)" in letter.body
    assert SENTENCES[Fault.UNREACHABLE] in letter.body
    assert f"{SITE}/dashboard/calendars" in letter.body
    assert "private-0123456789abcdef" not in letter.body + letter.subject

    # Read again, all is well; when it dies once more, that is news.
    feeds.calendars[ADDRESS] = calendar(CALL)
    refresh(feeds, at)
    assert health_now(latest(feed), at) is Health.WELL
    assert latest(feed).fault == ""
    assert feeds_in_trouble(alice, at) == []
    feeds.calendars[ADDRESS] = FeedError(Fault.GONE, timedelta(minutes=30))
    at += PACE
    refresh(feeds, at)
    assert latest(feed).next_try_at == at + timedelta(minutes=30)  # as it was told
    assert health_now(latest(feed), at) is Health.FAILING
    assert outside_busy_spans(alice, Span(at, at + timedelta(hours=1)), at) == []
    later = at + timedelta(days=2)
    refresh_feeds(feeds, SITE, lambda: Now(later, later))
    assert health_now(latest(feed), later) is Health.BLOCKING
    assert Notice.select().count() == 2


def test_whatever_happens_nothing_says_the_address(alice: Person, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    feed = new_feed(alice)
    refresh(FakeFeeds({ADDRESS: ValueError(f"cannot open {ADDRESS}")}))
    assert latest(feed).fault == SENTENCES[Fault.BROKEN]
    assert "reading an outside calendar broke" in caplog.text
    assert "private-0123456789abcdef" not in caplog.text.replace("peewee", "")
    database.execute_sql("UPDATE feed SET address = 'sealed:nonsense'")
    refresh(FakeFeeds(), NOW + timedelta(days=1))
    assert latest(feed).fault == SENTENCES[Fault.NO_KEY]


def test_an_odd_calendar_is_read_and_its_coach_sees_what_was_odd(alice: Person) -> None:
    feed, feeds = new_feed(alice), FakeFeeds()
    feeds.calendars[ADDRESS] = calendar(event(";TZID=Mars/Olympus:20270304T110000", "DURATION:PT1H"))
    schedule = factories.make_schedule(alice, zone="Europe/Berlin")
    refresh(feeds)
    assert outside_busy_spans(alice, WEEK, NOW) == IS_BUSY
    assert health_now(latest(feed), NOW) is Health.REMARK
    assert "Mars/Olympus" in latest(feed).fault
    assert Notice.select().count() == 0
    # In another zone of the coach's it is read anew, although its server says that nothing has changed.
    schedule.zone = "Asia/Tokyo"
    schedule.save()
    refresh(feeds, NOW + PACE)
    assert outside_busy_spans(alice, WEEK, NOW + PACE)[0][0] == datetime(2027, 3, 4, 2, 0, tzinfo=UTC)


def test_hostile_calendars_end_in_a_plain_sentence_and_stop_no_other(
    alice: Person, feed_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, there = socket.getaddrinfo, ("127.0.0.1", feed_server.server_port)

    def look_up(host: str, *rest: Any, **more: Any) -> list[Any]:
        # Its address was a public one when the coach typed it.
        rebound = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", there)]
        return rebound if host == "calendar.example.com" else real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    hostile = {
        "/endless": Fault.TOO_LARGE,
        "/huge": Fault.TOO_LARGE,
        "/bomb": Fault.TOO_LARGE,
        "/hop/999": Fault.LEADS_ON,
        "/every_second": Fault.TOO_OFTEN,
        "/page": Fault.NO_CALENDAR,
        "/slow": Fault.UNREACHABLE,
    }
    feeds = {
        path: factories.make_feed(alice, None, address=feed_server.url + path, next_try_at=NOW, made_at=NOW)
        for path in (*hostile, "/odd_zones", "/busy")
    }
    feeds["rebound"], hostile["rebound"] = new_feed(alice), Fault.UNREACHABLE
    # Only the slow one is to run out of time, on any machine.
    Feed.update(next_try_at=NOW + timedelta(seconds=1)).where(Feed.id == feeds["/slow"].id).execute()
    moment = Now(NOW, NOW)
    assert refresh_feeds(WebFeeds(allows_loopback=True, seconds=30.0), SITE, lambda: moment) == len(feeds) - 1
    moment = Now(NOW + timedelta(seconds=1), NOW + timedelta(seconds=1))
    assert refresh_feeds(WebFeeds(allows_loopback=True, seconds=1.0), SITE, lambda: moment) == 1
    assert {path: latest(feeds[path]).fault for path in hostile} == {
        path: SENTENCES[fault] for path, fault in hostile.items()
    }
    assert SENTENCES.keys() == set(Fault)
    assert health_now(latest(feeds["/odd_zones"]), NOW) is Health.REMARK
    assert health_now(latest(feeds["/busy"]), NOW) is Health.WELL


def test_a_calendar_that_takes_too_long_is_given_up() -> None:
    never = event(":19700101T100000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    frame = Frame(NOW, NOW + timedelta(days=400), "UTC", "coach.example.com")
    with pytest.raises(FeedError) as given_up:
        expand(calendar(*[never] * 100), frame, seconds=0.4)
    assert given_up.value.fault is Fault.TOO_HARD


def test_only_whoever_has_claimed_a_calendar_records_what_came_of_it(alice: Person) -> None:
    feed, now = new_feed(alice), Now(NOW, NOW)
    busy = FetchedFeed(busy=tuple(IS_BUSY), events=1)
    ((_, claim),) = claim_due(NOW, 4)
    assert claim_due(NOW, 4) == []
    # A worker that died: another one claims, and the first one comes too late.
    ((_, second),) = claim_due(claim.until, 4)
    record_fetched_feed(claim, busy, NOW)
    record_fault(claim, FeedError(Fault.GONE), SITE, now)
    assert (latest(feed).fetched_at, latest(feed).failures) == (None, 0)
    # Another address meanwhile: what was read is of another calendar.
    save_feed(latest(feed), "Family", 60, "https://other.example.com/x.ics", claim.until)
    record_fetched_feed(second, busy, NOW)
    assert OutsideBusy.select().count() == 0
    ((_, third),) = claim_due(claim.until, 4)
    remove_feed(latest(feed), NOW)
    record_fetched_feed(third, busy, NOW)
    record_fault(third, FeedError(Fault.GONE), SITE, now)
    assert Feed.select().count() == OutsideBusy.select().count() == Notice.select().count() == 0


def test_a_clock_that_is_set_back_lets_calendars_be_read_at_once(alice: Person) -> None:
    feed, feeds = new_feed(alice), FakeFeeds({ADDRESS: calendar(CALL)})
    refresh(feeds)
    before = NOW - timedelta(hours=3)
    assert outside_busy_spans(alice, WEEK, before) == [(WEEK.starts_at, WEEK.ends_at)]
    assert refresh(feeds, before) == 1
    assert outside_busy_spans(alice, WEEK, before) == IS_BUSY
    assert read_again(latest(feed), before) is False  # a moment ago
    assert read_again(latest(feed), before + timedelta(seconds=30)) is True
    assert refresh(feeds, before + timedelta(seconds=30)) == 1
