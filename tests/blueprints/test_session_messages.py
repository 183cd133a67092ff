"""What was written about a session: its coach reads of all of it, its student of their own, an admin in short."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.notices.models import Notice
from tests import factories

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
    written: list[tuple[Person, dict[str, Any]]] = [
        (bob, {"kind": "booked", "channel": "mail", "state": "sent", "sent_at": STARTS_AT - 30 * HOUR}),
        (alice, {"kind": "coach_booked", "channel": "discord", "state": "unsure"}),
        (bob, {"kind": "reminder", "fields": '{"minutes": 1440}', "state": "off"}),
        (bob, {"kind": "needed", "state": "held"}),
        (alice, {"kind": "coach_reminder", "channel": "mail", "attempts": 2}),
    ]
    for n, (person, values) in enumerate(written):
        about = {"person_id": person.id, "session_id": coaching_session.id, "recipient": "b@example.com"}
        Notice.create(key=f"k{n}", made_at=STARTS_AT - 40 * HOUR, **about, **values)
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
