"""Step 4: which messages students get, the coach's own words in them, and that what is booked follows."""

from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product
from coaching.rooms.cases.queries import greeting_facts
from coaching.rooms.greeting import greeting
from tests import factories

SOON = datetime.now(UTC) + timedelta(days=3)
SENT = {
    "payment": "outside",
    "pay_text": "Pay me by bank transfer.",
    "reminder_1": "15",
    "reminder_2": "0",
    "reminder_3": "4320",
    "message_words": "Bring your stems.\nAnd **headphones**.",
    "then": "stay",
}


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"))


@pytest.fixture
def booked(product, bob):
    return factories.make_coaching_session(product, bob, starts_at=SOON, next_look_at=SOON)


def test_what_the_coach_chooses_is_kept_and_what_is_booked_follows(product, booked, alice, browser_of):
    coach, address = browser_of(alice), f"/products/{product.code}/options"
    page = coach.get(address).text
    assert '<option selected value="1440">1 day before</option>' in page
    assert '<option selected value="60">1 hour before</option>' in page
    assert 'checked id="says_when_open"' in page
    assert coach.post(address, data=SENT).status_code == 303
    kept = Product.get_by_id(product.id)
    assert (kept.reminders, kept.says_when_open, kept.message_words) == ((4320, 15), False, SENT["message_words"])
    assert CoachingSession.get_by_id(booked.id).next_look_at == booked.created_at
    assert '<option selected value="4320">3 days before</option>' in coach.get(address).text
    # The same reminders in another order are the same.
    CoachingSession.update(next_look_at=SOON).execute()
    again = SENT | {"reminder_1": "4320", "reminder_2": "15", "reminder_3": "15", "says_when_open": "y"}
    assert coach.post(address, data=again).status_code == 303
    assert CoachingSession.get_by_id(booked.id).next_look_at == SOON
    assert Product.get_by_id(product.id).says_when_open is True
    # None at all is a choice, too.
    none = SENT | {"reminder_1": "0", "reminder_2": "0", "reminder_3": "0"}
    assert coach.post(address, data=none).status_code == 303
    assert Product.get_by_id(product.id).reminders == ()


def test_bad_input_has_its_message_and_nothing_is_lost(product, alice, browser_of):
    coach, address = browser_of(alice), f"/products/{product.code}/options"
    for wrong, message in (
        ({"reminder_1": "7"}, "Choose one of the list."),
        ({"reminder_2": "soon"}, "Choose one of the list."),
        ({"message_words": "x" * 1001}, "At most 1000 characters."),
    ):
        answer = coach.post(address, data=SENT | wrong)
        assert (answer.status_code, message in answer.text) == (422, True), wrong
        assert '<option selected value="4320">3 days before</option>' in answer.text
        assert wrong.get("message_words", "Bring your stems.") in answer.text
    assert Product.get_by_id(product.id).message_words == ""


def test_a_page_from_before_there_were_reminders_leaves_them(product, alice, browser_of):
    Product.update(reminders=(33, 10080)).execute()
    coach, address = browser_of(alice), f"/products/{product.code}/options"
    assert '<option selected value="33">33 minutes before</option>' in coach.get(address).text
    old = {"payment": "outside", "pay_text": "In cash.", "then": "stay"}
    assert coach.post(address, data=old).status_code == 303
    assert set(Product.get_by_id(product.id).reminders) == {33, 10080}


def test_an_older_window_undoes_nothing_and_reads_what_is_saved(product, alice, browser_of):
    coach, address = browser_of(alice), f"/products/{product.code}/options"
    coach.post(address, data=SENT)
    answer = coach.post(address, data=SENT | {"reminder_1": "30", "seen-options": "0123456789abcdef"})
    assert answer.status_code == 409
    assert "3 days before, 30 minutes before" in answer.text
    assert "3 days before, 15 minutes before" in answer.text
    assert set(Product.get_by_id(product.id).reminders) == {15, 4320}


def test_the_words_stand_in_the_rooms_first_message_as_words(product, booked, bob):
    Product.update(message_words="Bring your *stems*.\n\n@everyone").execute()
    lines = greeting(greeting_facts(booked.id)).splitlines()
    assert lines[2:] == [r"Bring your \*stems\*.", r"\@everyone", "Goals: Make the low end work."]


def test_a_phone_call_speaks_of_no_room_and_keeps_what_was_chosen_for_one(product, alice, browser_of):
    coach, address = browser_of(alice), f"/products/{product.code}/options"
    assert "At most until the room is made." in coach.get(address).text
    Product.update(session_type="phone").execute()
    page = coach.get(address).text
    assert "At most until the call starts." in page
    for words in ("the room is made", "the room is open", "room opens", "room’s first message"):
        assert words not in page
    assert '<input type="hidden" name="says_when_open" value="y">' in page
