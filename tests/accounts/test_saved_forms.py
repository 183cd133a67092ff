"""Saved forms: back once, to the same browser and the same person, and not forever."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching import vault
from coaching.accounts import saved_form_mutations as saved
from coaching.accounts import saved_form_queries as reads
from coaching.accounts.models import Person, SavedForm
from coaching.db import database
from tests.factories import make_person
from tests.threads import all_at_once

NOW = datetime(2027, 3, 1, 12, 0, tzinfo=UTC)
PAGE = "/s/nova/mixing-call"
pytestmark = pytest.mark.usefixtures("db")


def test_a_form_comes_back_once() -> None:
    assert saved.save_form("key", PAGE, "typed", None, NOW)
    assert reads.is_saved("key", PAGE, NOW)
    assert saved.take_saved_form("key", PAGE, None, NOW) == "typed"
    assert saved.take_saved_form("key", PAGE, None, NOW) is None


def test_only_the_same_browser_and_the_same_page_get_it() -> None:
    saved.save_form("key", PAGE, "typed", None, NOW)
    assert saved.take_saved_form("another key", PAGE, None, NOW) is None
    assert saved.take_saved_form("key", "/elsewhere", None, NOW) is None


def test_a_persons_form_is_not_given_to_the_next_one_at_the_same_browser() -> None:
    bob, mallory = make_person("Bob"), make_person("Mallory")
    saved.save_form("key", PAGE, "Bob's words", bob, NOW)
    assert saved.take_saved_form("key", PAGE, mallory, NOW) is None
    assert saved.take_saved_form("key", PAGE, None, NOW) is None
    saved.move_saved_forms("key", "new key", mallory)
    assert saved.take_saved_form("new key", PAGE, mallory, NOW) is None


def test_a_visitors_form_becomes_that_of_whoever_signs_in() -> None:
    bob = make_person("Bob")
    saved.save_form("key", PAGE, "typed", None, NOW)
    saved.move_saved_forms("key", "new key", bob)
    assert saved.take_saved_form("key", PAGE, bob, NOW) is None
    assert saved.take_saved_form("new key", PAGE, bob, NOW) == "typed"


def test_the_newest_form_of_a_page_counts() -> None:
    saved.save_form("key", PAGE, "first", None, NOW)
    saved.save_form("key", PAGE, "second", None, NOW)
    assert saved.take_saved_form("key", PAGE, None, NOW) == "second"


def test_it_is_kept_for_a_day_and_then_swept() -> None:
    saved.save_form("key", PAGE, "typed", None, NOW)
    assert saved.take_saved_form("key", PAGE, None, NOW + timedelta(days=1)) is None
    saved.save_form("other", PAGE, "typed", None, NOW + timedelta(days=1))
    assert SavedForm.select().count() == 1


def test_a_browser_cannot_fill_the_database() -> None:
    assert not saved.save_form("key", PAGE, "x" * (saved.LONGEST_FIELDS + 1), None, NOW)
    assert not saved.save_form("key", "/" + "x" * 500, "typed", None, NOW)
    pages = [f"{PAGE}-{number}" for number in range(12)]
    for page in pages:
        assert saved.save_form("key", page, "typed", None, NOW)
    # What was typed last is what somebody comes back to.
    assert [row.address for row in SavedForm.select()] == pages[-saved.MOST_IN_A_BROWSER :]


def test_what_was_typed_is_not_readable_in_the_table() -> None:
    saved.save_form("key", PAGE, "+49 30 123456", None, NOW)
    ((stored,),) = database.execute_sql("SELECT fields FROM saved_form").fetchall()
    assert "123456" not in stored


def test_a_form_whose_key_is_missing_is_as_if_nothing_had_been_saved() -> None:
    vault.keys.use([b"o" * 32])
    saved.save_form("key", PAGE, "typed", None, NOW)
    vault.keys.use([b"n" * 32])
    assert saved.take_saved_form("key", PAGE, None, NOW) is None


def test_a_button_pressed_twice_at_once_saves_one_form(db: None) -> None:
    all_at_once(*[lambda: saved.save_form("key", PAGE, "typed", None, NOW)] * 4)
    assert [row.fields for row in SavedForm.select()] == ["typed"]


def test_looking_takes_nothing_and_dropping_takes_ones_own_only(bob: Person, mallory: Person) -> None:
    saved.save_form("key", PAGE, "Bob's words", bob, NOW)
    for _ in range(2):
        assert reads.find_saved_form("key", PAGE, bob, NOW) == "Bob's words"
    assert reads.find_saved_form("key", PAGE, mallory, NOW) is None
    saved.drop_saved_form("key", PAGE, mallory)
    assert reads.find_saved_form("key", PAGE, bob, NOW) == "Bob's words"
    saved.drop_saved_form("key", PAGE, bob)
    assert reads.find_saved_form("key", PAGE, bob, NOW) is None


def test_what_somebody_saved_last_is_where_they_go_on(bob: Person, mallory: Person) -> None:
    assert reads.find_waiting_address("key", bob, NOW) is None
    saved.save_form("key", "/first", "typed", bob, NOW)
    saved.save_form("key", "/mallorys", "typed", mallory, NOW + timedelta(minutes=1))
    saved.save_form("key", "/second", "typed", bob, NOW)
    assert reads.find_waiting_address("key", bob, NOW) == "/second"
    saved.save_form("key", "/first", "typed again", bob, NOW + timedelta(minutes=2))
    assert reads.find_waiting_address("key", bob, NOW) == "/first"
    assert reads.find_waiting_address("key", None, NOW) is None
    # Moved with everything else to the key of the next sign-in, whoever signs in.
    saved.move_saved_forms("key", "new key", mallory)
    assert saved.take_saved_form("new key", "/first", bob, NOW) == "typed again"
    assert saved.take_saved_form("new key", "/first", mallory, NOW) is None
