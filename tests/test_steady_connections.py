"""A server keeps its connections, and never one to what is not the database any more, be it a file or a server."""

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from coaching.db import database, open_database
from coaching.steady_postgres import SteadyPostgresqlDatabase
from coaching.steady_sqlite import SteadySqliteDatabase


@pytest.fixture
def steady(tmp_path: Path) -> Iterator[SteadySqliteDatabase]:
    opened = open_database(f"sqlite:///{tmp_path / 'one.db'}")
    assert isinstance(opened, SteadySqliteDatabase)
    yield opened
    opened.keeps_connections = False
    opened.close_all()


def connection_of(steady: SteadySqliteDatabase) -> object:
    with steady.connection_context():
        steady.execute_sql("CREATE TABLE IF NOT EXISTS one (n INTEGER)")
        return steady.connection()


def test_a_server_keeps_its_connections_and_a_command_does_not(steady: SteadySqliteDatabase) -> None:
    assert connection_of(steady) is not connection_of(steady)

    steady.keeps_connections = True

    assert connection_of(steady) is connection_of(steady)


def test_a_connection_to_a_file_that_was_replaced_is_not_used_again(steady: SteadySqliteDatabase) -> None:
    steady.keeps_connections = True
    before = connection_of(steady)
    other = open_database(f"sqlite:///{steady.database}.other")
    with other.connection_context():
        other.execute_sql("CREATE TABLE two (n INTEGER)")
        other.execute_sql("PRAGMA journal_mode = DELETE")
    os.replace(f"{steady.database}.other", steady.database)
    for ending in ("-wal", "-shm"):  # as whoever restores a backup does
        os.unlink(f"{steady.database}{ending}")

    with steady.connection_context():
        assert steady.connection() is not before
        assert steady.get_tables() == ["two"]


def test_what_was_begun_and_not_ended_is_not_the_next_ones(steady: SteadySqliteDatabase) -> None:
    steady.keeps_connections = True
    connection_of(steady)
    with steady.connection_context():
        steady.connection().execute("BEGIN")
        steady.connection().execute("INSERT INTO one VALUES (1)")

    with steady.connection_context():
        assert steady.execute_sql("SELECT count(*) FROM one").fetchone() == (0,)
        assert steady.execute_sql("PRAGMA busy_timeout").fetchone() == (5000,)
        assert steady.execute_sql("PRAGMA foreign_keys").fetchone() == (1,)


@pytest.mark.usefixtures("db")
def test_a_connection_that_the_server_has_ended_is_found_out_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = database.obj
    if not isinstance(steady, SteadyPostgresqlDatabase):
        pytest.skip("a file ends no connection")
    before = steady.connection()
    backend = before.info.backend_pid
    steady.close()
    asked: list[object] = []
    is_closed = steady._adapter.is_connection_closed

    def ask(connection: object) -> bool:
        asked.append(connection)
        return bool(is_closed(connection))

    monkeypatch.setattr(steady._adapter, "is_connection_closed", ask)

    with steady.connection_context():
        assert steady.connection() is before
        assert asked == []

    with psycopg.connect(before.info.dsn) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,))
    with steady.connection_context():
        assert steady.connection() is not before
        assert asked == [before]
    steady.connect()
