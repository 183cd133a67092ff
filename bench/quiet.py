"""The cost of quiet: a look at the rooms with nothing due, on many past and 5,000 future sessions.

Prints the time spent in the database, SQLite and PostgreSQL, with 1,000, 10,000 and 100,000 past sessions, each with
its outcome, its removed room, the room's log and who was in it. Goal: under 10 ms, no more on 100,000 than on 1,000.
"""

import logging
import os
import re
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import structlog
from peewee import fn

from bench.yardstick import measure_y
from coaching import marks, vault
from coaching.booking import guard
from coaching.booking.models import CoachingSession, Seat
from coaching.db import BaseModel, database, is_sqlite, open_database
from coaching.rooms.models import Presence, Room, RoomEvent
from tests import databases, factories
from tests.clocks import at
from tests.fakes import FakeHost
from tests.rooms.reconciling import reconcile

Query = tuple[str, Any]

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FUTURE = 5_000
COACHES = 100
ROUNDS = 50
FIRST = 1_000  # made one by one; all further ones are their copies


def main() -> None:
    y = measure_y()
    vault.keys.use([bytes(32)])
    marks.keys.use([bytes(32)])
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        report("SQLite", databases.SqliteDatabases(Path(folder)), y)
        server = databases.PostgresDatabases(Path(folder) / "postgres", "quiet")
        report("PostgreSQL", server, y)
        databases.close()
        server.close()


def report(name: str, server: databases.Databases, y: float) -> None:
    for past in (1_000, 10_000, 100_000):
        database.initialize(open_database(server.fresh()))
        with database.connection_context():
            fill_database(past)
            asked = queries_of_a_look()
            seconds = median_time_of(asked)
            whole = ", ".join(sorted(tables_read_whole(asked))) or "nothing"
        print(
            f"  {name:10} {past:7,} past sessions: {seconds * 1000:5.2f} ms = {seconds / y:.4f} Y in"
            f" {len(asked)} queries, reading whole: {whole} (load average {os.getloadavg()[0]:.1f})",
            flush=True,
        )
        databases.close()


def queries_of_a_look() -> list[Query]:
    """What one look with nothing due asks the database."""
    asked: list[Query] = []
    execute = database.obj.execute_sql

    def noted(sql: str, parameters: Sequence[object] | None = None, *others: Any, **options: Any) -> Any:
        asked.append((sql, parameters or ()))
        return execute(sql, parameters, *others, **options)

    host = FakeHost()
    reconcile(host, at(NOW))
    host.calls.clear()
    database.obj.execute_sql = noted
    report = reconcile(host, at(NOW))
    database.obj.execute_sql = execute
    assert (report.due, host.calls) == (0, [])
    return asked


def median_time_of(asked: Sequence[Query]) -> float:
    """Seconds in the database for all of them, rows fetched and all."""
    connection = database.obj.connection()
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        for statement in asked:
            connection.execute(*statement).fetchall()
        times.append(perf_counter() - began)
    return median(times)


def tables_read_whole(asked: Sequence[Query]) -> set[str]:
    """The tables that some of the queries go through from end to end."""
    tables = set()
    for sql, values in asked:
        if is_sqlite():
            called = {alias: table for table, alias in re.findall(r'"(\w+)" AS "(t\d+)"', sql)}
            lines = [row[3] for row in database.execute_sql(f"EXPLAIN QUERY PLAN {sql}", values).fetchall()]
            tables |= {called[line.split()[1]] for line in lines if line.startswith("SCAN t")}
        else:
            lines = [row[0] for row in database.execute_sql(f"EXPLAIN {sql}", values).fetchall()]
            tables |= {table for line in lines for table in re.findall(r"Seq Scan on (\w+)", line)}
    return tables


def fill_database(past: int) -> None:
    """Past sessions whose rooms are gone, and future ones over the next two months."""
    coaches = [factories.make_person("Coach", linked_as=str(70_000 + n)) for n in range(COACHES)]
    students = [factories.make_person("Student", linked_as=str(80_000 + n)) for n in range(COACHES)]
    products = [factories.make_product(factories.make_store(coach)) for coach in coaches]
    with database.atomic():
        # The guard against overlaps would look at each of the copies.
        if is_sqlite():
            drop_triggers()
        for number in range(FIRST):
            start, who = NOW - 48 * HOUR - number // COACHES * HOUR, number % COACHES
            coaching_session = factories.make_coaching_session(
                products[who], students[who], starts_at=start, state="completed"
            )
            room = Room.create(
                coaching_session=coaching_session,
                code=f"r{number}",
                state="removed",
                discord_guild_id=factories.GUILD_ID,
                created_at=start,
            )
            Presence.create(room=room, person=students[who], seconds=3000, last_seen_at=start, looked_at=start)
            RoomEvent.create(room=room, at=start, kind="removed", reason="session_over")
        for model in (CoachingSession, Seat, Room, Presence, RoomEvent):
            copy_rows(model, past // FIRST - 1)
        for number in range(FUTURE):
            start, who = NOW + 3 * HOUR + number // COACHES * 24 * HOUR + number % 24 * HOUR, number % COACHES
            factories.make_coaching_session(products[who], students[who], starts_at=start)
    if is_sqlite():
        guard.install(database.obj)
    else:
        # As the server does by itself after a while.
        database.execute_sql("ANALYZE")


def drop_triggers() -> None:
    for (trigger,) in database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        database.execute_sql(f"DROP TRIGGER {trigger}")


def copy_rows(model: type[BaseModel], times: int) -> None:
    """Each row once more for each time, with an id and a code of its own."""
    own = {name: f"{name} + {{n}}" for name in ("id", "coaching_session_id", "room_id")} | {"code": "code || '-{n}'"}
    first = model.select(fn.MIN(model.id)).scalar()
    names = list(model._meta.columns)
    table = model._meta.table_name
    for time in range(1, times + 1):
        values = ", ".join(own.get(name, name).format(n=time * FIRST) for name in names)
        database.execute_sql(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id < {first + FIRST}"
        )
    if not is_sqlite():
        database.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


if __name__ == "__main__":
    main()
