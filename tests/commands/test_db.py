"""`flask db`."""

from pathlib import Path

from flask import Flask

from coaching.db import database, is_sqlite


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


def test_a_backup_is_written_or_refused_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    result = app.test_cli_runner().invoke(args=["db", "backup", str(tmp_path / "copy.db")])

    if is_sqlite():
        assert result.exit_code == 0, result.output
        assert (tmp_path / "copy.db").exists()
    else:
        assert result.exit_code == 1
        assert "pg_dump" in result.output
