"""Requests by route: counted in memory, handed over beside the requests, told by /metrics."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from peewee import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from blueprints.http_figures import Meter
from coaching.db import database
from coaching.operation.metric_queries import HTTP, HTTP_MS, HTTP_SECONDS
from coaching.tallies.queries import counted
from tests import databases

NAMES = ("route", "method", "status", "version", "le")
WITH_SECRET = {"Authorization": "Bearer cron secret for tests only"}


def test_requests_are_told_by_route_method_and_status(app: Flask, client: FlaskClient) -> None:
    client.get("/sign-in")
    client.post("/sign-in", data={})
    client.get("/s/nova/nothing-here")
    client.get("/no-route-at-all")
    databases.close()
    app.extensions["http_figures"].hand_over()

    samples = {
        (sample.name, *(sample.labels[name] for name in NAMES if name in sample.labels)): sample.value
        for family in text_string_to_metric_families(client.get("/metrics", headers=WITH_SECRET).text)
        for sample in family.samples
    }

    assert samples["greenroom_http_requests_total", "/sign-in", "GET", "200"] == 1
    assert samples["greenroom_http_requests_total", "/sign-in", "POST", "422"] == 1
    assert samples["greenroom_http_requests_total", "/s/<store>/<product>", "GET", "404"] == 1
    assert samples["greenroom_http_request_duration_seconds_count", "/sign-in"] == 2
    assert samples["greenroom_build_info", "0.2.0"] == 1
    assert not any("nova" in "".join(map(str, key)) or "no-route" in "".join(map(str, key)) for key in samples)


def test_each_request_falls_into_the_bucket_of_its_time(db: None) -> None:
    meter = Meter()
    for seconds in (0.001, 0.01, 0.011, 0.7, 60):
        meter.count("/a", "GET", 200, seconds)
    databases.close()
    meter.hand_over()
    database.connect()

    assert counted(HTTP) == {"/a GET 200": 5}
    assert counted(HTTP_SECONDS) == {"/a +Inf": 1, "/a 0.01": 2, "/a 0.025": 1, "/a 1.0": 1}
    assert counted(HTTP_MS) == {"/a": 60722}


def test_what_the_database_does_not_take_is_kept(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    meter = Meter()
    meter.count("/a", "GET", 200, 0.001)
    databases.close()
    with monkeypatch.context() as broken:
        broken.setattr(database.obj, "connect", refuse)
        with pytest.raises(OperationalError):
            meter.hand_over()
    meter.count("/a", "GET", 200, 0.001)

    meter.hand_over()

    database.connect()
    assert counted(HTTP) == {"/a GET 200": 2}


def refuse(*_: object, **__: object) -> Callable[..., None]:
    raise OperationalError("database is locked")
