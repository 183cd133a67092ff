"""A proxy that nobody declared is noted once it is met, and never at a stranger's word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app import create_app
from coaching.runtime.models import Heartbeat
from coaching.runtime.queries import UNDECLARED_PROXY, last_heartbeat
from settings import Settings
from tests import databases

FORWARDED = {"X-Forwarded-For": "203.0.113.7"}


def test_it_is_noted_once_however_many_requests_it_hands_on(client: FlaskClient) -> None:
    assert client.get("/", headers=FORWARDED).status_code == 200
    met_at = last_heartbeat(UNDECLARED_PROXY)
    assert met_at
    assert datetime.now(UTC) - met_at < timedelta(minutes=1)

    Heartbeat.delete().execute()
    client.get("/", headers=FORWARDED)
    assert last_heartbeat(UNDECLARED_PROXY) is None


@pytest.mark.parametrize(("headers", "address"), [({}, "127.0.0.1"), (FORWARDED, "203.0.113.8")])
def test_without_its_mark_or_from_afar_nothing_is_noted(
    client: FlaskClient, headers: dict[str, str], address: str
) -> None:
    client.get("/", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert last_heartbeat(UNDECLARED_PROXY) is None


@pytest.mark.usefixtures("db")
def test_a_declared_proxy_is_none(settings: Settings) -> None:
    # create_app opens the database anew; the connection held until then would be lost, not closed.
    databases.close()
    client = create_app(replace(settings, trusted_proxies=1)).test_client()

    assert client.get("/", headers={**FORWARDED, "X-Forwarded-Host": "localhost:8000"}).status_code == 200
    assert last_heartbeat(UNDECLARED_PROXY) is None
