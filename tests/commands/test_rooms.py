"""`flask rooms`."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from coaching.refusals import Refusal
from tests import factories
from tests.fakes import FakeHost

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)


@pytest.fixture
def command_line(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.fixture
def demo(app: Flask) -> FlaskCliRunner:
    app.extensions["settings"] = replace(app.extensions["settings"], demo=True)
    return app.test_cli_runner()


def test_a_tick_does_what_is_due_now(command_line: FlaskCliRunner, host: FakeHost) -> None:
    factories.make_coaching_session(starts_at=datetime.now(UTC) + timedelta(minutes=10))

    result = command_line.invoke(args=["rooms", "tick"])

    assert result.exit_code == 0, result.output
    assert "0 failed" in result.output
    assert len(host.rooms_in()) == 1


def test_a_tick_at_another_time_works_in_a_demo(demo: FlaskCliRunner, host: FakeHost) -> None:
    factories.make_coaching_session(starts_at=START)
    assert demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T14:29:59Z"]).exit_code == 0
    assert host.rooms_in() == []
    assert demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T15:45:00+01:00"]).exit_code == 0
    assert len(host.rooms_in()) == 1


def test_a_tick_at_another_time_is_refused_outside_a_demo(command_line: FlaskCliRunner, host: FakeHost) -> None:
    result = command_line.invoke(args=["rooms", "tick", "--at", "2027-03-01T15:00:00Z"])
    assert (result.exit_code, host.calls) == (2, [])
    assert "demo only" in result.output


@pytest.mark.parametrize("at", ["tomorrow", "2027-03-01T15:00:00", "9999-12-31T23:59:59Z"])
def test_a_time_that_is_none_is_refused(demo: FlaskCliRunner, at: str) -> None:
    assert demo.invoke(args=["rooms", "tick", "--at", at]).exit_code == 2


def test_the_list_shows_what_stands_and_what_is_wrong_with_it(demo: FlaskCliRunner, host: FakeHost) -> None:
    assert demo.invoke(args=["rooms", "list"]).output == "No room stands.\n"
    coaching_session = factories.make_coaching_session(starts_at=START)
    host.fail(Refusal.GUILD_FULL, name="create_channel")
    demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T15:00:00Z"])

    result = demo.invoke(args=["rooms", "list"])

    assert coaching_session.code in result.output
    assert "limit of 500 channels" in result.output
    assert "1 tries" in result.output
