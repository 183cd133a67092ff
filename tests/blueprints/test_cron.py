"""The cron address: who may call it, and that it does a worker's minute."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.operation import reserve_actions as reserve
from coaching.operation.actions import CRON
from coaching.rate_limits.limits import WRONG_SECRETS, Use
from coaching.rate_limits.mutations import take
from coaching.runtime.models import Heartbeat, Run
from coaching.runtime.mutations import claim_lease
from settings import Settings
from tests import factories
from tests.fakes import FakeHost

ADDRESS = "/api/cron/process-sessions"
RIGHT = {"Authorization": "Bearer cron secret for tests only"}


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_right_secret_opens_the_rooms_that_are_due(app: Flask, host: FakeHost, method: str) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))

    answer = app.test_client().open(ADDRESS, method=method, headers=RIGHT)

    assert (answer.status_code, answer.json["failed"]) == (200, 0)
    assert len(host.rooms_in()) == 1
    assert Heartbeat.get().name == "worker"


def test_its_runs_are_listed_as_a_workers_are(client: FlaskClient, settings: Settings) -> None:
    assert client.post(ADDRESS, headers=RIGHT).status_code == 200

    assert Run.get().took_ms is not None
    # No worker is there to keep room on the disk.
    assert (settings.data_dir / reserve.NAME).exists()


def test_a_job_that_breaks_keeps_no_other_from_being_done_and_is_told(
    app: Flask, host: FakeHost, caplog: pytest.LogCaptureFixture
) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))

    def break_down(*_: object) -> None:
        raise ValueError("nobody has thought of this")

    app.extensions["provider_of"] = break_down
    object.__setattr__(app.extensions["settings"], "stripe_secret_key", "sk_test_of_the_site")

    answer = app.test_client().post(ADDRESS, headers=RIGHT)

    assert (answer.status_code, answer.json["broken"]) == (500, ["look_after_accounts"])
    assert len(host.rooms_in()) == 1
    assert "chore broke" in caplog.text


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Basic cron secret for tests only",
        "cron secret for tests only",
        "Bearer ü",
    ],
)
def test_a_wrong_secret_does_nothing(app: Flask, host: FakeHost, header: str | None) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))

    answer = app.test_client().post(ADDRESS, headers={"Authorization": header} if header is not None else {})

    assert answer.status_code == 401
    assert host.calls == []


def test_the_secret_counts_in_the_header_only(client: FlaskClient) -> None:
    assert (
        client.get(f"{ADDRESS}?secret=cron+secret+for+tests+only&token=cron+secret+for+tests+only").status_code == 401
    )


def test_without_a_secret_there_is_no_such_address(app: Flask) -> None:
    object.__setattr__(app.extensions["settings"], "cron_secret", None)
    assert app.test_client().post(ADDRESS, headers=RIGHT).status_code == 404


def test_asking_for_headers_does_nothing(client: FlaskClient, host: FakeHost) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))
    assert client.head(ADDRESS, headers=RIGHT).status_code == 405
    assert host.calls == []


def test_a_second_run_is_refused_while_one_is_under_way(client: FlaskClient) -> None:
    claim_lease(CRON, datetime.now(UTC), timedelta(minutes=1))
    assert client.post(ADDRESS, headers=RIGHT).status_code == 409


def test_a_run_that_died_does_not_block_the_address_for_ever(client: FlaskClient) -> None:
    claim_lease(CRON, datetime.now(UTC) - timedelta(minutes=2), timedelta(minutes=1))
    assert client.post(ADDRESS, headers=RIGHT).status_code == 200
    assert client.post(ADDRESS, headers=RIGHT).status_code == 200


FROM_AFAR = {"REMOTE_ADDR": "203.0.113.7"}
WRONG = {"Authorization": "Bearer wrong"}


def test_who_keeps_sending_wrong_secrets_is_told_when_to_come_back(client: FlaskClient) -> None:
    answers = [client.post(ADDRESS, headers=WRONG, environ_base=FROM_AFAR) for _ in range(12)]

    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 2
    assert 590 <= int(answers[-1].headers["Retry-After"]) <= 600
    # It is the same secret there.
    assert client.get("/metrics", headers=WRONG, environ_base=FROM_AFAR).status_code == 429


def test_the_right_secret_is_never_locked_out(client: FlaskClient) -> None:
    for _ in range(12):
        client.post(ADDRESS, headers=WRONG, environ_base=FROM_AFAR)

    assert client.post(ADDRESS, headers=RIGHT, environ_base=FROM_AFAR).status_code == 200


def test_wrong_secrets_from_elsewhere_are_not_held_against_an_address(client: FlaskClient) -> None:
    for _ in range(12):
        client.post(ADDRESS, headers=WRONG, environ_base=FROM_AFAR)

    assert client.post(ADDRESS, headers=WRONG, environ_base={"REMOTE_ADDR": "203.0.113.8"}).status_code == 401


def test_a_loopback_address_may_be_an_undeclared_proxy_and_is_not_limited(client: FlaskClient) -> None:
    answers = {client.post(ADDRESS, headers=WRONG).status_code for _ in range(12)}
    assert answers == {401}


def test_who_sends_no_secret_at_all_is_not_counted(client: FlaskClient) -> None:
    answers = {client.post(ADDRESS, environ_base=FROM_AFAR).status_code for _ in range(12)}
    assert answers == {401}


def test_wrong_secrets_are_forgotten_after_ten_minutes(client: FlaskClient) -> None:
    take([Use(WRONG_SECRETS, "203.0.113.7", 10)], datetime.now(UTC) - timedelta(minutes=10))
    assert client.post(ADDRESS, headers=WRONG, environ_base=FROM_AFAR).status_code == 401
