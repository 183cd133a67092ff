"""`flask db`."""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from flask import Flask

from coaching.db import database, is_sqlite
from coaching.db_waits import alone
from tests import databases
from tests.running import HOME, plain_environment


def test_migrating_twice_changes_nothing(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["db", "migrate"])

    assert (result.exit_code, result.output) == (0, "")


def test_a_migrated_database_is_what_the_models_say(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["db", "check"])

    assert result.exit_code == 0, result.output


def test_a_column_the_models_do_not_know_is_told(app: Flask) -> None:
    database.execute_sql("ALTER TABLE run ADD COLUMN forgotten INTEGER")

    result = app.test_cli_runner().invoke(args=["db", "check"])

    assert result.exit_code == 1
    assert "forgotten" in result.output


def test_a_missing_guard_is_told(app: Flask) -> None:
    if is_sqlite():
        database.execute_sql("DROP TRIGGER coaching_session_overlap_update")
    else:
        database.execute_sql("ALTER TABLE coaching_session DROP CONSTRAINT coaching_session_overlap")

    result = app.test_cli_runner().invoke(args=["db", "check"])

    assert result.exit_code == 1
    assert "guard" in result.output


def test_a_backup_is_made_and_restored(app: Flask, tmp_path: Path, with_tools: None) -> None:
    runner, copy = app.test_cli_runner(), str(tmp_path / "copy")
    made = runner.invoke(args=["db", "backup", copy])
    assert made.exit_code == 0, made.output
    databases.close()

    restored = runner.invoke(args=["db", "restore", copy])

    assert restored.exit_code == 0, restored.output
    assert f"{copy} is the database now." in restored.output
    assert "Sign-ins ended: 0." in restored.output


def test_nothing_is_restored_while_greenroom_runs(app: Flask, tmp_path: Path) -> None:
    data_dir = app.extensions["settings"].data_dir
    (tmp_path / "copy").touch()
    with (data_dir / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for words in (["restore", str(tmp_path / "copy")], ["copy-to", "postgresql://localhost/x"]):
            refused = app.test_cli_runner().invoke(args=["db", *words])
            assert refused.exit_code == 1
            assert "Greenroom runs on" in refused.output


@pytest.fixture
def with_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's own programs are installed."""
    monkeypatch.setenv("PATH", os.pathsep.join([databases.postgres_tools(), os.environ["PATH"]]))


@pytest.mark.parametrize("target", ["no/such/folder/copy.db", "a-file/copy.db"])
def test_a_place_that_cannot_be_written_to_is_told_in_a_sentence(app: Flask, tmp_path: Path, target: str) -> None:
    (tmp_path / "a-file").touch()

    result = app.test_cli_runner().invoke(args=["db", "backup", str(tmp_path / target)])

    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert len(result.output.splitlines()) == 1


def test_a_missing_folder_is_named_without_an_errno(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["db", "backup", str(tmp_path / "away" / "copy.db")])
    assert result.output == f"Error: There is no folder {tmp_path / 'away'}. Make it first.\n"


def test_a_backup_by_hand_overwrites_nothing(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "copy.db").write_text("older")
    result = app.test_cli_runner().invoke(args=["db", "backup", str(tmp_path / "copy.db")])
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert (tmp_path / "copy.db").read_text() == "older"

    # Where nothing can be written there is a sentence, too, with a place where it can.
    for name, words in (("x" * 300, "File name too long"), ("copy.db/inside", "There is no folder")):
        result = app.test_cli_runner().invoke(args=["db", "backup", str(tmp_path / name)])
        assert result.exit_code == 1
        assert words in result.output
        assert "Traceback" not in result.output


def test_only_one_at_a_time_changes_tables(app: Flask) -> None:
    inside, most = [], []

    def change() -> None:
        with database.connection_context(), alone():
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()

    threads = [threading.Thread(target=change) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [1, 1, 1, 1]


@pytest.mark.one_database
def test_migrations_that_start_at_once_queue_up(tmp_path: Path) -> None:
    running = [run_flask(tmp_path, "db", "migrate") for _ in range(3)]

    outputs = [process.communicate(timeout=60)[0] for process in running]

    assert [process.returncode for process in running] == [0, 0, 0], outputs
    assert sum("Applied 0001_initial." in text for text in outputs) == 1


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("database_url", "words"),
    [
        ("postgresql://nobody:secret-word@127.0.0.1:9/greenroom", "cannot be used now"),
        ("sqlite:////no/such/folder/greenroom.db", "there is no such folder"),
    ],
)
def test_a_database_that_is_away_is_told_in_a_sentence(tmp_path: Path, database_url: str, words: str) -> None:
    process = run_flask(tmp_path, "rooms", "list", DATABASE_URL=database_url)

    output = process.communicate(timeout=60)[0]

    assert process.returncode == 1
    assert words in output
    assert "Traceback" not in output
    assert "secret-word" not in output


@pytest.mark.one_database
def test_a_database_without_tables_is_told_what_to_do(tmp_path: Path) -> None:
    process = run_flask(tmp_path, "rooms", "list")

    assert "Run: flask db migrate" in process.communicate(timeout=60)[0]
    assert process.returncode == 1


def run_flask(data_dir: Path, *words: str, **settings: str) -> subprocess.Popen[str]:
    """The command line in a process of its own, as a demo on this folder."""
    environment = plain_environment() | {"DEMO": "1", "DATA_DIR": str(data_dir)} | settings
    return subprocess.Popen(
        [sys.executable, "-m", "flask", *words],
        cwd=HOME,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
