"""The pages on which other times are proposed, taken and turned down."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession, Proposal, Seat
from tests import factories

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)  # outside of the factories' hours, 9 to 17 in Berlin
TEN, ELEVEN, FRIDAY = "2027-03-10T09:00:00Z", "2027-03-10T10:00:00Z", "2027-03-12T11:00:00Z"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(STARTS_AT - timedelta(days=1))


@pytest.fixture
def booked(alice, bob):
    product = factories.make_product(factories.make_store(alice, slug="nova"), grid_minutes=60)
    return factories.make_coaching_session(product, bob, starts_at=STARTS_AT)


def test_a_coach_proposes_times_of_several_days_and_the_student_takes_one(browser_of, alice, bob, booked, woken):
    page, coach, student = f"/sessions/{booked.code}", browser_of(alice), browser_of(bob)
    assert f'href="{page}/proposals"' in coach.get(page).text
    assert f'href="{page}/proposals"' not in student.get(page).text
    assert "Tue 9 Mar, 16:00" in coach.get(f"{page}/proposals").text

    # Without scripts: what is ticked stays while another day is looked at, and nothing is proposed yet.
    other_day = coach.post(f"{page}/proposals", data={"starts_at": [TEN, "x"], "show": "2027-03-12"})
    assert other_day.status_code == 200
    assert f'value="{TEN}" autocomplete="off" checked' in other_day.text
    assert re.search(r"<h3>Friday 12 March</h3>.*<legend>Afternoon</legend>", other_day.text, re.DOTALL)
    assert not Proposal.select().exists()

    assert coach.post(f"{page}/proposals", data={"starts_at": [TEN, FRIDAY]}).status_code == 303
    assert "Bob is told." in coach.get(page).text
    text = student.get(page).text
    for words in ("Alice proposes another time", "<s", "Take Wed 10 Mar, 10:00", "Take Fri 12 Mar, 12:00"):
        assert words in text
    home = student.get("/dashboard").text
    assert "Alice proposes another time for “Mixing call”" in home
    # It wants an answer, and cannot be put away without one.
    assert f'href="{page}#proposals"' in home
    assert "Got it" not in home
    # Taken back, it is no news any more.
    assert coach.post(f"{page}/proposals/withdrawal").status_code == 303
    assert "proposes another time" not in student.get("/dashboard").text
    assert coach.post(f"{page}/proposals", data={"starts_at": [TEN, FRIDAY]}).status_code == 303
    taken = student.post(f"{page}/proposals/choice", data={"starts_at": FRIDAY})
    assert (taken.status_code, taken.location) == (303, page)
    assert "Moved to Fri 12 Mar, 12:00." in student.get(page).text
    assert (CoachingSession.get().starts_at.isoformat(), Seat.get().moves) == ("2027-03-12T11:00:00+00:00", 0)
    assert "proposes" not in student.get(page).text
    assert woken


def test_a_month_is_turned_and_what_was_ticked_in_another_one_stays(browser_of, alice, booked):
    address, coach = f"/sessions/{booked.code}/proposals", browser_of(alice)
    first = coach.get(address).text
    assert re.search(r'name="show" value="2027-03-12" aria-label="Friday 12 March, free times"', first)
    assert 'name="show" value="2027-04" aria-label="Later month"' in first
    assert "Earlier month" not in first
    assert "March 2027</h3>" in first
    assert "<details>" in first  # the nearest times come first

    april = coach.post(address, data={"starts_at": [TEN, FRIDAY], "show": "2027-04"}).text
    assert "April 2027</h3>" in april
    assert "<h3>Thursday 1 April</h3>" in april
    assert (april.count(" checked"), "<details open>" in april) == (2, True)
    assert 'name="show" value="2027-03" aria-label="Earlier month"' in april
    # What is ticked stands once, and a sending that is refused shows the same day again.
    far = coach.post(address, data={"starts_at": [TEN, FRIDAY], "show": "2027-03-12"}).text
    assert far.count(f'value="{FRIDAY}"') == 1
    refused = coach.post(address, data={"starts_at": [], "day": "2027-04-02"})
    assert (refused.status_code, "<h3>Friday 2 April</h3>" in refused.text) == (422, True)
    for nonsense in ("x", "2027-13", "2031-01", "1999-01-01"):
        assert coach.post(address, data={"show": nonsense}).status_code == 200
    assert not Proposal.select().exists()


def test_what_cannot_be_proposed_says_why_and_keeps_what_was_ticked(browser_of, alice, booked):
    address, coach = f"/sessions/{booked.code}/proposals", browser_of(alice)
    assert coach.post(address, data={}).status_code == 422
    many = coach.post(address, data={"starts_at": [f"2027-03-11T{hour}:00:00Z" for hour in ("09", 10, 11, 12)]})
    assert (many.status_code, many.text.count("checked")) == (422, 4)
    assert "Choose one to 3 times." in many.text
    factories.make_coaching_session(booked.product, starts_at=datetime(2027, 3, 10, 9, 0, tzinfo=UTC))
    taken = coach.post(address, data={"starts_at": [TEN, ELEVEN]})
    assert taken.status_code == 409
    assert f'value="{ELEVEN}" autocomplete="off" checked' in taken.text
    assert f'value="{TEN}"' not in taken.text
    assert coach.post(address, data={"starts_at": ["2027-03-01T09:00:00Z"]}).status_code == 409
    assert not Proposal.select().exists()


def test_a_taken_proposal_leads_to_the_nearest_times(browser_of, alice, bob, booked):
    address, student = f"/sessions/{booked.code}/proposals", browser_of(bob)
    browser_of(alice).post(address, data={"starts_at": [ELEVEN, FRIDAY]})
    factories.make_coaching_session(booked.product, starts_at=datetime(2027, 3, 10, 10, 0, tzinfo=UTC))
    answer = student.post(f"{address}/choice", data={"starts_at": ELEVEN})
    assert answer.status_code == 409
    for time in ("Wed 10 Mar, 10:00", "Wed 10 Mar, 12:00"):
        assert time in answer.text
    # Who may not choose for themselves has the others, and an answer.
    Seat.update(most_moves=0).execute()
    answer = student.post(f"{address}/choice", data={"starts_at": ELEVEN})
    assert answer.status_code == 409
    assert "Take Fri 12 Mar, 12:00" in answer.text
    assert "None of these fits" in answer.text
    assert CoachingSession.get_by_id(booked.id).starts_at == STARTS_AT
    for typed in ("", "x"):
        assert student.post(f"{address}/choice", data={"starts_at": typed}).status_code == 422
    assert student.post(f"{address}/refusal").status_code == 303
    assert "None of the times that you proposed fits Bob" in browser_of(alice).get(f"/sessions/{booked.code}").text
    assert student.post(f"{address}/choice", data={"starts_at": FRIDAY}).status_code == 409


def test_the_link_in_a_message_takes_a_proposal_without_a_sign_in(app, browser_of, alice, booked):
    address, visitor = f"/sessions/{booked.code}", browser_of()
    browser_of(alice).post(f"{address}/proposals", data={"starts_at": [ELEVEN, FRIDAY]})
    sender, seat = app.extensions["settings"].sender, Seat.get()
    key = sender.session_key(booked.code, seat.id, 0)
    page = visitor.get(f"{address}?key={key}").text
    assert f'action="{address}/proposals/choice?key={key}"' in page
    # Neither the coach's link nor none at all takes it for the student.
    coachs = sender.session_key(booked.code, None, 0)
    assert visitor.post(f"{address}/proposals/choice?key={coachs}", data={"starts_at": FRIDAY}).status_code == 404
    assert visitor.post(f"{address}/proposals/choice", data={"starts_at": FRIDAY}).location.startswith("/sign-in")
    taken = visitor.post(f"{address}/proposals/choice?key={key}", data={"starts_at": FRIDAY})
    assert (taken.status_code, key in taken.location) == (303, False)
    assert "Moved to Fri 12 Mar, 12:00." in visitor.get(taken.location).text
    # From then on the old one only shows.
    browser_of(alice).post(f"{address}/proposals", data={"starts_at": [ELEVEN]})
    old = visitor.get(f"{address}?key={key}").text
    assert "Alice proposes another time" not in old
    assert visitor.post(f"{address}/proposals/refusal?key={key}").status_code == 409
    assert Proposal.select().count() == 1
