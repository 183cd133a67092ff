"""`flask doctor`: the failed items first, each with what to do."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from coaching.db import database
from coaching.guild_parts import Guild, Role
from coaching.guild_rights import INVITE_RIGHTS, Right
from coaching.operation.mutations import record_heartbeat
from coaching.refusals import Refusal, explain
from tests import factories
from tests.fakes import FakeHost


@pytest.fixture
def sound(app: Flask, host: FakeHost) -> Flask:
    """Everything as it should be: a worker, a queue, a guild where the bot has its rights."""
    app.extensions["queue_answers"] = lambda: True
    record_heartbeat("worker", datetime.now(UTC))
    factories.make_guild()
    give_rights(host, INVITE_RIGHTS)
    return app


def test_a_sound_server_is_told_so(sound: Flask) -> None:
    code, lines = examine(sound)

    assert code == 0, lines
    assert not [line for line in lines if line.startswith("WRONG")]


def test_a_silent_worker_comes_first(sound: Flask) -> None:
    record_heartbeat("worker", datetime.now(UTC) - timedelta(hours=1))

    code, lines = examine(sound)

    assert code == 1
    assert lines[0].startswith("WRONG  Worker: It is silent since")


def test_a_bot_token_that_discord_refuses_is_told(sound: Flask, host: FakeHost) -> None:
    host.fail(Refusal.UNAUTHORIZED)

    assert f"WRONG  Server Nova Studio: {explain(Refusal.UNAUTHORIZED)}" in examine(sound)[1]


def test_a_right_the_bot_lacks_is_named(sound: Flask, host: FakeHost) -> None:
    give_rights(host, INVITE_RIGHTS & ~Right.MOVE_MEMBERS)

    assert "WRONG  Server Nova Studio: The bot lacks: Move members." in "\n".join(examine(sound)[1])


def test_a_server_the_bot_has_left_is_named(sound: Flask, host: FakeHost) -> None:
    host.fail(Refusal.UNKNOWN_GUILD, name="get_guild")

    assert f"WRONG  Server Nova Studio: {explain(Refusal.UNKNOWN_GUILD)}" in examine(sound)[1]


def test_a_queue_that_does_not_answer_is_told(sound: Flask) -> None:
    sound.extensions["queue_answers"] = lambda: False

    assert "WRONG  Queue: It does not answer: look at HUEY_URL." in examine(sound)[1]


def test_a_database_that_differs_is_told(sound: Flask) -> None:
    database.execute_sql("ALTER TABLE run ADD COLUMN forgotten INTEGER")

    assert "WRONG  Database" in examine(sound)[1][0]


def give_rights(host: FakeHost, rights: int) -> None:
    everyone = Role(factories.GUILD_ID, "@everyone", rights)
    host.guilds[factories.GUILD_ID] = Guild(factories.GUILD_ID, "Nova Studio", "1", (everyone,))


def examine(app: Flask) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(args=["doctor"])
    return result.exit_code, result.output.splitlines()
