"""Up, ready, and the demo's clock."""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

import clock
from blueprints.operation import readiness
from coaching.accounts.models import Person
from coaching.db import database
from coaching.notices.models import Notice
from coaching.runtime.models import Run
from coaching.runtime.mutations import record_heartbeat
from tests import factories
from tests.fakes import FakeHost
from tests.locking import holding

Browser = Callable[[Person | None], FlaskClient]
AT = datetime(2027, 3, 9, 18, 0, tzinfo=UTC)


@pytest.fixture
def demo(app: Flask) -> Flask:
    app.config["DEMO"] = True
    return app


def test_the_process_is_up_without_a_database_too(app: Flask, client: FlaskClient) -> None:
    database.close()

    assert client.get("/healthz").status_code == 200
    assert database.is_closed()


@pytest.mark.parametrize(
    ("heard_ago", "queue_answers", "status"),
    [(timedelta(minutes=1), True, 200), (timedelta(minutes=4), True, 503), (timedelta(minutes=1), False, 503)],
)
def test_ready_needs_the_worker_and_the_queue(
    app: Flask, client: FlaskClient, heard_ago: timedelta, queue_answers: bool, status: int
) -> None:
    app.extensions["queue_answers"] = lambda: queue_answers
    record_heartbeat("worker", datetime.now(UTC) - heard_ago)

    answer = client.get("/readyz")

    assert answer.status_code == status
    assert answer.get_data(as_text=True) in ("yes\n", "no\n")


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("held", ["database", "nothing"])
def test_ready_means_that_something_can_be_written(client: FlaskClient, database_url: str, held: str) -> None:
    record_heartbeat("worker", datetime.now(UTC))
    with holding(database_url) if held == "database" else nullcontext():
        assert client.get("/readyz").status_code == (503 if held == "database" else 200)


def test_a_question_that_hangs_is_asked_once_and_everybody_is_answered() -> None:
    asked, answers = list[int](), threading.Event()

    def ask() -> bool:
        asked.append(1)
        return answers.wait(20)

    probe = readiness.Probe(ask, kept_for=0)

    assert [probe.answer(0) for _ in range(5)] == [False] * 5
    assert len(asked) == 1
    answers.set()
    assert probe.answer(20)


def test_the_demo_clock_jumps_and_does_what_is_due(demo: Flask, client: FlaskClient, host: FakeHost) -> None:
    factories.make_coaching_session(starts_at=AT)
    woken = []
    demo.extensions["wake_notices"] = lambda: woken.append(Notice.select().count())

    answer = client.post("/demo/clock", data={"at": "2027-03-09T17:50:00Z", "next": "/s/nova"})

    assert (answer.status_code, answer.location) == (303, "/s/nova")
    assert abs(clock.now() - AT + timedelta(minutes=10)) < timedelta(minutes=1)
    assert "create_channel" in host.names()
    assert Run.get().done > 0
    # Of the room that is open now its student is told at once.
    assert woken == [1]


def test_the_demo_clock_goes_back_to_real_time(
    demo: Flask, client: FlaskClient, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(AT)

    client.post("/demo/clock", data={"reset": "1"})

    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize("at", ["", "tomorrow", "2027-03-09T17:50:00", "9999-12-31T23:59:59Z"])
def test_the_demo_clock_takes_instants_only(demo: Flask, client: FlaskClient, at: str) -> None:
    assert client.post("/demo/clock", data={"at": at}).status_code == 400


def test_the_demo_clock_leads_nowhere_else(demo: Flask, client: FlaskClient) -> None:
    answer = client.post("/demo/clock", data={"reset": "1", "next": "https://evil.example"})

    assert answer.location == "/"


def test_outside_a_demo_there_is_no_clock(client: FlaskClient) -> None:
    assert client.post("/demo/clock", data={"reset": "1"}).status_code == 404


def test_the_clock_bar_offers_the_minutes_around_ones_session(
    demo: Flask, browser_of: Browser, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(AT - timedelta(hours=5))
    factories.make_coaching_session(student=bob, starts_at=AT)

    page = browser_of(bob).get("/healthz-is-no-page").get_data(as_text=True)

    assert "Demo clock" in page
    for label, at in (
        ("Room is made", "2027-03-09T17:30:00Z"),
        ("16 minutes before", "2027-03-09T17:44:00Z"),
        ("Room opens", "2027-03-09T17:45:00Z"),
        ("Start", "2027-03-09T18:00:00Z"),
        ("End", "2027-03-09T19:00:00Z"),
        ("Room closes", "2027-03-09T19:15:00Z"),
        ("61 minutes after", "2027-03-09T20:01:00Z"),
    ):
        assert f'value="{at}">{label}<' in page


def test_the_clock_bar_speaks_of_the_session_on_the_page(
    demo: Flask, browser_of: Browser, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(AT - timedelta(hours=5))
    factories.make_coaching_session(student=bob, starts_at=AT)
    later = factories.make_coaching_session(student=bob, starts_at=AT + timedelta(days=1))

    page = browser_of(bob).get(f"/sessions/{later.code}").get_data(as_text=True)

    assert 'value="2027-03-10T18:00:00Z">Start<' in page
    assert 'value="2027-03-09T18:00:00Z">Start<' not in page


def test_a_part_drawn_by_htmx_brings_the_clock_bar_along(
    demo: Flask, browser_of: Browser, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(AT - timedelta(hours=5))
    code = factories.make_coaching_session(student=bob, starts_at=AT).code
    browser, by_htmx = browser_of(bob), {"HX-Request": "true", "HX-Trigger": "booking-form", "HX-Target": "content"}
    bar = 'id="clock-bar" aria-label="Demo clock" hx-swap-oob="true"'

    assert bar in browser.get(f"/sessions/{code}", headers=by_htmx).get_data(as_text=True)
    # A poll would move what somebody has scrolled or is about to press.
    poll = {"HX-Request": "true", "HX-Trigger": "live", "HX-Target": "live"}
    assert bar not in browser.get(f"/sessions/{code}/room", headers=poll).get_data(as_text=True)
    demo.config["DEMO"] = False
    assert "clock-bar" not in browser.get(f"/sessions/{code}", headers=by_htmx).get_data(as_text=True)


def test_a_jump_leads_back_to_the_page_it_was_pressed_on(demo: Flask, client: FlaskClient) -> None:
    there = "http://localhost:8000/s/nova?day=2027-03-09"

    answer = client.post("/demo/clock", data={"reset": "1"}, headers={"Referer": there})

    assert answer.location == "/s/nova?day=2027-03-09"


def test_in_a_demo_the_way_into_the_room_is_seen_with_ones_own_eyes(
    demo: Flask, browser_of: Browser, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    coaching_session = factories.make_coaching_session(student=bob, starts_at=AT)
    browser = browser_of(bob)
    browser.post("/demo/clock", data={"at": "2027-03-09T17:44:00Z"})
    browser.post("/demo/clock", data={"at": "2027-03-09T17:50:00Z"})

    page = browser.get(f"/sessions/{coaching_session.code}").get_data(as_text=True)
    assert "?as=2002" in page
    demo.config["DEMO"] = False
    assert "?as=" not in browser.get(f"/sessions/{coaching_session.code}").get_data(as_text=True)
