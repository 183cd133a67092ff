"""The directory at 1,000 coaches, 10,000 products, 100,000 sessions and 20,000 reviews, on SQLite and PostgreSQL.

Prints how long pages take, with their queries, as this process answers them; and the processor's share of keeping next
free instants up to date over an hour of runs, one a minute, with a booking between any two. Goals: first byte under
0.5 Y, at most 10 queries, under 5 % of one core (of this process; PostgreSQL's own work is not counted).
"""

import logging
import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

import structlog
from flask.testing import FlaskClient

from app import create_app
from bench.yardstick import measure_y, median_time
from blueprints.http_figures import Meter
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product
from coaching.db import database
from coaching.directory.models import NextFree
from coaching.directory.refresh_mutations import refresh_directory
from coaching.runtime.models import Clock
from settings import Settings
from tests import crowd, databases, factories, many_coaches
from tests.many_coaches import NOW

COACHES = 1_000
ROUNDS = 15
MINUTE = timedelta(minutes=1)
PAGES = {
    "all of them": ("/coaches", "1,000 coaches"),
    "page 30": ("/coaches?page=30", "page 30 of 50"),
    "narrowed": ("/coaches?specialty=mix&price=50&language=de&rating=4&free=week&sort=price", "of 5"),
    "nobody": ("/coaches?specialty=flute&language=de&rating=4", "No coach fits all of that"),
    "a coach": ("/coaches/coach-500", "Coach 0500"),
}


def main() -> None:
    y, y_processor = measure_y(), measured(lambda: sum(range(10**7)))
    print(f"  Y = {y:.3f} s, {y_processor:.3f} s of processor")
    # It writes into whatever database is open a while later.
    Meter.start = lambda self: None  # type: ignore[method-assign]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory() as folder:
        for name, server in (
            ("SQLite", databases.SqliteDatabases(Path(folder))),
            ("PostgreSQL", databases.PostgresDatabases(Path(folder) / "postgres", "directory")),
        ):
            settings = crowd.environment(Path(folder) / name, server.fresh(), 5098)
            app = create_app(Settings.from_env(settings))
            with database.connection_context():
                many_coaches.fill(COACHES)
                report_refreshing(name)
                Clock.create(offset_seconds=round((NOW - datetime.now(UTC)).total_seconds()))
            report_pages(name, app.test_client(), y, y_processor)
            databases.close()
            server.close()


def report_refreshing(name: str) -> None:
    processor, began = process_time(), perf_counter()
    runs = 1
    while refresh_directory(NOW):
        runs += 1
    print(
        f"  {name:10} {NextFree.select().count():,} products for the first time: {perf_counter() - began:.1f} s in"
        f" {runs} runs, {process_time() - processor:.1f} s of processor",
        flush=True,
    )
    quiet = measured(lambda: refresh_directory(NOW))
    products = list(Product.select().order_by(Product.id))
    student = factories.make_person("Somebody else", linked_as="9")
    used, longest = 0.0, 0.0
    for minute in range(1, 61):
        product = products[minute * 157 % len(products)]
        start = NOW + 40 * timedelta(days=1) + minute * 2 * timedelta(hours=1)
        factories.make_coaching_session(product, student, starts_at=start)
        took = measured(lambda: refresh_directory(NOW + minute * MINUTE))  # noqa: B023
        used, longest = used + took, max(longest, took)
    print(
        f"  {name:10} an hour of it: {used:.1f} s of processor, {used / 36:.1f} % of one core; the longest run"
        f" {longest:.1f} s, one with nothing to do {quiet:.2f} s (load average {os.getloadavg()[0]:.1f})",
        flush=True,
    )
    CoachingSession.update(state="cancelled").where(CoachingSession.created_at == factories.MADE_AT).where(
        CoachingSession.id > COACHES * many_coaches.SESSIONS
    ).execute()


def measured(act: Callable[[], object]) -> float:
    """The processor's seconds that it takes."""
    before = process_time()
    act()
    return process_time() - before


def report_pages(name: str, client: FlaskClient, y: float, y_processor: float) -> None:
    for title, (address, expected) in PAGES.items():
        page = client.get(address).text
        assert expected in page, address
        queries = count_queries(lambda: client.get(address))  # noqa: B023
        seconds = median_time(lambda: client.get(address), ROUNDS)  # noqa: B023
        processor = measured(lambda: [client.get(address) for _ in range(ROUNDS)]) / ROUNDS  # noqa: B023
        print(
            f"  {name:10} {title:12}{seconds * 1000:6.1f} ms = {seconds / y:.2f} Y, {processor * 1000:5.1f} ms of"
            f" processor = {processor / y_processor:.2f} Y, {queries} queries, {len(page) // 1024} KB",
            flush=True,
        )


def count_queries(act: Callable[[], object]) -> int:
    """How many statements it sends to the database."""
    sent = 0
    execute = database.obj.execute_sql

    def counted(*statement: object, **options: object) -> object:
        nonlocal sent
        sent += 1
        return execute(*statement, **options)

    database.obj.execute_sql = counted
    try:
        act()
    finally:
        database.obj.execute_sql = execute
    return sent


if __name__ == "__main__":
    main()
