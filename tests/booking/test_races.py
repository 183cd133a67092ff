"""Many at once across products, lengths and coaches, round after round: nobody's time is taken twice.

`--rounds 2000` makes it that many, other ones each time; the suite takes 50.
"""

import random
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from coaching.booking.details import BookingDetails
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.move_mutations import move_session, offer_of
from coaching.booking.mutations import book_session
from coaching.booking.slot_queries import free_slots, hours_of
from coaching.booking.slots import Span
from coaching.errors import CoachingError, LimitReached, SlotTaken, StudentBusy
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
NOON = datetime(2027, 3, 2, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
EVENING = NOON + 7 * 4 * QUARTER


def booking(product, student, starts_at):
    """An act that returns the wish with the session, or with the error of who came too late."""
    details = BookingDetails(offer_id=product.offers.get().id, starts_at=starts_at)

    def act():
        try:
            return (product, student, starts_at), book_session(product, student, details, NOW)
        except CoachingError as error:
            return (product, student, starts_at), error

    return act


def moving(session, person, starts_at):
    def act():
        try:
            return (session, person, starts_at), move_session(session, person, starts_at, NOW)
        except CoachingError as error:
            return (session, person, starts_at), error

    return act


def test_whoever_is_faster_nobodys_time_is_taken_twice(alice, pytestconfig):
    rounds = pytestconfig.getoption("--rounds")
    chance = random.Random() if rounds else random.Random(1)
    hours = factories.make_schedule(alice, length_minutes=14 * 60)
    store = factories.make_store(alice)
    products = [
        factories.make_product(store, schedule=hours, offers=((30, 4900),)),
        factories.make_product(store, schedule=hours, offers=((90, 4900),), buffer_before_minutes=15),
        factories.make_product(store, schedule=hours, offers=((45, 4900),), buffer_after_minutes=30),
        factories.make_product(store, schedule=hours, needs_approval=True),
        factories.make_product(store, schedule=hours, pays_first=True),
        factories.make_product(offers=((90, 4900),)),
    ]
    students = [factories.make_person(f"Student {n}", linked_as=str(6000 + n)) for n in range(3)]
    for _ in range(rounds or 50):
        CoachingSession.delete().execute()
        session = factories.make_coaching_session(products[0], students[0], starts_at=EVENING, minutes=30)
        wishes = [
            booking(chance.choice(products), chance.choice(students), NOON + chance.randint(0, 8) * QUARTER)
            for _ in range(3)
        ]
        mover = chance.choice([alice, students[0]])
        wishes.append(moving(session, mover, NOON + chance.randint(0, 8) * QUARTER))
        results = all_at_once(*wishes)
        assert_nobody_is_booked_twice()
        assert any(isinstance(result, CoachingSession) for _, result in results)
        for wish, result in results:
            assert isinstance(result, CoachingSession | SlotTaken | StudentBusy | LimitReached), repr(result)
            if isinstance(result, SlotTaken | StudentBusy):
                assert not is_free_to(*wish), f"{wish} was refused for nothing: {result}"


def is_free_to(wanted, person, starts_at):
    """Whether the time is free now, for who was refused it."""
    window = Span(starts_at, starts_at + timedelta(minutes=1))
    if isinstance(wanted, CoachingSession):
        session = CoachingSession.get_by_id(wanted.id)
        product = session.product
        return starts_at in free_slots(product, offer_of(session), hours_of(product), window, NOW, session)
    offer = wanted.offers.get()
    return starts_at in free_slots(wanted, offer, hours_of(wanted), window, NOW, student=person)


def assert_nobody_is_booked_twice():
    live = CoachingSession.select().where(CoachingSession.state.in_(LIVE_STATES))
    assert_apart(
        [
            (coaching_session.coach_id, coaching_session.busy_from, coaching_session.busy_until)
            for coaching_session in live
        ]
    )
    seats = list(Seat.select().where(Seat.is_live))
    assert_apart([(seat.student_id, seat.starts_at, seat.ends_at) for seat in seats])
    assert {seat.coaching_session_id for seat in seats} == {coaching_session.id for coaching_session in live}


def assert_apart(spans):
    spans.sort()
    for (owner, _, end), (other, start, _) in pairwise(spans):
        assert owner != other or end <= start
