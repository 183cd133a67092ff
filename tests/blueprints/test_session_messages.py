"""What was written about a session: its coach reads of all of it, its student of their own, an admin in short."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.messages.mutations import record_mail_refused, save_settings
from coaching.notices.models import Notice
from tests import factories
from tests.fakes import FakeMailer

Browser = Callable[[Person | None], FlaskClient]
STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(STARTS_AT - 12 * HOUR)


def words_of(page: str) -> list[str]:
    """The lines of the section, without their times."""
    section = page.partition('id="messages"')[2].partition("</section>")[0]
    lines = (line.partition("<time")[0] for line in section.split("<li>")[1:])
    return [" ".join(re.sub("<[^>]*>", "", line).split()) for line in lines]


@pytest.mark.usefixtures("sending")
def test_everybody_reads_what_concerns_them(browser_of: Browser, alice: Person, bob: Person) -> None:
    product = factories.make_product(factories.make_store(alice))
    coaching_session = factories.make_coaching_session(product, bob, starts_at=STARTS_AT)
    for n, (person, values) in enumerate(
        [
            (bob, {"kind": "booked", "channel": "mail", "state": "sent", "sent_at": STARTS_AT - 30 * HOUR}),
            (alice, {"kind": "coach_booked", "channel": "discord", "state": "unsure"}),
            (bob, {"kind": "reminder", "fields": '{"minutes": 1440}', "state": "off"}),
            (bob, {"kind": "needed", "state": "held"}),
            (alice, {"kind": "coach_reminder", "channel": "mail", "attempts": 2}),
        ]
    ):
        about: dict[str, Any] = {"person_id": person.id, "session_id": coaching_session.id}
        Notice.create(key=f"k{n}", made_at=STARTS_AT - 40 * HOUR, recipient="b@example.com", **about, **values)
    admin = factories.make_person("Admin", is_admin=True)
    path = f"/sessions/{coaching_session.code}"

    of_coach = browser_of(alice).get(path).text
    assert words_of(of_coach) == [
        "Booking to Bob. Sent by e-mail.",
        "Booking to you. May have been sent on Discord.",
        "Reminder, 1 day before to Bob. Not sent: they do not want this kind of message.",
        "Something is needed to Bob. Not sent: nobody knows where to reach them.",
        "Reminder to you. Could not be sent by e-mail yet, and is tried again.",
    ]
    assert "b@example.com" not in of_coach
    assert words_of(browser_of(bob).get(path).text) == [
        "Booking. Sent by e-mail.",
        "Reminder, 1 day before. Not sent: you do not want this kind of message.",
        "Something is needed. Not sent: nobody knows where to reach you.",
    ]
    of_admin = browser_of(admin).get(path).text
    assert words_of(of_admin)[0] == "Booking to the student. Sent by e-mail."
    assert len(words_of(of_admin)) == 5


def test_a_coach_reads_whom_nothing_reaches_and_why(
    sending: FakeMailer, browser_of: Browser, alice: Person, bob: Person
) -> None:
    product = factories.make_product(factories.make_store(alice))
    coaching_session = factories.make_coaching_session(product, bob, starts_at=STARTS_AT)
    path, browser = f"/sessions/{coaching_session.code}", browser_of(alice)
    assert "No message reaches" not in browser.get(path).text

    record_mail_refused(bob, "550 5.1.1", datetime.now(UTC) + HOUR)
    page = browser.get(path).text
    assert "The e-mail address of Bob takes no mail. Messages go to Discord instead." in page
    assert "reaches" not in browser_of(bob).get(path).text

    save_settings(bob, takes_discord=False)
    assert "No message reaches Bob: their e-mail address takes no mail." in browser.get(path).text
    Person.update(email_verified_at=None).where(Person.id == bob.id).execute()
    assert "No message reaches Bob: they have not confirmed their e-mail address yet." in browser.get(path).text
