"""A session's lasting page: who sees what and when, cancelling, paying, the calendar file."""

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from coaching import vault
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.catalog.models import Product, Store
from coaching.log_lines import Event, Text
from coaching.refusals import Refusal
from coaching.rooms.models import Room, RoomEvent
from coaching.rooms.planning.case import StepKind
from coaching.rooms.recording.events import EventKind, Trouble
from coaching.rooms.recording.mutations import record_event
from coaching.vault import UNREADABLE
from tests import factories

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
DAY_BEFORE = STARTS_AT - timedelta(days=1)
HTMX = {"HX-Request": "true"}
HOSTILE = "<script>alert('x')</script>\"'>&"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(DAY_BEFORE)


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")


@pytest.fixture
def coaching_session(product, bob):
    """Bob's hour with Alice at 18:00 in Berlin, with an answer and a note of how to pay."""
    made = factories.make_coaching_session(product, bob, starts_at=STARTS_AT)
    seat = made.seats.get()
    seat.pay_text = "Bank transfer to DE00"
    seat.save()
    Answer.create(seat=seat, label="Link to your track", kind="text", text="https://example.com/track")
    return made


@pytest.fixture
def address(coaching_session):
    return f"/sessions/{coaching_session.code}"


@pytest.fixture
def room(coaching_session):
    """An open room with a line in its log."""
    room = Room.create(
        coaching_session=coaching_session,
        code="abc",
        state="open",
        discord_guild_id="11",
        discord_channel_id="22",
        created_at=STARTS_AT,
    )
    RoomEvent.create(room=room, at=STARTS_AT, kind="made_open", reason="session_near", status=201)
    return room


def change(row, **values):
    type(row).update(**values).where(type(row).id == row.id).execute()


# --- Who sees what


def test_a_visitor_is_asked_to_sign_in_and_brought_back(client, address):
    for path in ("", "/cancellation", "/calendar.ics"):
        answer = client.get(address + path)
        assert answer.status_code in (302, 303)
        assert "/sign-in" in answer.location
        assert "sessions" in answer.location


def test_nobody_else_finds_the_session(browser_of, address, mallory):
    other_coach = factories.make_store(factories.make_person("Other coach")).owner
    for person in (mallory, other_coach):
        browser = browser_of(person)
        assert browser.get(address).status_code == 404
        assert browser.get(address + "/calendar.ics").status_code == 404
        assert browser.get(address + "/cancellation").status_code == 404
        assert browser.post(address + "/cancellation").status_code == 404
        assert browser.post(address + "/payment", data={"is_paid": "yes"}).status_code == 404
    assert CoachingSession.get().state == "scheduled"


def test_a_code_that_never_was_looks_the_same_as_anothers(browser_of, address, mallory):
    browser = browser_of(mallory)
    # But for the address that was asked for, to which another sign-in leads back.
    of_anothers = browser.get(address).text.replace(address, "/sessions/nothing")
    assert browser.get("/sessions/nothing").text == of_anothers


def test_students_see_when_what_they_wrote_and_how_to_pay(browser_of, address, bob):
    page = browser_of(bob).get(address).text
    assert "Tuesday 9 March 2027" in page
    assert ">18:00</time>" in page
    assert "Room opens in" in page
    assert re.search("23 h 4[45] min", page)
    assert "https://example.com/track" in page
    assert "Bank transfer to DE00" in page
    assert "To be paid" in page


def test_the_page_confirms_with_what_happens_next_and_each_time_of_the_room_once(
    browser_of, address, alice, bob, set_clock, coaching_session
):
    page = browser_of(bob).get(address).text
    steps = page.partition('id="next-steps"')[2].partition("</section>")[0]
    assert steps.count("<li>") == 3
    assert "A private room opens for you both on Discord 15 min before the start." in steps
    seen = re.sub(r'<span class="visually-hidden">.*?</span>', "", page, flags=re.S)
    assert seen.count("17:45") == seen.count("19:15") == 1
    # The file, and two calendars on the web; none of them is given a key to the session.
    assert f'href="{address}/calendar.ics"' in page
    for calendar in ("https://calendar.google.com/", "https://outlook.live.com/"):
        assert page.count(calendar) == 1
    assert f"localhost%3A8000%2Fsessions%2F{coaching_session.code}" in page
    assert "key%3D" not in page
    # How to pay can be copied, and selected where scripts do not run.
    assert '<p class="answer" id="pay-text">Bank transfer to DE00</p>' in page
    assert 'data-copy="Bank transfer to DE00"' in page
    assert "What happens next" not in browser_of(alice).get(address).text
    set_clock(STARTS_AT + timedelta(minutes=1))
    assert "What happens next" not in browser_of(bob).get(address).text
    change(coaching_session, session_type="phone")
    set_clock(DAY_BEFORE)
    assert "Alice calls you at the start" in browser_of(bob).get(address).text


def test_a_moved_session_shows_the_time_before_struck_through(browser_of, address, alice, bob):
    browser_of(alice).post(address + "/move", data={"starts_at": "2027-03-10T11:00:00Z"})
    for person in (alice, bob):
        page = browser_of(person).get(address).text
        assert "Moved from <s>Tue 9 Mar, 18:00</s> to <b>Wed 10 Mar, 12:00</b>." in page
    assert "From <s>Wed 10 Mar, 12:00</s> to" in browser_of(bob).get(address + "/move").text


def test_both_zones_stand_on_the_page(browser_of, address, bob, alice):
    change(bob, zone="America/New_York")
    student = browser_of(bob).get(address).text
    assert ">12:00</time>" in student
    assert "For Alice: Tue 9 Mar, 18:00, Berlin (UTC+1)" in student
    assert "For Bob: Tue 9 Mar, 12:00, New York (UTC−5)" in browser_of(alice).get(address).text


def test_coaches_see_who_comes_and_what_they_want(browser_of, address, alice, room):
    page = browser_of(alice).get(address).text
    for text in (
        "Bob",
        "bob_d",
        "Make the low end work.",
        "https://example.com/track",
        "Mark as paid",
        "The session is near.",
    ):
        assert text in page


def test_coaches_see_the_phone_number_of_a_phone_call_and_no_room(browser_of, address, alice, coaching_session):
    change(coaching_session, session_type="phone")
    change(Seat.get(), phone="+49 30 123456")
    page = browser_of(alice).get(address).text
    assert 'href="tel:+4930123456"' in page
    assert "Room opens in" not in page
    assert "Call starts in" in page


def test_a_phone_number_whose_key_is_missing_is_a_sentence(browser_of, address, alice, coaching_session):
    change(coaching_session, session_type="phone")
    coach = browser_of(alice)
    vault.keys.use([b"o" * 32])
    change(Seat.get(), phone="+49 30 123456")
    vault.keys.use([b"n" * 32])
    page = coach.get(address)
    assert page.status_code == 200
    assert UNREADABLE in page.text
    assert "tel:" not in page.text


def test_admins_see_the_session_but_not_what_was_written(browser_of, address, room):
    page = browser_of(factories.make_person("Admin", is_admin=True)).get(address).text
    assert "Mixing call" in page
    assert "the session is near" in page
    for text in (
        "https://example.com/track",
        "Make the low end work.",
        "Bank transfer",
        "Mark as paid",
        "/cancellation",
    ):
        assert text not in page


def test_students_do_not_see_the_rooms_log(browser_of, address, bob, room):
    assert "the session is near" not in browser_of(bob).get(address).text


def test_both_sides_read_that_answers_were_kept_for_90_days(browser_of, address, alice, bob, set_clock):
    for days, is_kept in ((89, True), (92, False)):
        set_clock(STARTS_AT + timedelta(days=days))
        for person in (alice, bob):
            page = browser_of(person).get(address).text
            assert ("https://example.com/track" in page, "were kept for 90 days" in page) == (is_kept, not is_kept)


def test_what_people_typed_is_never_markup(browser_of, address, alice, bob, coaching_session):
    change(bob, name=HOSTILE)
    change(alice, name=HOSTILE)
    change(coaching_session, title=HOSTILE)
    change(Seat.get(), goals=HOSTILE, pay_text=HOSTILE)
    change(Answer.get(), label=HOSTILE, text=HOSTILE)
    for person in (alice, bob):
        for path in ("", "/cancellation"):
            assert "<script>alert" not in browser_of(person).get(address + path).text


# --- Page, fragment, and looking again


def test_htmx_gets_the_session_alone(browser_of, address, bob):
    fragment = browser_of(bob).get(address, headers=HTMX).text
    assert "<html" not in fragment
    assert 'id="session"' in fragment


@pytest.mark.parametrize(
    ("minutes", "state", "looks"),
    [
        (-24 * 60, None, False),
        (-33, None, False),
        (-31, None, True),  # made in two minutes
        (-25, "hidden", False),
        (-25, None, True),  # late
        (-16, "hidden", True),
        (-10, "hidden", True),
        (-10, "open", True),
        (30, "open", True),
        (74, "open", True),
        (80, "closed", False),
        (80, "open", True),
        (119, "closed", True),
        (124, "removed", False),
        (124, "closed", True),
    ],
)
def test_the_room_looks_again_often_only_while_something_is_due(
    browser_of, address, bob, set_clock, room, minutes, state, looks
):
    change(room, state=state) if state else room.delete_instance(recursive=True)
    set_clock(STARTS_AT + timedelta(minutes=minutes))
    fragment = browser_of(bob).get(address + "/room", headers=HTMX).text
    assert 'id="live"' in fragment
    trigger = f'hx-trigger="every {8 if looks else 60}s"'
    assert trigger in fragment
    assert trigger in browser_of(bob).get(address).text


def test_a_room_closed_by_hand_is_looked_at_as_often_while_it_can_be_opened_again(
    browser_of, address, bob, set_clock, room
):
    set_clock(STARTS_AT + timedelta(minutes=5))
    change(room, state="closed", closed_by_hand_at=STARTS_AT)
    assert "every 8s" in browser_of(bob).get(address).text


@pytest.mark.parametrize("state", ["cancelled", "booked"])
def test_a_page_that_stood_open_while_the_other_side_cancelled_is_drawn_whole(browser_of, address, alice, bob, state):
    look_again = f"{address}/room?state={state}"
    browser = browser_of(bob)
    assert 'id="session"' not in browser.get(address + "/room?state=booked", headers=HTMX).text
    browser_of(alice).post(address + "/cancellation")
    answer = browser.get(look_again, headers=HTMX)
    assert ("cancelled this session" in answer.text) is (state == "booked")
    assert answer.headers.get("HX-Retarget") == ("#session" if state == "booked" else None)


def test_a_failing_room_is_looked_at_again(browser_of, address, alice, set_clock, room):
    set_clock(STARTS_AT - timedelta(minutes=25))
    change(room, state="hidden")
    assert "every 8s" not in browser_of(alice).get(address).text
    change(room, last_error="missing_permission")
    assert "every 8s" in browser_of(alice).get(address).text


def test_a_room_that_stands_open_for_days_is_left_alone_until_its_call(browser_of, address, bob, set_clock, room):
    change(Product.get(), opens_at_booking=True)
    change(Store.get(), access_mode="shared_role")
    change(room, mode="shared_role", asked_mode="shared_role")
    assert "every 8s" not in browser_of(bob).get(address).text
    set_clock(STARTS_AT - timedelta(minutes=10))
    assert "every 8s" in browser_of(bob).get(address).text


def test_a_cancelled_sessions_room_is_looked_at_until_it_is_gone(browser_of, address, bob, room):
    browser = browser_of(bob)
    browser.post(address + "/cancellation")
    assert "every 8s" in browser.get(address).text
    change(room, state="removed")
    assert "hx-trigger" not in browser.get(address, headers=HTMX).text


def test_the_way_into_discord_appears_only_while_the_room_is_open(browser_of, address, bob, set_clock, room):
    link = '/channels/11/22"'
    for minutes, is_there in ((-16, False), (-14, True), (74, True), (76, False)):
        set_clock(STARTS_AT + timedelta(minutes=minutes))
        page = browser_of(bob).get(address).text
        assert (link in page) is is_there, minutes
        assert ("The room is open" in page) is is_there, minutes


def test_a_room_that_is_late_is_admitted(browser_of, address, alice, bob, set_clock, room):
    change(room, state="hidden", last_error="missing_permission")
    set_clock(STARTS_AT - timedelta(minutes=5))
    student = browser_of(bob).get(address).text
    assert "a little late" in student
    assert "The room is open" not in student
    coach = browser_of(alice).get(address).text
    assert "notice warn" in coach
    assert "The room is missing. We keep trying." in coach
    set_clock(STARTS_AT - timedelta(minutes=25))
    assert "The room is not as it should be." in browser_of(alice).get(address).text


def test_a_room_whose_time_has_just_come_is_being_opened(browser_of, address, bob, coaching_session, set_clock, room):
    change(room, state="hidden")
    browser = browser_of(bob)
    for seconds, is_late in ((1, False), (13, False), (17, True)):
        set_clock(STARTS_AT + timedelta(minutes=-15, seconds=seconds))
        page = browser.get(address).text
        assert ("The room is being opened." in page) is not is_late
        assert ("a little late" in page) is is_late
    booked_at = STARTS_AT - timedelta(minutes=5)
    change(coaching_session, created_at=booked_at)
    set_clock(booked_at + timedelta(seconds=1))
    assert "The room is being opened." in browser.get(address).text


def test_a_look_reads_only_what_it_shows(browser_of, address, alice, set_clock, room, statements_in):
    set_clock(STARTS_AT)
    coach = browser_of(alice)
    page, look = (
        " ".join(sql for sql, _ in statements_in(lambda headers=headers: coach.get(address + "/room", headers=headers)))
        for headers in ({}, HTMX)
    )
    for table in ("room_event", "answer", "session_event"):
        assert f'"{table}"' in page
        assert f'"{table}"' not in look
    # Who has an account linked decides who is talking; what it is called is not shown.
    assert (page.count('FROM "discord_link"'), look.count('FROM "discord_link"')) == (3, 1)
    assert '"presence"' in look


@pytest.mark.parametrize(
    ("minutes", "state", "is_watched"),
    [(-25, "hidden", False), (-10, "open", True), (30, "open", True), (74, "open", True), (80, "closed", False)],
)
def test_who_looks_at_an_open_room_has_the_worker_look_into_it(
    browser_of, address, alice, bob, set_clock, room, watched, statements_in, minutes, state, is_watched
):
    change(room, state=state)
    set_clock(STARTS_AT + timedelta(minutes=minutes))
    for person in (alice, bob):
        browser = browser_of(person)
        browser.get(address)
        sent = statements_in(lambda browser=browser: browser.get(address + "/room", headers=HTMX))
        assert not [sql for sql, _ in sent if not sql.startswith("SELECT")]
    assert watched == ([room.id] * 4 if is_watched else [])
    browser_of(factories.make_person("Admin", is_admin=True)).get(address)
    assert len(watched) == (4 if is_watched else 0)


def test_a_cancelled_or_far_session_is_not_watched(browser_of, address, bob, set_clock, room, watched):
    change(Product.get(), opens_at_booking=True)
    change(Store.get(), access_mode="shared_role")
    change(room, mode="shared_role", asked_mode="shared_role")
    browser_of(bob).get(address)
    assert watched == []
    set_clock(STARTS_AT)
    browser_of(bob).get(address)
    assert watched == [room.id]
    change(CoachingSession.get(), state="cancelled")
    browser_of(bob).get(address)
    assert watched == [room.id]


def test_the_log_speaks_plainly_to_coaches_and_exactly_to_admins(browser_of, address, alice, room):
    failed = Event(EventKind.STEP_FAILED, Trouble(StepKind.SET_ACCESS, Refusal.MISSING_PERMISSION))
    record_event([room.id], failed, STARTS_AT, reason="time_to_open", status=403, discord_code=50013)
    coach = browser_of(alice).get(address).text
    assert "Who can enter could not be changed." in coach
    assert "Discord said that the bot may not do this." in coach
    admin = browser_of(factories.make_person("Admin", is_admin=True)).get(address).text
    assert "Discord answered 403, code 50013" in admin
    for code in ("50013", "missing permission", "missing_permission", "Discord answered"):
        assert code not in coach


def test_the_log_tells_the_latest_lines(browser_of, address, room):
    lines = (
        {"room": room, "at": STARTS_AT + timedelta(seconds=at), **Event(EventKind.NOTE, Text(f"try {at}")).columns}
        for at in range(301)
    )
    RoomEvent.insert_many(lines).execute()
    page = browser_of(factories.make_person("Admin", is_admin=True)).get(address).text
    assert "Try 300" in page
    assert "Try 1<" in page
    assert "Try 0<" not in page
    assert page.index("Try 1<") < page.index("Try 300")


def test_a_shared_role_that_fails_is_told_on_the_sessions_page(browser_of, address, alice, bob, product, set_clock):
    store = product.store
    change(store, access_mode="shared_role")
    shared_role = {"kind": "shared", "store": store, "code": "abc"}
    failing = {"last_error": "missing_permission", "lacking": "Manage Roles"}
    made = Room.create(**shared_role, **failing, discord_guild_id=factories.GUILD_ID, created_at=STARTS_AT)
    set_clock(STARTS_AT + timedelta(minutes=1))
    admin = factories.make_person("Admin", is_admin=True)
    for person, whose, link in (
        (alice, "your", "/store/nova/server-check"),
        (admin, "the store’s", f"/admin/rooms/{made.id}"),
    ):
        page = browser_of(person).get(address).text
        assert f"The role that lets people into {whose} channels is not as it should be." in page
        assert "The bot lacks a right on your server: Manage Roles." in page
        assert link in page
    student = browser_of(bob).get(address).text
    assert "Manage Roles" not in student
    assert "Alice sees on the same page what is wrong." in student
    change(store, access_mode="members")
    assert "Manage Roles" not in browser_of(alice).get(address).text


# --- Cancelling


def test_the_question_changes_nothing(browser_of, address, bob):
    page = browser_of(bob).get(address + "/cancellation")
    assert "Cancel this session?" in page.text
    assert CoachingSession.get().state == "scheduled"


@pytest.mark.parametrize("who", ["bob", "alice"])
def test_both_can_cancel_and_the_room_is_told(browser_of, address, alice, bob, woken, who):
    browser = browser_of({"alice": alice, "bob": bob}[who])
    answer = browser.post(address + "/cancellation")
    assert (answer.status_code, answer.location) == (303, address)
    assert CoachingSession.get().state == "cancelled"
    assert woken
    assert "Cancelled by you" in browser.get(address).text
    assert browser.get(address + "/cancellation").location == address
    assert browser.post(address + "/cancellation").status_code == 303


def test_admins_cannot_cancel(browser_of, address):
    admin = factories.make_person("Admin", is_admin=True)
    assert browser_of(admin).post(address + "/cancellation").status_code == 404
    assert CoachingSession.get().state == "scheduled"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_students_cannot_cancel_once_it_has_begun_but_coaches_can(browser_of, address, alice, bob, set_clock, headers):
    set_clock(STARTS_AT + timedelta(minutes=1))
    assert "only your coach can cancel it now" in browser_of(bob).get(address + "/cancellation").text
    answer = browser_of(bob).post(address + "/cancellation", headers=headers)
    assert answer.status_code == 409
    assert "can no longer be cancelled" in answer.text
    assert browser_of(alice).post(address + "/cancellation", headers=headers).status_code == 303


def test_nobody_cancels_what_is_over(browser_of, address, alice, set_clock):
    set_clock(STARTS_AT + timedelta(minutes=61))
    assert browser_of(alice).post(address + "/cancellation").status_code == 409


# --- Paying


def test_the_coach_ticks_the_payment_off_and_on(browser_of, address, alice, bob):
    browser = browser_of(alice)
    assert browser.post(address + "/payment", data={"is_paid": "yes"}).location == address
    assert Seat.get().paid_at is not None
    assert "Bank transfer" not in browser_of(bob).get(address).text
    browser.post(address + "/payment", data={"is_paid": "no"})
    assert Seat.get().paid_at is None


def test_students_cannot_tick_their_own_payment_off(browser_of, address, bob):
    assert browser_of(bob).post(address + "/payment", data={"is_paid": "yes"}).status_code == 404
    assert Seat.get().paid_at is None


# --- The calendar file


def test_the_calendar_file_keeps_its_uid_and_raises_its_sequence(browser_of, address, bob, coaching_session):
    browser = browser_of(bob)
    before = event_of(browser.get(address + "/calendar.ics"))
    browser.post(address + "/cancellation")
    after = event_of(browser.get(address + "/calendar.ics"))
    assert before["uid"] == after["uid"] == f"{coaching_session.code}@localhost"
    assert (before["sequence"], after["sequence"]) == (0, 1)
    assert (before["status"], after["status"]) == ("CONFIRMED", "CANCELLED")
    assert before.decoded("dtstart") == STARTS_AT
    assert before.decoded("dtend") == STARTS_AT + timedelta(hours=1)
    assert before["summary"] == "Mixing call with Alice"


def test_the_calendar_file_escapes_hostile_text(browser_of, address, bob, coaching_session):
    change(coaching_session, title="x\r\nATTENDEE:mailto:evil@example.com;,\\")
    answer = browser_of(bob).get(address + "/calendar.ics")
    assert answer.mimetype == "text/calendar"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "\r\nATTENDEE" not in answer.text
    assert "attendee" not in event_of(answer)


def test_the_calendar_file_names_the_lasting_address_and_reminds_of_the_call(browser_of, address, bob):
    answer = browser_of(bob).get(address + "/calendar.ics")
    event = event_of(answer)
    assert event["location"] == event["url"] == f"http://localhost:8000{address}"
    alarms = event.walk("VALARM")
    # As the messages do.
    assert [alarm.decoded("trigger") for alarm in alarms] == [timedelta(days=-1), timedelta(hours=-1)]
    assert {(alarm["action"], alarm["description"]) for alarm in alarms} == {("DISPLAY", "Mixing call with Alice")}
    # A file one has downloaded invites nobody.
    assert "METHOD" not in answer.text


def test_the_calendar_file_of_a_cancelled_session_reminds_of_nothing(browser_of, address, bob):
    browser = browser_of(bob)
    browser.post(address + "/cancellation")
    event = event_of(browser.get(address + "/calendar.ics"))
    assert event["status"] == "CANCELLED"
    assert event.walk("VALARM") == []


def event_of(answer):
    (event,) = icalendar.Calendar.from_ical(answer.text).walk("VEVENT")
    return event
