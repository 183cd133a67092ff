"""PostgreSQL: a server that started again costs no refusals, and no lock is waited for without end."""

import runpy
from pathlib import Path

import psycopg
import pytest

from app import CONNECTIONS
from coaching.db import open_database

CONFIG = Path(__file__).parent.parent / "gunicorn.conf.py"


@pytest.fixture
def postgres_url(database_url: str) -> str:
    if database_url.startswith("sqlite"):
        pytest.skip("only PostgreSQL's connections are kept in a pool")
    return database_url


def test_a_connection_that_the_server_has_ended_is_not_handed_out(postgres_url: str) -> None:
    pool = open_database(postgres_url)
    with pool.connection_context():
        old = pool.execute_sql("SELECT pg_backend_pid()").fetchone()
    with psycopg.connect(postgres_url, autocommit=True) as other:
        # Sent and waited for, as a server does that shuts down.
        other.execute("SELECT pg_terminate_backend(%s, 5000)", old)

    with pool.connection_context():
        new = pool.execute_sql("SELECT pg_backend_pid()").fetchone()
    with pool.connection_context():
        again = pool.execute_sql("SELECT pg_backend_pid()").fetchone()
    pool.close_all()

    assert old != new == again


def test_a_lock_is_waited_for_five_seconds_whatever_else_the_address_sets(postgres_url: str) -> None:
    mark = "&" if "?" in postgres_url else "?"
    pool = open_database(f"{postgres_url}{mark}options=-c%20work_mem%3D5MB")
    with pool.connection_context():
        settings = [pool.execute_sql(f"SHOW {name}").fetchone()[0] for name in ("lock_timeout", "work_mem")]
    pool.close_all()

    assert settings == ["5s", "5MB"]


def test_who_works_beside_the_requests_gets_a_connection_while_all_of_them_hold_one() -> None:
    assert runpy.run_path(str(CONFIG))["threads"] + len({"hints", "afterwards", "figures", "readiness"}) <= CONNECTIONS
