"""The page on which a session is moved: nearest times first, in three presses, and nothing lost when it is taken."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession, Seat, SeatLine, SessionEvent
from tests import factories
from tests.clocks import at
from tests.sending import deliver_due, text_of

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)  # outside of the factories' hours, 9 to 17 in Berlin
NOON = datetime(2027, 3, 10, 11, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(STARTS_AT - timedelta(days=1))


@pytest.fixture
def coaching_session(alice, bob):
    product = factories.make_product(factories.make_store(alice, slug="nova"), grid_minutes=60)
    return factories.make_coaching_session(product, bob, starts_at=STARTS_AT)


@pytest.fixture
def address(coaching_session):
    return f"/sessions/{coaching_session.code}/move"


def test_a_student_moves_a_call_in_three_presses(browser_of, bob, coaching_session, address, woken):
    browser = browser_of(bob)
    assert f'href="{address}"' in browser.get(f"/sessions/{coaching_session.code}").text
    page = browser.get(address).text
    nearest = page.partition("<legend>Nearest</legend>")[2].partition("</fieldset>")[0]
    assert [line.partition("<span>")[2].partition("<")[0] for line in nearest.split("<label")[1:]] == [
        "Tue 9 Mar, 14:00",
        "Tue 9 Mar, 15:00",
        "Tue 9 Mar, 16:00",
    ]
    moved = browser.post(address, data={"starts_at": "2027-03-10T11:00:00Z"})
    assert (moved.status_code, moved.location) == (303, f"/sessions/{coaching_session.code}")
    assert CoachingSession.get().starts_at == NOON
    assert woken
    assert "Moved to Wed 10 Mar, 12:00." in browser.get(moved.location).text


def test_the_other_side_reads_the_old_time_and_the_new_one(browser_of, alice, bob, coaching_session, address):
    browser_of(bob).post(address, data={"starts_at": "2027-03-10T11:00:00Z"})
    page = browser_of(alice).get(f"/sessions/{coaching_session.code}").text
    assert "Bob moved “Mixing call”" in page


@pytest.mark.parametrize(("typed", "status", "words"), [("", 422, "Choose one of the times."), ("x", 422, "Choose")])
def test_what_is_no_time_moves_nothing(browser_of, bob, address, typed, status, words):
    answer = browser_of(bob).post(address, data={"starts_at": typed}, headers=HTMX)
    assert (answer.status_code, CoachingSession.get().starts_at) == (status, STARTS_AT)
    assert words in answer.text


def test_a_time_that_is_taken_meanwhile_leads_to_the_nearest_ones(browser_of, bob, coaching_session, address):
    factories.make_coaching_session(coaching_session.product, starts_at=NOON)
    answer = browser_of(bob).post(address, data={"starts_at": "2027-03-10T11:00:00Z"})
    assert (answer.status_code, CoachingSession.get_by_id(coaching_session.id).starts_at) == (409, STARTS_AT)
    for time in ("Wed 10 Mar, 11:00", "Wed 10 Mar, 13:00"):
        assert time in answer.text


def test_a_page_from_before_another_move_moves_nothing(browser_of, alice, bob, coaching_session, address):
    student, coach = browser_of(bob), browser_of(alice)
    field = 'name="instead_of" value="2027-03-09T17:00:00Z"'
    assert field in student.get(address).text
    seen = {"instead_of": "2027-03-09T17:00:00Z"}
    assert coach.post(address, data=seen | {"starts_at": "2027-03-10T11:00:00Z"}).status_code == 303
    late = student.post(address, data=seen | {"starts_at": "2027-03-11T11:00:00Z"})
    assert (late.status_code, CoachingSession.get().starts_at) == (409, NOON)
    assert "has been moved since you opened this page" in late.text
    assert "Wednesday 10 March 2027" in late.text  # where it is now
    assert field not in late.text
    # The same press twice is no move of somebody else's.
    assert coach.post(address, data=seen | {"starts_at": "2027-03-10T11:00:00Z"}).status_code == 303


def test_what_was_called_off_is_not_said_to_be_over(browser_of, alice, bob, coaching_session, address):
    browser_of(bob).post(f"/sessions/{coaching_session.code}/cancellation")
    page = browser_of(alice).get(address).text
    assert "does not take place" in page
    assert "has begun or is over" not in page
    assert "until the new one is" not in page


def test_whoever_may_not_move_it_reads_why(browser_of, alice, bob, coaching_session, address):
    Seat.update(most_moves=0).execute()
    assert "Only your coach moves this session." in browser_of(bob).get(address).text
    assert f'href="{address}"' not in browser_of(bob).get(f"/sessions/{coaching_session.code}").text
    assert "Nearest" in browser_of(alice).get(address).text
    assert browser_of(bob).post(address, data={"starts_at": "2027-03-10T11:00:00Z"}).status_code == 409


@pytest.mark.parametrize(
    ("rule", "hours"),
    [({"most_moves": 0}, 99), ({"most_moves": 2, "moves": 2}, 99), ({"most_moves": 2, "move_notice_minutes": 720}, 11)],
)
def test_where_only_the_coach_can_move_it_their_student_is_led_to_where_they_write(
    browser_of, alice, bob, coaching_session, address, set_clock, rule, hours
):
    Seat.update(**rule).execute()
    set_clock(STARTS_AT - timedelta(hours=hours))
    student, page = browser_of(bob), f"/sessions/{coaching_session.code}"
    for path in (page, address):
        [link] = re.findall(r'href="([^"]+)"[^>]*>(?:<svg.*?</svg>)?(?:<span>)?Write to Alice<', student.get(path).text)
    note = {"note": "Could we begin an hour later?"}
    assert "add-notes" in student.get(link).text
    assert student.post(f"{page}/folder/notes", data=note).status_code == 303
    assert note["note"] in browser_of(alice).get(f"{page}/folder").text
    assert "Write to" not in browser_of(alice).get(page).text
    Seat.update(most_moves=9).execute()
    set_clock(STARTS_AT - timedelta(hours=99))
    assert "Write to Alice" not in student.get(page).text + student.get(address).text


def test_the_page_says_until_when_it_can_be_moved_and_cancelled(browser_of, alice, bob, coaching_session, set_clock):
    page, rule = f"/sessions/{coaching_session.code}", {"most_moves": 3, "move_notice_minutes": 720}
    Seat.update(**rule, refund_tiers="1440:100", price_cents=4900, payment="outside").execute()
    set_clock(STARTS_AT - timedelta(days=2))
    text = browser_of(bob).get(page).text
    assert "You can move it 3 times, until Tue 9 Mar, 06:00." in text
    assert "Cancelling is free until Mon 8 Mar, 18:00." in text
    assert 'id="rules"' not in browser_of(alice).get(page).text
    seat = Seat.get()
    for kind, amount, goes_back in (("session", 4000, True), ("bump", 900, False)):
        SeatLine.create(seat=seat, kind=kind, title=kind, amount_cents=amount, is_refundable=goes_back)
    assert "Cancelling is free until Mon 8 Mar, 18:00, but for €9 of extras." in browser_of(bob).get(page).text
    SeatLine.delete().execute()
    # A tier that is over does not come back by a move, which is said before it.
    set_clock(STARTS_AT - timedelta(hours=14))
    assert "at most nothing goes back" not in browser_of(bob).get(f"{page}/move").text
    assert "nothing goes back of the price, however late" in browser_of(bob).get(f"{page}/move").text
    # Twelve hours before the start there is no button any more, and the page says why.
    set_clock(STARTS_AT - timedelta(hours=11))
    text = browser_of(bob).get(page).text
    assert f'href="{page}/move"' not in text
    assert "It is too close to the start to move this session." in text
    assert "If you cancel now, Alice may ask for the price." in text


def test_the_month_comes_as_a_part(browser_of, bob, address):
    part = browser_of(bob).get(f"{address}?day=2027-03-12", headers=HTMX).text
    assert part.lstrip().startswith("<section") or "<section" in part[:400]
    assert "Friday 12 March" in part
    # “12:00 pm” is wider than “12:00”, and has to fit into its pill on a phone.
    assert 'slot-row long"' not in part
    american = browser_of(bob).get(f"{address}?day=2027-03-12", headers=HTMX | {"Accept-Language": "en-US"}).text
    assert 'slot-row long"' in american


def test_the_other_side_reads_why_it_was_moved(browser_of, alice, bob, coaching_session, address, sending):
    coach, student, page = browser_of(alice), browser_of(bob), f"/sessions/{coaching_session.code}"
    reason = {"reason": "My train <is> stuck."}
    refused = coach.post(address, data=reason | {"starts_at": ""})
    assert "My train &lt;is&gt; stuck.</textarea>" in refused.text  # it waits for the time
    assert coach.post(address, data={"starts_at": "2027-03-10T11:00:00Z", "reason": "x" * 501}).status_code == 422
    assert coach.post(address, data=reason | {"starts_at": "2027-03-10T11:00:00Z"}).status_code == 303

    reason_html = '<p class="answer">My train &lt;is&gt; stuck.</p>'
    assert f"Alice writes:</p>{reason_html}" in student.get(page).text
    assert f"You wrote:</p>{reason_html}" in coach.get(page).text
    assert "Alice writes: “My train &lt;is&gt; stuck.”" in student.get("/dashboard").text
    deliver_due(sending, at(STARTS_AT - timedelta(days=1), datetime.now(UTC)))
    texts = {mail["to"]: " ".join(text_of(mail).split()) for mail in sending.sent}
    assert "Alice writes: > My train <is> stuck." in texts[bob.email]
    assert "train" not in texts[alice.email]
    # A later move without one says nothing of the former.
    assert coach.post(address, data={"starts_at": "2027-03-11T11:00:00Z"}).status_code == 303
    assert "train" not in student.get(page).text
    assert [line.words for line in SessionEvent.select().order_by(SessionEvent.id)] == ["My train <is> stuck.", ""]


def test_whoever_looks_at_another_day_without_scripts_keeps_what_is_chosen_and_typed(browser_of, bob, address):
    browser = browser_of(bob)
    text = browser.get(address).text
    assert 'name="show" value="2027-03-12" aria-label="Friday 12 March, free times"' in text
    assert '<a class="day' not in text
    typed = {"reason": "My <train> is stuck.", "starts_at": "2027-03-10T11:00:00Z"}
    for show, words in (("2027-03-12", "Friday 12 March"), ("2027-04", "April 2027"), ("2027-03-10", "Wednesday 10")):
        page = browser.post(address, data=typed | {"show": show})
        assert (page.status_code, CoachingSession.get().starts_at) == (200, STARTS_AT)
        assert words in page.text
        assert "My &lt;train&gt; is stuck.</textarea>" in page.text
        assert 'value="2027-03-10T11:00:00Z" autocomplete="off" required checked' in page.text
        assert page.text.count(" checked") == 1
    # So is one of the nearest.
    near = browser.post(address, data={"starts_at": "2027-03-09T14:00:00Z", "show": "2027-03-12"}).text
    assert "Chosen" not in near
    assert 'value="2027-03-09T14:00:00Z" autocomplete="off" required checked' in near
    # What is not free is not kept, nor does nonsense harm.
    for starts_at, show in (("2027-03-09T17:00:00Z", "2027-03-12"), ("x", "2027-99"), ("", "'")):
        page = browser.post(address, data={"starts_at": starts_at, "show": show})
        assert (page.status_code, " checked" in page.text) == (200, False)
