"""The pages on which somebody asks for their data and downloads it."""

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
from coaching.own_data.export_actions import EXPORTS, make_exports
from coaching.own_data.export_models import Export
from coaching.own_data.export_rules import MOST_TRIES
from tests.sending import SENDER

PAGE, FILE = "/settings/data", "/settings/data/file"
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


def fetched(browser: FlaskClient, **headers: str) -> TestResponse:
    """The answer, read to its end, with its file closed."""
    answer = browser.get(FILE, headers=headers)
    assert answer.data
    answer.close()
    return answer


def folder_of(app: Flask) -> Path:
    folder: Path = app.extensions["settings"].data_dir / EXPORTS
    return folder
