"""A month of slots: March 2027, a coach in New York, a visitor in Berlin, 200 sessions and 300 other busy times.

The right answer is 71 starts on 23 days. Goals: 0.03 Y for the computation alone (0.01 within reach), 0.08 Y with its
database reads (0.04 within reach). And up to 5,000 busy times it grows with them and no faster.
"""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.yardstick import measure_y, median_time
from coaching import marks, schema, vault
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.booking.month import SlotMonth
from coaching.booking.slot_queries import free_month, free_slots, slot_rules
from coaching.booking.slots import Span, open_slots
from coaching.catalog.models import Offer, Product, Store
from coaching.db import database, open_database
from coaching.hours.models import TimeOff
from coaching.hours.mutations import create_schedule, save_weekly_hours
from coaching.hours.queries import weekly_hours
from coaching.hours.week import AFTERNOON, MORNING, WORKDAYS, WeeklyHours

BERLIN = "Europe/Berlin"
BASE = datetime(2027, 3, 1, 5, tzinfo=UTC)
LONG_AGO = datetime(2027, 2, 1, tzinfo=UTC)
MARCH = Span(datetime(2027, 3, 1, tzinfo=ZoneInfo(BERLIN)), datetime(2027, 4, 1, tzinfo=ZoneInfo(BERLIN)))
ROUNDS = 100
BUSY_TIMES = (1_250, 2_500, 5_000)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        vault.keys.use([bytes(32)])
        marks.keys.use([bytes(32)])
        database.initialize(open_database(f"sqlite:///{Path(folder) / 'bench.db'}"))
        with database.connection_context():
            schema.migrate()
            product, offer = fill_database()
            report("the computation alone", pure_case(product, offer))
            for count in BUSY_TIMES:
                report(f"the same, {count:,} busy times", crowded_case(product, offer, count))
            report("with its database reads", lambda: free_slots(product, offer, hours_of(product), MARCH, LONG_AGO))
            report("the page on 1 March", lambda: in_march(free_month(product, offer, BERLIN, MARCH.starts_at)))


def report(title: str, case: Callable[[], list[datetime]]) -> None:
    slots = case()
    days = {slot.astimezone(ZoneInfo(BERLIN)).date() for slot in slots}
    before = measure_y()
    seconds = median_time(case, ROUNDS)
    y = (before + measure_y()) / 2
    print(f"  {title:26}{seconds * 1000:7.2f} ms = {seconds / y:.4f} Y   {len(slots)} starts on {len(days)} days")


def pure_case(product: Product, offer: Offer) -> Callable[[], list[datetime]]:
    hours, busy, rules = (
        hours_of(product),
        [*session_spans(), *outside_spans()],
        slot_rules(product, offer),
    )
    return lambda: open_slots(hours, busy, rules, LONG_AGO, MARCH)


def crowded_case(product: Product, offer: Offer, count: int) -> Callable[[], list[datetime]]:
    """As many busy times in the same month, so short and in such places that the same starts are free."""
    hours, rules, busy = hours_of(product), slot_rules(product, offer), [*session_spans(), *outside_spans()]
    # They lie within those that are there.
    crowd = [
        Span(span.starts_at, span.starts_at + timedelta(minutes=1 + number % 15)) for number, span in enumerate(busy)
    ]
    busy += (crowd * (count // len(crowd)))[: count - len(busy)]
    return lambda: open_slots(hours, busy, rules, LONG_AGO, MARCH)


def hours_of(product: Product) -> WeeklyHours:
    assert product.schedule
    return weekly_hours(product.schedule)


def in_march(month: SlotMonth) -> list[datetime]:
    return list(chain.from_iterable(month.free.values()))


def session_spans() -> list[Span]:
    return [span_at(i * 223.2, 60 + 15) for i in range(200)]


def outside_spans() -> list[Span]:
    return [span_at(j * 148.8, 15 * (1 + j % 4)) for j in range(300)]


def span_at(minutes: float, length: int) -> Span:
    start = BASE + timedelta(minutes=int(minutes // 15) * 15)
    return Span(start, start + timedelta(minutes=length))


def fill_database() -> tuple[Product, Offer]:
    coach = Person.create(name="Coach", created_at=LONG_AGO)
    week = dict.fromkeys(WORKDAYS, (MORNING, AFTERNOON))
    schedule = create_schedule(coach, "Weekly hours", "America/New_York", LONG_AGO)
    save_weekly_hours(schedule, week)
    store = Store.create(owner=coach, slug="bench", name="Bench", currency="EUR", zone=BERLIN, created_at=LONG_AGO)
    product = Product.create(
        code="bench",
        store=store,
        slug="bench",
        state="published",
        schedule=schedule,
        notice_minutes=24 * 60,
        buffer_after_minutes=15,
        created_at=LONG_AGO,
        updated_at=LONG_AGO,
    )
    with database.atomic():
        for number, span in enumerate(session_spans()):
            CoachingSession.create(
                code=f"s{number}",
                product=product,
                coach=coach,
                title="Bench",
                session_type="video",
                minutes=60,
                starts_at=span.starts_at,
                ends_at=span.starts_at + timedelta(minutes=60),
                busy_from=span.starts_at,
                busy_until=span.ends_at,
                zone="America/New_York",
                created_at=LONG_AGO,
            )
        TimeOff.insert_many(
            [{"coach": coach, "starts_at": span.starts_at, "ends_at": span.ends_at} for span in outside_spans()]
        ).execute()
    return product, Offer.create(product=product, minutes=60, price_cents=4900)


if __name__ == "__main__":
    main()
