"""A time that is held until it is paid: said, confirmed, not received, run out, and who is faster."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching.booking.details import BookingDetails
from coaching.booking.events import EventKind
from coaching.booking.hold_mutations import confirm_payment, deny_payment, say_paid
from coaching.booking.lapse_mutations import lapse_due
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import book_session, cancel_session, mark_paid
from coaching.booking.slot_queries import free_month
from coaching.errors import CoachingError, LimitReached, NotFound, Refused, SlotTaken, TooLate
from coaching.notices.models import Notice
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice, pays_first=True, hold_minutes=120)


@pytest.fixture
def carol(db):
    return factories.make_person("Carol", linked_as="3003")


def book(product, student, starts_at=TEN, now=NOW):
    return book_session(product, student, BookingDetails(product.offers.get().id, starts_at), now)


def state(session):
    return CoachingSession.get_by_id(session.id).state


def kinds():
    return sorted(notice.kind for notice in Notice.select())


def history(session):
    return [line.kind for line in SessionEvent.select().where(SessionEvent.coaching_session == session)]


def test_a_time_that_must_be_paid_is_held_and_then_confirmed(product, alice, bob):
    held = book(product, bob)
    assert (held.state, held.held_until, Seat.get().pays_first) == ("held", NOW + 2 * HOUR, True)
    with pytest.raises(Refused, match="nobody’s yet"):
        mark_paid(held, alice, True, NOW)
    with pytest.raises(TooLate, match="not agreed on"):
        move_session(held, alice, TEN + DAY, NOW)
    for _ in range(2):
        say_paid(held, bob, NOW + HOUR)
    # Kept for the coach's answer: a day from then on.
    assert CoachingSession.get().held_until == NOW + 25 * HOUR
    for _ in range(2):
        confirmed = confirm_payment(held, alice, NOW + 3 * HOUR)
    seat = Seat.get()
    assert (confirmed.state, confirmed.held_until, confirmed.timed_at) == ("scheduled", None, NOW + 3 * HOUR)
    assert (seat.paid_at, seat.is_live) == (NOW + 3 * HOUR, True)
    assert history(held) == [EventKind.HELD, EventKind.SAID_PAID, EventKind.CONFIRMED]
    assert kinds() == ["coach_booked", "coach_held", "coach_paid", "confirmed", "held"]
    assert lapse_due(NOW + 99 * HOUR) == 0


def test_what_costs_nothing_is_simply_booked(alice, bob):
    free = factories.make_product(coach=alice, pays_first=True, offers=((60, 0),))
    assert book(free, bob).state == "scheduled"
    assert not Seat.get().pays_first


def test_a_hold_runs_out_by_itself_and_is_free_at_once(product, bob, carol):
    held = book(product, bob)
    until = NOW + 2 * HOUR

    def offered(now):
        return TEN in free_month(product, product.offers.get(), "Europe/Berlin", now, TEN.date()).free[TEN.date()]

    assert not offered(until - MINUTE)
    # Nobody has come to write it down.
    assert (state(held), offered(until)) == ("held", True)
    taken = book(product, carol, now=until)
    assert (state(held), taken.state) == ("expired", "held")
    assert not Seat.get(Seat.student == bob).is_live
    line = SessionEvent.get(SessionEvent.kind == EventKind.LAPSED)
    assert (line.at, line.event.fields.was, line.person) == (until, "held", None)
    assert kinds() == ["coach_held", "coach_held", "held", "held", "lapsed"]
    assert lapse_due(until) == 0


def test_the_tick_ends_all_that_have_run_out_however_late_it_comes(product, bob, carol):
    book(product, bob)
    elsewhere = factories.make_product(pays_first=True, hold_minutes=30)
    said = book(elsewhere, carol)
    say_paid(said, carol, NOW)
    invitation = factories.make_coaching_session(
        elsewhere, starts_at=TEN + DAY, state="held", held_until=NOW + 2 * HOUR
    )
    Seat.delete().where(Seat.coaching_session == invitation).execute()  # nobody has followed it
    assert lapse_due(NOW + HOUR) == 0
    assert lapse_due(NOW + 2 * HOUR) == 2
    assert lapse_due(NOW + 30 * DAY) == 1
    assert {coaching_session.state for coaching_session in CoachingSession.select()} == {"expired"}
    # A coach who was asked for nothing hears nothing.
    assert kinds().count("lapsed") == 2
    assert kinds().count("coach_lapsed") == 1


def test_a_late_confirmation_is_seated_again_where_the_time_is_free(product, alice, bob, carol):
    held = book(product, bob)
    late = NOW + 3 * HOUR
    say_paid(held, bob, late)  # the coach hears of it all the same
    assert state(held) == "expired"
    assert confirm_payment(held, alice, late).state == "scheduled"
    assert Seat.get().is_live
    cancel_session(held, bob, late)
    with pytest.raises(TooLate):
        confirm_payment(held, alice, late)

    other = book(product, bob, TEN + DAY)
    with pytest.raises(NotFound):
        confirm_payment(other, bob, late)
    taken = book(product, carol, TEN + DAY + 30 * MINUTE, now=late)
    with pytest.raises(SlotTaken, match="too late"):
        confirm_payment(other, alice, late)
    cancel_session(taken, carol, late)
    # An unreadable calendar keeps the time, and is named: nobody else has it.
    feed = factories.make_feed(alice, NOW - 30 * DAY, name="Family")
    with pytest.raises(SlotTaken, match=r"too late.*“Family” could not be read"):
        confirm_payment(other, alice, late)
    feed.delete_instance()
    elsewhere = factories.make_coaching_session(student=bob, starts_at=TEN + DAY)
    with pytest.raises(SlotTaken, match="another session"):
        confirm_payment(other, alice, late)
    cancel_session(elsewhere, bob, late)
    with pytest.raises(TooLate, match="over"):
        confirm_payment(other, alice, TEN + DAY)
    assert confirm_payment(other, alice, TEN + DAY - MINUTE).state == "scheduled"


def test_what_was_not_received_frees_the_time_and_can_still_arrive(product, alice, bob):
    held = book(product, bob)
    with pytest.raises(TooLate, match="Nobody says"):
        deny_payment(held, alice, NOW)
    say_paid(held, bob, NOW)
    with pytest.raises(NotFound):
        deny_payment(held, bob, NOW)
    for _ in range(2):
        deny_payment(held, alice, NOW + HOUR)
    assert (state(held), Seat.get().is_live) == ("expired", False)
    assert history(held)[-1] == EventKind.NOT_RECEIVED
    assert confirm_payment(held, alice, NOW + 2 * HOUR).state == "scheduled"


def test_who_keeps_times_from_others_is_limited(product, alice, bob):
    other, third = factories.make_product(product.store, pays_first=True), factories.make_product(pays_first=True)
    first = book(product, bob)
    assert book(product, bob).id == first.id  # the same wish once more
    with pytest.raises(LimitReached, match="another time of this call"):
        book(product, bob, TEN + HOUR)
    book(other, bob, TEN + 2 * HOUR)
    with pytest.raises(LimitReached, match="2 times already"):
        book(third, bob, TEN + 4 * HOUR)
    # What has run out counts no more, and the same time is theirs again after half an hour.
    later = NOW + 2 * HOUR
    with pytest.raises(LimitReached, match="in 30 minutes"):
        book(product, bob, now=later)
    assert state(first) == "held"  # refused, it changed nothing
    again = book(product, bob, now=later + 30 * MINUTE)
    cancel_session(again, bob, later + 30 * MINUTE)
    with pytest.raises(LimitReached, match="in 10 minutes"):
        book(product, bob, now=later + 50 * MINUTE)
    assert book(product, bob, TEN + HOUR, later + 50 * MINUTE).state == "held"


def test_nothing_is_held_so_late_that_nobody_could_pay(product, bob):
    made = TEN - 30 * MINUTE
    with pytest.raises(SlotTaken):
        book(product, bob, now=made - 14 * MINUTE)
    assert book(product, bob, now=made - 15 * MINUTE).held_until == made


def test_a_confirmation_and_a_lapse_at_once_leave_one_of_them(product, alice, bob, carol):
    for number in range(4):
        starts_at = TEN + number * DAY
        held = book(product, bob, starts_at)
        until = CoachingSession.get_by_id(held.id).held_until

        def act(wish):
            try:
                return wish()
            except CoachingError as error:
                return error

        results = all_at_once(
            partial(act, partial(confirm_payment, held, alice, until - number % 2 * MINUTE)),
            partial(act, partial(say_paid, held, bob, until - MINUTE)),
            partial(act, partial(lapse_due, until)),
            partial(act, partial(book, product, carol, starts_at, until)),
            partial(act, partial(cancel_session, held, bob, until - MINUTE)),
        )
        live = CoachingSession.select().where(CoachingSession.starts_at == starts_at)
        owners = [coaching_session.id for coaching_session in live if coaching_session.state in ("held", "scheduled")]
        assert len(owners) <= 1, results
        for seat in Seat.select().where(Seat.starts_at == starts_at):
            assert seat.is_live == (seat.coaching_session.state in ("held", "scheduled"))
        # The next round begins with nothing held.
        for coaching_session in live.where(CoachingSession.state.in_(("held", "scheduled"))):
            cancel_session(coaching_session, alice, until)
