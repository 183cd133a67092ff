"""A site with many coaches for benches and tests: one is made, all others are its copies, a statement a table."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from peewee import fn

from coaching.accounts.models import Person
from coaching.booking import guard
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Offer, Product, Store
from coaching.coaches.models import Coach, CoachLanguage, CoachSpecialty
from coaching.db import BaseModel, database, is_sqlite
from coaching.hours.models import DateOverride, Schedule, TimeOff, WeeklySpan
from coaching.reviews.models import Review
from tests import factories

# A Monday.
NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
AN_HOUR, A_DAY = timedelta(hours=1), timedelta(days=1)
PRODUCTS, SESSIONS, REVIEWS, TO_COME = 10, 100, 20, 20  # of each coach


def fill(coaches: int) -> None:
    """So many coaches, each with ten products, a hundred sessions, of which twenty are to come, and twenty reviews."""
    with database.atomic():
        # The guard against overlaps would look at each of the copies.
        drop_triggers()
        _make_first()
        _copy_all(coaches - 1)
    if is_sqlite():
        guard.install(database.obj)
    # As both do by themselves after a while.
    database.execute_sql("ANALYZE")


def drop_triggers() -> None:
    """SQLite's guard; PostgreSQL's is a constraint, which is quick."""
    triggers = database.execute_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'") if is_sqlite() else ()
    for (trigger,) in list(triggers):
        database.execute_sql(f"DROP TRIGGER {trigger}")


def _make_first() -> None:
    person = factories.make_person("Coach 0", linked_as="70000")
    coach = factories.make_coach(person, slug="coach-0", headline="Mixes what you sing")
    store = factories.make_store(person)
    schedule = factories.make_schedule(person)
    for number, words in enumerate(("Vocal mixing", "Techno")):
        CoachSpecialty.create(coach=coach, key=words.lower(), words=words, position=number)
    for number, tag in enumerate(("en", "de")):
        CoachLanguage.create(coach=coach, tag=tag, position=number)
    TimeOff.create(coach=person, starts_at=NOW + 30 * A_DAY, ends_at=NOW + 37 * A_DAY)
    DateOverride.create(schedule=schedule, day_on=(NOW + 9 * A_DAY).date(), spans="[]")
    products = [
        factories.make_product(
            store,
            schedule=schedule,
            notice_minutes=number * 180,
            grid_minutes=(15, 30, 60)[number % 3],
            daily_cap=3 if number == 9 else None,
            offers=((30, 2900), (60, 4900)),
        )
        for number in range(PRODUCTS)
    ]
    student = factories.make_person("Student", linked_as="50000")
    for number in range(SESSIONS):
        product = products[number % PRODUCTS]
        is_past = number >= TO_COME
        starts_at = NOW - number * 20 * AN_HOUR if is_past else NOW + (number + 1) * A_DAY + number % 4 * AN_HOUR
        state = "completed" if is_past else "scheduled"
        coaching_session = factories.make_coaching_session(product, student, starts_at=starts_at, state=state)
        if TO_COME <= number < TO_COME + REVIEWS:
            Review.create(
                code=coaching_session.code,
                seat=Seat.get(Seat.coaching_session == coaching_session),
                coach=person,
                product=product,
                student=student,
                stars=3 + number % 3,
                words="It helped.",
                held_at=coaching_session.starts_at,
                made_at=coaching_session.ends_at,
            )


def _copy_all(times: int) -> None:
    # A coach and their student.
    _copy(Person, times, {name: f"{name} || {{n}}" for name in ("email", "email_key", "name")}, 2)
    of_person = {name: f"{name} + {{n}} * 2" for name in ("person_id", "owner_id", "coach_id", "student_id")}
    _copy(Coach, times, of_person | {"slug": "'coach-' || {n}"})
    _copy(Store, times, of_person | {"slug": "slug || '-' || {n}"})
    _copy(Schedule, times, of_person | {"code": "code || {n}"})
    _copy(TimeOff, times, of_person)
    _copy(WeeklySpan, times, {"schedule_id": "schedule_id + {n}", "start_minute": "start_minute + ({n} & 15) * 15"}, 7)
    _copy(DateOverride, times, {"schedule_id": "schedule_id + {n}"})
    of_store = {"store_id": "store_id + {n}", "schedule_id": "schedule_id + {n}", "code": "code || {n}"}
    _copy(Product, times, of_store, PRODUCTS)
    of_product = {"product_id": f"product_id + {{n}} * {PRODUCTS}"}
    _copy(Offer, times, of_product, 2 * PRODUCTS)
    _copy(CoachSpecialty, times, {"coach_id": "coach_id + {n}"}, 2)
    _copy(CoachLanguage, times, {"coach_id": "coach_id + {n}"}, 2)
    _copy(CoachingSession, times, of_person | of_product | {"code": "code || {n}"}, SESSIONS)
    _copy(Seat, times, of_person | {"coaching_session_id": f"coaching_session_id + {{n}} * {SESSIONS}"}, SESSIONS)
    of_review = of_person | of_product | {"seat_id": f"seat_id + {{n}} * {SESSIONS}", "code": "code || {n}"}
    _copy(Review, times, of_review, REVIEWS)


def _copy(model: type[BaseModel], times: int, own: Mapping[str, str], rows: int = 1) -> None:
    """Its last `rows` rows once more for each n up to `times`, with ids of their own and these `own` columns."""
    meta: Any = model._meta
    last = model.select(fn.MAX(model.id)).scalar()
    columns = [field.column_name for field in meta.sorted_fields]
    said = {"id": f"id + {{n}} * {rows}"} | dict(own)
    values = ", ".join(said.get(name, name).format(n="n.i") for name in columns)
    table = meta.table_name
    database.execute_sql(
        f"INSERT INTO {table} ({', '.join(columns)})"
        f" WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {times})"
        f" SELECT {values} FROM {table}, n WHERE id > {last - rows}"
    )
    if not is_sqlite():
        database.execute_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
