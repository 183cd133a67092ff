"""Moving a session: the rules, the free times, what it keeps, who is told, and who is faster."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from coaching.accounts.models import Person
from coaching.booking.events import EventKind
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.move_mutations import move_session, offer_of
from coaching.booking.move_rules import Movable, MoveHindrance, why_not_move
from coaching.booking.mutations import mark_paid
from coaching.booking.queries import find_seat_of
from coaching.booking.slot_queries import nearest_starts
from coaching.catalog.models import Product
from coaching.errors import NotFound, SlotTaken, StudentBusy, TooLate
from coaching.notices.models import Notice
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
START = datetime(2027, 3, 8, 10, 0, tzinfo=UTC)
LATER = datetime(2027, 3, 9, 13, 0, tzinfo=UTC)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("db")
COMING = Movable("scheduled", START, moves=0, most_moves=2, notice_minutes=720)


@pytest.fixture
def session(alice: Person, bob: Person) -> CoachingSession:
    return factories.make_coaching_session(factories.make_product(coach=alice), bob, starts_at=START)


@pytest.mark.parametrize(
    ("movable", "is_coach", "before_start", "expected"),
    [
        (COMING, False, 12 * HOUR, None),
        (COMING, False, 12 * HOUR - MINUTE, MoveHindrance.TOO_LATE),
        (COMING, True, MINUTE, None),
        (COMING, True, timedelta(0), MoveHindrance.OVER),
        (Movable("scheduled", START, 2, 2, 0), False, 99 * HOUR, MoveHindrance.TOO_OFTEN),
        (Movable("scheduled", START, 2, 2, 0), True, 99 * HOUR, None),
        (Movable("scheduled", START, 0, 0, 0), False, 99 * HOUR, MoveHindrance.NEVER),
        (Movable("cancelled", START, 0, 2, 0), True, 99 * HOUR, MoveHindrance.OFF),
        (Movable("declined", START, 0, 2, 0), False, 99 * HOUR, MoveHindrance.OFF),
        (Movable("expired", START, 0, 2, 0), True, 99 * HOUR, MoveHindrance.OFF),
        (Movable("in_progress", START, 0, 2, 0), True, 99 * HOUR, MoveHindrance.OVER),
    ],
)
def test_who_may_move_and_until_when(
    movable: Movable, is_coach: bool, before_start: timedelta, expected: MoveHindrance | None
) -> None:
    assert why_not_move(movable, is_coach, START - before_start) is expected


def test_a_moved_session_keeps_all_but_its_times(session: CoachingSession, alice: Person, bob: Person) -> None:
    mark_paid(session, alice, True, NOW)
    Seat.update(coming_at=NOW).execute()
    before = find_seat_of(session.id)

    moved = move_session(session, bob, LATER, NOW)

    seat = find_seat_of(session.id)
    assert (moved.code, moved.starts_at, moved.ends_at) == (session.code, LATER, LATER + HOUR)
    assert (moved.busy_from, moved.busy_until, moved.timed_at) == (LATER, LATER + HOUR, NOW)
    assert (moved.revision, seat.starts_at, seat.ends_at) == (session.revision + 1, LATER, LATER + HOUR)
    assert (seat.paid_at, seat.goals, seat.moves, seat.coming_at) == (before.paid_at, before.goals, 1, None)
    event = SessionEvent.select().order_by(SessionEvent.id.desc()).get()
    assert (event.kind, event.event.fields.before, event.person_id) == (EventKind.MOVED, START.isoformat(), bob.id)
    assert sorted(notice.kind for notice in Notice.select()) == ["coach_moved", "moved"]


def test_sent_twice_it_moves_once(session: CoachingSession, bob: Person) -> None:
    for _ in range(2):
        move_session(session, bob, LATER, NOW)
    assert (Seat.get().moves, Notice.select().count()) == (1, 2)


def test_it_may_overlap_with_where_it_was_and_with_nothing_else(
    session: CoachingSession, alice: Person, bob: Person
) -> None:
    product = session.product
    factories.make_coaching_session(product, starts_at=LATER)
    elsewhere = factories.make_product(coach=factories.make_person("Carol", linked_as="3003"))
    factories.make_coaching_session(elsewhere, bob, starts_at=LATER + 2 * HOUR)

    with pytest.raises(SlotTaken):
        move_session(session, bob, LATER + 30 * MINUTE, NOW)
    with pytest.raises(StudentBusy):
        move_session(session, bob, LATER + 2 * HOUR, NOW)
    with pytest.raises(SlotTaken):
        move_session(session, alice, LATER + 2 * HOUR, NOW)
    assert CoachingSession.get_by_id(session.id).starts_at == START
    assert move_session(session, bob, START + 30 * MINUTE, NOW).starts_at == START + 30 * MINUTE


def test_the_student_is_bound_by_what_was_agreed_and_the_coach_is_not(
    session: CoachingSession, alice: Person, bob: Person
) -> None:
    Product.update(most_moves=9, move_notice_minutes=0).execute()  # agreed with those who book from now on
    late = START - 2 * HOUR
    with pytest.raises(TooLate, match="too close"):
        move_session(session, bob, LATER, late)
    move_session(session, alice, LATER, late)
    assert Seat.get().moves == 0
    for hours in (1, 2, 3):
        move_session(session, bob, LATER + hours * 30 * MINUTE, late)
    with pytest.raises(TooLate, match="as often"):
        move_session(session, bob, START + 24 * HOUR, late)


def test_nobody_else_moves_it(session: CoachingSession) -> None:
    with pytest.raises(NotFound):
        move_session(session, factories.make_person("Mallory"), LATER, NOW)


def test_of_many_who_want_one_time_one_gets_it(alice: Person) -> None:
    product = factories.make_product(coach=alice)
    sessions = [factories.make_coaching_session(product, starts_at=START + number * HOUR) for number in range(4)]
    students = [find_seat_of(coaching_session.id).student for coaching_session in sessions]

    def move(number: int) -> str:
        try:
            move_session(sessions[number], students[number], LATER, NOW)
        except SlotTaken:
            return "taken"
        return "moved"

    assert sorted(all_at_once(*(partial(move, number) for number in range(4)))) == ["moved", "taken", "taken", "taken"]
    assert CoachingSession.select().where(CoachingSession.starts_at == LATER).count() == 1


def test_the_nearest_times_leave_out_the_present_one(session: CoachingSession) -> None:
    starts = nearest_starts(session.product, offer_of(session), START, NOW, 3, session)
    assert starts == [START - 30 * MINUTE, START - 15 * MINUTE, START + 15 * MINUTE]
