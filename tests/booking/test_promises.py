"""Clocks set otherwise than when a session was promised: noticed, told to both sides once, and renamed zones."""

from datetime import UTC, date, datetime

import pytest

from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.events import EventKind
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.move_mutations import move_session
from coaching.booking.mutations import book_session
from coaching.booking.promise_mutations import notify_of_changed_clocks, rename_zone
from coaching.booking.promise_queries import changed_sessions
from coaching.booking.promises import Broken, Promise, broken
from coaching.checks import State
from coaching.diagnostics.people_queries import promises_checks
from coaching.errors import Refused
from coaching.hours.models import Travel
from coaching.messages.compose_queries import compose
from coaching.messages.reach_queries import get_recipient
from coaching.messages.rendering.text import as_text
from coaching.notices.models import Notice
from scripts.message_cases import SENDER
from tests import factories
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN = datetime(2027, 3, 9, 10, 0, tzinfo=UTC)


@pytest.fixture
def session(alice, bob):
    """Promised to Alice for 11:00 in Berlin and to Bob for 05:00 in New York."""
    Person.update(zone="America/New_York").where(Person.id == bob.id).execute()
    product = factories.make_product(coach=alice)
    bob = Person.get_by_id(bob.id)
    return book_session(product, bob, BookingDetails(product.offers.get().id, TEN), NOW)


def clock_notices():
    names = {person.id: person.name for person in Person.select()}
    return {(notice.kind, names[notice.person_id]) for notice in Notice.select() if "clocks" in notice.kind}


@pytest.mark.parametrize(
    ("zone", "wall_time", "expected"),
    [
        ("Europe/Berlin", "2027-03-09T11:00+01:00", None),
        ("Europe/Berlin", "2027-03-09T12:00+02:00", "2027-03-09T11:00+01:00"),
        # In an hour that comes twice the offset alone may differ.
        ("Europe/Berlin", "2027-03-09T11:00+02:00", "2027-03-09T11:00+01:00"),
        ("Asia/Kathmandu", "2027-03-09T15:45+05:45", None),
        ("Europe/Nowhere", "2027-03-09T11:00+01:00", None),
        # Booked before anybody wrote it down.
        ("Europe/Berlin", "", None),
    ],
)
def test_a_promise_is_broken_where_the_wall_shows_something_else(zone, wall_time, expected):
    breach = broken(Promise(zone, wall_time), TEN)
    is_kept = expected is None and zone != "Europe/Nowhere"
    assert breach == (None if is_kept else Broken(zone, wall_time, expected))


def test_what_is_booked_and_moved_keeps_its_promise(session, alice):
    assert (session.wall_time, session.seats.get().wall_time) == ("2027-03-09T11:00+01:00", "2027-03-09T05:00-05:00")
    # Over the day on which New York's clocks change, and back over midnight there.
    move_session(session, alice, datetime(2027, 3, 15, 8, 0, tzinfo=UTC), NOW)
    assert Seat.get().wall_time == "2027-03-15T04:00-04:00"
    assert changed_sessions(NOW) == []
    assert [check.state for check in promises_checks(NOW)] == [State.OK]


def test_both_sides_are_told_once_and_promised_the_new_time_of_day(session, alice, bob):
    CoachingSession.update(wall_time="2027-03-09T12:00+02:00").execute()
    (changed,) = changed_sessions(NOW)
    assert (changed.to_coach.now, changed.to_student) == ("2027-03-09T11:00+01:00", None)
    (check,) = promises_checks(NOW)
    assert check.state == State.WARN
    assert session.code in check.sentence
    assert sum(all_at_once(*[lambda: notify_of_changed_clocks(session.id, NOW)] * 4)) == 1
    assert clock_notices() == {("clocks", "Bob"), ("coach_clocks", "Alice")}
    now = CoachingSession.get()
    assert (now.wall_time, now.starts_at, now.revision) == ("2027-03-09T11:00+01:00", TEN, 1)
    assert SessionEvent.select().where(SessionEvent.kind == EventKind.CLOCKS).count() == 1
    assert changed_sessions(NOW) == []
    assert not notify_of_changed_clocks(session.id, NOW)
    # Changed once more, it is told once more.
    Seat.update(wall_time="2027-03-09T06:00-04:00").execute()
    assert notify_of_changed_clocks(session.id, NOW)
    assert Notice.select().where(Notice.kind == "clocks").count() == 2

    def reads(kind, person):
        notice = Notice.select().where(Notice.kind == kind).order_by(Notice.id.desc()).get()
        return as_text(compose(notice, get_recipient(Person.get_by_id(person.id)), SENDER, NOW))

    assert "It was promised for: Tue 9 March, 06:00 New York" in reads("clocks", bob)
    assert "Clocks in New York have changed for Bob: Mixing call stays as it is for you." in reads(
        "coach_clocks", alice
    )


def test_what_is_over_or_off_is_nobodys_promise_and_an_invitation_is_promised_to_its_coach(session, alice):
    CoachingSession.update(wall_time="2027-03-09T12:00+02:00").execute()
    assert changed_sessions(TEN) == []
    Seat.delete().execute()
    CoachingSession.update(state="held", held_until=TEN).execute()
    assert notify_of_changed_clocks(session.id, NOW)
    assert changed_sessions(NOW) == []
    CoachingSession.update(wall_time="2027-03-09T12:00+02:00", state="cancelled").execute()
    assert not notify_of_changed_clocks(session.id, NOW)


def test_a_zone_that_is_gone_is_named_and_gets_another_name_everywhere(session, alice, bob):
    Travel.create(
        schedule=session.product.schedule, zone="America/New_York", from_on=date(2027, 5, 1), until_on=date(2027, 5, 2)
    )
    for model in (Person, Seat, Travel):
        model.update(zone="America/New_Amsterdam").where(model.zone == "America/New_York").execute()
    lost, clocks = promises_checks(NOW)
    assert lost.state == State.BAD
    assert "America/New_Amsterdam" in lost.sentence
    assert "rename-zone America/New_Amsterdam NEW" in lost.remedy
    assert session.code in clocks.sentence
    assert not notify_of_changed_clocks(session.id, NOW)
    with pytest.raises(Refused, match="No zone is called New/Name"):
        rename_zone("America/New_Amsterdam", "New/Name")
    assert rename_zone("America/New_Amsterdam", "America/New_York") == 3
    assert [check.state for check in promises_checks(NOW)] == [State.OK]
