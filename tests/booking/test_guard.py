"""The database itself refuses overlaps, whoever writes and however."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from peewee import IntegrityError
from playhouse.migrate import SqliteMigrator, migrate

from coaching import schema
from coaching.booking import guard
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.db import database, is_sqlite
from tests import factories

TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def product(alice):
    return factories.make_product(coach=alice)


@pytest.fixture
def booked(product, bob):
    return factories.make_coaching_session(product, bob, starts_at=TEN)


def copy_row(table, row_id, **differences):
    """A raw INSERT of the same row, as somebody with a database shell would write it."""
    columns = [column.name for column in database.get_columns(table) if column.name != "id"]
    mark = "?" if is_sqlite() else "%s"
    wanted = ", ".join(mark if column in differences else column for column in columns)
    values = [differences[column] for column in columns if column in differences]
    database.execute_sql(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {wanted} FROM {table} WHERE id = {mark}", [*values, row_id]
    )


def as_stored(instant):
    return instant.isoformat(timespec="microseconds") if is_sqlite() else instant


def moved(start):
    times = {"starts_at": start, "ends_at": start + HOUR, "busy_from": start, "busy_until": start + HOUR}
    return {name: as_stored(at) for name, at in times.items()}


@pytest.mark.parametrize("minutes", [-59, -1, 0, 1, 59])
def test_a_raw_insert_cannot_overlap_a_coachs_session(booked, minutes):
    with pytest.raises(IntegrityError):
        copy_row("coaching_session", booked.id, code="other", **moved(TEN + timedelta(minutes=minutes)))
    assert CoachingSession.select().count() == 1


@pytest.mark.parametrize("minutes", [-60, 60])
def test_touching_ends_are_no_overlap(booked, minutes):
    copy_row("coaching_session", booked.id, code="other", **moved(TEN + timedelta(minutes=minutes)))
    assert CoachingSession.select().count() == 2


def test_buffers_are_part_of_the_guarded_span(booked):
    wide = moved(TEN + HOUR) | {"busy_from": as_stored(TEN + HOUR - timedelta(minutes=1))}
    with pytest.raises(IntegrityError):
        copy_row("coaching_session", booked.id, code="other", **wide)


def test_another_coach_may_work_at_the_same_time(booked, mallory):
    copy_row("coaching_session", booked.id, code="other", coach_id=mallory.id)
    assert CoachingSession.select().count() == 2


@pytest.mark.parametrize("state", LIVE_STATES)
def test_every_live_state_takes_up_time(booked, state):
    with pytest.raises(IntegrityError):
        copy_row("coaching_session", booked.id, code="other", state=state)


@pytest.mark.parametrize("state", ["cancelled", "completed", "no_show", "expired", "declined"])
def test_what_is_over_frees_its_time(booked, state):
    CoachingSession.update(state=state).execute()
    copy_row("coaching_session", booked.id, code="other", state="scheduled")
    assert CoachingSession.select().count() == 2


MINUTE = timedelta(minutes=1)
# From when to when, in minutes from ten on, and the breaks before and after; and whether it meets 10:00 to 11:00 with a
# break of ten minutes after.
UNEQUAL = [
    ((-30, 0, 0, 0), False),
    ((-30, 1, 0, 0), True),
    ((-30, 0, 0, 5), True),
    ((-90, 180, 0, 0), True),
    ((20, 50, 0, 0), True),
    ((60, 150, 0, 0), True),
    ((69, 70, 0, 0), True),
    ((70, 160, 0, 0), False),
    ((70, 160, 15, 0), True),
    ((85, 175, 15, 0), False),
]


@pytest.mark.parametrize("state", LIVE_STATES)
def test_unequal_lengths_and_breaks_on_one_side_only_are_guarded_with_a_seat_or_without(booked, state):
    """Raw rows of every state beside a held time of an invitation, which nobody sits in yet."""
    Seat.delete().execute()
    CoachingSession.update(state="held", held_until=TEN, busy_until=TEN + 70 * MINUTE).execute()
    for (start, end, before, after), meets in UNEQUAL:
        times = {
            "starts_at": TEN + start * MINUTE,
            "ends_at": TEN + end * MINUTE,
            "busy_from": TEN + (start - before) * MINUTE,
            "busy_until": TEN + (end + after) * MINUTE,
        }
        stored = {name: as_stored(at) for name, at in times.items()}
        try:
            with database.atomic() as attempt:
                copy_row("coaching_session", booked.id, code=f"{start} {end}", state=state, **stored)
                attempt.rollback()
            assert not meets, (start, end, before, after)
        except IntegrityError:
            assert meets, (start, end, before, after)
    assert CoachingSession.select().count() == 1


def test_what_lapsed_or_was_declined_cannot_come_back_onto_another(booked, product, bob):
    """As a late confirmation of a payment would bring it back."""
    (seat,) = booked.seats
    for state in ("expired", "declined"):
        CoachingSession.update(state=state).where(CoachingSession.id == booked.id).execute()
        Seat.update(is_live=False).where(Seat.id == seat.id).execute()
        other = factories.make_coaching_session(product, bob, starts_at=TEN + HOUR / 2, state="requested")
        for again in LIVE_STATES:
            with pytest.raises(IntegrityError), database.atomic():
                CoachingSession.update(state=again).where(CoachingSession.id == booked.id).execute()
        with pytest.raises(IntegrityError), database.atomic():
            Seat.update(is_live=True).where(Seat.id == seat.id).execute()
        other.delete_instance(recursive=True)


def test_an_update_cannot_move_a_session_onto_another(booked, product):
    other = factories.make_coaching_session(product, starts_at=TEN + 2 * HOUR)
    half_past = TEN + HOUR / 2
    move = CoachingSession.update(
        starts_at=half_past, ends_at=half_past + HOUR, busy_from=half_past, busy_until=half_past + HOUR
    )
    with pytest.raises(IntegrityError):
        move.where(CoachingSession.id == other.id).execute()


def test_an_update_cannot_bring_a_cancelled_session_back_onto_another(booked, product):
    other = factories.make_coaching_session(product, starts_at=TEN, state="cancelled")
    with pytest.raises(IntegrityError):
        CoachingSession.update(state="scheduled").where(CoachingSession.id == other.id).execute()


def test_a_session_may_change_without_being_in_its_own_way(booked):
    CoachingSession.update(ends_at=TEN + HOUR / 2, state="in_progress").execute()
    assert CoachingSession.get().state == "in_progress"


def test_a_raw_insert_cannot_overlap_a_students_seat(booked, mallory):
    elsewhere = factories.make_coaching_session(factories.make_product(coach=mallory), starts_at=TEN + 3 * HOUR)
    times = {"starts_at": as_stored(TEN + HOUR / 2), "ends_at": as_stored(TEN + HOUR)}
    (seat,) = booked.seats
    with pytest.raises(IntegrityError):
        copy_row("seat", seat.id, coaching_session_id=elsewhere.id, **times)
    with pytest.raises(IntegrityError):
        Seat.update(student=seat.student, starts_at=TEN, ends_at=TEN + HOUR).where(
            Seat.coaching_session == elsewhere
        ).execute()
    copy_row("seat", seat.id, coaching_session_id=elsewhere.id, is_live=False)


def test_an_empty_or_backward_span_cannot_slip_through(booked):
    for minutes in (0, -30):
        ends_at = as_stored(TEN + timedelta(minutes=minutes))
        with pytest.raises(IntegrityError):
            copy_row("coaching_session", booked.id, code="other", ends_at=ends_at, busy_until=ends_at)


def test_an_instant_in_another_notation_cannot_slip_through(booked):
    # As text "2027-03-01 10:30" sorts before "2027-03-01T10:00".
    times = {"starts_at": "2027-03-01 10:30:00+00:00", "ends_at": "2027-03-01 11:30:00+00:00"}
    times |= {"busy_from": times["starts_at"], "busy_until": times["ends_at"]}
    with pytest.raises(IntegrityError):
        copy_row("coaching_session", booked.id, code="other", **times)


def test_the_guards_are_part_of_a_database_as_it_should_be(db):
    assert schema.differences() == []


def test_rebuilding_a_table_loses_the_guard_and_migrating_puts_it_back(db):
    if not is_sqlite():
        pytest.skip("PostgreSQL changes tables without rebuilding them")
    assert guard.is_installed(database.obj)
    migrate(SqliteMigrator(database.obj).drop_not_null("coaching_session", "zone"))
    assert not guard.is_installed(database.obj)
    assert schema.differences()
    schema.migrate()
    assert guard.is_installed(database.obj)


def test_a_missing_constraint_is_noticed_and_put_back(db):
    if is_sqlite():
        database.execute_sql("DROP TRIGGER seat_overlap_update")
    else:
        database.execute_sql("ALTER TABLE seat DROP CONSTRAINT seat_overlap")
    assert not guard.is_installed(database.obj)
    guard.install(database.obj)
    guard.install(database.obj)
    assert guard.is_installed(database.obj)


def test_a_state_more_that_takes_up_time_is_guarded_after_migrating(db, booked, monkeypatch):
    """LIVE_STATES is the one place: a guard made from an older list is noticed and made anew, on both databases."""
    seat, sessions = guard.GUARDS[1], guard.GUARDS[0]
    more = replace(sessions, live="{row}state IN ('scheduled', 'tentative')")
    monkeypatch.setattr(guard, "GUARDS", (more, seat))
    assert not guard.is_installed(database.obj)
    schema.migrate()
    assert guard.is_installed(database.obj)
    with pytest.raises(IntegrityError):
        copy_row("coaching_session", booked.id, code="other", state="tentative")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), min_size=2, max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_inserted_no_two_live_sessions_overlap(product, spans):
    Seat.delete().execute()
    CoachingSession.delete().execute()
    for start, length in spans:
        try:
            with database.atomic():
                factories.make_coaching_session(
                    product, product.store.owner, starts_at=TEN + start * HOUR, minutes=60 * length
                )
        except IntegrityError:
            continue
    kept = sorted(
        (coaching_session.busy_from, coaching_session.busy_until) for coaching_session in CoachingSession.select()
    )
    assert kept
    assert all(end <= start for (_, end), (start, _) in pairwise(kept))
