"""What waits for somebody's hand."""

from datetime import UTC, datetime, timedelta

from coaching.booking.details import BookingDetails
from coaching.booking.hand_queries import Wait, waiting_in
from coaching.booking.hold_mutations import say_paid
from coaching.booking.mutations import book_session
from coaching.booking.queries import upcoming_sessions
from tests import factories

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_both_sides_see_what_waits_and_whose_hand_it_needs(alice, bob, mallory):
    asking = factories.make_product(coach=alice, needs_approval=True, approval_minutes=240)
    paying = factories.make_product(asking.store, pays_first=True, hold_minutes=120)

    def book(product, starts_at):
        return book_session(product, bob, BookingDetails(product.offers.get().id, starts_at), NOW)

    asked, held = book(asking, TEN), book(paying, TEN + DAY)
    factories.make_coaching_session(asking, bob, starts_at=TEN + 2 * DAY)

    def waits(person, now=NOW):
        return [
            (one.view.coaching_session.id, one.wait, one.view.role, one.needs_own_hand)
            for one in waiting_in(
                [*upcoming_sessions(person, "coach", now), *upcoming_sessions(person, "student", now)], now
            )
        ]

    assert waits(alice) == [(held.id, Wait.PAYMENT, "coach", False), (asked.id, Wait.ANSWER, "coach", True)]
    assert waits(bob) == [(held.id, Wait.PAYMENT, "student", True), (asked.id, Wait.ANSWER, "student", False)]
    assert waits(mallory) == []
    say_paid(held, bob, NOW)
    assert waits(alice)[1] == (held.id, Wait.CONFIRMATION, "coach", True)
    # What has run out waits no more, whether or not that was written down.
    assert waits(alice, NOW + 4 * HOUR) == [(held.id, Wait.CONFIRMATION, "coach", True)]
    assert waits(bob, NOW + 99 * HOUR) == []
