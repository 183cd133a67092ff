"""`flask rooms`."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from coaching.refusals import Refusal, explain
from coaching.rooms.models import Room
from coaching.runtime.models import Run
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
    run = Run.get()
    assert (run.due, run.failed) == (run.done, 0)
    assert run.due > 0


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


def test_the_list_says_what_each_room_is_and_what_comes_next(demo: FlaskCliRunner, host: FakeHost, set_clock) -> None:
    coaching_session = factories.make_coaching_session(starts_at=START)
    demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T14:35:00Z"])
    set_clock(START - timedelta(minutes=25))

    line = demo.invoke(args=["rooms", "list"]).output
    facts = json.loads(demo.invoke(args=["rooms", "list", "--json"]).output)

    assert "members  hidden (wanted: hidden)" in line
    assert "next: Open it, at 2027-03-01 14:45:00 UTC" in line
    (room,) = [room_facts for room_facts in facts if room_facts["kind"] == "session"]
    assert (room["session"], room["mode"], room["state"], room["wanted"], room["is_due"]) == (
        coaching_session.code,
        "members",
        "hidden",
        "hidden",
        False,
    )
    assert (room["next_step"], room["next_at"]) == ("set_access", "2027-03-01T14:45:00+00:00")


def test_a_room_is_shown_by_its_code_and_by_its_sessions(demo: FlaskCliRunner, host: FakeHost) -> None:
    coaching_session = factories.make_coaching_session(starts_at=START)
    host.fail(Refusal.GUILD_FULL, name="create_channel")
    demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T14:35:00Z"])
    demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T14:50:00Z"])
    code = Room.get(Room.coaching_session == coaching_session).code

    for word in (coaching_session.code, code, f"coaching-{code}"):
        result = demo.invoke(args=["rooms", "show", word])
        assert result.exit_code == 0, result.output
        assert coaching_session.code in result.output
        assert "session is near" in result.output or "time to open" in result.output
    facts = json.loads(demo.invoke(args=["rooms", "show", code, "--json"]).output)
    assert facts["code"] == code
    assert facts["log"][0]["at"]


def test_a_code_that_belongs_to_no_room_is_said_to(demo: FlaskCliRunner) -> None:
    result = demo.invoke(args=["rooms", "show", "nothing"])
    assert result.exit_code == 1
    assert "no room with this code" in result.output


def test_a_sweep_removes_what_carries_a_code_and_belongs_to_no_room(demo: FlaskCliRunner, host: FakeHost) -> None:
    assert demo.invoke(args=["rooms", "sweep"]).output == "Nothing was left behind.\n"
    coaching_session = factories.make_coaching_session(starts_at=START)
    demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T14:50:00Z"])
    code = Room.get(Room.coaching_session == coaching_session).code
    host.create_channel(factories.GUILD_ID, f"coaching-{code}", frozenset(), "a second one")

    result = demo.invoke(args=["rooms", "sweep"])

    assert result.output == "1 removed.\n"
    assert len(host.rooms_in()) == 1


def test_a_sweep_lists_what_belongs_to_no_room_and_leaves_it(demo: FlaskCliRunner, host: FakeHost) -> None:
    factories.make_guild()
    closed, open_one = factories.make_orphan(host, "A call", lets_in=False), factories.make_orphan(host)
    before = dict(host.channels)

    result = demo.invoke(args=["rooms", "sweep"])

    assert result.exit_code == 0, result.output
    assert "Nothing was left behind" not in result.output
    assert [line.split("  on ")[0] for line in result.output.splitlines()[1:3]] == [
        f"  open    channel   {open_one.name}",
        f"  closed  channel   {closed.name}",
    ]
    assert "http://localhost:8000/admin/orphans" in result.output
    assert host.channels == before
    host.fail(Refusal.SERVER_ERROR, name="own_guilds")
    result = demo.invoke(args=["rooms", "sweep"])
    assert result.exit_code == 1
    assert "Servers without a known room were not searched" in result.output


def test_a_server_that_refuses_keeps_no_other_from_being_swept(demo: FlaskCliRunner, host: FakeHost) -> None:
    left, first, last = orphan_beside_two_others(demo, host)
    host.fail(Refusal.MISSING_ACCESS, name="list_channels", guild_id=first)

    result = demo.invoke(args=["rooms", "sweep"])

    assert left not in host.channels
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "1 removed.",
        f"Server {first} was not searched to the end: {explain(Refusal.MISSING_ACCESS)}",
    ]
    assert ("list_channels", last) in host.calls


@pytest.mark.parametrize(("refusing", "calls"), [
    (None, ["own_guilds"]),
    ("list_channels", ["own_guilds", "list_channels"]),
])  # fmt: skip
def test_a_token_that_discord_refuses_is_tried_no_more(
    demo: FlaskCliRunner, host: FakeHost, refusing: str | None, calls: list[str]
) -> None:
    orphan_beside_two_others(demo, host)
    host.calls.clear()
    host.fail(Refusal.UNAUTHORIZED, name=refusing, times=4)

    result = demo.invoke(args=["rooms", "sweep"])

    assert result.exit_code == 1
    assert sum(line.startswith("Server 1") for line in result.output.splitlines()) == 3, "each is told"
    assert host.names() == calls


def orphan_beside_two_others(demo: FlaskCliRunner, host: FakeHost) -> tuple[str, str, str]:
    """A second channel of a room stands between two servers that have had rooms, too: its id, and theirs."""
    coaching_session = factories.make_coaching_session(starts_at=START)
    demo.invoke(args=["rooms", "tick", "--at", "2027-03-01T14:50:00Z"])
    code = Room.get(Room.coaching_session == coaching_session).code
    orphan = host.create_channel(factories.GUILD_ID, f"coaching-{code}", frozenset(), "a second one")
    others = "1100000000000000000", "1100000000000000002"
    for number, guild_id in enumerate(others):
        Room.create(code=f"else{number}", discord_guild_id=guild_id, state="removed", created_at=START)
    return (orphan.channel_id, *others)
