"""The next free instants that lists name: the same as the product pages', kept up to date with little work."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from coaching.booking.few_time_queries import few_times
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog import queries as catalog
from coaching.catalog.models import Offer, Product, Store
from coaching.db import database
from coaching.directory.basis_queries import products_on_sale
from coaching.directory.models import NextFree
from coaching.directory.next_free_mutations import refresh_next_free
from coaching.directory.queries import next_free_of
from coaching.hours.models import DateOverride, Schedule, TimeOff, Travel, WeeklySpan
from tests.factories import (
    make_coaching_session,
    make_feed,
    make_person,
    make_product,
    make_schedule,
    make_store,
)

pytestmark = pytest.mark.usefixtures("db")

# A Monday; the factories' schedule is every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
A_DATE = date(2027, 3, 9)
MINUTE, AN_HOUR, A_DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def refresh(now: datetime = NOW, most: int = 1000) -> int:
    return refresh_next_free(products_on_sale(now), now, most)


def of_page(product: Product, now: datetime) -> datetime | None:
    """What the product's own page begins with."""
    fresh = catalog.reread_product(product)
    is_closed = fresh.lacks_server or fresh.store.stopped_at
    offers = catalog.offers_of(fresh)
    return None if is_closed or not offers else few_times(fresh, offers[0], "UTC", now).next_free_at


def kept(product: Product) -> NextFree:
    return NextFree.get(NextFree.product == product)


def worked_out(act: Callable[[], Any]) -> set[str]:
    """The titles of the products that are worked out anew."""
    before = {row.product_id: row.looked_at for row in NextFree.select()}
    act()
    changed = [
        row for row in NextFree.select(NextFree, Product).join(Product) if before.get(row.product_id) != row.looked_at
    ]
    return {row.product.title for row in changed}


def test_it_is_what_the_products_own_page_finds() -> None:
    """Whatever the calendar holds, and at ever other times."""
    coach = make_person("Coach", linked_as="71")
    store, other = make_store(coach), make_store(coach)
    schedule, evenings = (
        make_schedule(coach),
        make_schedule(coach, start_minute=1320, length_minutes=240, zone="America/New_York"),
    )
    Travel.create(schedule=evenings, zone="Asia/Tokyo", from_on=date(2027, 3, 2), until_on=date(2027, 3, 4))
    DateOverride.create(schedule=schedule, day_on=date(2027, 3, 1), spans="[]")
    DateOverride.create(schedule=schedule, day_on=date(2027, 3, 3), spans="[[600, 90]]")
    made = [
        make_product(store, schedule=schedule, title="plain"),
        make_product(store, schedule=schedule, title="capped", daily_cap=1, weekly_cap=2),
        make_product(
            store,
            schedule=schedule,
            title="buffers",
            buffer_before_minutes=30,
            buffer_after_minutes=45,
            offers=((90, 4900),),
        ),
        make_product(other, schedule=evenings, title="travels", grid_minutes=60),
        make_product(other, schedule=schedule, title="asked", needs_approval=True, notice_minutes=60),
        make_product(
            other, schedule=schedule, title="card", payment="stripe", session_type="phone", offers=((30, 0), (30, 100))
        ),
        make_product(other, schedule=schedule, title="late", notice_minutes=3 * 1440, horizon_days=14),
        make_product(other, schedule=schedule, title="never", notice_minutes=3 * 1440, horizon_days=2),
        make_product(other, schedule=schedule, title="no offer", offers=()),
        make_product(other, schedule=None, title="no hours"),
        make_product(make_store(make_person("Bea", linked_as="72"), guild_verified_at=None), title="no server"),
        make_product(make_store(make_person("Cem", linked_as="73"), stopped_at=NOW), title="stopped"),
    ]
    make_feed(coach, NOW - AN_HOUR, known_until=NOW + 20 * A_DAY, stale_after_minutes=3 * 1440)
    TimeOff.create(coach=coach, starts_at=NOW + 3 * A_DAY, ends_at=NOW + 4 * A_DAY)
    make_coaching_session(made[1], starts_at=NOW + A_DAY + 2 * AN_HOUR)
    held = make_coaching_session(made[0], starts_at=NOW + A_DAY + 3 * AN_HOUR, state="held", held_until=NOW + AN_HOUR)
    lesson = make_coaching_session(make_product(title="elsewhere"), coach, starts_at=NOW + A_DAY + 5 * AN_HOUR)
    starts = set()
    for step in range(14):
        now = NOW + step * 7 * AN_HOUR
        assert refresh(now) == 0
        assert next_free_of(made, now) == {product.id: of_page(product, now) for product in made}
        starts |= set(next_free_of(made, now).values())
    assert len(starts) > 10
    assert held.state == "held"
    assert lesson.coach != coach


def test_only_what_may_differ_is_worked_out_anew() -> None:
    coach, student = make_person("Coach", linked_as="71"), make_person("Student", linked_as="51")
    first, second = make_schedule(coach), make_schedule(coach)
    a = make_product(make_store(coach), title="a", schedule=first)
    b = make_product(a.store, title="b", schedule=second, daily_cap=3)
    c = make_product(make_store(make_person("Bea", linked_as="72")), title="c")
    now = NOW + AN_HOUR
    refresh(now)
    booked: list[CoachingSession] = []

    def change(model: Any, row: Any, **values: Any) -> Callable[[], Any]:
        return lambda: model.update(**values).where(model.id == row.id).execute()

    steps: list[tuple[str, Callable[[], Any], set[str]]] = [
        ("nothing", lambda: None, set()),
        ("booked", lambda: booked.append(make_coaching_session(a, student, starts_at=NOW + 3 * AN_HOUR)), {"a", "b"}),
        ("moved", lambda: change(CoachingSession, booked[0], revision=1)(), {"a", "b"}),
        ("over", lambda: change(CoachingSession, booked[0], state="completed")(), {"a", "b"}),
        ("notice", change(Product, a, notice_minutes=30), {"a"}),
        ("title", change(Product, a, title="a"), set()),
        ("hours", change(WeeklySpan, first.weekly_spans[0], length_minutes=300), {"a"}),
        ("a day", lambda: DateOverride.create(schedule=second, day_on=A_DATE, spans="[]"), {"b"}),
        ("zone", change(Schedule, second, zone="Europe/London"), {"b"}),
        (
            "journey",
            lambda: Travel.create(schedule=first, zone="Asia/Tokyo", from_on=A_DATE, until_on=A_DATE),
            {"a"},
        ),
        ("time off", lambda: TimeOff.create(coach=coach, starts_at=NOW, ends_at=NOW + A_DAY), {"a", "b"}),
        ("calendar", lambda: make_feed(c.store.owner, NOW), {"c"}),
        ("offer", lambda: Offer.update(price_cents=1).where(Offer.product == a).execute(), {"a"}),
        ("lesson", lambda: make_coaching_session(c, coach, starts_at=NOW + 5 * AN_HOUR), {"a", "b", "c"}),
        ("server", change(Store, c.store, guild_verified_at=None), {"c"}),
        ("stopped", change(Store, a.store, stopped_at=NOW), {"a", "b"}),
    ]
    for number, (name, act, expected) in enumerate(steps):
        act()
        assert (name, worked_out(lambda: refresh(now + number * timedelta(milliseconds=1)))) == (name, expected)  # noqa: B023
    Product.update(state="draft").where(Product.id == b.id).execute()
    refresh(now)
    assert {row.product_id for row in NextFree.select()} == {a.id, c.id}
    assert Seat.select().count() == 2


def test_it_is_worked_out_again_when_it_can_be_booked_no_more_and_each_look_is_noted() -> None:
    product = make_product(title="a", notice_minutes=60)
    refresh(NOW)
    assert (kept(product).starts_at, kept(product).due_at) == (NOW + 2 * AN_HOUR, NOW + AN_HOUR)
    refresh(NOW + 4 * MINUTE)
    assert kept(product).looked_at == NOW
    refresh(NOW + 14 * MINUTE)
    assert kept(product).looked_at == NOW + 14 * MINUTE
    later = NOW + AN_HOUR + MINUTE
    assert next_free_of([product], later) == {product.id: None}
    assert next_free_of([product]) == {product.id: NOW + 2 * AN_HOUR}
    refresh(later)
    assert next_free_of([product], later) == {product.id: NOW + 2 * AN_HOUR + 15 * MINUTE}
    # An outage of a month, then a clock that is put back.
    for now in (NOW + 30 * A_DAY, NOW):
        refresh(now)
        assert next_free_of([product], now) == {product.id: of_page(product, now)}


def test_where_nothing_is_free_it_is_looked_for_again_within_a_quarter_of_an_hour() -> None:
    product = make_product(horizon_days=1, notice_minutes=1440)
    refresh(NOW)
    assert (kept(product).starts_at, kept(product).due_at) == (None, NOW + 15 * MINUTE)


def test_a_run_does_a_bounded_part_and_the_next_ones_the_rest(caplog: pytest.LogCaptureFixture) -> None:
    products = [make_product() for _ in range(3)]
    assert [refresh(NOW, 2), NextFree.select().count()] == [1, 2]
    assert [refresh(NOW, 2), NextFree.select().count()] == [0, 3]
    # One that cannot be read costs itself only, and is tried again after a while.
    broken = products[1]
    database.execute_sql(f"UPDATE schedule SET zone = 'Nowhere/Here' WHERE id = {broken.schedule_id}")
    caplog.set_level(logging.CRITICAL)
    now = NOW + 3 * AN_HOUR
    assert refresh(now) == 0
    assert next_free_of(products, now) == {product.id: None if product == broken else now for product in products}
    assert kept(broken).due_at == now + 15 * MINUTE
    # Neither does a calendar that nobody can read keep others waiting: nothing of its coach is offered.
    feed = make_feed(products[0].store.owner, now)
    database.execute_sql(f"UPDATE feed SET fetched_at = 'infinity' WHERE id = {feed.id}")
    make_coaching_session(products[2], starts_at=now)
    assert refresh(now) == 0
    assert next_free_of(products, now) == {products[0].id: None, broken.id: None, products[2].id: now + AN_HOUR}
