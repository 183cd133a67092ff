"""12 or 24 hours: as somebody has chosen, else as their browser had it last, on pages and in messages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person, SignIn
from coaching.alerts.emails import when
from coaching.messages.fact_queries import day_message
from coaching.messages.reach_queries import get_recipient
from coaching.messages.texts.day import day_text
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from tests import factories
from tests.fakes import FakeMailer
from tests.sending import SENDER, deliver_due, text_of

Browser = Callable[..., FlaskClient]
STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
NOW = STARTS_AT - timedelta(hours=5)
AMERICAN, GERMAN = {"Accept-Language": "en-US,en;q=0.9"}, {"Accept-Language": "de"}
PROFILE = {"name": "Bob", "zone": "Europe/Berlin"}


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


# On pages it never breaks in two lines.
SIX = "6:00\N{NO-BREAK SPACE}pm"


def clock_of(person: Person) -> tuple[str, str]:
    kept = Person.get_by_id(person.id)
    return kept.clock, kept.browser_clock


def test_a_chosen_clock_goes_before_the_browsers_on_every_page(browser_of: Browser, bob: Person) -> None:
    coaching_session = factories.make_coaching_session(student=bob, starts_at=STARTS_AT)
    browser, path = browser_of(bob), f"/sessions/{coaching_session.code}"

    def reads(language: dict[str, str]) -> str:
        page = browser.get(path, headers=language).text
        return "".join(time for time in ("18:00", SIX) if f">{time}<" in page)

    browser.post("/settings/profile", data=PROFILE)
    assert (reads(AMERICAN), reads(GERMAN)) == (SIX, "18:00")
    browser.post("/settings/profile", data=PROFILE | {"clock": "24"})
    assert (reads(AMERICAN), reads(GERMAN)) == ("18:00", "18:00")
    browser.post("/settings/profile", data=PROFILE | {"clock": "12"})
    assert (reads(AMERICAN), reads(GERMAN)) == (SIX, SIX)
    assert '<option selected value="12">' in browser.get("/settings").text
    browser.post("/settings/profile", data=PROFILE)  # a page from before it was asked for
    assert clock_of(bob)[0] == "12"
    assert browser.post("/settings/profile", data=PROFILE | {"clock": "10"}).status_code == 422


def test_a_day_on_a_phone_says_how_many_calls_it_has_where_a_time_with_am_and_pm_does_not_fit(
    browser_of: Browser, bob: Person
) -> None:
    def narrow(language: dict[str, str]) -> list[str]:
        return re.findall(
            '<span class="on-narrow">([^<]*)</span>', browser_of(bob).get("/dashboard", headers=language).text
        )

    for hours, german, american in ((0, ["18:00"], ["1 call"]), (2, ["18:00", "+1"], ["2 calls"])):
        factories.make_coaching_session(student=bob, starts_at=STARTS_AT + timedelta(hours=hours))
        assert (narrow(GERMAN), narrow(AMERICAN)) == (german, american)


def test_the_browsers_clock_is_kept_at_a_sign_in_and_now_and_then(client: FlaskClient) -> None:
    bob = factories.make_person("Bob")
    typed = {"email": bob.email, "password": factories.PASSWORD}
    assert client.post("/sign-in", data=typed, headers=AMERICAN).status_code == 303
    assert clock_of(bob) == ("", "12")
    client.get("/settings", headers=GERMAN)
    assert clock_of(bob) == ("", "12")  # looked at when the sign-in is marked as used, not with each page
    for headers, kept in ((GERMAN, "24"), ({}, "24"), (AMERICAN, "12")):
        SignIn.update(seen_at=datetime.now(UTC) - timedelta(minutes=16)).execute()
        client.get("/settings", headers=headers)
        assert clock_of(bob) == ("", kept)


@pytest.mark.parametrize(
    ("clocks", "expected"),
    [
        ({}, "18:00 to 19:00"),
        ({"browser_clock": "12"}, "6:00 pm to 7:00 pm"),
        ({"clock": "24", "browser_clock": "12"}, "18:00 to 19:00"),
        ({"clock": "12", "browser_clock": "24"}, "6:00 pm to 7:00 pm"),
    ],
)
@pytest.mark.usefixtures("db")
def test_messages_write_times_by_their_readers_clock(clocks: dict[str, Any], expected: str) -> None:
    bob = factories.make_person("Bob", zone="Europe/Berlin", **clocks)
    coaching_session = factories.make_coaching_session(student=bob, starts_at=STARTS_AT)
    owe(MessageKind.BOOKED, "booked:1", bob.id, NOW, session_id=coaching_session.id)
    mailer = FakeMailer()
    deliver_due(mailer, NOW)
    assert expected in text_of(mailer.sent[0])


def test_the_list_of_a_day_and_letters_about_refusals_do_too(alice: Person) -> None:
    factories.make_coaching_session(factories.make_product(factories.make_store(alice)), starts_at=STARTS_AT)
    Person.update(clock="12", zone="Europe/Berlin").execute()
    message = day_text(day_message(get_recipient(Person.get_by_id(alice.id)), NOW), SENDER)
    assert message is not None
    assert "6:00 pm to 7:00 pm" in str(message.blocks)
    assert when(STARTS_AT, "Europe/Berlin", True) == "Tuesday 9 March 2027, 6:00 pm (Europe/Berlin)"
