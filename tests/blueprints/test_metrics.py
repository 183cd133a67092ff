"""/metrics: who may read it, and what it tells."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from coaching.accounts.models import Person
from coaching.notices.models import Notice
from coaching.operation.actions import run_minute
from coaching.operation.mutations import record_heartbeat
from coaching.refusals import Refusal
from tests import factories
from tests.fakes import FakeHost

Browser = Callable[[Person | None], FlaskClient]
WITH_SECRET = {"Authorization": "Bearer cron secret for tests"}


def test_an_admin_reads_it_and_so_does_the_bearer_of_the_secret(client: FlaskClient, browser_of: Browser) -> None:
    admin = browser_of(factories.make_person("Admin", is_admin=True))

    assert admin.get("/metrics").status_code == 200
    assert client.get("/metrics", headers=WITH_SECRET).status_code == 200


@pytest.mark.parametrize("given", ["", "Bearer wrong", "Basic cron secret for tests", "Bearer ünlesbar"])
def test_a_wrong_secret_is_refused(client: FlaskClient, given: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": given})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_to_others_and_without_a_secret_there_is_no_such_page(
    app: Flask, client: FlaskClient, browser_of: Browser, alice: Person
) -> None:
    assert browser_of(alice).get("/metrics").status_code == 404

    object.__setattr__(app.extensions["settings"], "cron_secret", None)

    assert client.get("/metrics", headers=WITH_SECRET).status_code == 404


def test_before_anything_happened_what_is_not_known_is_left_out(client: FlaskClient) -> None:
    told = figures(client)

    assert told["greenroom_rooms", "open"] == 0
    assert told["greenroom_room_steps_total", "failed"] == 0
    assert told["greenroom_notices", "waiting"] == 0
    assert told["greenroom_queue_depth", None] == 0
    assert not [name for name, _ in told if "tick" in name or "heartbeat" in name]


def test_it_tells_of_rooms_steps_mails_ticks_and_the_worker(app: Flask, client: FlaskClient, host: FakeHost) -> None:
    now = datetime.now(UTC)
    app.extensions["queue_depth"] = lambda: 3
    for minutes in (5, 100):
        factories.make_coaching_session(starts_at=now + timedelta(minutes=minutes))
    factories.make_coaching_session(starts_at=now + timedelta(minutes=5))
    host.fail(Refusal.MISSING_PERMISSION, name="create_channel")
    run_minute(host, now, now)
    record_heartbeat("worker", now - timedelta(seconds=50))
    told_at = {"made_at": now, "due_at": now}
    Notice.create(key="1", kind="reset", recipient="a@example.com", subject="", body="", state="failed", **told_at)

    told = figures(client)

    assert (told["greenroom_rooms", "open"], told["greenroom_rooms", "absent"]) == (1, 1)
    assert told["greenroom_rooms_in_trouble", None] == 1
    assert told["greenroom_room_steps_total", "failed"] == 1
    assert told["greenroom_room_steps_total", "done"] >= 1
    assert told["greenroom_notices", "failed"] == 1
    assert told["greenroom_queue_depth", None] == 3
    assert told["greenroom_last_tick_timestamp_seconds", None] == pytest.approx(now.timestamp(), abs=1)
    assert told["greenroom_last_tick_duration_seconds", None] >= 0
    assert 50 <= told["greenroom_worker_heartbeat_age_seconds", None] < 80


def test_a_queue_that_does_not_answer_has_no_depth(app: Flask, client: FlaskClient) -> None:
    app.extensions["queue_depth"] = lambda: None

    assert ("greenroom_queue_depth", None) not in figures(client)


def figures(client: FlaskClient) -> dict[tuple[str, str | None], float]:
    """What is told, by name and label."""
    text = client.get("/metrics", headers=WITH_SECRET).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, next(iter(sample.labels.values()), None)): sample.value for sample in samples}
