"""Pages of figures at 1,000 and 100,000 sessions of one store, on SQLite and PostgreSQL.

Prints how long pages take, with their queries, as this process answers them, how long all sums take the first time, and
one run of the worker with nothing to do. Goals: at most 0.5 Y and 10 queries, the same at both sizes.
"""

import logging
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import structlog
from flask.testing import FlaskClient

from app import create_app
from bench.directory import count_queries, measured
from bench.yardstick import measure_y, median_time
from blueprints.http_figures import Meter
from coaching.db import database
from coaching.figures.refresh_mutations import finish_figures, refresh_figures
from coaching.now import Now
from coaching.runtime.models import Clock
from settings import Settings
from tests import crowd, databases, factories
from tests.many_calls import NOW, PAGES, fill

ROUNDS = 15
MINUTE = timedelta(minutes=1)


def main() -> None:
    y, y_processor = measure_y(), measured(lambda: sum(range(10**7)))
    print(f"  Y = {y:.3f} s, {y_processor:.3f} s of processor")
    # It writes into whatever database is open a while later.
    Meter.start = lambda self: None  # type: ignore[method-assign]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        for name, server in (
            ("SQLite", databases.SqliteDatabases(Path(folder))),
            ("PostgreSQL", databases.PostgresDatabases(Path(folder) / "postgres", "figures")),
        ):
            for sessions in (1_000, 100_000):
                settings = crowd.environment(Path(folder) / f"{name}{sessions}", server.fresh(), 5097)
                report(
                    f"{name} {sessions:,}",
                    create_app(Settings.from_env(settings)).test_client(),
                    sessions,
                    y,
                    y_processor,
                )
                databases.close()
            server.close()


def report(name: str, client: FlaskClient, sessions: int, y: float, y_processor: float) -> None:
    with database.connection_context():
        coach = fill(sessions)
        Clock.create(offset_seconds=round((NOW - datetime.now(UTC)).total_seconds()))
        first, quiet = perf_counter(), 0.0
        finish_figures(Now(NOW, NOW))
        first, quiet = perf_counter() - first, perf_counter()
        refresh_figures(Now(NOW + MINUTE, NOW + MINUTE))
        quiet = perf_counter() - quiet
    factories.sign_in(client, coach)
    print(f"  {name:18} all sums for the first time {first:.1f} s, a run with nothing to do {quiet * 1000:.0f} ms")
    for title, (address, expected) in PAGES.items():
        page = client.get(address).text
        assert expected in page, address
        queries = count_queries(lambda: client.get(address))  # noqa: B023
        seconds = median_time(lambda: client.get(address), ROUNDS)  # noqa: B023
        processor = measured(lambda: [client.get(address) for _ in range(ROUNDS)]) / ROUNDS  # noqa: B023
        print(
            f"  {name:18} {title:14}{seconds * 1000:6.1f} ms = {seconds / y:.2f} Y, {processor * 1000:5.1f} ms of"
            f" processor = {processor / y_processor:.2f} Y, {queries} queries, {len(page) // 1024} KB",
            flush=True,
        )


if __name__ == "__main__":
    main()
