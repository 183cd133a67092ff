"""Who says that they are coming, or running late, and who is told of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.attendance_mutations import MOST_LATE, SAME_PRESS, say_coming, say_late, take_back_late
from coaching.booking.history_queries import news_for, said_late
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import cancel_session, want_look
from coaching.errors import NotFound, Refused, TooLate
from coaching.notices.models import Notice
from tests import factories
from tests.fakes import FakeMailer
from tests.sending import deliver_due, text_of

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
BEFORE = STARTS_AT - timedelta(minutes=20)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice)


@pytest.fixture
def booked(product, bob):
    return factories.make_coaching_session(product, bob, starts_at=STARTS_AT)


def owed() -> list[tuple[str, int, int, dict[str, object]]]:
    """Kind, person, session and fields of everything in the outbox."""
    rows = Notice.select().order_by(Notice.id)
    return [(row.kind, row.person_id, row.session_id, json.loads(row.fields)) for row in rows]


def test_a_student_says_once_that_they_are_coming(booked, bob, alice, mallory):
    say_coming(booked, bob, BEFORE)
    say_coming(booked, bob, BEFORE + MINUTE)
    assert Seat.get().coming_at == BEFORE
    assert [line.kind for line in SessionEvent.select()] == ["coming"]
    assert owed() == []
    for other in (alice, mallory):
        with pytest.raises(NotFound):
            say_coming(booked, other, BEFORE)


def test_what_is_over_or_off_takes_neither(booked, bob):
    with pytest.raises(TooLate):
        say_coming(booked, bob, booked.ends_at)
    with pytest.raises(TooLate):
        say_late(booked, bob, 10, booked.ends_at)
    cancel_session(booked, bob, BEFORE)
    with pytest.raises(TooLate):
        say_coming(booked, bob, BEFORE)
    with pytest.raises(TooLate):
        say_late(booked, bob, 10, BEFORE)
    assert not SessionEvent.select().where(SessionEvent.kind.in_(("coming", "running_late"))).exists()


def test_a_late_student_is_told_to_the_coach_and_a_late_coach_to_the_student(booked, bob, alice, mallory):
    say_late(booked, bob, 10, BEFORE)
    say_late(booked, alice, 15, BEFORE)
    assert owed() == [
        ("coach_running_late", alice.id, booked.id, {"minutes": 10}),
        ("running_late", bob.id, booked.id, {"minutes": 15}),
    ]
    assert [news.event.person for news in news_for(alice, BEFORE)] == [bob]
    assert [news.event.person for news in news_for(bob, BEFORE)] == [alice]
    # After the call it is no news any more.
    assert news_for(bob, booked.ends_at) == []
    with pytest.raises(NotFound):
        say_late(booked, mallory, 10, BEFORE)


def test_it_can_be_said_from_two_hours_before_and_only_of_the_list(booked, bob):
    for minutes, at in ((7, BEFORE), (0, BEFORE), (-5, BEFORE), (10, STARTS_AT - timedelta(hours=2, seconds=1))):
        with pytest.raises(Refused):
            say_late(booked, bob, minutes, at)
    assert owed() == []
    say_late(booked, bob, 10, STARTS_AT - timedelta(hours=2))
    say_late(booked, bob, 10, booked.ends_at - timedelta(seconds=1))
    assert len(owed()) == 2


def test_pressed_twice_it_is_one_message_and_three_are_enough(booked, bob, alice):
    say_late(booked, bob, 10, BEFORE)
    say_late(booked, bob, 10, BEFORE + SAME_PRESS - timedelta(seconds=1))
    assert len(owed()) == 1
    say_late(booked, bob, 15, BEFORE + MINUTE)
    say_late(booked, bob, 10, BEFORE + 2 * MINUTE)
    assert len(owed()) == MOST_LATE
    with pytest.raises(Refused, match="three times"):
        say_late(booked, bob, 20, BEFORE + 3 * MINUTE)
    # A double click on the third is no fourth.
    say_late(booked, bob, 10, BEFORE + 3 * MINUTE)
    say_late(booked, alice, 20, BEFORE + 3 * MINUTE)
    assert len(owed()) == MOST_LATE + 1
    assert len({notice.key for notice in Notice.select()}) == MOST_LATE + 1


def test_a_late_coach_is_told_to_the_next_student_where_it_reaches_them(booked, product, alice, bob, mallory):
    other = factories.make_product(coach=alice, buffer_after_minutes=10)
    CoachingSession.update(busy_until=booked.ends_at + 10 * MINUTE).where(CoachingSession.id == booked.id).execute()
    following = factories.make_coaching_session(other, mallory, starts_at=booked.ends_at + 15 * MINUTE)
    cancelled = factories.make_coaching_session(
        other, bob, starts_at=booked.ends_at + MINUTE, state="cancelled", ended_at=BEFORE
    )
    say_late(booked, alice, 5, BEFORE)
    assert [person for _, person, _, _ in owed()] == [bob.id]
    say_late(booked, alice, 10, BEFORE)
    assert owed()[1:] == [
        ("running_late", bob.id, booked.id, {"minutes": 10}),
        ("running_late", mallory.id, following.id, {"minutes": 5, "is_next": True}),
    ]
    assert [news.view.coaching_session for news in news_for(mallory, BEFORE)] == [following]
    # A student's lateness reaches nobody else: the call ends when it was planned to.
    say_late(booked, bob, 30, BEFORE)
    assert owed()[3:] == [("coach_running_late", alice.id, booked.id, {"minutes": 30})]
    # It does not count as said of the other session.
    for count in range(MOST_LATE):
        say_late(following, alice, 5 + 5 * count, following.starts_at)
    assert cancelled.id not in {session_id for _, _, session_id, _ in owed()}


def test_a_reminder_that_comes_later_says_it(booked, alice, bob):
    mailer = FakeMailer()
    want_look(coach=alice)
    say_late(booked, alice, 20, STARTS_AT - 90 * MINUTE)
    deliver_due(mailer, STARTS_AT - 60 * MINUTE)

    [reminder] = [mail for mail in mailer.sent if mail["To"] == bob.email and "reminder" in mail["Subject"]]
    assert "Alice has said that they will be about 20 minutes late." in text_of(reminder)


def test_being_late_is_taken_back_before_the_start_and_who_heard_of_it_hears_that(booked, product, alice, bob, mallory):
    following = factories.make_coaching_session(product, mallory, starts_at=booked.ends_at + MINUTE)
    take_back_late(booked, bob, BEFORE)  # nothing was said
    assert owed() == []
    say_late(booked, bob, 10, BEFORE)
    say_late(booked, alice, 15, BEFORE)
    for person in (bob, alice):
        for _ in range(2):
            take_back_late(booked, person, BEFORE + MINUTE)
    assert owed()[3:] == [
        ("coach_running_late", alice.id, booked.id, {"minutes": 0}),
        ("running_late", bob.id, booked.id, {"minutes": 0}),
        ("running_late", mallory.id, following.id, {"minutes": 0, "is_next": True}),
    ]
    # What has not gone yet goes no more.
    assert [notice.state for notice in Notice.select().order_by(Notice.id)] == ["overtaken"] * 3 + ["waiting"] * 3
    with pytest.raises(NotFound):
        take_back_late(booked, mallory, BEFORE)
    # It can be said again, at once and as often as before.
    say_late(booked, bob, 10, BEFORE + MINUTE)
    say_late(booked, bob, 15, BEFORE + 2 * MINUTE)
    with pytest.raises(Refused, match="three times"):
        say_late(booked, bob, 20, BEFORE + 3 * MINUTE)
    with pytest.raises(TooLate):
        take_back_late(booked, bob, STARTS_AT)
    assert len({notice.key for notice in Notice.select()}) == len(owed()) == 8


def test_a_reminder_says_nothing_of_what_was_taken_back(booked, alice, bob):
    mailer = FakeMailer()
    want_look(coach=alice)
    say_late(booked, alice, 20, STARTS_AT - 90 * MINUTE)
    take_back_late(booked, alice, STARTS_AT - 80 * MINUTE)
    deliver_due(mailer, STARTS_AT - 60 * MINUTE)

    texts = {mail["Subject"].rpartition(" · ")[2]: text_of(mail) for mail in mailer.sent if mail["To"] == bob.email}
    assert "Alice is on time after all" in texts["on time"]
    assert not any("20 minutes late" in text for text in texts.values())


def test_a_move_leaves_nobody_late_for_the_new_time(booked, product, alice, bob):
    new_start = datetime(2027, 3, 11, 11, 0, tzinfo=UTC)
    for person in (bob, alice):
        say_late(booked, person, 20, BEFORE)
    assert [news.event.kind for person in (alice, bob) for news in news_for(person, BEFORE)] == ["running_late"] * 2
    move_session(booked, alice, new_start, BEFORE)

    assert said_late(booked) == []
    assert [news.event.kind for person in (alice, bob) for news in news_for(person, BEFORE)] == ["moved"]
    assert not take_back_late(booked, bob, BEFORE)
    # Of the new time it can be said as often as of any.
    for count, minutes in enumerate((5, 10, 15)):
        say_late(booked, bob, minutes, new_start - 60 * MINUTE + count * MINUTE)
    assert [line.event.fields.minutes for line in said_late(booked)] == [5, 10, 15]
    assert [news.event.kind for news in news_for(alice, BEFORE)] == ["running_late"]


@pytest.mark.parametrize("way", ["moved", "cancelled"])
def test_a_call_that_goes_puts_off_no_other_any_more(booked, product, alice, bob, mallory, way):
    following = factories.make_coaching_session(product, mallory, starts_at=booked.ends_at + MINUTE)
    say_late(booked, alice, 15, BEFORE)
    if way == "moved":
        move_session(booked, alice, datetime(2027, 3, 11, 11, 0, tzinfo=UTC), BEFORE)
    else:
        cancel_session(booked, bob, BEFORE)
    late_fields = [fields for kind, person, _, fields in owed() if (kind, person) == ("running_late", mallory.id)]
    assert [fields["minutes"] for fields in late_fields] == [14, 0]
    assert [line.event.fields.minutes for line in said_late(following)] == [14, 0]


@pytest.mark.parametrize("before", ["nothing", "taken back", "by the student"])
def test_a_call_that_goes_tells_nobody_else_where_nobody_was_put_off(booked, product, alice, bob, mallory, before):
    factories.make_coaching_session(product, mallory, starts_at=booked.ends_at + MINUTE)
    if before != "nothing":
        say_late(booked, bob if before == "by the student" else alice, 15, BEFORE)
    if before == "taken back":
        take_back_late(booked, alice, BEFORE)
    heard = [row for row in owed() if row[1] == mallory.id]
    cancel_session(booked, alice, BEFORE)
    assert [row for row in owed() if row[1] == mallory.id] == heard
