"""What a coach or an admin wants of a room by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession
from coaching.db import database
from coaching.errors import NotFound, Refused, TooLate
from coaching.log_lines import Event
from coaching.rooms.cases import rows
from coaching.rooms.manual_mutations import add_minutes, close_now, open_now, retry_now
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.recording.events import ByHand, EventKind, MoreTime
from tests import factories

START = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)
END = START + timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, access_mode="session_role"))


@pytest.fixture
def coaching_session(product, bob):
    return factories.make_coaching_session(product, bob, starts_at=START)


def session_timeline(coaching_session):
    """By its product's timing and its coach's overrides as they are now."""
    return rows.session_timeline(coaching_session, Room.get_or_none(Room.coaching_session == coaching_session))


def test_a_room_opened_by_hand_is_wanted_open_from_then_on(coaching_session, alice):
    now = START - 300 * MINUTE
    open_now(coaching_session, alice, now)
    assert session_timeline(coaching_session).opens_at == now
    room = Room.get()
    assert (room.mode, room.asked_mode, room.discord_guild_id) == ("session_role", "session_role", factories.GUILD_ID)
    assert [event.event for event in RoomEvent] == [Event(EventKind.OPENED_BY_HAND, ByHand("Alice"))]


def test_a_room_opened_late_by_hand_does_not_open_later(coaching_session, alice):
    open_now(coaching_session, alice, START)
    assert session_timeline(coaching_session).opens_at == START - 15 * MINUTE


def test_ten_more_minutes_close_it_ten_minutes_later_each_time(coaching_session, alice):
    add_minutes(coaching_session, alice, 10, START)
    add_minutes(coaching_session, alice, 10, END + 20 * MINUTE)
    assert session_timeline(coaching_session).closes_at == END + 35 * MINUTE


def talk_on(coaching_session, person):
    """Their room stands open, and somebody is inside."""
    room = Room.create(
        coaching_session=coaching_session, code="abc", state="open", discord_guild_id="11", created_at=START
    )
    Presence.create(room=room, person=person, is_inside=True, looked_at=START)


def test_a_talk_that_runs_over_gets_ten_minutes_more_than_its_limit(coaching_session, alice):
    talk_on(coaching_session, alice)
    add_minutes(coaching_session, alice, 10, END + 30 * MINUTE)
    assert session_timeline(coaching_session).talk_ends_at == END + 70 * MINUTE
    add_minutes(coaching_session, alice, 10, END + 65 * MINUTE)
    assert session_timeline(coaching_session).talk_ends_at == END + 80 * MINUTE
    with pytest.raises(TooLate):
        add_minutes(coaching_session, alice, 10, END + 80 * MINUTE)


def test_a_talk_that_runs_over_leaves_ten_minutes_before_the_next_session(coaching_session, product, alice):
    talk_on(coaching_session, alice)
    factories.make_coaching_session(product, starts_at=END + 85 * MINUTE)
    add_minutes(coaching_session, alice, 10, END + 30 * MINUTE)
    with pytest.raises(Refused, match="next session is too near"):
        add_minutes(coaching_session, alice, 10, END + 30 * MINUTE)
    due = session_timeline(coaching_session)
    assert due.talk_limit(END + 85 * MINUTE) == due.talk_ends_at == END + 70 * MINUTE


@pytest.mark.parametrize("change", [{"state": "closed"}, {"closed_by_hand_at": END + 20 * MINUTE}])
def test_a_room_that_has_closed_gets_no_more_time(coaching_session, alice, change):
    talk_on(coaching_session, alice)
    Room.update(**change).execute()
    with pytest.raises(TooLate):
        add_minutes(coaching_session, alice, 10, END + 30 * MINUTE)


def test_nobody_inside_is_no_talk_that_runs_over(coaching_session, alice):
    talk_on(coaching_session, alice)
    Presence.update(is_inside=False).execute()
    with pytest.raises(TooLate):
        add_minutes(coaching_session, alice, 10, END + 30 * MINUTE)


@pytest.mark.parametrize(
    ("now", "overrun"), [(START, 60), (END + 16 * MINUTE, 25), (END + 16 * MINUTE, 60), (END + 40 * MINUTE, 60)]
)
def test_a_button_that_is_pressed_twice_counts_once(coaching_session, product, alice, now, overrun):
    product.overrun_minutes = overrun
    product.save()
    talk_on(coaching_session, alice)
    closes_at = session_timeline(coaching_session).closes_at
    for _ in range(2):
        add_minutes(coaching_session, alice, 10, now, closes_at)
    assert Room.get().extra_minutes == 10
    assert [event.event for event in RoomEvent] == [Event(EventKind.EXTENDED, MoreTime("Alice", 10))]


def test_of_two_presses_at_once_one_counts(coaching_session, alice):
    closes_at = session_timeline(coaching_session).closes_at
    add_minutes(coaching_session, alice, 10, START, closes_at)

    def press(_):
        with database.connection_context():
            add_minutes(coaching_session, alice, 10, START, closes_at + 10 * MINUTE)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(press, range(4)))
    assert Room.get().extra_minutes == 20


def test_more_time_is_for_calls_that_have_begun(coaching_session, alice):
    with pytest.raises(Refused):
        add_minutes(coaching_session, alice, 10, START - MINUTE)


def test_ten_minutes_are_left_before_the_next_session(coaching_session, product, alice):
    factories.make_coaching_session(product, starts_at=END + 35 * MINUTE)
    add_minutes(coaching_session, alice, 10, START)
    with pytest.raises(Refused):
        add_minutes(coaching_session, alice, 10, START)
    assert Room.get().extra_minutes == 10


def test_a_cancelled_session_bounds_nothing(coaching_session, product, alice):
    factories.make_coaching_session(product, starts_at=END + 20 * MINUTE, state="cancelled")
    add_minutes(coaching_session, alice, 10, START)


def test_a_room_closed_by_hand_is_closed_until_it_is_opened_again(coaching_session, alice):
    close_now(coaching_session, alice, START + 20 * MINUTE)
    assert session_timeline(coaching_session).closes_at == START + 20 * MINUTE
    open_now(coaching_session, alice, START + 25 * MINUTE)
    assert session_timeline(coaching_session).closes_at == END + 15 * MINUTE


def test_closing_what_was_opened_too_early_leaves_the_plan_as_it_was(coaching_session, alice):
    planned = session_timeline(coaching_session)
    open_now(coaching_session, alice, START - 300 * MINUTE)
    close_now(coaching_session, alice, START - 290 * MINUTE)
    assert session_timeline(coaching_session) == planned


def test_a_talk_after_the_planned_end_can_be_closed(coaching_session, alice):
    close_now(coaching_session, alice, END + 30 * MINUTE)
    due = session_timeline(coaching_session)
    assert due.closes_at == due.talk_ends_at == END + 15 * MINUTE


def test_what_is_over_stays_over(coaching_session, alice):
    with pytest.raises(TooLate):
        open_now(coaching_session, alice, END)
    with pytest.raises(TooLate):
        add_minutes(coaching_session, alice, 10, END + 15 * MINUTE)
    CoachingSession.update(state="cancelled").execute()
    for steer in (open_now, close_now):
        with pytest.raises(TooLate):
            steer(coaching_session, alice, START)
    with pytest.raises(TooLate):
        add_minutes(coaching_session, alice, 10, START)


def test_only_its_coach_steers_it(coaching_session, bob, mallory):
    for person in (bob, mallory):
        for steer in (open_now, close_now):
            with pytest.raises(NotFound):
                steer(coaching_session, person, START)
        with pytest.raises(NotFound):
            add_minutes(coaching_session, person, 10, START)
    assert not Room.select().exists()


def test_a_phone_call_has_no_room_to_steer(coaching_session, alice):
    coaching_session.session_type = "phone"
    coaching_session.save()
    with pytest.raises(Refused):
        open_now(coaching_session, alice, START)


def test_a_retry_makes_the_failing_step_due_at_once(coaching_session, alice):
    room = Room.create(
        coaching_session=coaching_session,
        code="abc",
        discord_guild_id="11",
        created_at=START,
        failing_step="make",
        attempts=7,
        last_error="guild_full",
        next_try_at=START + 300 * MINUTE,
    )
    retry_now(room.id, alice, START)
    assert (Room.get().next_try_at, Room.get().attempts) == (None, 0)
    assert RoomEvent.get().kind == "retried"
    with pytest.raises(NotFound):
        retry_now(room.id + 1, alice, START)
