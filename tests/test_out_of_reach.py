"""The database or the queue does not answer: that is said, and costs nothing that does not need it."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import hints, queue_depth, wake_rooms
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from settings import Settings
from tests import factories
from tests.rooms.sandbox_process import worker_environment
from tests.running import HOME

NOWHERE = "postgresql://127.0.0.1:9/greenroom"
DISCORD = "http://127.0.0.1:9/api/v10"
ASK = """
from app import create_app
client = create_app().test_client()
for address in ("/readyz", "/metrics", "/healthz"):
    answer = client.get(address, headers={"Authorization": "Bearer a secret for the cron address"})
    print(address, answer.status_code)
"""


@pytest.mark.parametrize("database_url", [NOWHERE, "damaged"])
def test_the_doctor_says_that_the_database_does_not_answer(tmp_path: Path, database_url: str) -> None:
    environment = without_database(tmp_path, database_url)

    ended = run(["-m", "flask", "doctor", "--json"], environment)
    report: dict[str, Any] = json.loads(ended.stdout)
    states = {check["name"]: check["state"] for check in report["checks"]}

    assert (ended.returncode, report["sound"]) == (1, False)
    assert (states["Database"], states["Queue"], states["Disk"]) == ("bad", "ok", "ok")
    assert "It does not answer." in report["checks"][0]["sentence"]
    assert "Traceback" not in ended.stderr


def test_the_doctor_says_that_the_queue_does_not_answer(database_url: str, tmp_path: Path) -> None:
    environment = worker_environment(database_url, tmp_path / "data", DISCORD) | {"HUEY_URL": NOWHERE}

    ended = run(["-m", "flask", "doctor", "--json"], environment)

    assert ended.returncode == 1
    assert {"name": "Queue", "state": "bad"}.items() <= json.loads(ended.stdout)["checks"][0].items()


def test_without_a_database_it_is_up_and_not_ready(tmp_path: Path) -> None:
    ended = run(["-c", ASK], without_database(tmp_path, NOWHERE))

    assert ended.stdout.splitlines() == ["/readyz 503", "/metrics 503", "/healthz 200"]


def test_without_a_queue_it_is_not_ready_and_the_figures_are_told(database_url: str, tmp_path: Path) -> None:
    environment = worker_environment(database_url, tmp_path / "data", DISCORD)
    own = {"HUEY_URL": NOWHERE, "CRON_SECRET": "a secret for the cron address"}

    ended = run(["-c", ASK], environment | own)

    assert ended.stdout.splitlines() == ["/readyz 503", "/metrics 200", "/healthz 200"]


@pytest.fixture
def queue_is_away(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """The queue was never reached by this process."""
    monkeypatch.delitem(sys.modules, "tasks", raising=False)
    for name, value in worker_environment(settings.database_url, tmp_path / "data", DISCORD).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HUEY_URL", NOWHERE)


@pytest.mark.usefixtures("queue_is_away")
def test_a_booking_answers_as_ever_though_no_queue_takes_its_hint(
    app: Flask,
    browser_of: Callable[[Person], FlaskClient],
    set_clock: Callable[[datetime], None],
    alice: Person,
    bob: Person,
) -> None:
    app.extensions["wake_rooms"] = wake_rooms
    # A Monday morning; the factories' coach works every day from 9 to 17 in Berlin.
    set_clock(datetime(2027, 3, 1, 6, 0, tzinfo=UTC))
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")
    wish = {"form_key": "a-form-key-1", "offer": product.offers.get().id, "zone": "Europe/Berlin"}

    answer = browser_of(bob).post("/s/nova/mixing-call/sessions", data=wish | {"starts_at": "2027-03-09T08:00:00Z"})

    assert (answer.status_code, CoachingSession.select().count()) == (303, 1)
    assert hints.wait_until_empty(20)
    assert queue_depth() is None


def without_database(tmp_path: Path, database_url: str) -> dict[str, str]:
    data_dir = tmp_path / "data"
    if database_url == "damaged":
        data_dir.mkdir(mode=0o700)
        (data_dir / "greenroom.db").write_bytes(b"no database at all" * 1000)
        database_url = f"sqlite:///{data_dir}/greenroom.db"
    own = {"CRON_SECRET": "a secret for the cron address"}
    return worker_environment(database_url, data_dir, DISCORD) | own


def run(arguments: list[str], environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, timeout=60, check=False)
