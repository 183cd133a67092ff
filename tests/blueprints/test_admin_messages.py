"""The admin's page of messages: what became of each, why, and sending one again; no text about a session is on it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching import vault
from coaching.accounts.models import Person
from coaching.booking.queries import get_session_for
from coaching.messages.log_queries import messages_about
from coaching.notices.kinds import MessageKind
from coaching.notices.labels import STATE_LABELS
from coaching.notices.models import RESTORED, STATES, Notice
from coaching.notices.mutations import enqueue, owe
from coaching.vault import UNREADABLE
from tests import factories
from tests.clocks import at
from tests.fakes import FakeMailer
from tests.sending import deliver_due

Browser = Callable[[Person | None], FlaskClient]
NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIST = "/admin/messages"


@pytest.fixture
def ada(db: None) -> Person:
    return factories.make_person("Ada", is_admin=True)


def write(**differences: Any) -> Notice:
    """A mail about an account, just written."""
    ordinary = {"kind": "reset", "channel": "mail", "recipient": "bob@example.com", "subject": "New password"}
    times = {"made_at": NOW, "due_at": NOW}
    key = f"k{Notice.select().count()}"
    made: Notice = Notice.create(**{"key": key, "body": "secret link"} | ordinary | times | differences)
    return made


def rows_of(page: str) -> list[str]:
    """The lines of the table as words, without the heading."""
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in table.split("<tr>")[1:]]


def test_every_state_has_its_word() -> None:
    assert set(STATE_LABELS) == set(STATES)


def test_the_page_of_mail_is_the_page_of_messages_now(browser_of: Browser, ada: Person) -> None:
    moved = browser_of(ada).get("/admin/mail")
    assert (moved.status_code, moved.location) == (308, LIST)


def test_messages_are_found_by_state_kind_and_channel_and_keep_what_was_asked_for(
    browser_of: Browser, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("blueprints.admin.messages.PAGE_SIZE", 2)
    bob = factories.make_person("Bob Fields")
    coaching_session = factories.make_coaching_session(student=bob, starts_at=NOW)
    about = {"person_id": bob.id, "session_id": coaching_session.id, "subject": "", "body": ""}
    write(state="sent", sent_at=NOW + HOUR)
    for n in range(3):
        write(
            kind="reminder", fields='{"minutes": 60}', channel="discord", state="failed", last_error=f"no {n}", **about
        )
    write(kind="booked", state="held", channel="", recipient="", last_error="nobody knows where to reach them", **about)
    write(kind="from a later version", state="sent", body="")
    browser = browser_of(ada)

    def asked(query: str) -> list[str]:
        return rows_of(browser.get(f"{LIST}{query}").text)

    assert [row.split(" New")[0].split(" Mixing")[0] for row in asked("")] == ["from a later version", "Booking"]
    assert [row.split(" ")[0] for row in asked("?page=3")] == ["Reminder,", "Choose"]
    [held] = asked("?state=held")
    assert "Nobody knows where to reach them." in held
    assert "It waits until this person can be reached." in held
    assert "Kept back" in held
    assert "Held" not in held  # as a time is
    [sent] = asked("?kind=reset")
    assert sent.startswith("Choose a new password New password")
    assert sent.endswith("Sent bob@example.com E-mail Tue 9 Mar, 13:00 Tue 9 Mar, 14:00")
    page = browser.get(f"{LIST}?kind=reminder&channel=discord&state=failed").text
    assert len(rows_of(page)) == 2
    assert "Reminder, 1 hour before" in page
    assert f'href="/sessions/{coaching_session.code}"' in page
    assert "Bob Fields" in page
    older = re.search('href="([^"]*)" id="older"', page)
    assert older
    oldest = browser.get(older[1].replace("&amp;", "&")).text
    assert [row for row in rows_of(oldest) if "No 0." in row]
    assert len(rows_of(oldest)) == 1
    assert "None of these" in browser.get(f"{LIST}?state=off").text
    assert len(asked("?state=nonsense&kind=x&channel=pigeon")) == 2


def test_how_many_wait_and_for_how_long_is_said(browser_of: Browser, ada: Person) -> None:
    browser = browser_of(ada)
    assert "Nothing waits to be sent." in browser.get(LIST).text
    write(made_at=NOW - 3 * HOUR, attempts=4, due_at=datetime.now(UTC) + HOUR, last_error="nothing listens there")
    write(due_at=None)
    write(kind="reminder", due_at=datetime.now(UTC) + HOUR)
    write(kind="booked", state="held", channel="", due_at=None)
    page = " ".join(re.sub("<[^>]*>", " ", browser.get(LIST).text).split())
    assert "2 wait to be sent , the oldest since Tue 9 Mar, 10:00 ." in page
    assert "One waits for a time of its own, as the end of quiet hours." in page
    assert "One is kept back : nobody knows where to reach its person." in page
    assert "Tried 4 times. Next try" in page


def test_no_text_about_a_session_is_shown(browser_of: Browser, ada: Person) -> None:
    bob = factories.make_person("Bob")
    coaching_session = factories.make_coaching_session(student=bob, starts_at=NOW)
    write(kind="running_late", session_id=coaching_session.id, person_id=bob.id, fields='{"words": "the dog is ill"}')
    Notice.update(body="the dog is ill").execute()
    page = browser_of(ada).get(LIST).text
    assert "The coach is late" in page
    assert "dog" not in page
    assert "Make the low end work." not in page


def test_the_text_of_a_mail_is_shown_only_where_no_mail_leaves(app: Flask, browser_of: Browser, ada: Person) -> None:
    write()

    page = browser_of(ada).get(LIST).text
    assert "bob@example.com" in page
    assert "secret link" in page
    assert page.count("No mail server is set") == 1
    write(kind="alert", body="Mend it here:\n\n/store/nova/guild\n")
    assert f"{app.extensions['settings'].sender.url}/store/nova/guild" in browser_of(ada).get(LIST).text

    app.extensions["settings"] = replace(app.extensions["settings"], mail_url="smtps://mail.example.com")
    page = browser_of(ada).get(LIST).text
    assert "bob@example.com" in page
    assert "secret link" not in page


def test_an_unsure_message_says_why_and_blames_no_connection(
    sending: FakeMailer, browser_of: Browser, ada: Person
) -> None:
    write(state="unsure", last_error=RESTORED)
    page = browser_of(ada).get(LIST).text
    assert "The database was restored from a backup: this message may have gone out before." in page
    assert "not sent again by itself" in page
    assert "It may arrive twice." in page
    assert "connection" not in page


def test_a_mail_whose_key_is_missing_is_listed_with_a_sentence(browser_of: Browser, ada: Person) -> None:
    browser = browser_of(ada)
    vault.keys.use([b"another key of 32 bytes, now lost"[:32]])
    write()
    vault.keys.use([b"the key that is there, of 32 bytes"[:32]])

    page = browser.get(LIST)

    assert page.status_code == 200
    assert UNREADABLE in page.text


def test_an_admin_sends_a_failed_mail_again_and_is_back_where_they_were(
    sending: FakeMailer, browser_of: Browser, ada: Person
) -> None:
    failed = write(state="failed", attempts=36, last_error="the mail server is away")
    browser = browser_of(ada)
    page = browser.get(f"{LIST}?state=failed").text
    assert "The mail server is away." in page
    assert "Send again" in page
    assert f'action="{LIST}/{failed.id}/sending?state=failed"' in page

    back = browser.post(f"{LIST}/{failed.id}/sending?state=failed")
    assert back.location == f"{LIST}?state=failed"

    again = Notice.get()
    assert (again.state, again.attempts) == ("waiting", 0)
    Notice.update(body="", state="sent").execute()
    browser.post(f"{LIST}/{failed.id}/sending")
    assert "cannot be sent again" in browser.get(LIST).text
    assert Notice.get().state == "sent"


def test_what_is_not_worth_it_any_more_has_no_button(sending: FakeMailer, browser_of: Browser, ada: Person) -> None:
    soon, past = (factories.make_coaching_session(starts_at=datetime.now(UTC) + hours * HOUR) for hours in (30, -30))
    for coaching_session in (soon, past):
        write(kind="reminder", session_id=coaching_session.id, state="failed", body="", subject="")
    write(state="failed", ends_at=NOW - HOUR - timedelta(days=9999))
    page = browser_of(ada).get(f"{LIST}?state=failed").text
    assert len(rows_of(page)) == 3
    assert page.count("Send again") == 1


def test_an_admin_tries_the_mail_server(app: Flask, sending: FakeMailer, browser_of: Browser, ada: Person) -> None:
    browser = browser_of(ada)

    browser.post("/admin/messages/test", data={"email": "ada@example.com"})
    assert "took a test mail for ada@example.com" in browser.get("/admin/messages").text
    assert [mail["To"] for mail in sending.sent] == ["ada@example.com"]

    app.extensions["mailer"] = None
    refused = browser.post("/admin/messages/test", data={"email": "ada@example.com"})
    assert refused.status_code == 422
    assert "Nothing was sent: no mail server is set" in refused.text
    assert browser.post("/admin/messages/test", data={"email": "ada"}).status_code == 422
    assert len(sending.sent) == 1


def test_written_and_sent_are_by_the_demos_clock(
    browser_of: Browser, ada: Person, alice: Person, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    product_now, machine_now = datetime(2031, 3, 9, 12, 0, tzinfo=UTC), datetime.now(UTC)
    set_clock(product_now)
    session = factories.make_coaching_session(student=bob, starts_at=product_now + timedelta(days=1))
    owe(MessageKind.BOOKED, "booked:1", bob.id, product_now, session_id=session.id)
    enqueue("verify:1", "verify", "bob@example.com", "Confirm", "Here.", machine_now)
    deliver_due(FakeMailer(), at(product_now, machine_now))

    page = browser_of(ada).get("/admin/messages").text
    assert len(re.findall(r'<time datetime="2031-03-09T1\d', page)) == 4
    messages = messages_about(get_session_for(bob, session.code), bob)
    assert [message.at for message in messages] == [product_now]
