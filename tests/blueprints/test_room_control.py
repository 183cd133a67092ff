"""The coach's hand on the room, and what became of the session."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.booking.models import CoachingSession, SessionEvent
from coaching.rooms.models import Presence, Room
from tests import factories

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
ENDS_AT = STARTS_AT + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")


@pytest.fixture
def coaching_session(product, bob):
    return factories.make_coaching_session(product, bob, starts_at=STARTS_AT)


@pytest.fixture
def address(coaching_session):
    return f"/sessions/{coaching_session.code}"


@pytest.fixture
def room(coaching_session):
    return Room.create(
        coaching_session=coaching_session,
        code="abc",
        state="open",
        discord_guild_id="11",
        discord_channel_id="22",
        created_at=STARTS_AT,
    )


@pytest.fixture
def at(set_clock):
    """Sets the product's clock to minutes after the start."""
    return lambda minutes: set_clock(STARTS_AT + timedelta(minutes=minutes))


def see(room, person, seconds, *, is_inside=True):
    return Presence.create(room=room, person=person, seconds=seconds, is_inside=is_inside, looked_at=datetime.now(UTC))


# --- Opening, prolonging, closing


def test_a_room_opened_days_before_is_drawn_with_its_days(browser_of, alice, at, room, address):
    at(-2 * 24 * 60 + 0.5)
    coach = browser_of(alice)
    coach.post(address + "/room/opening")
    page = " ".join(coach.get(address).text.split())
    assert "opens <b>Sun 7 Mar, 18:00</b>, closes <b>19:15</b>" in page
    assert 'text-anchor="middle">7 Mar</text>' in page


@pytest.mark.parametrize(
    ("minutes", "state", "buttons"),
    [
        (-60, None, {"opening"}),
        (-10, "open", {"closing"}),
        (5, "open", {"extension", "closing"}),
        (70, "open", {"extension", "closing"}),
        (80, "closed", set()),
        (80, "open", {"closing"}),
        (125, "removed", set()),
    ],
)
def test_each_button_is_there_only_while_it_works(browser_of, address, alice, at, room, minutes, state, buttons):
    if state:
        Room.update(state=state).execute()
    else:
        room.delete_instance()
    at(minutes)
    page = browser_of(alice).get(address).text
    assert {name for name in ("opening", "extension", "closing") if f"{address}/room/{name}" in page} == buttons


@pytest.mark.parametrize("name", ["opening", "extension", "closing"])
def test_only_the_coach_steers(browser_of, address, bob, mallory, at, room, name):
    at(5)
    admin = factories.make_person("Admin", is_admin=True)
    for person in (bob, mallory, admin):
        browser = browser_of(person)
        assert browser.post(f"{address}/room/{name}").status_code == 404
        assert f"/room/{name}" not in browser.get(address).text
    assert Room.get().version == room.version
    assert Room.get().extra_minutes == 0


def test_a_press_is_written_down_and_the_worker_woken(browser_of, address, alice, at, room, woken):
    coach = browser_of(alice)
    at(-60)
    answer = coach.post(address + "/room/opening")
    assert (answer.status_code, answer.location) == (303, address)
    assert Room.get().opened_by_hand_at is not None
    at(5)
    assert coach.post(address + "/room/extension").status_code == 303
    assert Room.get().extra_minutes == 10
    assert coach.post(address + "/room/closing").status_code == 303
    assert Room.get().closed_by_hand_at is not None
    assert len(woken) == 3
    page = coach.get(address).text
    assert "You have closed the room" in page
    assert "Alice gave it 10 more minutes." in page


@pytest.mark.parametrize("minutes", [-60, 5], ids=["before its time", "after it was closed"])
def test_a_room_that_was_just_opened_is_not_called_late(browser_of, address, alice, bob, at, room, minutes):
    Room.update(state="closed" if minutes == 5 else "hidden", closed_by_hand_at=STARTS_AT).execute()
    at(minutes)
    assert browser_of(alice).post(address + "/room/opening").status_code == 303
    for seconds, words, others in (
        (2, "The room is being opened.", ("little late", "still missing")),  # the clock is set to a whole second
        (18, "still missing" if minutes == 5 else "a little late", ("being opened",)),
    ):
        at(minutes + seconds / 60)
        for person in (alice, bob):
            page = browser_of(person).get(address).text
            assert words in page
            assert not any(other in page for other in others)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_what_comes_too_late_is_said_on_the_page(browser_of, address, alice, at, room, woken, headers):
    at(61)
    answer = browser_of(alice).post(address + "/room/opening", headers=headers)
    assert answer.status_code == 409
    assert "The session is over" in answer.text
    assert ("<html" in answer.text) is not headers
    at(76)
    assert browser_of(alice).post(address + "/room/extension").status_code == 409
    CoachingSession.update(state="cancelled").execute()
    assert browser_of(alice).post(address + "/room/closing").status_code == 409
    assert woken == []


def test_the_next_session_bounds_the_extension(browser_of, address, alice, product, at, room):
    factories.make_coaching_session(product, starts_at=ENDS_AT + timedelta(minutes=30))
    at(5)
    coach = browser_of(alice)
    page = coach.get(address).text
    assert "/room/extension" not in page
    assert "No more time can be given: your next session starts at 19:30, Berlin (UTC+1). Closing" in page
    answer = coach.post(address + "/room/extension")
    assert answer.status_code == 422
    assert "next session is too near" in answer.text


def press_extension(coach, address, page):
    """Send the form with the button as the page has it."""
    [until] = re.findall('name="until" value="([^"]*)"', page)
    return coach.post(address + "/room/extension", data={"until": until}, follow_redirects=True)


def test_the_answer_names_the_new_end_and_a_second_press_the_same(browser_of, address, alice, at, room):
    at(5)
    coach = browser_of(alice)
    page = coach.get(address).text
    for _ in range(2):
        assert "Open until 19:25, Berlin (UTC+1)." in press_extension(coach, address, page).text
    assert Room.get().extra_minutes == 10
    assert "Open until 19:35, Berlin (UTC+1)." in press_extension(coach, address, coach.get(address).text).text


def test_a_talk_that_runs_over_can_be_given_more_time(browser_of, address, alice, bob, product, at, room):
    see(room, bob, 3600)
    at(90)
    coach = browser_of(alice)
    page = coach.get(address).text
    assert "closes at 20:00 at the latest" in page
    for _ in range(2):
        assert "Open until 20:10 at the latest, Berlin (UTC+1)." in press_extension(coach, address, page).text
    factories.make_coaching_session(product, starts_at=ENDS_AT + timedelta(minutes=85))
    assert "/room/extension" not in coach.get(address).text
    assert coach.post(address + "/room/extension").status_code == 422


def test_page_and_answer_agree_on_the_end_of_a_call_that_goes_on(browser_of, address, alice, bob, at, room):
    see(room, bob, 3600)
    coach = browser_of(alice)
    for minutes, latest in ((65, "20:10"), (80, "20:20"), (100, "20:30")):
        at(minutes)
        page = press_extension(coach, address, coach.get(address).text).text
        assert f"Open until {latest} at the latest, Berlin (UTC+1)." in page
        assert f"closes at {latest} at the latest" in page
        assert f"closes <b>{latest}</b>" in page


@pytest.mark.parametrize("until", ["soon", "2027-03-09T18:15:00", ""])
def test_an_end_that_is_none_is_refused(browser_of, address, alice, at, room, until):
    at(5)
    assert browser_of(alice).post(address + "/room/extension", data={"until": until}).status_code == 400
    assert Room.get().extra_minutes == 0


def test_the_next_session_ends_the_way_in_too(browser_of, address, alice, bob, product, at, room):
    factories.make_coaching_session(product, starts_at=ENDS_AT + timedelta(minutes=50))
    see(room, bob, 3600)
    for minutes, is_there in ((99, True), (101, False)):
        at(minutes)
        assert ("/channels/11/22" in browser_of(bob).get(address).text) is is_there


def test_a_session_without_a_server_has_no_buttons(browser_of, address, alice, product, at):
    product.store.guild_verified_at = None
    product.store.save()
    at(-60)
    assert "/room/opening" not in browser_of(alice).get(address).text


# --- Who is inside, and how long it may go on


def test_who_is_inside_is_shown_while_it_is_open(browser_of, address, alice, bob, at, room):
    at(5)
    assert "Not there" not in browser_of(alice).get(address).text
    see(room, alice, 240)
    see(room, bob, 60, is_inside=False)
    page = browser_of(alice).get(address).text
    assert "In the room" in page
    assert "Not there" in page
    Presence.update(looked_at=datetime.now(UTC) - timedelta(minutes=4)).execute()
    assert "In the room" not in browser_of(alice).get(address).text


def test_a_call_to_which_only_one_came_is_not_said_to_go_on(browser_of, address, alice, bob, at, room):
    see(room, bob, 3600)
    see(room, alice, 0, is_inside=False)
    at(80)
    for person, insider in ((alice, "Bob is"), (bob, "You are")):
        page = browser_of(person).get(address).text
        assert "The call goes on." not in page
        assert f"{insider} still in the room.</b> The room closes at 20:00 at the latest" in page


def test_a_call_that_goes_on_says_until_when(browser_of, address, alice, bob, product, at, room):
    see(room, bob, 3600)
    at(80)
    for person in (alice, bob):
        page = browser_of(person).get(address).text
        assert "The call goes on." in page
        assert "closes at 20:00 at the latest" in page
        assert "closes <b>20:00</b>" in page
        assert "/channels/11/22" in page
    factories.make_coaching_session(product, starts_at=ENDS_AT + timedelta(minutes=50))
    assert "closes at 19:40 at the latest" in browser_of(alice).get(address).text
    Presence.update(is_inside=False).execute()
    assert "The call goes on." not in browser_of(alice).get(address).text


def test_a_shared_role_leads_to_the_server_and_promises_no_privacy(browser_of, address, bob, at, room):
    Room.update(mode="shared_role", discord_channel_id=None).execute()
    at(5)
    page = browser_of(bob).get(address).text
    assert '/channels/11"' in page
    assert "There is no room for this call alone" in page
    assert "removed <b>" not in page
    assert "visible to you two" not in page
    assert "<b>Open to you both</b> until 19:15." in page
    at(-60)
    page = browser_of(bob).get(address).text
    assert "Channels open in" in page
    assert "Open to you both from Tue 9 Mar, 17:45 to 19:15." in page


def test_where_a_role_is_shared_nobody_speaks_of_a_room_of_its_own(browser_of, address, bob, at, room):
    Room.update(mode="shared_role", discord_channel_id=None, closed_by_hand_at=STARTS_AT, state="closed").execute()
    at(5)
    assert "Alice has closed this session." in browser_of(bob).get(address).text
    CoachingSession.update(state="cancelled").execute()
    page = browser_of(bob).get(address).text
    assert "A cancelled session lets nobody into the voice channels." in page
    assert "no room" not in page


# --- What became of it


def test_before_its_end_a_session_has_no_outcome(browser_of, address, alice, at, room):
    at(59)
    assert 'id="outcome"' not in browser_of(alice).get(address).text


def test_both_read_what_was_seen(browser_of, address, alice, bob, at, room):
    see(room, alice, 3480)
    CoachingSession.update(state="no_show", absent="student").execute()
    at(90)
    page = browser_of(alice).get(address).text
    assert "Bob was not there." in page
    assert "<dt>You</dt><dd>58 min in the room</dd>" in page
    assert "<dt>Alice</dt><dd>58 min in the room</dd>" in browser_of(bob).get(address).text
    assert "<dt>Bob</dt><dd>Not known</dd>" in page
    seen = see(room, bob, 0, is_inside=False)
    assert "<dt>Bob</dt><dd>Not there</dd>" in browser_of(alice).get(address).text
    assert "<dt>You</dt><dd>Not there</dd>" in browser_of(bob).get(address).text
    seen.last_seen_at = seen.looked_at
    seen.save()
    assert "<dt>Bob</dt><dd>Less than a minute in the room</dd>" in browser_of(alice).get(address).text


def test_when_nobody_could_look_is_told_both(browser_of, address, alice, bob, at, room):
    spans = [(STARTS_AT, STARTS_AT + 20 * MINUTE), (STARTS_AT + 40 * MINUTE, ENDS_AT - MINUTE)]
    for person, seconds in ((alice, 1200), (bob, 0)):
        seen = see(room, person, seconds, is_inside=False)
        seen.looks = tuple(spans)
        seen.save()
    CoachingSession.update(state="no_show", absent="unknown").execute()
    at(90)
    for person, other in ((alice, "Bob"), (bob, "Alice")):
        page = browser_of(person).get(address).text
        assert "Nobody knows whether the call took place" in page
        assert "Outcome unknown" in page
        assert "Missed" not in page
        for who, stay in (("You", "20 min in the room" if person == alice else "Not seen"),):
            assert f"<dt>{who}</dt><dd>{stay}; not looked for from 18:20 to 18:40</dd>" in page
        assert f"Write to {other} in Discord" in page


@pytest.mark.parametrize(
    ("state", "absent", "words"),
    [
        ("completed", None, "The call took place."),
        ("no_show", "student", "You were not there."),
        ("no_show", "coach", "Alice was not there."),
        ("no_show", "both", "Neither Alice nor you were there."),
        ("no_show", "unknown", "Nobody knows whether the call took place, for the room was not looked into"),
        ("scheduled", None, "written down once the room has closed"),
    ],
)
def test_students_read_it_and_what_they_can_do(browser_of, address, bob, at, room, state, absent, words):
    CoachingSession.update(state=state, absent=absent).execute()
    at(90)
    page = browser_of(bob).get(address).text
    assert words in page
    assert "Correct it" not in page
    if state == "scheduled":
        return
    assert ("tell Alice, who can correct it until" in page) is (absent != "unknown")
    assert ("Alice can say what happened until Tue 16 Mar, 19:00, Berlin (UTC+1)." in page) is (absent == "unknown")
    assert ("Book the next one" if state == "completed" else "Book another time") in page
    at(60 + 8 * 24 * 60)
    assert "It could be corrected until Tue 16 Mar" in browser_of(bob).get(address).text


@pytest.mark.parametrize(
    ("chosen", "outcome"),
    [
        ("completed", ("completed", None)),
        ("student", ("no_show", "student")),
        ("coach", ("no_show", "coach")),
        ("both", ("no_show", "both")),
    ],
)
def test_the_coach_corrects_it_and_the_history_says_so(browser_of, address, alice, bob, at, room, chosen, outcome):
    CoachingSession.update(state="no_show", absent="unknown").execute()
    at(90)
    coach = browser_of(alice)
    answer = coach.post(address + "/outcome", data={"outcome": chosen})
    assert (answer.status_code, answer.location) == (303, address + "#outcome")
    corrected = CoachingSession.get()
    assert (corrected.state, corrected.absent) == outcome
    assert SessionEvent.get().person == alice
    page = coach.get(address).text
    assert "Corrected by you: " in page
    assert "Corrected by Alice: " in browser_of(bob).get(address).text
    assert re.search(f'<input checked[^>]*value="{chosen}"', page)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("fields", [{}, {"outcome": "in_progress"}, {"outcome": "unknown"}])
def test_an_outcome_that_is_none_is_asked_for_again(browser_of, address, alice, at, room, fields, headers):
    at(90)
    answer = browser_of(alice).post(address + "/outcome", data=fields, headers=headers)
    assert answer.status_code == 422
    assert "Choose what happened." in answer.text
    assert CoachingSession.get().state == "scheduled"


def test_it_can_be_corrected_for_a_week(browser_of, address, alice, at, room):
    coach = browser_of(alice)
    at(59)
    assert coach.post(address + "/outcome", data={"outcome": "completed"}).status_code == 409
    at(60 + 7 * 24 * 60 - 1)
    assert "Correct it" in coach.get(address).text
    CoachingSession.update(state="no_show", absent="unknown").execute()
    page = coach.get(address).text
    assert "Say what happened: you can for 1 minute more, until Tue 16 Mar, 19:00, Berlin (UTC+1)." in page
    CoachingSession.update(state="scheduled", absent=None).execute()
    at(60 + 7 * 24 * 60 + 1)
    assert "Correct it" not in coach.get(address).text
    assert coach.post(address + "/outcome", data={"outcome": "completed"}).status_code == 409
    assert CoachingSession.get().state == "scheduled"


def test_only_the_coach_says_what_happened(browser_of, address, bob, mallory, at, room):
    at(90)
    admin = factories.make_person("Admin", is_admin=True)
    for person in (bob, mallory, admin):
        assert browser_of(person).post(address + "/outcome", data={"outcome": "completed"}).status_code == 404
    assert CoachingSession.get().state == "scheduled"


def test_a_phone_call_has_an_outcome_without_minutes(browser_of, address, alice, at, coaching_session):
    CoachingSession.update(session_type="phone").execute()
    at(90)
    page = browser_of(alice).get(address).text
    assert "Correct it" in page
    assert "in the room" not in page
    assert "Not known" not in page


def test_a_look_at_the_room_brings_the_outcome_along(browser_of, address, alice, at, room):
    at(61)
    fragment = browser_of(alice).get(address + "/room", headers=HTMX).text
    assert 'id="outcome-facts" hx-swap-oob="true"' in fragment
    assert "hx-swap-oob" not in browser_of(alice).get(address).text
    assert "<html" in browser_of(alice).get(address + "/room").text


def test_a_room_closed_before_its_call_has_one_dot_on_its_line(browser_of, address, alice, at, room):
    Room.update(state="closed", closed_by_hand_at=STARTS_AT - timedelta(minutes=10)).execute()
    at(-5)
    (place,) = re.findall('class="now" cx="([^"]*)%"', browser_of(alice).get(address).text)
    assert 68 < float(place) < 100
