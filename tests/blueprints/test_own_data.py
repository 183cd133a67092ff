"""The pages on which somebody asks for their data and downloads it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import clock
from coaching.accounts.models import Person, SecurityEvent, SignIn
from coaching.checks import LEAST_FREE_BYTES
from coaching.notices.models import Notice
from coaching.own_data.export_actions import EXPORTS, make_exports
from coaching.own_data.export_models import Export
from coaching.own_data.export_rules import MOST_TRIES
from tests import factories
from tests.sending import SENDER

PAGE, FILE = "/settings/data", "/settings/data/file"
SUSPENDED, FILE_OF_SUSPENDED = "/suspended/data", "/suspended/data/file"
Browsers = Callable[..., FlaskClient]


@pytest.fixture
def work(app: Flask) -> Callable[..., int]:
    """One turn of the worker, on the folder of this site."""

    def turn(free_bytes: int = LEAST_FREE_BYTES) -> int:
        return make_exports(folder_of(app), SENDER, free_bytes, clock.both)

    return turn


def test_it_is_asked_for_made_and_downloaded_by_its_owner_alone(
    app: Flask, browser_of: Browsers, work: Callable[..., int], bob: Person, mallory: Person
) -> None:
    woken: list[int] = []
    app.extensions["wake_exports"] = lambda: woken.append(1)
    student, stranger, visitor = browser_of(bob), browser_of(mallory), browser_of()
    for page in ("/settings", PAGE):
        assert "Put my data together" in student.get(page).text
    assert student.get(FILE).status_code == 410
    assert not Export.select().exists()

    for _ in range(3):
        asked = student.post(PAGE)
        assert (asked.status_code, asked.location) == (303, PAGE)
    assert woken == [1]
    for page in ("/settings", PAGE):
        assert 'hx-trigger="load delay:2s"' in student.get(page).text
    assert student.get(FILE).status_code == 410

    assert work() == 1
    part = student.get(PAGE, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith('<div class="card stack" id="own-data"')
    assert f'href="{FILE}" download' in part
    answer = fetched(student)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=your-data-20")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert bob.email in ZipFile(BytesIO(answer.data)).read("profile.json").decode()
    assert fetched(student, Range="bytes=0-3").data == b"PK\x03\x04"
    kinds = [event.kind for event in SecurityEvent.select() if event.kind.startswith("data")]
    assert kinds == ["data asked for", "data downloaded"]

    assert stranger.get(FILE).status_code == 410
    assert visitor.get(FILE).location.startswith("/sign-in")


def test_a_day_later_an_old_link_says_so_and_leads_on(
    browser_of: Browsers, work: Callable[..., int], bob: Person
) -> None:
    student = browser_of(bob)
    student.post(PAGE)
    work()
    Export.update(ends_at=datetime.now(UTC)).execute()

    over = student.get(FILE)
    assert over.status_code == 410
    assert "There is no file to download now" in over.text
    assert "Put my data together" in over.text


def test_what_could_not_be_made_or_is_lost_can_be_asked_for_again(
    app: Flask, browser_of: Browsers, work: Callable[..., int], bob: Person
) -> None:
    student = browser_of(bob)
    student.post(PAGE)
    Export.update(asked_at=datetime.now(UTC) - timedelta(minutes=6)).execute()
    assert "It takes longer than it should" in student.get(PAGE).text
    Export.update(tries=MOST_TRIES).execute()
    work()
    assert "could not be put together" in student.get(PAGE).text

    student.post(PAGE)
    assert work() == 1
    [path] = folder_of(app).iterdir()
    path.unlink()
    assert "the file is lost" in student.get(PAGE).text
    assert student.get(FILE).status_code == 410

    student.post(PAGE)
    assert work() == 1
    assert fetched(student).status_code == 200


def test_asking_takes_a_verification_of_the_last_minutes(browser_of: Browsers, bob: Person) -> None:
    student = browser_of(bob)
    SignIn.update(verified_at=datetime.now(UTC) - timedelta(minutes=11)).execute()

    assert student.post(PAGE).location == "/confirm?next=/settings/data"
    assert not Export.select().exists()


def suspended(person: Person) -> Person:
    Person.update(suspended_at=factories.MADE_AT, suspended_why="Sold nothing but spam").where(
        Person.id == person.id
    ).execute()
    return Person.get_by_id(person.id)


def mailed_link() -> str:
    """The path of the newest link to a suspended person's data."""
    notice = Notice.select().where(Notice.kind == "data_link").order_by(Notice.id.desc()).first()
    return re.search(r"(/suspended/data/link/\S+)", notice.body)[1]


def test_somebody_suspended_gets_their_data_by_a_link_and_reaches_nothing_else(
    app: Flask, browser_of: Browsers, work: Callable[..., int], bob: Person, mallory: Person
) -> None:
    browser, other = browser_of(), browser_of()
    for address in (bob.email, suspended(mallory).email, "nobody@example.com"):
        answer = browser.post(f"{SUSPENDED}/link", data={"email": address})
        assert (answer.status_code, f"If <b>{address}</b> is the confirmed address" in answer.text) == (200, True)
    assert [notice.recipient for notice in Notice.select()] == [mallory.email]

    link = mailed_link()
    assert "Put my data together" in browser.get(link).text
    assert browser.get(FILE_OF_SUSPENDED).status_code == 410
    assert not Export.select().exists()
    assert browser.post(link).location == SUSPENDED
    assert [answer.status_code for answer in (browser.get(link), browser.post(link), other.get(link))] == [410] * 3
    assert "could leave" not in (page := browser.get(SUSPENDED).text)
    assert "Your data is being put together" in page
    assert work() == 1
    assert f'href="{FILE_OF_SUSPENDED}" download' in browser.get(SUSPENDED).text
    answer = browser.get(FILE_OF_SUSPENDED)
    assert mallory.email in ZipFile(BytesIO(answer.data)).read("profile.json").decode()
    answer.close()
    # They are nobody everywhere else, are told by no message of what they cannot open, and nobody else has their file.
    for address in (PAGE, FILE, "/dashboard", "/settings"):
        assert browser.get(address).location.startswith("/sign-in"), address
    assert not SignIn.select().exists()
    assert not Notice.select().where(Notice.kind == "data_ready").exists()
    assert other.get(FILE_OF_SUSPENDED).status_code == 410
    assert "Send the link" in other.get(SUSPENDED).text or "Ask for a link" in other.get(SUSPENDED).text
    # Whoever is restored signs in, and this way is closed.
    Person.update(suspended_at=None).execute()
    assert browser.get(FILE_OF_SUSPENDED).status_code == 410


def test_a_link_to_the_data_is_for_a_confirmed_address_and_limited(
    app: Flask, browser_of: Browsers, bob: Person
) -> None:
    browser = browser_of()
    Person.update(email_verified_at=None).execute()
    suspended(bob)
    headers = {"REMOTE_ADDR": "198.51.100.7"}
    for _ in range(5):
        assert browser.post(f"{SUSPENDED}/link", data={"email": bob.email}, environ_base=headers).status_code == 200
    assert browser.post(f"{SUSPENDED}/link", data={"email": bob.email}, environ_base=headers).status_code == 429
    assert not Notice.select().exists()
    assert browser.post(f"{SUSPENDED}/link", data={"email": "x"}).status_code == 422


def test_with_a_second_factor_the_data_needs_a_code_of_it(browser_of: Browsers, bob: Person) -> None:
    factories.make_factor(suspended(bob))
    browser = browser_of()
    browser.post(f"{SUSPENDED}/link", data={"email": bob.email})
    link = mailed_link()
    assert "Code from your app" in browser.get(link).text
    for typed in ("", "000000"):
        assert browser.post(link, data={"factor_code": typed}).status_code == 422
    assert not Export.select().exists()
    assert browser.post(link, data={"factor_code": factories.app_code()}).status_code == 303
    assert Export.get().person == bob


def fetched(browser: FlaskClient, **headers: str) -> TestResponse:
    """The answer, read to its end, with its file closed."""
    answer = browser.get(FILE, headers=headers)
    assert answer.data
    answer.close()
    return answer


def folder_of(app: Flask) -> Path:
    folder: Path = app.extensions["settings"].data_dir / EXPORTS
    return folder
