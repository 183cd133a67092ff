"""The cost of quiet: a look at the rooms with nothing due, on many past and 5,000 future sessions.

Prints the time spent in the database, and how much data 1,000, 10,000 and 100,000 past sessions make of it. Goal: under
10 ms, and no more on 100,000 than on 1,000.
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from bench.yardstick import measure_y
from coaching import schema, vault
from coaching.booking import guard
from coaching.booking.models import CoachingSession, Seat
from coaching.db import BaseModel, database, open_database
from coaching.rooms.actions import reconcile
from coaching.rooms.models import Room
from tests import factories
from tests.fakes import FakeHost

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
FUTURE = 5_000
COACHES = 100
ROUNDS = 50
FIRST = 1_000  # made one by one; all further ones are their copies


def main() -> None:
    y = measure_y()
    for past in (1_000, 10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            vault.keys.use([bytes(32)])
            database.initialize(open_database(f"sqlite:///{Path(folder) / 'bench.db'}"))
            with database.connection_context():
                schema.migrate()
                fill_database(past)
                seconds, queries = cost_of_quiet()
        print(f"  {past:7,} past sessions: {seconds * 1000:6.2f} ms = {seconds / y:.4f} Y in {queries} queries")


def cost_of_quiet() -> tuple[float, int]:
    """Seconds in the database of one look with nothing due, rows fetched and all, and its queries."""
    asked = []
    execute = database.obj.execute_sql

    def noted(sql, parameters=None, *others, **options):
        asked.append((sql, parameters or ()))
        return execute(sql, parameters, *others, **options)

    host = FakeHost()
    reconcile(host, NOW, NOW)
    database.obj.execute_sql = noted
    report = reconcile(host, NOW, NOW)
    database.obj.execute_sql = execute
    assert (report.due, host.calls) == (0, [])
    connection = database.obj.connection()
    times = []
    for _ in range(ROUNDS):
        began = perf_counter()
        for statement in asked:
            connection.execute(*statement).fetchall()
        times.append(perf_counter() - began)
    return median(times), len(asked)


def fill_database(past: int) -> None:
    """Past sessions whose rooms are gone, and future ones over the next two months."""
    coaches = [factories.make_person("Coach", linked_as=str(70_000 + n)) for n in range(COACHES)]
    students = [factories.make_person("Student", linked_as=str(80_000 + n)) for n in range(COACHES)]
    products = [factories.make_product(factories.make_store(coach)) for coach in coaches]
    with database.atomic():
        # The guard against overlaps would look at each of the copies.
        for (trigger,) in database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute_sql(f"DROP TRIGGER {trigger}")
        for number in range(FIRST):
            start, who = NOW - 48 * HOUR - number // COACHES * HOUR, number % COACHES
            one = factories.make_coaching_session(products[who], students[who], starts_at=start)
            Room.create(
                coaching_session=one,
                code=f"r{number}",
                state="removed",
                discord_guild_id=factories.GUILD_ID,
                created_at=start,
            )
        for model in (CoachingSession, Seat, Room):
            copy_rows(model, past // FIRST - 1)
        for number in range(FUTURE):
            start, who = NOW + 3 * HOUR + number // COACHES * 24 * HOUR + number % 24 * HOUR, number % COACHES
            factories.make_coaching_session(products[who], students[who], starts_at=start)
    guard.install(database.obj)


def copy_rows(model: type[BaseModel], times: int) -> None:
    """Each row once more for each time, with an id and a code of its own."""
    own = {"id": "id + {n}", "coaching_session_id": "coaching_session_id + {n}", "code": "code || '-{n}'"}
    names = list(model._meta.columns)
    for time in range(1, times + 1):
        values = ", ".join(own.get(name, name).format(n=time * FIRST) for name in names)
        table = model._meta.table_name
        database.execute_sql(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id <= {FIRST}"
        )


if __name__ == "__main__":
    main()
