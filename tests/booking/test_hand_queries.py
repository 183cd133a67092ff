"""What waits for somebody's hand."""

from datetime import UTC, datetime, timedelta

from coaching.booking.details import BookingDetails
from coaching.booking.hand_queries import Wait, waiting_in
from coaching.booking.hold_mutations import confirm_payment, say_paid
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.mutations import book_session
from coaching.booking.queries import past_sessions, upcoming_sessions
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
            (pending.view.coaching_session.id, pending.wait, pending.view.role, pending.needs_own_hand)
            for pending in waiting_in(
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


def test_a_payment_that_was_said_and_not_answered_in_time_still_waits_for_the_coach(alice, bob):
    product = factories.make_product(coach=alice, pays_first=True, hold_minutes=120)
    held, silent = (
        book_session(product, student, BookingDetails(product.offers.get().id, at), NOW)
        for student, at in ((bob, TEN + 2 * DAY), (factories.make_person("Carol", linked_as="3003"), TEN + DAY))
    )
    say_paid(held, bob, NOW)
    late = NOW + 25 * HOUR
    assert lapse_due(late) == 2

    def waits(now):
        return [
            (pending.view.coaching_session.id, pending.wait, pending.until) for pending in waiting_in(past(now), now)
        ]

    def past(now):
        return past_sessions(alice, "coach", now, 20)

    assert waits(late) == [(held.id, Wait.LATE_CONFIRMATION, TEN + 2 * DAY)]  # of the silent one nothing is known
    assert silent.id in [view.coaching_session.id for view in past(late)]
    assert waits(TEN + 2 * DAY) == []
    confirm_payment(held, alice, late)
    assert waits(late) == []
