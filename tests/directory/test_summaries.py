"""What the directory knows of each coach: as the other tables have it, and only what differs is written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.catalog.models import Product
from coaching.coaches.models import Coach
from coaching.directory.basis_queries import OnSale
from coaching.directory.models import CoachSummary
from coaching.directory.refresh_mutations import refresh_directory
from coaching.directory.summaries import Summary, summary_of
from coaching.reviews.models import Review
from tests.factories import make_coach, make_coaching_session, make_person, make_product, make_store

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


def sold(number: int, price: int | None, **differences: Any) -> OnSale:
    ordinary: dict[str, Any] = {
        "coach_id": 1,
        "store_id": 1,
        "currency": "EUR",
        "is_bookable": True,
        "is_unlisted": False,
        "basis": 0,
    }
    return OnSale(product_id=number, from_price_cents=price, **ordinary | differences)


def test_a_summary_is_of_what_everybody_may_book() -> None:
    two = [sold(1, 4900), sold(2, 900, is_unlisted=True), sold(3, 800, is_bookable=False), sold(4, 5900)]
    free = {1: "b", 2: "a", 3: "a", 4: "c"}
    assert summary_of(True, two, free, (2, 9)) == Summary(True, "b", 4900, "EUR", 2, 9)
    assert summary_of(False, two, free, (2, 9)) == Summary(reviews=2, stars=9)
    assert summary_of(True, two[1:3], free) == Summary()
    assert summary_of(True, two, {}) == Summary(True, None, 4900, "EUR")
    # Prices in another currency are no lower or higher ones.
    other = sold(5, 100, currency="JPY", store_id=2)
    assert summary_of(True, [other, *two], free) == Summary(True, "b", 4900, "EUR")
    assert summary_of(True, [other], free) == Summary(True, None, 100, "JPY")


def review(product: Product, student: Person, stars: int, **differences: Any) -> Review:
    coaching_session = make_coaching_session(
        product, student, starts_at=NOW - Review.select().count() * 30 * AN_HOUR - 48 * AN_HOUR, state="completed"
    )
    ordinary = {"code": coaching_session.code, "held_at": coaching_session.starts_at, "made_at": NOW}
    seat = Seat.get(Seat.coaching_session == coaching_session)
    return Review.create(
        seat=seat, coach=coaching_session.coach, product=product, student=student, stars=stars, **ordinary | differences
    )


@pytest.mark.usefixtures("db")
def test_it_follows_what_is_sold_said_and_decided() -> None:
    person, student = make_person("Coach", linked_as="71"), make_person("Student", linked_as="51")
    coach, other = make_coach(person), make_coach(make_person("Bea", linked_as="72"))
    product = make_product(make_store(person), offers=((60, 4900), (30, 2900)))
    for stars, hidden_at in ((5, None), (4, None), (1, NOW)):
        review(product, student, stars, hidden_at=hidden_at)

    def now_known(now: datetime = NOW) -> tuple[Any, ...]:
        assert refresh_directory(now) == 0
        row = CoachSummary.get(CoachSummary.coach == coach)
        return (
            row.is_shown,
            row.next_free_at,
            row.from_price_cents,
            row.currency,
            row.reviews,
            row.stars,
            row.calls_held,
        )

    whole = (True, NOW + 2 * AN_HOUR, 2900, "EUR", 2, 9, 3)
    hidden = (False, None, None, "", 2, 9, 3)
    assert now_known() == whole
    nobody = CoachSummary.get(CoachSummary.coach == other)
    assert (nobody.is_shown, nobody.calls_held) == (False, 0)
    for model, values, back in (
        (Coach, {"is_listed": False}, {"is_listed": True}),
        (Coach, {"stopped_at": NOW}, {"stopped_at": None}),
        (Product, {"state": "draft"}, {"state": "published"}),
        (Product, {"is_unlisted": True}, {"is_unlisted": False}),
    ):
        model.update(**values).execute()
        assert now_known() == hidden, values
        model.update(**back).execute()
        assert now_known() == whole, back
    # Nothing is written that is so already; what is counted is counted again by and by, and after clocks were put back.
    CoachSummary.update(looked_at=NOW - AN_HOUR, calls_held=0).execute()
    assert now_known()[-1] == 0
    assert CoachSummary.select().where(CoachSummary.looked_at == NOW).count() == 0
    assert now_known(NOW + AN_HOUR)[-1] == 3
    CoachSummary.update(calls_held=0).execute()
    assert now_known(NOW - 2 * AN_HOUR)[-1] == 3
