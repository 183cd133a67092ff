"""The page on which a session is cancelled: what it means comes before the button, and a reason goes to the other."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.accounts.models import DiscordLink
from coaching.booking.models import CoachingSession, Seat
from coaching.db import database
from coaching.notices.models import Notice
from tests import factories

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
HOSTILE = "<script>alert('x')</script>\"'>&\u202e"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(STARTS_AT - timedelta(days=3))


@pytest.fixture
def booked(alice, bob):
    product = factories.make_product(factories.make_store(alice, slug="nova"))
    return factories.make_coaching_session(product, bob, starts_at=STARTS_AT)


@pytest.fixture
def address(booked):
    return f"/sessions/{booked.code}/cancellation"


def words_of(page):
    """What is said before the button, on one line."""
    said = page.partition('id="policy"')[2].partition("<form")[0]
    return " ".join(said.replace("<p>", " ").replace("</p>", " ").split())


def test_what_it_means_for_the_price_is_said_before_the_button(browser_of, alice, bob, booked, address, set_clock):
    student, coach = browser_of(bob), browser_of(alice)
    deadline = "Mon 8 Mar, 18:00, Berlin (UTC+1)"
    start = "You can cancel until the start, Tue 9 Mar, 18:00, Berlin (UTC+1)."
    free, late = STARTS_AT - timedelta(days=3), STARTS_AT - timedelta(hours=2)
    cases: list[tuple[datetime, dict[str, object], str]] = [
        (free, {}, f"{start} You have not paid yet. If you cancel now, nothing is owed. That holds until {deadline}; "),
        (free, {"paid_at": free}, "You paid €49. If you cancel now, €49 goes back to you: Alice sends it. That holds"),
        (late, {"paid_at": None}, "You have not paid yet. If you cancel now, Alice may still ask for €49. The time to"),
        (late, {"paid_at": free}, f"nothing goes back. The time to cancel free of charge ended {deadline}."),
        (late, {"refund_tiers": "0:100"}, f"{start} You paid €49. If you cancel now, €49 goes back to you: Alice"),
        (late, {"refund_tiers": "1440:100 60:50"}, "€24.50 goes back to you: Alice sends it. That holds until Tue 9"),
        (
            late,
            {"most_percent": 10},
            "€4.90 goes back to you: Alice sends it. You have moved it when part of the price",
        ),
        (late, {"payment": "stripe", "most_percent": 100}, "If you cancel now, €24.50 goes back to your card."),
        (late, {"price_cents": 0, "paid_at": None}, f"{start} It costs nothing."),
    ]
    for now, differences, words in cases:
        set_clock(now)
        if differences:
            Seat.update(**differences).execute()
        page = student.get(address).text
        assert words in words_of(page), words
        assert page.index('id="policy"') < page.index(">Cancel this session</span></button>")
    assert "It costs nobody anything." in words_of(coach.get(address).text)
    Seat.update(price_cents=4900, payment="outside").execute()
    assert "Bob owes you nothing." in words_of(coach.get(address).text)
    Seat.update(paid_at=free).execute()
    assert "You give back the €49 that Bob has paid you." in words_of(coach.get(address).text)


def test_what_was_said_to_be_paid_is_not_forgotten_by_a_cancellation(browser_of, alice, bob, booked, address):
    student, coach, page = browser_of(bob), browser_of(alice), f"/sessions/{booked.code}"
    student.post(f"{page}/payment-notice")
    sentence = "You have said that you paid €49. If you cancel now and it reaches Alice, €49 goes back to you."
    assert f"{sentence} That holds until Mon 8 Mar, 18:00, Berlin (UTC+1); after that it is nothing." in words_of(
        student.get(address).text
    )
    assert sentence in student.get("/settings/deletion").text
    says = "Bob says that they have paid you €49. If it reaches you, you give back €49."
    assert says in words_of(coach.get(address).text)
    student.post(address)
    read, look = student.get(page).text, coach.get(page).text
    assert "that you have paid. If it reaches Alice, they give it back to you directly." in read
    assert "Bob says that they have paid. If it reaches you, tick it off and give it back directly." in look
    assert "Nothing to pay." not in read + look
    coach.post(f"{page}/payment", data={"is_paid": "yes"})
    look = coach.get(page).text
    assert "I have sent it" in look
    assert "says that they have paid" not in look
    assert "€49" in student.get(page).text.partition('id="payment"')[2]


def test_what_was_said_to_be_paid_and_is_owed_is_not_asked_for_as_if_it_were_not(
    browser_of, alice, bob, booked, address, set_clock
):
    student, coach, page = browser_of(bob), browser_of(alice), f"/sessions/{booked.code}"
    student.post(f"{page}/payment-notice")
    set_clock(STARTS_AT - timedelta(hours=2))
    assert "and it reaches Alice, nothing goes back to you. The time to" in words_of(student.get(address).text)
    student.post(address)
    assert "that you have paid. Alice looks and ticks it off." in student.get(page).text
    assert "Bob says that they have paid: look whether it has reached you." in coach.get(page).text


def test_a_time_held_and_said_to_be_paid_is_let_go_with_its_money_in_mind(browser_of, alice, bob, booked, address):
    student, coach, page = browser_of(bob), browser_of(alice), f"/sessions/{booked.code}"
    held = {"state": "held", "held_until": STARTS_AT - timedelta(days=2)}
    CoachingSession.update(held).execute()
    assert "Nothing has been paid yet, so nothing is owed." in words_of(student.get(address).text)
    student.post(f"{page}/payment-notice")
    assert "and it reaches Alice, €49 goes back to you." in words_of(student.get(address).text)
    student.post(address)
    assert "they give it back to you directly" in student.get(page).text
    coach.post(f"{page}/payment", data={"is_paid": "yes"})
    assert "I have sent it" in coach.get(page).text


def test_the_policy_is_the_one_of_the_booking(browser_of, bob, booked, address):
    type(booked.product).update(refund_tiers="0:100").execute()
    assert "That holds until Mon 8 Mar, 18:00" in words_of(browser_of(bob).get(address).text)


def test_the_reason_reaches_the_other_side_and_is_sealed_where_it_lies(browser_of, alice, bob, booked, address):
    browser = browser_of(bob)
    assert "No message reaches" not in browser.get(address).text
    assert "Alice is told at once" in browser.get(address).text
    assert browser.post(address, data={"reason": f"I am ill.\r\n{HOSTILE}"}).status_code == 303
    assert CoachingSession.get().end_reason.startswith("I am ill.\n<script>")
    [[stored]] = database.execute_sql("select end_reason from coaching_session").fetchall()
    assert "ill" not in stored
    for page in (browser_of(alice).get(f"/sessions/{booked.code}").text, browser_of(alice).get("/dashboard").text):
        assert "I am ill." in page
        assert "<script>alert" not in page
    assert {notice.kind for notice in Notice.select()} == {"cancelled", "coach_cancelled"}


def test_a_reason_that_is_too_long_stays_in_its_field_and_cancels_nothing(browser_of, bob, booked, address):
    answer = browser_of(bob).post(address, data={"reason": "so " * 200})
    assert answer.status_code == 422
    assert "At most 500 characters." in answer.text
    assert "so so so" in answer.text
    assert CoachingSession.get().state == "scheduled"


def test_a_page_from_before_a_change_asks_again_and_cancels_nothing(browser_of, alice, bob, booked, address, set_clock):
    student, moving = browser_of(bob), f"/sessions/{booked.code}/move"

    def send(page):
        seen = re.findall(r'name="seen" value="([^"]+)"', page)
        return student.post(address, data={"seen": seen[0], "reason": "Ill <b>"})

    before = student.get(address).text
    browser_of(alice).post(moving, data={"starts_at": "2027-03-10T11:00:00Z"})
    asked = send(before)
    assert (asked.status_code, CoachingSession.get().state) == (409, "scheduled")
    assert "has changed since you opened this page" in asked.text
    assert "Wednesday 10 March 2027" in asked.text
    assert "Ill &lt;b&gt;" in asked.text
    # The time to cancel free of charge ends while the page is open.
    set_clock(datetime(2027, 3, 10, 9, 0, tzinfo=UTC))
    again = send(asked.text)
    assert again.status_code == 409
    assert "The time to cancel free of charge ended" in again.text
    assert send(again.text).status_code == 303
    assert CoachingSession.get().state == "cancelled"
    assert send(again.text).status_code == 303  # pressed twice


def test_whom_no_message_reaches_is_named(browser_of, alice, bob, address):
    DiscordLink.delete().where(DiscordLink.person == alice).execute()  # and this site sends no mail
    assert "No message reaches Alice: they see it" in browser_of(bob).get(address).text


def test_a_late_cancellation_says_on_the_page_who_may_have_the_price(
    browser_of, alice, bob, booked, address, set_clock
):
    set_clock(STARTS_AT - timedelta(hours=2))
    browser_of(bob).post(address)
    page = f"/sessions/{booked.code}"
    assert "Alice may still ask for it." in " ".join(browser_of(bob).get(page).text.split())
    coach = browser_of(alice)
    assert "you may still ask for it." in " ".join(coach.get(page).text.split())
    coach.post(f"{page}/payment", data={"is_paid": "yes"})
    assert "you may keep it." in " ".join(coach.get(page).text.split())
