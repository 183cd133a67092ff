"""The page of a coach's outside calendars: adding, changing, reading again and removing one, and how each fares."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person, SecurityEvent
from coaching.calendars.faults import SENTENCES, Fault
from coaching.calendars.models import Feed, OutsideBusy
from coaching.calendars.mutations import MOST_FEEDS
from coaching.rate_limits.limits import CALENDARS_ASKED, Use
from coaching.rate_limits.mutations import take
from tests import factories

PAGE = "/dashboard/calendars"
ADDRESS = "https://calendar.example.com/private-0123456789abcdef/basic.ics"
FORM = {"name": "Family", "address": ADDRESS, "stale_after_minutes": "240", "form_key": "abcdefghjk"}
HX = {"HX-Request": "true"}

Browser = Callable[[Person | None], FlaskClient]


@pytest.fixture
def coach(alice: Person) -> Person:
    factories.make_store(alice)
    return alice


@pytest.fixture
def asked(app: Flask) -> list[str]:
    """Each time that the worker was asked to read calendars."""
    times: list[str] = []
    app.extensions["wake_calendars"] = lambda: times.append("asked")
    return times


def test_a_calendar_is_added_once_and_its_address_never_shown_again(
    coach: Person, browser_of: Browser, asked: list[str]
) -> None:
    browser = browser_of(coach)
    assert "Where to find the private address" in browser.get(PAGE).text
    # webcal is what Apple hands out; the second press is the first one's again, and so is the same address once more.
    for form in (FORM | {"address": ADDRESS.replace("https", "webcal")}, FORM, FORM | {"form_key": "bcdefghjkm"}):
        answer = browser.post(PAGE, data=form)
        assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    feed = Feed.get()
    assert (feed.name, feed.address, feed.stale_after_minutes) == ("Family", ADDRESS, 240)
    assert len(asked) == 3
    page = browser.get(PAGE)
    assert "It is read in a moment. Until then, no times of yours are offered." in page.text
    assert f'hx-get="{PAGE}"' in page.text
    assert page.headers["Cache-Control"] == "no-store"
    for text in (page.text, browser.get(f"{PAGE}/{feed.code}").text, browser.get(PAGE, headers=HX).text):
        assert "calendar.example.com/…ic.ics" in text
        assert "private-0123456789abcdef" not in text
    (event,) = SecurityEvent.select().where(SecurityEvent.kind == "outside calendar added")
    assert (event.person_id, event.detail) == (coach.id, "calendar.example.com")


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_stays(
    coach: Person, browser_of: Browser, asked: list[str]
) -> None:
    browser = browser_of(coach)
    answer = browser.post(PAGE, data=FORM | {"name": " ", "address": "http://calendar.example.com/mine"})
    assert answer.status_code == 422
    assert "Give the calendar a name" in answer.text
    assert "This address begins with http://" in answer.text
    assert 'value="http://calendar.example.com/mine"' in answer.text
    assert browser.post(PAGE, data=FORM | {"stale_after_minutes": "5"}).status_code == 422
    assert browser.post(PAGE, data={}).status_code == 422
    for _ in range(MOST_FEEDS):
        factories.make_feed(coach)
    assert (
        "You can have at most 10 outside calendars."
        in browser.post(PAGE, data=FORM | {"address": f"{ADDRESS}?x=1"}).text
    )
    assert "Add a calendar" not in browser.get(PAGE).text
    assert asked == []
    assert Feed.select().count() == MOST_FEEDS


def test_a_calendar_is_changed_read_again_and_removed(coach: Person, browser_of: Browser, asked: list[str]) -> None:
    browser, now = browser_of(coach), datetime.now(UTC)
    feed = factories.make_feed(coach, now - timedelta(minutes=3), address=ADDRESS, events=1, stale_after_minutes=90)
    OutsideBusy.create(feed=feed, starts_at=now, ends_at=now + timedelta(hours=1))
    page = f"{PAGE}/{feed.code}"

    assert "90 minutes" in browser.get(page).text  # none of the usual ages
    values = {"name": "Work", "stale_after_minutes": "90", "address": ""}
    assert browser.post(page, data=values).status_code == 303
    kept = Feed.get()
    assert (kept.name, kept.address, kept.fetched_at, asked) == ("Work", ADDRESS, feed.fetched_at, [])
    assert browser.post(page, data=values | {"name": ""}).status_code == 422

    assert "One event in the next year counts as busy." in browser.get(PAGE).text
    assert browser.post(f"{page}/reading").status_code == 303
    assert asked == ["asked"]
    assert "Being read …" in browser.get(PAGE).text
    assert "Read again now" not in browser.get(PAGE).text
    Feed.update(tried_at=datetime.now(UTC)).execute()
    assert "was asked for a moment ago" in browser.post(f"{page}/reading", follow_redirects=True).text

    assert browser.post(page, data=values | {"address": "webcal://other.example.com/x"}).status_code == 303
    moved = Feed.get()
    assert (moved.address, moved.fetched_at) == ("https://other.example.com/x", None)
    assert OutsideBusy.select().count() == 0

    assert "is removed" in browser.post(f"{page}/removal", follow_redirects=True).text
    assert Feed.select().count() == 0
    assert browser.post(f"{page}/removal").status_code == 404  # pressed twice
    kinds = [event.kind for event in SecurityEvent.select().where(SecurityEvent.kind.startswith("outside"))]
    assert kinds == ["outside calendar replaced", "outside calendar removed"]


def test_the_page_says_how_each_calendar_fares_and_the_dashboard_which_one_died(
    coach: Person, browser_of: Browser
) -> None:
    browser, now = browser_of(coach), datetime.now(UTC)
    later = {"next_try_at": now + timedelta(minutes=9)}
    read_at, gone = now - timedelta(minutes=3), SENTENCES[Fault.GONE]
    factories.make_feed(coach, read_at, name="Good", **later)
    assert "cannot be read" not in browser.get("/dashboard").text
    factories.make_feed(coach, read_at, name="Odd", fault="Some events are odd.", **later)
    factories.make_feed(coach, read_at, name="Failing", fault=SENTENCES[Fault.IN_TROUBLE], failures=1, **later)
    factories.make_feed(coach, read_at, name="Dead", fault=gone, failures=3, **later)
    factories.make_feed(coach, now - timedelta(days=2), name="Old", fault=gone, failures=50, **later)
    factories.make_feed(coach, None, name="Waiting", **later)
    words = re.sub(r"<[^>]*>|\s+", " ", browser.get(PAGE).text)
    words = re.sub(" +", " ", words)
    assert "Good Up to date No events in the next year count as busy." in words
    assert "Odd Something is odd Some events are odd." in words
    assert "Failing Cannot be read The calendar’s server says that it is in trouble." in words
    assert "What was read last counts until it is older than 1 day." in words
    assert "Dead Cannot be read There is no calendar at this address any more." in words
    assert "Old No times offered There is no calendar" in words
    assert "Until it is read, no times of yours are offered." in words
    assert "Waiting No times offered It has not been read yet." in words
    home = re.sub(r"<[^>]*>|\s+", " ", browser.get("/dashboard").text)
    assert "Your calendar “Dead” cannot be read" in home
    # Those that fare alike stand together, and what ails them once.
    assert "No times of yours are offered now: your calendars “Old” and “Waiting” cannot be read" in home
    for name in ("Good", "Odd", "Failing"):
        assert f"“{name}”" not in home


def test_whoever_has_no_store_is_shown_the_way_to_one(bob: Person, browser_of: Browser) -> None:
    page = browser_of(bob).get(PAGE).text
    assert "Open a store first." in page
    assert "Private address" not in page
    assert browser_of(bob).post(PAGE, data=FORM).status_code == 404


def test_nobody_has_foreign_servers_asked_without_end(coach: Person, browser_of: Browser, asked: list[str]) -> None:
    browser, feed = browser_of(coach), factories.make_feed(coach)
    take([Use(CALENDARS_ASKED, str(coach.id), CALENDARS_ASKED.most)], datetime.now(UTC))
    answers = [
        browser.post(PAGE, data=FORM),
        browser.post(f"{PAGE}/{feed.code}/reading"),
        browser.post(f"{PAGE}/{feed.code}", data=FORM),
    ]
    for answer in answers:
        assert answer.status_code == 429
        assert "ask again in" in answer.text
        assert int(answer.headers["Retry-After"]) > 0
    assert asked == []
    assert Feed.get().address == feed.address
