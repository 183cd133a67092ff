"""Migrations after the first: what lay in the tables before lies there afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from playhouse.migrate import SchemaMigrator, migrate

from coaching import schema
from coaching.accounts.models import Person
from coaching.booking import guard
from coaching.booking.models import Answer, NewsSeen, Seat
from coaching.booking.mutations import cancel_session, record_event
from coaching.catalog.models import Question
from coaching.catalog.queries import questions_of
from coaching.db import database
from coaching.rooms.models import Presence, Room
from tests import factories

NOW = datetime(2027, 3, 9, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("db")


def test_the_longer_phone_costs_no_answer_and_no_guard() -> None:
    seat = factories.make_coaching_session(starts_at=NOW).seats.get()
    Answer.create(seat=seat, label="How loud?", kind="text", text="Very.")
    Seat.update(phone="+49 30 123456").execute()
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0004_longer_phone'")

    assert schema.migrate() == ["0004_longer_phone"]

    assert Seat.get().phone == "+49 30 123456"
    assert Answer.get().text == "Very."
    assert guard.is_installed(database.obj)


def test_who_booked_or_sells_without_a_zone_gets_the_one_they_were_shown() -> None:
    coach, student = factories.make_person("Alice", zone=None), factories.make_person("Bob", zone=None)
    nobody, settled = factories.make_person("Eve", zone=None), factories.make_person("Sam", zone="Europe/Kiev")
    product = factories.make_product(factories.make_store(coach, zone="Asia/Tokyo"))
    for days, guest in enumerate((student, settled)):
        starts_at = NOW + timedelta(days=days)
        factories.make_coaching_session(product, guest, starts_at=starts_at, zone="Europe/Berlin")
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0014_first_zones'")

    assert schema.migrate() == ["0014_first_zones"]

    zones = [Person.get_by_id(one.id).zone for one in (coach, student, nobody, settled)]
    assert zones == ["Asia/Tokyo", "Europe/Berlin", None, "Europe/Kiev"]


def test_what_was_cancelled_before_is_no_news_and_who_was_seen_stays_seen() -> None:
    cancelled, kept = (factories.make_coaching_session(starts_at=NOW) for _ in range(2))
    cancel_session(cancelled, cancelled.coach, NOW.replace(hour=9))
    record_event(kept, "booked", None, NOW)
    room = Room.create(coaching_session=kept, code="abc", discord_guild_id="1", created_at=NOW)
    Presence.create(room=room, person=kept.coach, last_seen_at=NOW, looked_at=NOW)
    database.execute_sql("DROP TABLE news_seen")
    for column in ("looks", "present_at"):
        database.execute_sql(f"ALTER TABLE presence DROP COLUMN {column}")
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0016_looks_and_news'")

    assert schema.migrate() == ["0016_looks_and_news"]

    assert schema.differences() == []
    seen = {(one.person, one.coaching_session, one.event.what) for one in NewsSeen.select()}
    people = (cancelled.coach, cancelled.seats.get().student)
    assert seen == {(person, cancelled, "cancelled") for person in people}
    assert [(one.looks, one.present_at) for one in Presence.select()] == [(None, NOW)]


def test_questions_asked_before_are_asked_still() -> None:
    product = factories.make_product()
    Question.create(product=product, label="How loud?")
    migrator = SchemaMigrator.from_database(database.obj)
    migrate(
        migrator.drop_index("question", "question_successor_id"),
        migrator.drop_column("question", "successor_id"),
        migrator.drop_column("question", "retired_at"),
    )
    database.execute_sql("DELETE FROM schema_migration WHERE name = '0013_retired_questions'")

    assert schema.migrate() == ["0013_retired_questions"]

    assert [question.label for question in questions_of(product)] == ["How loud?"]
    assert schema.differences() == []
