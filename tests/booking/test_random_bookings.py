"""Whatever is booked and cancelled in whatever order, no two live sessions of anybody overlap."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coaching.booking.details import BookingDetails
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.mutations import book_session, cancel_session
from coaching.db import database
from coaching.errors import CoachingError
from tests import factories

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)

overrides = st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(0, 40), st.booleans())


@given(st.lists(overrides, min_size=1, max_size=15))
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_two_live_sessions_overlap(db, wanted):
    with database.atomic() as attempt:
        coach = factories.make_person("Coach", linked_as="1")
        students = [factories.make_person(name, linked_as=name) for name in ("Bob", "Carol")]
        plain = factories.make_product(coach=coach)
        wide = factories.make_product(plain.store, buffer_before_minutes=20, offers=((30, 0),))
        elsewhere = factories.make_product(offers=((90, 0),), buffer_after_minutes=10)
        for product, student, quarter, is_cancelled in wanted:
            wish((plain, wide, elsewhere)[product], students[student], quarter, is_cancelled)
        sessions = CoachingSession.select().where(CoachingSession.state.in_(LIVE_STATES))
        assert_apart((session.coach_id, session.busy_from, session.busy_until) for session in sessions)
        assert_apart((seat.student_id, seat.starts_at, seat.ends_at) for seat in Seat.select().where(Seat.is_live))
        attempt.rollback()


def wish(product, student, quarter, is_cancelled):
    starts_at = NOW + timedelta(hours=2, minutes=15 * quarter)
    try:
        booked = book_session(product, student, BookingDetails(product.offers.get().id, starts_at), NOW)
        if is_cancelled:
            cancel_session(booked, student, NOW)
    except CoachingError:
        return


def assert_apart(spans):
    for (owner, _, end), (other, start, _) in pairwise(sorted(spans)):
        assert owner != other or end <= start
