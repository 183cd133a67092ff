"""The private calendar feed: who reads it, what is in it, and what it costs to ask again."""

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from coaching.booking.models import CoachingSession
from coaching.messages.models import CalendarFeed
from tests import factories

PAGE = "/settings/messages"
NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


def make_feed(browser) -> tuple[str, str]:
    """The path of a new feed, and the page that shows it."""
    answer = browser.post(f"{PAGE}/feed")
    assert answer.status_code == 200
    match = re.search(r"http://localhost:8000(/calendar/[A-Za-z0-9_-]{27}\.ics)", answer.text)
    assert match
    return match[1], answer.text


def events_at(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return {str(event["summary"]): event for event in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")}


def test_an_address_is_shown_once_kept_hashed_replaced_and_removed(app, browser_of, bob):
    browser, program = browser_of(bob), app.test_client()
    path, page = make_feed(browser)
    assert "webcal://localhost:8000/calendar/" in page
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    assert token not in str(CalendarFeed.get().__data__)
    assert token not in browser.get(PAGE).text
    assert program.get(path).status_code == 200
    newer, _ = make_feed(browser)
    assert [program.get(address).status_code for address in (path, newer)] == [404, 200]
    assert browser.post(f"{PAGE}/feed/removal").status_code == 303
    assert program.get(newer).status_code == 404
    assert program.get("/calendar/unknown.ics").status_code == 404
    assert program.get("/calendar/.ics").status_code == 404


def test_it_has_ones_own_sessions_on_both_sides_and_no_names(app, browser_of, alice, bob):
    def make(title, student, teacher, starts_at, **more):
        product = factories.make_product(coach=teacher, title=title)
        return factories.make_coaching_session(product, student, starts_at=starts_at, **more)

    taken = make("Taken", bob, alice, NOW + 2 * DAY)
    make("Given", alice, bob, NOW + 3 * DAY)
    make("Far away", bob, alice, NOW + 300 * DAY)
    make("Lately", bob, alice, NOW - 20 * DAY, state="completed")
    make("Long ago", bob, alice, NOW - 40 * DAY, state="completed")
    make("Called off", bob, alice, NOW + 5 * DAY, state="cancelled", ended_at=NOW - DAY, revision=1)
    make("Forgotten", bob, alice, NOW - 35 * DAY, state="cancelled", ended_at=NOW - 36 * DAY)
    make("Lapsed", bob, alice, NOW + 6 * DAY, state="expired", ended_at=NOW)
    make("Of others", alice, factories.make_person("Carla", linked_as="77"), NOW + 7 * DAY)
    path, _ = make_feed(browser_of(bob))
    events = events_at(app.test_client(), path)
    assert set(events) == {"Taken", "Given", "Far away", "Lately", "Called off"}
    assert {title for title, event in events.items() if event["status"] == "CANCELLED"} == {"Called off"}
    assert events["Called off"]["sequence"] == 1
    assert events["Taken"]["uid"] == f"{taken.code}@localhost"
    assert events["Taken"]["url"] == f"http://localhost:8000/sessions/{taken.code}"
    text = app.test_client().get(path).text
    for name in ("Alice", "Bob", "Make the low end work", "discord"):
        assert name not in text


def test_asked_again_it_answers_not_modified_until_something_changes(app, browser_of, alice, bob):
    product = factories.make_product(coach=alice)
    booked = [factories.make_coaching_session(product, bob, starts_at=NOW + count * DAY) for count in (1, 2, 3)]
    path, _ = make_feed(browser_of(bob))
    program = app.test_client()
    first = program.get(path, headers={"Accept-Encoding": "gzip"})
    assert (first.headers["Content-Encoding"], first.mimetype) == ("gzip", "text/calendar")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in first.headers
    mark = first.headers["ETag"]
    for accepts in ("gzip", "identity"):
        again = program.get(path, headers={"If-None-Match": mark, "Accept-Encoding": accepts})
        assert (again.status_code, again.data) == (304, b"")
    assert program.head(path).status_code == 200
    CoachingSession.update(ends_at=booked[0].ends_at - timedelta(minutes=5), revision=1).where(
        CoachingSession.id == booked[0].id
    ).execute()
    assert program.get(path, headers={"If-None-Match": mark}).status_code == 200


def test_it_costs_a_fixed_number_of_statements(app, browser_of, alice, bob, statements_in):
    product = factories.make_product(coach=alice)
    path, _ = make_feed(browser_of(bob))
    program = app.test_client()
    counts: list[int] = []
    for _ in range(2):
        for count in range(3):
            factories.make_coaching_session(product, bob, starts_at=NOW + (len(counts) * 3 + count + 1) * DAY)
        counts.append(len(statements_in(lambda: program.get(path))))
    assert counts[0] == counts[1]
