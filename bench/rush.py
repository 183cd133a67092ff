"""200 students at once through HTTP, two web workers: all on one slot, then all on different slots; on each database.

One slot: 1 session always, and every answer within 5 Y. Different slots: at least 14 bookings per Y with the slowest
twentieth after 14 Y at most (30 and 7 within reach).
"""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

from flask import Flask

from app import create_app
from bench.yardstick import measure_y
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.booking.slot_queries import free_slots
from coaching.booking.slots import Span
from coaching.catalog.models import Offer, Product
from coaching.db import database
from coaching.hours.queries import weekly_hours
from settings import Settings
from tests import crowd, databases, factories

STUDENTS = 200
PORT = 5098
FIRST_VISIT = f"GET / HTTP/1.1\r\nHost: localhost:{PORT}\r\nConnection: close\r\n\r\n".encode()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        rush("SQLite", Path(folder), databases.SqliteDatabases(Path(folder)).fresh())
        # It syncs no file to the disk at a commit, as SQLite with its write-ahead log does not either.
        server = databases.PostgresDatabases(Path(folder) / "postgres", "rush")
        rush("PostgreSQL", Path(folder), server.fresh())
        databases.close()
        server.close()


def rush(store: str, folder: Path, url: str) -> None:
    settings = crowd.environment(folder / store, url, PORT)
    app = create_app(Settings.from_env(settings))
    with database.connection_context():
        one_slot, different_slots = prepared(app)
    report(f"{store}, all on one slot", one_slot, settings)
    report(f"{store}, all on different slots", different_slots, settings)
    databases.close()


def prepared(app: Flask) -> tuple[list[bytes], list[bytes]]:
    """The requests of both rushes, each at a product of its own."""
    students = [factories.make_person(f"Student {n}", linked_as=str(7000 + n)) for n in range(STUDENTS)]
    return requests(app, students, is_one_slot=True), requests(app, students, is_one_slot=False)


def requests(app: Flask, students: list[Person], is_one_slot: bool) -> list[bytes]:
    product = factories.make_product(grid_minutes=60)
    offer = Offer.get(Offer.product == product)
    first, *others = two_months(product, offer)
    # The first slot belongs to the other rush, whose winner could not sit in two calls.
    slots = [first] * STUDENTS if is_one_slot else others[:STUDENTS]
    address = f"http://localhost:{PORT}/s/{product.store.slug}/{product.slug}/sessions"
    fields = {"offer": str(offer.id)}
    return [
        crowd.post_request(
            app,
            student,
            address,
            fields | {"starts_at": f"{slot:%Y-%m-%dT%H:%M:00Z}", "form_key": f"rush-{is_one_slot}-{n}"},
        )
        for n, (student, slot) in enumerate(zip(students, slots, strict=True))
    ]


def two_months(product: Product, offer: Offer) -> list[datetime]:
    now = datetime.now(UTC)
    # An hour of grace: what is free now must still be so when the server is up.
    window = Span(now + timedelta(hours=1), now + timedelta(days=60))
    assert product.schedule
    return free_slots(product, offer, weekly_hours(product.schedule), window, now)


def report(title: str, sent: list[bytes], settings: dict[str, str]) -> None:
    before = measure_y()
    with database.connection_context():
        rows = CoachingSession.select().count()
    with crowd.serving(settings):
        # Both workers have drawn a page before: a server that nobody has visited yet is another measurement.
        crowd.send_at_once(PORT, [FIRST_VISIT] * 16)
        answers = crowd.send_at_once(PORT, sent)
    y = (before + measure_y()) / 2
    with database.connection_context():
        rows = CoachingSession.select().count() - rows
    seconds = sorted(answer.seconds for answer in answers)
    statuses = {status: sum(a.status == status for a in answers) for status in sorted({a.status for a in answers})}
    print(
        f"  {title}: {rows} sessions, answers {statuses}, {rows / seconds[-1] * y:.1f} bookings per Y,"
        f" p95 {quantiles(seconds, n=20)[-1] / y:.1f} Y, slowest {seconds[-1] / y:.1f} Y"
    )


if __name__ == "__main__":
    main()
