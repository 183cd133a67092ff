"""SQLite's writers come in the order in which they came, and none waits in vain while others get in."""

import errno
import fcntl
import multiprocessing
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from peewee import Database, OperationalError

from coaching.db import LONGEST_WAIT, open_database
from coaching.db_trouble import trouble_of
from coaching.steady_sqlite import NOTICED_MS
from coaching.write_queue import WriteQueue


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "one.db")


def test_who_came_first_is_let_in_first(path: str) -> None:
    queue = WriteQueue(path)
    came: list[int] = []

    def write(number: int) -> None:
        assert queue.enter(5)
        came.append(number)
        queue.leave()

    assert queue.enter(5)
    threads = [Thread(target=write, args=(number,)) for number in range(8)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        wait_until(lambda count=count: len(queue._waiting) == count)
    queue.leave()
    for thread in threads:
        thread.join()

    assert came == list(range(8))


def test_who_waits_in_vain_is_told_and_nobody_is_held_up_by_them(path: str) -> None:
    queue = WriteQueue(path)
    assert queue.enter(5)
    entered: list[bool] = []
    thread = Thread(target=lambda: entered.append(queue.enter(0.01)))
    thread.start()
    thread.join()

    assert entered == [False]
    queue.leave()
    assert queue.enter(0)


def hold(path: str, is_in: object, may_go: object) -> None:
    queue = WriteQueue(path)
    assert queue.enter(5)
    is_in.set()  # type: ignore[attr-defined]
    may_go.wait(10)  # type: ignore[attr-defined]
    # Killed, not left.


def test_another_process_is_waited_for_until_it_has_gone(path: str) -> None:
    context = multiprocessing.get_context("spawn")
    is_in, may_go = context.Event(), context.Event()
    other = context.Process(target=hold, args=(path, is_in, may_go))
    other.start()
    assert is_in.wait(20)
    queue = WriteQueue(path)

    assert not queue.enter(0.05)
    other.kill()
    other.join()
    assert queue.enter(5)


def test_a_transaction_leaves_the_queue_however_it_ends(path: str) -> None:
    database = open_database(f"sqlite:///{path}")
    with database.connection_context():
        with database.atomic():
            database.execute_sql("CREATE TABLE one (n INTEGER)")
        with pytest.raises(sqlite3.Error), database.atomic():
            broken_off(database)
        database.execute_sql("PRAGMA busy_timeout = 20")
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(OperationalError):
                database.begin()
        with database.atomic():
            assert database.execute_sql("SELECT count(*) FROM one").fetchone() == (0,)
        assert database._queue.enter(0)  # type: ignore[attr-defined]


def test_who_has_waited_in_line_waits_no_longer_for_whoever_never_stood_in_it(path: str) -> None:
    database = open_database(f"sqlite:///{path}")
    waited: list[str] = []

    class Told(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            waited.append(sql)
            return super().execute(sql, *values)

    with database.connection_context():
        database.execute_sql("CREATE TABLE one (n INTEGER)")
    database.connect_params["factory"] = Told
    database.keeps_connections = False  # type: ignore[attr-defined]
    assert database._queue.enter(5)  # type: ignore[attr-defined]

    def write() -> None:
        with database.connection_context(), database.atomic():
            database.execute_sql("INSERT INTO one VALUES (1)")

    thread = Thread(target=write)
    thread.start()
    wait_until(lambda: database._queue._waiting)  # type: ignore[attr-defined]
    time.sleep(NOTICED_MS / 1000)
    database._queue.leave()  # type: ignore[attr-defined]
    thread.join()

    [less, usual] = [int(said.split()[-1]) for said in waited if said.startswith("PRAGMA busy_timeout = ")]
    assert less <= usual - NOTICED_MS
    assert usual == LONGEST_WAIT * 1000


@pytest.mark.parametrize("fails", ["lock", "unlock"])
def test_a_disk_without_locks_keeps_nobody_waiting(path: str, fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def lockf(_file: int, how: int, *_where: int) -> None:
        if (how == fcntl.LOCK_UN) == (fails == "unlock"):
            raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "lockf", lockf)
    queue = WriteQueue(path)
    for _ in range(2):
        assert queue.enter(0)
        queue.leave()


def test_who_is_interrupted_while_waiting_lets_the_next_one_in(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    queue = WriteQueue(path)
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "lockf", interrupted)
        with pytest.raises(KeyboardInterrupt):
            queue.enter(5)

    assert queue.enter(0)


def test_the_queue_says_what_sqlite_would(path: str) -> None:
    database = open_database(f"sqlite:///{path}")
    assert database._queue.enter(0)  # type: ignore[attr-defined]
    troubles: list[str | None] = []

    def write() -> None:
        with database.connection_context():
            database.execute_sql("PRAGMA busy_timeout = 10")
            try:
                database.begin()
            except OperationalError as error:
                troubles.append(trouble_of(error))

    thread = Thread(target=write)
    thread.start()
    thread.join()

    assert troubles == ["database is locked"]


def broken_off(database: Database) -> None:
    database.execute_sql("INSERT INTO one VALUES (1)")
    raise sqlite3.Error


def wait_until(holds: object) -> None:
    until = time.monotonic() + 5
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.001)
