"""Work after the answer: whether somebody has an address shows neither in what is done before it nor in its time."""

from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from blueprints import afterwards
from blueprints.afterwards import Afterwards
from coaching.accounts.models import MailLink, Person, SecurityEvent
from coaching.notices.models import Notice
from tests import factories
from tests.threads import wait_for


class Later:
    """What is to be done afterwards is kept for the test."""

    def __init__(self) -> None:
        self.works: list[Callable[[], object]] = []

    def add(self, answer: Response, work: Callable[[], object]) -> None:
        self.works.append(work)


def test_a_known_and_an_unknown_address_are_answered_by_the_same_work(
    app: Flask, browser_of: Callable[..., FlaskClient], bob: Person, statements_in: Callable[..., list[Any]]
) -> None:
    later = app.extensions["afterwards"] = Later()
    carol = factories.make_person("Carol")

    def ask(path: str, browser: FlaskClient, email: str) -> tuple[list[str], str]:
        answers: list[Any] = []
        sent = statements_in(lambda: answers.append(browser.post(path, data={"email": email, "password": ""})))
        assert answers[0].status_code == 200
        return [words for words, _ in sent], answers[0].text.replace(email, "…")

    for path, person in (("/forgotten-password", None), ("/settings/merging/link", carol)):
        known = ask(path, browser_of(person), bob.email)
        unknown = ask(path, browser_of(person), "nobody.at.all@example.com")
        assert known == unknown, path
    assert len(later.works) == 4
    assert Notice.select().count() == MailLink.select().count() == 0
    assert SecurityEvent.select().where(SecurityEvent.kind.in_(("reset asked", "merging asked"))).count() == 0


def test_the_work_is_done_once_the_answer_is_gone(app: Flask, client: FlaskClient, bob: Person) -> None:
    woken = Event()
    app.extensions["afterwards"] = Afterwards()
    app.extensions["wake_notices"] = woken.set
    answer = client.post("/forgotten-password", data={"email": bob.email})
    assert not woken.wait(0.05)
    answer.close()
    assert woken.wait(10)
    letter = Notice.get()
    assert letter.recipient == bob.email
    assert "http://localhost:8000/reset-password/" in letter.body
    event = SecurityEvent.get(SecurityEvent.kind == "reset asked")
    assert (event.person, event.address) == (bob, "127.0.0.1")
    assert len(event.request) == 8


def test_work_that_fails_is_in_the_log_and_too_much_of_it_is_refused(
    app: Flask, client: FlaskClient, bob: Person, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OSError("the queue is gone")

    monkeypatch.setattr(afterwards, "MOST_WAITING", 1)
    app.extensions["afterwards"] = Afterwards()
    app.extensions["wake_notices"] = fail
    first = client.post("/forgotten-password", data={"email": bob.email})
    full = client.post("/forgotten-password", data={"email": bob.email})
    assert full.status_code == 503
    assert "Retry-After" in full.headers
    assert "Many people are asking for links right now." in full.text
    first.close()
    wait_for(lambda: "was not done: accounts.send_reset" in caplog.text)
    wait_for(lambda: client.post("/forgotten-password", data={"email": bob.email}).status_code == 200)
