"""A few good times out of all free ones."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.booking.few_time_queries import FewTimes, few_times
from coaching.booking.few_times import MOST_A_DAY, FreeDay, few_days, few_of, nearest_days
from coaching.catalog.models import Product
from coaching.hours.models import WeeklySpan
from tests.factories import make_coaching_session, make_product, make_schedule

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
# A Monday; the factories' schedule is every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
EIGHT = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
A_QUARTER, AN_HOUR, A_DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


def quarters(first: datetime, count: int) -> tuple[datetime, ...]:
    return tuple(first + number * A_QUARTER for number in range(count))


# --- Pure


def test_of_a_long_day_a_handful_is_shown_from_all_over_it_on_the_hour() -> None:
    few = few_of(quarters(EIGHT, 33), BERLIN)
    assert [start.hour for start in few] == [8, 9, 11, 13, 14, 16]
    assert {start.minute for start in few} == {0}
    odd = few_of(quarters(EIGHT + A_QUARTER, 14), BERLIN)
    assert len(odd) == MOST_A_DAY
    assert odd[0] == EIGHT + A_QUARTER


def test_nobody_is_offered_a_night_while_the_day_has_enough() -> None:
    # 8 to 16 in UTC are 3 to 11 in New York.
    few = few_of(quarters(EIGHT, 33), NEW_YORK)
    assert [start.hour - 5 for start in few] == [6, 7, 8, 9, 10, 11]
    assert EIGHT in few_of(quarters(EIGHT, 33), NEW_YORK, EIGHT)
    assert few_of(quarters(EIGHT, 13), NEW_YORK)[0] == EIGHT  # up to six there: too few by day


@pytest.mark.parametrize("count", range(1, 40))
def test_the_first_and_the_chosen_time_are_always_shown(count: int) -> None:
    starts = quarters(EIGHT, count)
    for chosen in (None, starts[-1], starts[count // 2]):
        few = few_of(starts, BERLIN, chosen)
        assert {starts[0], chosen or starts[0]} <= set(few) <= set(starts)
        assert len(few) == len(set(few)) == min(count, MOST_A_DAY)
        assert list(few) == sorted(few)


def test_three_days_with_free_times_and_that_of_the_chosen_one() -> None:
    free = [EIGHT + number * A_DAY for number in (0, 2, 3, 5, 6)]
    assert [day.on.day for day in few_days(free, BERLIN)] == [1, 3, 4]
    assert [day.on.day for day in few_days(free, BERLIN, free[4])] == [1, 3, 4, 7]


def test_the_nearest_times_stand_in_their_order_under_their_days() -> None:
    free = [EIGHT, EIGHT + 2 * AN_HOUR, EIGHT + 5 * AN_HOUR, EIGHT + 23 * AN_HOUR, EIGHT + 9 * A_DAY]
    (day, next_day) = nearest_days(free, BERLIN, EIGHT + 4 * AN_HOUR)
    assert day == FreeDay(date(2027, 3, 1), tuple(free[:3]), 3)
    assert next_day.starts == (free[3],)


# --- Read


@pytest.fixture
def product(alice: Person) -> Product:
    return make_product(coach=alice, grid_minutes=60, horizon_days=60)


def times(product: Product, wanted: datetime | None = None, zone: str = BERLIN) -> FewTimes:
    return few_times(product, product.offers.get(), zone, NOW, wanted)


def test_the_page_begins_with_the_next_three_days_by_one_reading_of_what_is_busy(
    product: Product, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="peewee"):
        few = times(product)
    assert [day.on for day in few.days] == [date(2027, 3, 1), date(2027, 3, 2), date(2027, 3, 3)]
    assert few.days[0].count == 8
    assert few.next_free_at == EIGHT
    assert sum('"coaching_session"' in record.getMessage() for record in caplog.records) == 1


def test_days_are_those_of_the_visitor(product: Product) -> None:
    assert times(product, zone="Pacific/Auckland").days[0].on == date(2027, 3, 1)
    assert times(product, zone="Pacific/Auckland").days[1].starts[0] > EIGHT


def test_a_coach_with_few_hours_is_looked_for_further_ahead(alice: Person) -> None:
    product = make_product(
        coach=alice, grid_minutes=60, horizon_days=60, schedule=make_schedule(alice, weekdays=range(1))
    )
    assert [day.on.day for day in times(product).days] == [1, 8, 15]
    WeeklySpan.delete().execute()
    assert times(product) == FewTimes(BERLIN, [])


@pytest.mark.parametrize("days", [0, 1, 5, 20, 59])
def test_a_wanted_time_is_shown_if_it_is_free_and_else_those_around_it(product: Product, days: int) -> None:
    wanted = EIGHT + days * A_DAY + 3 * AN_HOUR
    few = times(product, wanted)
    assert not few.is_nearest
    assert any(wanted in day.starts for day in few.days)

    make_coaching_session(product, starts_at=wanted)
    few = times(product, wanted)
    assert few.is_nearest
    (day,) = few.days
    assert day.starts == (wanted - 2 * AN_HOUR, wanted - AN_HOUR, wanted + AN_HOUR, wanted + 2 * AN_HOUR)


@pytest.mark.parametrize("wanted", [NOW - A_DAY, NOW - A_QUARTER, NOW + 70 * A_DAY])
def test_a_time_that_can_never_be_booked_gives_way_to_the_next_ones(product: Product, wanted: datetime) -> None:
    assert times(product, wanted) == times(product)
