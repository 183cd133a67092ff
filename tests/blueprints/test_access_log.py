"""The log of requests: what was asked by its pattern, never by its address, and what it concerned."""

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

import logs
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from tests import factories

SECURITY = "greenroom.security"
Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines(app: Flask, capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """The lines of requests since, as they are in earnest."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.set_up("web", is_readable=False)
    # Of signing the tests' browsers in the security log tells.
    yield lambda: [
        line for text in capsys.readouterr().err.splitlines() if (line := json.loads(text))["logger"] != SECURITY
    ]
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def coaching_session(alice: Person, bob: Person) -> CoachingSession:
    product = factories.make_product(coach=alice)
    return factories.make_coaching_session(product, bob, starts_at=datetime.now(UTC) + timedelta(days=1))


def test_a_request_is_told_by_its_pattern_with_who_and_how_long(
    lines: Lines, browser_of: Callable[..., FlaskClient], bob: Person, coaching_session: CoachingSession
) -> None:
    browser_of(bob).get(f"/sessions/{coaching_session.code}?from=mail")

    (line,) = lines()
    assert line["route"] == "/sessions/<code>"
    assert (line["method"], line["status"], line["person"]) == ("GET", 200, bob.id)
    assert isinstance(line["took_ms"], int)
    assert line["session"] == coaching_session.code
    assert len(str(line["request"])) == 8


def test_a_booking_is_told_with_the_session_that_came_of_it_and_without_what_was_typed(
    lines: Lines,
    browser_of: Callable[..., FlaskClient],
    alice: Person,
    bob: Person,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(datetime(2027, 3, 8, 6, 0, tzinfo=UTC))
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="call", session_type="phone")
    typed = {"phone": "+49 30 123456", "goals": "Make the low end work.", "form_key": "a-form-key-1"}
    time = {"offer": product.offers.get().id, "starts_at": "2027-03-09T08:00:00Z"}

    assert browser_of(bob).post("/s/nova/call/sessions", data=typed | time).status_code == 303

    logged = lines()
    assert logged[-1]["session"] == CoachingSession.get().code
    assert "123456" not in str(logged)
    assert "low end" not in str(logged)


def test_what_is_no_code_is_not_repeated(lines: Lines, client: FlaskClient) -> None:
    client.get("/sessions/Robert%22%0a")

    (line,) = lines()
    assert "session" not in line


def test_an_address_that_is_none_is_not_repeated(lines: Lines, client: FlaskClient) -> None:
    client.get("/no/such/page?token=abc")

    (line,) = lines()
    assert (line["status"], line["route"]) == (404, None)
    assert "abc" not in str(line)


def test_the_token_of_a_mailed_link_is_in_no_line(lines: Lines, client: FlaskClient) -> None:
    token = "Vb3nT8xQ1rL6wZ0kY5mJ2sH9dF4gC7pA-Vb3nT8xQ1r"
    client.get(f"/reset/{token}")

    logged = lines()
    assert logged
    assert token not in str(logged)


def test_a_crash_bears_the_number_that_the_person_is_shown(lines: Lines, app: Flask) -> None:
    app.testing = False
    app.add_url_rule("/crash", "crash", lambda: str(1 / 0))

    page = app.test_client().get("/crash").text

    crash, access = lines()
    assert "ZeroDivisionError" in str(crash["exception"])
    assert crash["request"] == access["request"]
    assert str(crash["request"]) in page
    assert access["status"] == 500


def test_two_requests_have_two_numbers(lines: Lines, client: FlaskClient) -> None:
    client.get("/")
    client.get("/")

    first, second = lines()
    assert first["request"] != second["request"]
