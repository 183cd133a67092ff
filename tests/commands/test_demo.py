"""`flask demo`."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner

import clock
from coaching import schema
from coaching.accounts.models import Person
from coaching.accounts.mutations import check_password
from coaching.booking.models import CoachingSession, Seat
from coaching.calendars.health import Health
from coaching.calendars.models import OutsideBusy
from coaching.calendars.queries import feeds_of, health_now
from coaching.catalog.models import Product, Store
from coaching.catalog.queries import facts_of, get_visible_product
from coaching.catalog.steps import missing
from coaching.db import database
from coaching.diagnostics.standing_queries import outbox_check
from coaching.hours.queries import schedules_of, travels_of
from coaching.messages.actions import Outlets, send_due
from coaching.notices.models import Notice
from coaching.payments.account_queries import can_take_cards
from coaching.payments.models import Refund
from coaching.payments.money_outcome_mutations import owe_outcome_refunds
from coaching.payments.settling_mutations import owe_due_refunds
from coaching.reviews.queries import list_reviews, standing_of_coach
from environment.demo_mode import DEMO_PEOPLE
from tests import factories
from tests.fakes import FakeHost

PASSWORDS = {name: f"a password for {name}" for name in DEMO_PEOPLE}


@pytest.fixture
def demo(app: Flask) -> FlaskCliRunner:
    """The command line of an empty demo."""
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, demo=True, demo_passwords=PASSWORDS)
    return app.test_cli_runner()


def test_a_demo_with_nothing_on_sale_still_says_where_it_is(demo: FlaskCliRunner) -> None:
    demo.invoke(args=["demo", "load"])
    Product.update(state="draft").execute()

    result = demo.invoke(args=["demo", "info", "--json"])

    assert (result.exit_code, json.loads(result.output)["product_path"]) == (0, "/s/nova")

    # Its coach deletes their account: it starts again as it was left, and is still taken for a demo.
    Person.update(email=None, email_key=None).where(Person.email_key == "coach@example.com").execute()
    Store.update(slug="closed-1").where(Store.slug == "nova").execute()
    again = demo.invoke(args=["demo", "load"])
    result = demo.invoke(args=["demo", "info", "--json"])

    assert (again.exit_code, again.output) == (0, "")
    assert (result.exit_code, json.loads(result.output)["product_path"]) == (0, "/coaches")


def test_a_demo_is_loaded_once(demo: FlaskCliRunner) -> None:
    assert demo.invoke(args=["demo", "load"]).exit_code == 0
    people = Person.select().count()

    again = demo.invoke(args=["demo", "load"])

    assert (again.exit_code, again.output) == (0, "")
    assert Person.select().count() == people == 7  # one of them is suspended
    # Somebody has sent the students of its past calls.
    assert Seat.select().where(Seat.partner.is_null(False)).count() == 2
    # And some have said what theirs were like: enough for a figure, each of them seen in the room.
    nova = Person.get(Person.email_key == "coach@example.com")
    assert standing_of_coach(nova).label == "4.7 of 5 from 3 reviews"
    assert all(review.is_verified for review in list_reviews(nova).reviews)


def test_a_demo_has_what_waits_for_somebody(demo: FlaskCliRunner, browser_of: Callable[..., FlaskClient]) -> None:
    demo.invoke(args=["demo", "load"])
    nova, sam = (Person.get(Person.email_key == f"{key}@example.com") for key in ("coach", "student"))

    pending = [(seat.coaching_session.state, seat.student.name) for seat in Seat.select() if seat.pays_first]
    assert sorted(pending) == [("held", "Sam Lindqvist"), ("requested", "Aiko Tanaka")]
    held = CoachingSession.get(CoachingSession.state == "held")
    assert "I have paid" in browser_of(sam).get(f"/sessions/{held.code}").text

    coach = browser_of(nova)
    assert "Aiko Tanaka" in coach.get("/dashboard").text
    schedule = schedules_of(nova)[0]
    assert [journey.zone for journey in travels_of(schedule)] == ["Europe/Lisbon"]
    [calendar] = feeds_of(nova)
    assert (health_now(calendar, clock.now()), OutsideBusy.select().count()) == (Health.WELL, 1)
    # Whoever moves the demo's clock is offered the same times, at once.
    for words in (["--at", "2030-01-01T12:00:00Z"], ["--reset"]):
        assert demo.invoke(args=["demo", "clock", *words]).exit_code == 0
        assert health_now(feeds_of(nova)[0], clock.now()) is Health.WELL


def test_a_demo_never_mixes_with_people_of_somebody_elses(demo: FlaskCliRunner) -> None:
    factories.make_person()

    result = demo.invoke(args=["demo", "load"])

    assert result.exit_code == 1
    assert "people of its own" in result.output
    assert Person.select().count() == 1


@pytest.mark.one_database  # on PostgreSQL the tests after it would find its migrations undone
def test_a_database_that_is_no_demos_is_not_even_migrated(demo: FlaskCliRunner) -> None:
    factories.make_person()
    newest = schema.applied()[-1]
    database.execute_sql(f"DELETE FROM schema_migration WHERE name = '{newest}'")

    assert demo.invoke(args=["demo", "load"]).exit_code == 1
    assert schema.pending() == [newest]


def test_info_tells_programs_where_everything_is(demo: FlaskCliRunner) -> None:
    demo.invoke(args=["demo", "load"])

    facts = json.loads(demo.invoke(args=["demo", "info", "--json"]).output)

    assert set(facts) == {
        "app_url",
        "sandbox_api_url",
        "sandbox_url",
        "bot_token",
        "guild_id",
        "product_path",
        "people",
    }
    assert set(facts["people"]) == {"coach", "coach2", "student", "student2", "stranger", "admin"}
    assert facts["people"]["admin"]["discord_id"] is None
    assert facts["sandbox_api_url"] == "http://127.0.0.1:8001/api/v10"
    store, product = facts["product_path"].removeprefix("/s/").split("/")
    assert not missing(facts_of(get_visible_product(store, product, None)))
    for name, person in facts["people"].items():
        assert check_password(person["email"], PASSWORDS[name], datetime.now(UTC)).email == person["email"]


def test_info_reads_well_too(demo: FlaskCliRunner) -> None:
    assert "load it with" in demo.invoke(args=["demo", "info"]).output

    demo.invoke(args=["demo", "load"])

    assert "a password for coach2" in demo.invoke(args=["demo", "info"]).output


def test_the_clock_jumps_runs_on_and_comes_back(demo: FlaskCliRunner, host: FakeHost) -> None:
    at = datetime(2027, 3, 9, 17, 50, tzinfo=UTC)
    factories.make_coaching_session(starts_at=at + timedelta(minutes=10))

    output = demo.invoke(args=["demo", "clock", "--at", "2027-03-09T18:50:00+01:00"]).output

    assert datetime.fromisoformat(output.strip()) - at < timedelta(minutes=1)
    assert timedelta() <= clock.now() - at < timedelta(minutes=1)
    assert "create_channel" in host.names()

    demo.invoke(args=["demo", "clock", "--reset"])
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "words",
    [["--at", "noon"], ["--at", "2027-03-09T18:50:00"], ["--at", "9999-01-01T00:00:00Z"], ["--at", "x", "--reset"]],
)
def test_the_clock_takes_instants_only(demo: FlaskCliRunner, words: list[str]) -> None:
    assert demo.invoke(args=["demo", "clock", *words]).exit_code == 2


@pytest.mark.parametrize("words", [["load"], ["info"], ["clock", "--reset"]])
def test_outside_a_demo_nothing_of_this_works(app: Flask, words: list[str]) -> None:
    result = app.test_cli_runner().invoke(args=["demo", *words])

    assert result.exit_code == 1
    assert "DEMO=1" in result.output


def test_a_fresh_demo_owes_nothing_of_the_past_it_made_up_and_one_product_is_paid_by_card(
    demo: FlaskCliRunner, host: FakeHost
) -> None:
    assert demo.invoke(args=["demo", "load"]).exit_code == 0
    now = clock.both()
    owe_due_refunds(now.product)
    owe_outcome_refunds(now.product)
    assert not Refund.select().exists()

    send_due(Outlets(None, host), demo.app.extensions["settings"].sender, now)
    assert "not sent in time" not in outbox_check(False, True, now).sentence
    assert not Notice.select().where(Notice.made_at < now.product - timedelta(hours=1)).exists()
    # Everybody has confirmed their address by now.
    assert not Notice.select().where(Notice.kind == "verify", Notice.state == "waiting").exists()

    by_card = Product.get(Product.payment == "stripe")
    assert (by_card.state, can_take_cards(by_card.store)) == ("published", True)
