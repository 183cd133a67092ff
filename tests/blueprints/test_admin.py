"""The admin's pages: for admins alone, and honest."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.call_budget.models import CallHold
from coaching.checks import bad, good
from coaching.diagnostics.mutations import record_diagnosis
from coaching.notices.mutations import enqueue
from coaching.runtime.mutations import add_to_run, record_heartbeat
from tests import factories
from tests.clocks import at

Browser = Callable[[Person | None], FlaskClient]
PAGES = (
    "/admin",
    "/admin/rooms",
    "/admin/sessions",
    "/admin/messages",
    "/admin/runs",
    "/admin/stores",
    "/admin/doctor",
    "/admin/security",
)
NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> Person:
    return factories.make_person("Ada", is_admin=True)


@pytest.mark.parametrize("path", PAGES)
def test_only_admins_see_what_an_admin_page_says(browser_of: Browser, bob: Person, path: str) -> None:
    # Signed out it may be an admin whose twelve hours are over.
    assert browser_of(None).get(path).headers["Location"].startswith("/sign-in")
    assert browser_of(bob).get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_admins_see_every_page_empty_too(browser_of: Browser, ada: Person, path: str) -> None:
    assert browser_of(ada).get(path).status_code == 200


def test_the_overview_says_when_all_is_fine(browser_of: Browser, ada: Person) -> None:
    record_heartbeat("worker", datetime.now(UTC))
    record_heartbeat("backup", datetime.now(UTC))
    record_diagnosis(None, [good("Clock", "It is right.")], at(datetime.now(UTC)))

    assert "Everything is fine" in browser_of(ada).get("/admin").get_data(as_text=True)


def test_a_night_without_a_backup_is_said_on_the_overview(browser_of: Browser, ada: Person) -> None:
    record_heartbeat("backup", datetime.now(UTC) - timedelta(hours=40))
    assert "The last backup is from" in browser_of(ada).get("/admin").text

    record_heartbeat("backup", datetime.now(UTC))
    page = browser_of(ada).get("/admin").text
    assert "The last backup is from" not in page
    assert "Last backup" in page
    assert "Version 0.2.0" in page


@pytest.mark.parametrize(
    ("break_it", "sentences"),
    [
        (
            "mail",
            ["1 mail waits and cannot leave: no mail server is set.", "Change MAIL_URL in ", 'href="/admin/messages"'],
        ),
        ("queue", ["<b>Queue.</b> It does not answer.", "Change HUEY_URL in ", 'href="/admin/doctor"']),
        ("server", ["All servers are left alone until", 'href="/admin/rooms"']),
        ("verification", ["Discord no longer says that the coach may manage the server"]),
        ("doctor", ["It found one thing to mend on", 'href="/admin/doctor"']),
        ("never", ["It has not looked yet", 'href="/admin/doctor"']),
    ],
)
def test_the_overview_says_what_is_not_fine_with_its_remedy(
    app: Flask, browser_of: Browser, ada: Person, break_it: str, sentences: list[str]
) -> None:
    now = datetime.now(UTC)
    record_heartbeat("worker", now)
    if break_it != "never":
        record_diagnosis(None, [bad("Clock", "It is slow.", "Set it.")] if break_it == "doctor" else [], at(now))
    if break_it == "mail":
        enqueue("k", "reset", "a@b.c", "", "x", now)
    if break_it == "queue":
        app.extensions["queue_depth"] = lambda: None
    if break_it == "server":
        CallHold.create(name="*", reason="unauthorized", until=now + timedelta(hours=1))
    if break_it == "verification":
        factories.make_store(ada, guild_verified_at=None)

    page = browser_of(ada).get("/admin").text

    assert "Everything is fine" not in page
    for words in sentences:
        assert words in page


@pytest.mark.parametrize("path", [path for path in PAGES if path != "/admin"])
def test_a_silent_worker_is_said_on_every_page(browser_of: Browser, ada: Person, path: str) -> None:
    record_heartbeat("worker", datetime.now(UTC) - timedelta(minutes=4))
    assert "The part that opens and closes rooms has not run since" in browser_of(ada).get(path).text

    record_heartbeat("worker", datetime.now(UTC) - timedelta(minutes=2))
    assert "The part that opens and closes rooms has not run since" not in browser_of(ada).get(path).text


def test_the_overview_says_since_when_the_worker_is_silent(browser_of: Browser, ada: Person) -> None:
    assert "has never run" in browser_of(ada).get("/admin").get_data(as_text=True)

    record_heartbeat("worker", datetime.now(UTC) - timedelta(hours=1))

    assert "has not run since" in browser_of(ada).get("/admin").get_data(as_text=True)


def test_sessions_are_listed_with_who_takes_part_and_without_what_they_wrote(browser_of: Browser, ada: Person) -> None:
    sam = factories.make_person("Sam", linked_as="7001")
    factories.make_coaching_session(student=sam, starts_at=NOW)

    page = browser_of(ada).get("/admin/sessions").get_data(as_text=True)

    assert "Mixing call" in page
    # A name is one word if its owner likes, and as long as they like.
    assert f'<td class="typed" data-label="Student"><a href="/admin/people/{sam.id}">Sam</a></td>' in page
    assert "Make the low end work." not in page
    factories.make_coaching_session(student=sam, starts_at=NOW + timedelta(hours=2), state="held", held_until=NOW)
    assert 'data-label="State">Held until paid<' in browser_of(ada).get("/admin/sessions").text


@pytest.mark.parametrize("number", ["0", "-1", "x", "１", "99999999999"])
def test_a_page_that_cannot_be_is_the_first(browser_of: Browser, ada: Person, number: str) -> None:
    assert browser_of(ada).get("/admin/sessions", query_string={"page": number}).status_code == 200


def test_runs_are_listed(browser_of: Browser, ada: Person) -> None:
    add_to_run(NOW, due=3, done=2, failed=1, took=timedelta(milliseconds=1234))

    assert "1.2 s" in browser_of(ada).get("/admin/runs").get_data(as_text=True)
