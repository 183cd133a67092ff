"""What stands in an outside calendar is no time to book."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import book_session
from coaching.booking.slot_queries import free_slots, hours_of
from coaching.booking.slots import Span
from coaching.calendars.models import OutsideBusy
from coaching.calendars.mutations import remove_feed
from coaching.errors import SlotTaken
from tests import factories

# A Monday; the factories' schedule is every day from 9 to 17 in Berlin, which is 8 to 16 UTC.
NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_time_in_an_outside_calendar_is_neither_offered_nor_booked(alice: Person, bob: Person) -> None:
    product = factories.make_product(coach=alice, buffer_before_minutes=30, grid_minutes=60)
    offer = product.offers.get()
    feed = factories.make_feed(alice, NOW, stale_after_minutes=60)
    OutsideBusy.create(feed=feed, starts_at=NOW + 4 * HOUR, ends_at=NOW + 5 * HOUR)  # 10 to 11

    def free_today(now: datetime = NOW) -> list[int]:
        window = Span(NOW, NOW + 12 * HOUR)
        return [start.hour for start in free_slots(product, offer, hours_of(product), window, now)]

    def book(hour: int, now: datetime = NOW) -> CoachingSession:
        details = BookingDetails(offer_id=offer.id, starts_at=NOW.replace(hour=hour))
        return book_session(product, bob, details, now)

    # The product's buffer of half an hour is kept clear behind the outside event, which brings none itself.
    assert free_today() == [8, 9, 12, 13, 14, 15]
    for hour in (10, 11):
        with pytest.raises(SlotTaken):
            book(hour)
    # Nothing at all is offered by what was read longer ago than the coach allows.
    later = NOW + HOUR + timedelta(seconds=1)
    assert free_today(later) == []
    with pytest.raises(SlotTaken):
        book(14, later)
    remove_feed(feed, later)
    assert free_today(later) == [8, 9, 10, 11, 12, 13, 14, 15]
    assert book(10, later).state == "scheduled"
