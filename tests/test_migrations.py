"""Migrations after the first: what lay in the tables before lies there afterwards."""

from datetime import UTC, datetime

import pytest
from playhouse.migrate import SchemaMigrator, migrate

from coaching import schema
from coaching.booking import guard
from coaching.booking.models import Answer, Seat
from coaching.catalog.models import Question
from coaching.catalog.queries import questions_of
from coaching.db import database
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
