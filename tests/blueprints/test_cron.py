"""The cron address: who may call it, and that it does a worker's minute."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.operation.actions import CRON
from coaching.operation.models import Heartbeat
from coaching.operation.mutations import claim_turn
from tests import factories
from tests.fakes import FakeHost

ADDRESS = "/api/cron/process-sessions"
RIGHT = {"Authorization": "Bearer cron secret for tests"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_right_secret_opens_the_rooms_that_are_due(app: Flask, host: FakeHost, method: str) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))

    answer = app.test_client().open(ADDRESS, method=method, headers=RIGHT)

    assert (answer.status_code, answer.json["failed"]) == (200, 0)
    assert len(host.rooms_in()) == 1
    assert Heartbeat.get().name == "worker"


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic cron secret for tests", "cron secret for tests", "Bearer ü"],
)
def test_a_wrong_secret_does_nothing(app: Flask, host: FakeHost, header: str | None) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))

    answer = app.test_client().post(ADDRESS, headers={"Authorization": header} if header is not None else {})

    assert answer.status_code == 401
    assert host.calls == []


def test_the_secret_counts_in_the_header_only(client: FlaskClient) -> None:
    assert client.get(f"{ADDRESS}?secret=cron+secret+for+tests&token=cron+secret+for+tests").status_code == 401


def test_without_a_secret_there_is_no_such_address(app: Flask) -> None:
    object.__setattr__(app.extensions["settings"], "cron_secret", None)
    assert app.test_client().post(ADDRESS, headers=RIGHT).status_code == 404


def test_asking_for_headers_does_nothing(client: FlaskClient, host: FakeHost) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))
    assert client.head(ADDRESS, headers=RIGHT).status_code == 405
    assert host.calls == []


def test_a_second_run_is_refused_while_one_is_under_way(client: FlaskClient) -> None:
    claim_turn(CRON, datetime.now(UTC), timedelta(minutes=1))
    assert client.post(ADDRESS, headers=RIGHT).status_code == 409


def test_a_run_that_died_does_not_block_the_address_for_ever(client: FlaskClient) -> None:
    claim_turn(CRON, datetime.now(UTC) - timedelta(minutes=2), timedelta(minutes=1))
    assert client.post(ADDRESS, headers=RIGHT).status_code == 200
    assert client.post(ADDRESS, headers=RIGHT).status_code == 200
