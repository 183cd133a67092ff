"""`flask doctor`: the failed items first, each with what to do; exit code 1 when anything is bad."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

import clock
from coaching.accounts.models import Person
from coaching.checks import State
from coaching.db import database
from coaching.diagnostics.queries import last_diagnosis
from coaching.diagnostics.standing_queries import doctor_check
from coaching.refusals import Refusal
from coaching.runtime.mutations import claim_lease, record_heartbeat
from tests import factories
from tests.fakes import BOT_ID, BOT_ROLE_ID, GUILD_ID, FakeHost


@pytest.fixture
def sound(app: Flask, host: FakeHost) -> Flask:
    """Everything as it should be."""
    record_heartbeat("worker", datetime.now(UTC))
    host.member_roles[GUILD_ID, BOT_ID] = frozenset({BOT_ROLE_ID})
    # On PostgreSQL another test may have left its mark on the tables.
    diagnose(app, differences=())
    return app


def test_a_sound_site_is_told_so(sound: Flask) -> None:
    code, lines = examine(sound)

    assert code == 0, lines
    assert not [line for line in lines if line.startswith("BAD")]


def test_of_a_worker_is_said_when_it_was_last_seen(sound: Flask) -> None:
    record_heartbeat("worker", datetime.now(UTC) - timedelta(seconds=80))
    [line] = [line for line in examine(sound)[1] if "Worker:" in line]
    assert re.search(r"last seen at work on \d{4}-\d\d-\d\d \d\d:\d\d UTC, 8\d seconds before this look", line)


def test_a_silent_worker_comes_first_with_its_remedy(sound: Flask) -> None:
    record_heartbeat("worker", datetime.now(UTC) - timedelta(hours=1))

    code, lines = examine(sound)

    assert code == 1
    assert lines[0].startswith("BAD   Worker: The part that opens and closes rooms has not run since")
    assert lines[1].startswith("      Start it again: `")


def test_a_queue_that_does_not_answer_is_told(sound: Flask) -> None:
    sound.extensions["queue_depth"] = lambda: None

    assert examine(sound)[1][0].startswith("BAD   Queue: It does not answer.")


def test_a_database_that_differs_is_told(sound: Flask) -> None:
    diagnose(sound, differences=("run has a column too many",))

    assert examine(sound)[1][0].startswith("BAD   Database: It differs")


def test_a_database_without_tables_is_told_and_nothing_else_asked_of_it(sound: Flask, host: FakeHost) -> None:
    diagnose(sound, is_migrated=False)

    code, lines = examine(sound)

    assert code == 1
    assert lines[0] == "BAD   Database: It is not up to date."
    assert lines[1].startswith("      Run: `cd ")
    assert lines[1].endswith("flask db migrate`")
    assert not host.calls


def test_what_it_found_is_known_to_the_overview_too(sound: Flask, host: FakeHost) -> None:
    assert doctor_check(clock.both()).state == State.WARN
    assert examine(sound)[0] == 0
    assert doctor_check(clock.both()).state == State.OK
    host.fail(Refusal.UNAUTHORIZED, name="server_time")
    assert examine(sound)[0] == 1
    assert "It found one thing to mend" in doctor_check(clock.both()).sentence
    diagnosis = last_diagnosis(None)
    # Worst first, and its remedies as any reader gets them, whichever way they came.
    assert diagnosis
    assert diagnosis.checks[0].name == "Discord"
    assert "`settings`" in diagnosis.checks[0].remedy


@pytest.mark.one_database
def test_what_cannot_be_written_down_is_said_all_the_same(sound: Flask) -> None:
    database.execute_sql(
        "CREATE TRIGGER full BEFORE INSERT ON diagnosis BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
    )
    code, lines = examine(sound)
    assert (code, last_diagnosis(None)) == (0, None), lines
    assert any(line.startswith("ok    Database: It is up to date") for line in lines)


def test_programs_get_json(sound: Flask, host: FakeHost) -> None:
    host.fail(Refusal.UNAUTHORIZED, name="server_time")

    result = sound.test_cli_runner().invoke(args=["doctor", "--json"])
    report: dict[str, Any] = json.loads(result.output)

    assert (result.exit_code, report["sound"]) == (1, False)
    assert (
        report["checks"][0].items()
        >= {
            "name": "Discord",
            "state": "bad",
            "sentence": "Discord does not accept this site's bot.",
        }.items()
    )
    assert "press Reset Token. Change DISCORD_BOT_TOKEN in " in report["checks"][0]["remedy"]


def test_a_store_is_looked_at_as_its_coach_can(sound: Flask, host: FakeHost, alice: Person) -> None:
    factories.make_store(alice, slug="nova", access_mode="session_role")

    code, lines = examine(sound, "--store", "nova")

    assert code == 0, lines
    names = [line[6:].partition(":")[0] for line in lines]
    assert {"You", "Direct messages", "Trial room", "Trial role"} <= set(names)
    assert "Database" not in names
    assert len(host.messages) == 1


def test_what_is_bad_at_a_store_is_told_to_programs(sound: Flask, host: FakeHost, alice: Person) -> None:
    factories.make_store(alice, slug="nova")
    host.gone.add((GUILD_ID, BOT_ID))

    result = sound.test_cli_runner().invoke(args=["doctor", "--store", "nova", "--json"])
    report = json.loads(result.output)

    assert (result.exit_code, report["sound"]) == (1, False)
    assert report["checks"][0]["name"] == "Server"


def test_a_store_that_is_none_is_a_usage_error(sound: Flask, host: FakeHost) -> None:
    code, lines = examine(sound, "--store", "nowhere")

    assert (code, host.calls) == (2, [])
    assert lines[-1] == "Error: There is no store at /s/nowhere."


def test_a_store_is_not_looked_at_twice_at_a_time(sound: Flask, host: FakeHost, alice: Person) -> None:
    store = factories.make_store(alice, slug="nova")
    claim_lease(f"look at store {store.id}", datetime.now(UTC), timedelta(minutes=1))

    assert (examine(sound, "--store", "nova")[0], host.calls) == (1, [])


def diagnose(app: Flask, **otherwise: Any) -> None:
    """The doctor is told something else of the site."""
    really = app.extensions["site"]
    app.extensions["site"] = lambda: replace(really(), **otherwise)


def examine(app: Flask, *options: str) -> tuple[int, list[str]]:
    result = app.test_cli_runner().invoke(args=["doctor", *options])
    return result.exit_code, result.output.splitlines()
