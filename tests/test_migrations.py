"""Migrations after the first: what lay in the tables before lies there afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching import schema
from coaching.accounts.models import Person
from coaching.booking import guard
from coaching.booking.models import Answer, Seat
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
