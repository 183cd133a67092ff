"""Saying on a page that one is coming, or running late: GET shows, POST acts, and the other side sees it."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import Seat, SessionEvent
from coaching.messages.mutations import record_dm_refused
from coaching.messages.planning.routing import DmTrouble
from coaching.notices.models import Notice
from coaching.rooms.models import Presence, Room
from tests import factories

HTMX = {"HX-Request": "true"}
STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)


@pytest.fixture
def booked(alice, bob, set_clock):
    set_clock(STARTS_AT - timedelta(minutes=30))
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")
    return factories.make_coaching_session(product, bob, starts_at=STARTS_AT)


def open_room(session):
    return Room.create(
        coaching_session=session,
        code="abc",
        state="open",
        discord_guild_id="11",
        discord_channel_id="22",
        created_at=STARTS_AT,
    )


def test_a_student_says_that_they_are_coming(booked, alice, bob, browser_of, set_clock):
    student, coach, page = browser_of(bob), browser_of(alice), f"/sessions/{booked.code}"
    asked = student.get(f"{page}/coming")
    assert "Are you coming?" in asked.text
    assert "I’m coming" in student.get(page).text
    assert "Is coming" not in coach.get("/dashboard").text
    assert Seat.get().coming_at is None
    assert student.post(f"{page}/coming").status_code == 303
    text = student.get(page).text
    assert "Alice sees that you are coming." in text
    assert "You have said that you are coming." in text
    assert "I’m coming" not in text
    assert "You have said that you are coming. Alice sees it." in student.get(f"{page}/coming").text
    assert "Bob is coming." in coach.get(page).text
    assert "Is coming" in coach.get("/dashboard").text
    assert "Is coming" not in student.get("/dashboard").text
    assert coach.get(f"{page}/coming").status_code == coach.post(f"{page}/coming").status_code == 404
    set_clock(booked.ends_at + timedelta(seconds=1))
    assert student.get(f"{page}/coming").status_code == 303
    late = student.post(f"{page}/lateness", data={"minutes": "10"})
    assert (late.status_code, "This session is over" in late.text) == (409, True)
    assert "is coming" not in coach.get(page).text.lower()


def test_the_page_asks_neither_too_early(booked, bob, browser_of, set_clock):
    student, page = browser_of(bob), f"/sessions/{booked.code}"
    set_clock(STARTS_AT - timedelta(days=8))
    assert "On the day" not in student.get(page).text
    set_clock(STARTS_AT - timedelta(days=2))
    assert "I’m coming" in student.get(page).text
    assert "Running late" not in student.get(page).text
    early = student.get(f"{page}/lateness")
    assert "You can tell Alice here from Tue 9 Mar, 16:00, Berlin" in early.text
    assert student.post(f"{page}/lateness", data={"minutes": "10"}).status_code == 422


def test_either_side_says_how_late_they_are(booked, app, alice, bob, browser_of):
    woken = []
    app.extensions["wake_notices"] = lambda: woken.append(1)
    student, coach, page = browser_of(bob), browser_of(alice), f"/sessions/{booked.code}"
    assert "Running late?" in student.get(f"{page}/lateness").text
    assert not SessionEvent.select().exists()
    for wrong in ({}, {"minutes": "7"}, {"minutes": "ten"}):
        answer = student.post(f"{page}/lateness", data=wrong)
        assert (answer.status_code, "Choose how late you will be." in answer.text) == (422, True)
    assert student.post(f"{page}/lateness", data={"minutes": "10"}).status_code == 303
    assert (len(woken), Notice.get().kind) == (1, "coach_running_late")
    text = student.get(page).text
    assert "Alice is told now" in text
    assert "You are running 10 minutes late." in text
    assert "Bob is running 10 minutes late." in coach.get(page).text
    assert "Bob is running 10 minutes late" in coach.get("/dashboard").text
    coach.post(f"{page}/lateness", data={"minutes": "5"})
    assert "Alice is running 5 minutes late." in student.get(page).text
    for minutes in ("15", "20"):
        student.post(f"{page}/lateness", data={"minutes": minutes})
    refused = student.post(f"{page}/lateness", data={"minutes": "30"})
    assert (refused.status_code, "three times" in refused.text) == (422, True)
    assert "three times" in student.get(f"{page}/lateness").text
    assert "Running late</span>" not in student.get(page).text


def test_whom_no_message_reaches_is_said_to_whom_tells_them(booked, alice, bob, browser_of):
    record_dm_refused(bob, "2002", DmTrouble.CLOSED, datetime.now(UTC))
    coach, page = browser_of(alice), f"/sessions/{booked.code}"
    coach.post(f"{page}/lateness", data={"minutes": "5"})
    assert "No message reaches them." in coach.get(page).text


def test_the_next_student_reads_of_a_late_coach(booked, alice, mallory, browser_of):
    following = factories.make_coaching_session(
        factories.make_product(coach=alice), mallory, starts_at=booked.ends_at + timedelta(minutes=5)
    )
    browser_of(alice).post(f"/sessions/{booked.code}/lateness", data={"minutes": "10"})
    said = "Alice is running late in the call before this one: it may begin 5 minutes later."
    assert said in browser_of(mallory).get(f"/sessions/{following.code}").text
    assert said in browser_of(alice).get(f"/sessions/{following.code}").text


def test_whoever_is_here_after_all_says_so(booked, alice, bob, browser_of, set_clock):
    student, coach, page = browser_of(bob), browser_of(alice), f"/sessions/{booked.code}"
    back, button = f"{page}/lateness/withdrawal", "I am here after all"
    assert button not in student.get(page).text
    student.post(f"{page}/lateness", data={"minutes": "10"})
    assert button in student.get(page).text
    assert button in student.get(f"{page}/lateness").text
    assert button not in coach.get(page).text
    assert (student.get(back).status_code, browser_of().post(back).status_code) == (405, 303)
    assert student.post(back).location == page
    text = student.get(page).text
    assert "Alice is told now" in text
    assert button not in text
    for browser in (student, coach):
        assert "minutes late" not in browser.get(page).text
    assert "Bob is not late after all" in coach.get("/dashboard").text
    student.post(f"{page}/lateness", data={"minutes": "10"})
    set_clock(STARTS_AT + timedelta(seconds=1))
    assert button not in student.get(page).text
    assert (student.post(back).status_code, "The call has begun." in student.post(back).text) == (409, True)


def test_whoever_is_inside_is_said_to_be_late_no_more(booked, alice, bob, browser_of, set_clock):
    student, coach, page = browser_of(bob), browser_of(alice), f"/sessions/{booked.code}"
    set_clock(STARTS_AT - timedelta(minutes=10))
    room = open_room(booked)
    student.post(f"{page}/lateness", data={"minutes": "10"})
    [look] = re.findall(r'hx-get="([^"]+)"', coach.get(page).text.split('id="live"')[1].split(">")[0])
    look = html.unescape(look)
    before = coach.get(look, headers=HTMX).text
    assert "Bob is running 10 minutes late." in before
    assert (before.count("hx-swap-oob"), "session-news" in before, look in html.unescape(before)) == (1, False, True)
    came = Presence.create(
        room=room, person=bob, is_inside=True, looked_at=datetime.now(UTC), present_at=STARTS_AT - timedelta(minutes=12)
    )
    assert "Bob is running 10 minutes late." in coach.get(look, headers=HTMX).text  # they said so after they were there
    came.present_at = STARTS_AT - timedelta(minutes=5)
    came.save()
    after = coach.get(look, headers=HTMX).text
    assert "minutes late" not in after
    assert '<section id="attendance" class="card stack"' in after  # the coach can still say that they are late
    assert '<div id="session-news" hx-swap-oob="true" hidden></div>' in after
    assert "late=" not in after
    for browser in (student, coach):
        for path in (page, f"{page}/lateness"):
            assert "minutes late" not in browser.get(path).text


def test_the_next_call_is_not_put_off_once_its_coach_is_inside(booked, alice, mallory, browser_of, set_clock):
    following = factories.make_coaching_session(
        factories.make_product(coach=alice), mallory, starts_at=booked.ends_at + timedelta(minutes=5)
    )
    browser_of(alice).post(f"/sessions/{booked.code}/lateness", data={"minutes": "10"})
    student, page, said = browser_of(mallory), f"/sessions/{following.code}", "it may begin 5 minutes later"
    set_clock(following.starts_at - timedelta(minutes=2))
    room = open_room(following)
    assert student.get(page).text.count(said) == 2
    Presence.create(room=room, person=alice, looked_at=datetime.now(UTC), present_at=following.starts_at)
    assert said not in student.get(page).text
