"""Pages of figures at 1,000 and 100,000 sessions of one store, on SQLite and PostgreSQL.

Prints how long pages take, with their queries, as this process answers them, how long all sums take the first time, and
one run of the worker with nothing to do. Goals: at most 0.5 Y and 10 queries, the same at both sizes.
"""

import logging
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

import structlog
from flask.testing import FlaskClient
from peewee import chunked

from app import create_app
from bench.directory import count_queries, measured
from bench.yardstick import measure_y, median_time
from blueprints.http_figures import Meter
from coaching.accounts.models import Person
from coaching.booking import guard
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.db import database, is_sqlite, new_code, rows
from coaching.figures.refresh_mutations import refresh_figures
from coaching.now import Now
from coaching.payments.models import Payment, Receipt
from coaching.reviews.models import Review
from coaching.rooms.models import Presence, Room
from coaching.runtime.models import Clock
from settings import Settings
from tests import crowd, databases, factories
from tests.many_coaches import drop_triggers

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
DAYS = 3 * 365
ROUNDS = 15
ROWS_AT_ONCE = 500
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STATES = ("completed", "completed", "completed", "completed", "no_show", "cancelled", "expired", "completed")
PAGES = {
    "coach, days": ("/dashboard/figures?store=busy", "Booked and held"),
    "coach, weeks": ("/dashboard/figures?store=busy&by=week", "Booked and held"),
    "coach, months": ("/dashboard/figures?store=busy&by=month", "Booked and held"),
    "a list": ("/dashboard/figures/behind?store=busy&what=completed&from=2027-02-01&to=2027-02-28", "Took place"),
    "a year's list": ("/dashboard/figures/behind?store=busy&what=created&from=2026-03-01&to=2027-02-28", "Booked"),
    "admin, days": ("/admin/figures", "Booked and held"),
    "admin, months": ("/admin/figures?by=month", "Booked and held"),
    "admin, a list": ("/admin/figures/behind?what=completed&from=2027-02-01&to=2027-02-28", "Took place"),
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
        while refresh_figures(Now(NOW, NOW)):
            pass
        first, quiet = perf_counter() - first, perf_counter()
        refresh_figures(Now(NOW + MINUTE, NOW + MINUTE))
        quiet = perf_counter() - quiet
    factories.sign_in(client, coach)
    print(f"  {name:18} all sums for the first time {first:.1f} s, a run with nothing to do {quiet * 1000:.0f} ms")
    for title, (address, words) in PAGES.items():
        page = client.get(address).text
        assert words in page, address
        queries = count_queries(lambda: client.get(address))  # noqa: B023
        seconds = median_time(lambda: client.get(address), ROUNDS)  # noqa: B023
        processor = measured(lambda: [client.get(address) for _ in range(ROUNDS)]) / ROUNDS  # noqa: B023
        print(
            f"  {name:18} {title:14}{seconds * 1000:6.1f} ms = {seconds / y:.2f} Y, {processor * 1000:5.1f} ms of"
            f" processor = {processor / y_processor:.2f} Y, {queries} queries, {len(page) // 1024} KB",
            flush=True,
        )


def fill(sessions: int) -> Person:
    """One store with so many sessions over three years, most of them with a room, a receipt, a review; its coach."""
    with database.atomic():
        # The guard against overlaps would look at each of them.
        drop_triggers()
        coach = factories.make_person("Busy", linked_as="70000", is_admin=True)
        store = factories.make_store(coach, slug="busy")
        schedule = factories.make_schedule(coach)
        products = [factories.make_product(store, schedule=schedule) for _ in range(3)]
        student = factories.make_person("Student", linked_as="50000")
        _insert(CoachingSession, _calls(products, coach, sessions))
        _insert(Seat, _seats(student))
        seats = list(
            Seat.select(Seat.id, Seat.coaching_session, CoachingSession.ends_at).join(CoachingSession).tuples()
        )
        _insert(Room, _rooms(seats))
        _insert(Presence, _presences(coach, student))
        _insert(Payment, _payments(seats))
        _insert(Receipt, _receipts(store))
        _insert(Review, _reviews(seats, coach, products[0], student))
    if is_sqlite():
        guard.install(database.obj)
    # As both do by themselves after a while.
    database.execute_sql("ANALYZE")
    return coach


def _insert(model: Any, values: Iterator[dict[str, Any]]) -> None:
    for some in chunked(values, ROWS_AT_ONCE):
        model.insert_many(some).execute()


def _calls(products: list[Product], coach: Person, sessions: int) -> Iterator[dict[str, Any]]:
    step = timedelta(days=DAYS) / sessions
    for number in range(sessions):
        starts_at, state = NOW - HOUR - number * step, STATES[number % len(STATES)]
        yield {
            **{"code": new_code(), "product": products[number % 3], "coach": coach, "title": "Mixing call"},
            **{"session_type": "video", "minutes": 30, "starts_at": starts_at, "ends_at": starts_at + 30 * MINUTE},
            **{"busy_from": starts_at, "busy_until": starts_at + 30 * MINUTE, "zone": "Europe/Berlin"},
            **{"state": state, "created_at": starts_at - number % 200 * HOUR, "wall_time": ""},
            **{"absent": "student" if state == "no_show" else None},
            **{"ended_by": "student" if state == "cancelled" else None},
        }


def _seats(student: Person) -> Iterator[dict[str, Any]]:
    calls = CoachingSession.select(CoachingSession.id, CoachingSession.starts_at, CoachingSession.ends_at)
    for number, starts_at, ends_at in list(rows(calls)):
        yield {
            **{"coaching_session": number, "student": student, "starts_at": starts_at, "ends_at": ends_at},
            **{"is_live": False, "price_cents": 4900, "currency": "EUR", "source": ("link", "page")[number % 2]},
        }


def _rooms(seats: list[Any]) -> Iterator[dict[str, Any]]:
    for number, call, ends_at in seats:
        opens_at = ends_at - 45 * MINUTE
        yield {
            **{"coaching_session": call, "code": f"room-{number}", "discord_guild_id": "1", "state": "removed"},
            **{"thresholds": f"{opens_at - 15 * MINUTE:%Y-%m-%dT%H:%M:%S} {opens_at:%Y-%m-%dT%H:%M:%S}"},
            **{"let_in": ((opens_at, ends_at),), "created_at": opens_at},
        }


def _presences(coach: Person, student: Person) -> Iterator[dict[str, Any]]:
    for (room,) in list(rows(Room.select(Room.id))):
        for person in (coach, student):
            yield {"room": room, "person": person, "seconds": 1500, "looked_at": NOW, "looks": ()}


def _payments(seats: list[Any]) -> Iterator[dict[str, Any]]:
    for number, _, ends_at in seats:
        yield {
            **{"seat": number, "provider": "outside", "state": "paid", "amount_cents": 4900, "currency": "EUR"},
            **{"key": f"p{number}", "begun_at": ends_at, "paid_at": ends_at, "has_receipt": True},
        }


def _receipts(store: Store) -> Iterator[dict[str, Any]]:
    for number, paid_at in list(rows(Payment.select(Payment.id, Payment.paid_at))):
        yield {
            **{"store": store, "year": 2027, "number": number, "payment": number, "code": f"r{number}"},
            **{"issued_on": paid_at.date(), "issued_at": paid_at, "amount_cents": 4900, "currency": "EUR"},
            **{"seller": "", "buyer": "", "printed": ""},
        }


def _reviews(seats: list[Any], coach: Person, product: Product, student: Person) -> Iterator[dict[str, Any]]:
    for number, _, ends_at in seats[::5]:
        yield {
            **{"code": f"v{number}", "seat": number, "coach": coach, "product": product, "student": student},
            **{"stars": 4, "held_at": ends_at, "made_at": ends_at + HOUR},
        }


if __name__ == "__main__":
    main()
