"""Every sentence of a session's page is for whoever reads it: each state drawn for student, coach and admin."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from blueprints.sessions.outcome import next_step_of, sentence_of
from coaching.accounts.models import DiscordLink, GuildMember
from coaching.booking.events import OutBecause
from coaching.booking.kept_out_mutations import record_kept_out
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.queries import get_session_for
from coaching.catalog.models import Product, Store
from coaching.payments.models import Payment, Refund
from coaching.rooms.models import Presence, Room
from tests import factories

# Words, not statements.
pytestmark = pytest.mark.one_database

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}
PAY_TEXT = "Pay me by bank transfer."
FAR, NEAR, OPEN, LATE, DURING, AFTER, OVER = (timedelta(minutes=at) for at in (-9000, -1, -10, 2, 30, 61, 200))

# Minutes from the start, the room's state, and what is otherwise than booked.
STATES: dict[str, tuple[timedelta, str | None, dict[str, Any]]] = {
    "booked": (FAR, None, {}),
    "just booked": (FAR, None, {"created_at": STARTS_AT + FAR}),
    "starts in a minute": (NEAR, "open", {}),
    "open": (OPEN, "open", {}),
    "being opened": (timedelta(minutes=-15), "hidden", {}),
    "late": (OPEN, "hidden", {}),
    "missing in the call": (LATE, "hidden", {}),
    "on now": (DURING, "open", {"state": "in_progress"}),
    "shut by the coach": (DURING, "shut", {}),
    "goes on": (timedelta(minutes=80), "open", {"state": "in_progress"}),
    "just over": (AFTER, "open", {}),
    "held": (OVER, "removed", {"state": "completed"}),
    "student missing": (OVER, "removed", {"state": "no_show", "absent": "student"}),
    "coach missing": (OVER, "removed", {"state": "no_show", "absent": "coach"}),
    "both missing": (OVER, "removed", {"state": "no_show", "absent": "both"}),
    "unknown": (OVER, "removed", {"state": "no_show", "absent": "unknown"}),
    "unknown for good": (timedelta(days=8), "removed", {"state": "no_show", "absent": "unknown"}),
    "cancelled by the student": (FAR, None, {"state": "cancelled", "ended_by": "student", "ended_at": STARTS_AT + FAR}),
    "cancelled by the coach": (NEAR, "removed", {"state": "cancelled", "ended_by": "coach", "ended_at": STARTS_AT}),
    "by phone": (FAR, None, {"session_type": "phone"}),
    "phoned": (OVER, None, {"session_type": "phone", "state": "completed"}),
}
# What is said to one of them alone.
TO_STUDENT = (
    PAY_TEXT,
    "You pay ",
    "What you wrote",
    "calls you at",
    "Book another time",
    "Book the next one",
    "your coach",
    "tell Alice",
    "share with you",
)
TO_COACH = (
    "Mark as paid",
    "Tick it off",
    "pays you",
    "I was missing",
    "Correct it",
    "Say what happened",
    "You have closed",
    "your server",
    "Open now",
)
SHARED = ("members", "shared_role")
OVER_STATES = ("completed", "no_show", "cancelled")
ORDINARY = {"session_type": "video", "state": "scheduled", "created_at": factories.MADE_AT}
ORDINARY |= dict.fromkeys(("absent", "ended_by", "ended_at"))


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call", pay_text=PAY_TEXT)


@pytest.fixture
def coaching_session(product, bob):
    made = factories.make_coaching_session(product, bob, starts_at=STARTS_AT)
    Seat.update(pay_text=PAY_TEXT, phone="+49 30 123456").execute()
    return made


@pytest.fixture
def draw(browser_of, coaching_session, alice, bob, set_clock):
    """The session's part of the page in a state, as one of the three reads it, without its markup."""
    people = {"student": bob, "coach": alice, "admin": factories.make_person("Ada", is_admin=True)}

    def as_read_by(role, state, mode="members"):
        at, room_state, differences = STATES[state]
        CoachingSession.update(**ORDINARY | differences).execute()
        Room.delete().execute()
        Store.update(access_mode=mode).execute()
        if room_state:
            make_room(coaching_session, room_state, mode, (alice, bob))
        set_clock(STARTS_AT + at)
        fragment = browser_of(people[role]).get(f"/sessions/{coaching_session.code}", headers=HTMX).text
        return " ".join(re.sub(r"<[^>]*>", " ", fragment).split())

    return as_read_by


def make_room(coaching_session, state, mode, people):
    channel = None if mode == "shared_role" else "22"
    shut = {"state": "closed", "closed_by_hand_at": STARTS_AT} if state == "shut" else {"state": state}
    ordinary = {"code": "abc", "discord_guild_id": "11", "discord_channel_id": channel, "created_at": STARTS_AT}
    room = Room.create(coaching_session=coaching_session, mode=mode, asked_mode=mode, **ordinary | shut)
    for person in people:
        Presence.create(room=room, person=person, seconds=60, is_inside=True, looked_at=datetime.now(UTC))


@pytest.mark.parametrize("mode", SHARED)
def test_no_sentence_to_one_side_stands_on_the_others_page(draw, mode):
    for role, others in (("student", TO_COACH), ("coach", TO_STUDENT)):
        pages = {state: draw(role, state, mode) for state in STATES}
        wrong = {state: [words for words in others if words in page] for state, page in pages.items()}
        assert {state: words for state, words in wrong.items() if words} == {}, role


@pytest.mark.parametrize("mode", SHARED)
def test_an_admin_is_never_taken_for_one_of_the_two(draw, mode):
    pages = {state: draw("admin", state, mode) for state in STATES}
    addressed = {
        state: re.findall(r"[^.]*\b(?:you|yours?)\b[^.]*", page, re.IGNORECASE) for state, page in pages.items()
    }
    assert {state: words for state, words in addressed.items() if words} == {}


@pytest.mark.parametrize("state", [name for name, (at, *_) in STATES.items() if at >= OVER])
def test_both_read_the_same_of_what_happened(coaching_session, alice, bob, state):
    at, _, differences = STATES[state]
    CoachingSession.update(**differences).execute()
    coach, student = (get_session_for(person, coaching_session.code) for person in (alice, bob))
    mine, theirs = sentence_of(coach), sentence_of(student)
    swapped = {"Bob was": "You were", "You were": "Alice was", "Neither Bob": "Neither Alice"}
    [said] = {theirs} & {mine, *(mine.replace(phrase, other) for phrase, other in swapped.items())}
    assert said
    now = STARTS_AT + at
    until = "Tue 16 Mar, 19:00, Berlin (UTC+1)"
    assert until in next_step_of(coach, "Europe/Berlin", now)
    assert until in next_step_of(student, "Europe/Berlin", now)


def test_a_room_that_never_was_is_not_said_to_be_gone(draw, coaching_session):
    assert "The room is gone." not in (unseen := draw("student", "unknown"))
    assert "The room was never made." in unseen
    record_kept_out(coaching_session, OutBecause.NO_ROOM, STARTS_AT + OVER)
    for role in ("student", "coach"):
        page = draw(role, "unknown")
        assert "The room was never open, so nobody could come into it." in page, role
        assert "Nobody knows" not in page, role


def test_a_student_who_has_left_the_server_is_told_where_they_would_go_in(draw, alice, bob):
    for person in (alice, bob):
        DiscordLink.delete().where(DiscordLink.person == person).execute()
        factories.link_discord(person, f"40{person.id}", is_member=False)
    GuildMember.update(discord_guild_id="11").execute()
    readers = [role for role in ("student", "coach", "admin") if "not on Alice’s server just now" in draw(role, "open")]
    assert readers == ["student"]
    left = draw("student", "open")
    assert left.index("Join the server") < left.index("Open in Discord")
    assert "visible to you two" not in left
    assert "just now" not in draw("student", "booked")
    GuildMember.update(state="joined").execute()
    assert "just now" not in draw("student", "open")
    assert "visible to you two" in draw("student", "open")


def test_while_a_paid_room_is_missing_its_student_reads_what_becomes_of_their_money(draw):
    sentence = "If it never opens, what you paid goes back to you."
    assert sentence not in draw("student", "missing in the call")
    Seat.update(payment="stripe", paid_at=STARTS_AT + FAR).execute()
    readers = [role for role in ("student", "coach", "admin") if sentence in draw(role, "missing in the call")]
    assert readers == ["student"]


def test_a_call_that_is_over_says_what_can_be_done_now(draw):
    over = [
        name for name, (_, _, differences) in STATES.items() if differences.get("state", "in_progress") in OVER_STATES
    ]
    assert len(over) == 9
    for state in over:
        took_place = STATES[state][2].get("state") == "completed"
        assert ("Book the next one" if took_place else "Book another time") in draw("student", state), state
        assert ("until Tue 16 Mar, 19:00" in draw("coach", state)) is not state.startswith("cancelled"), state


def test_a_product_off_sale_leads_to_its_store(browser_of, coaching_session, bob):
    CoachingSession.update(state="cancelled", ended_by="coach", ended_at=STARTS_AT).execute()
    page = browser_of(bob).get(f"/sessions/{coaching_session.code}").text
    assert f'href="/s/nova/mixing-call?again={coaching_session.code}"' in page
    Product.update(state="archived").execute()
    page = browser_of(bob).get(f"/sessions/{coaching_session.code}").text
    assert "/s/nova/mixing-call" not in page
    assert "Book another time" in page


# --- How near


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2027-03-09T22:59", "in 1 minute"),
        ("2027-03-09T22:58:20", "in 2 minutes"),
        ("2027-03-09T22:59:50", "in 1 minute"),
        ("2027-03-09T22:01", "in 59 minutes"),
        ("2027-03-09T21:00", "tomorrow"),
        ("2027-03-08T23:30", "tomorrow"),
        ("2027-03-07T12:00", ""),
        ("2027-03-09T23:00:30", ""),
    ],
)
def test_a_start_at_midnight_says_how_near_it_is(browser_of, coaching_session, bob, set_clock, now, words):
    midnight = datetime(2027, 3, 9, 23, 0, tzinfo=UTC)  # in Berlin, where Bob lives
    times = {"starts_at": midnight, "ends_at": midnight + timedelta(hours=1)}
    CoachingSession.update(busy_from=midnight, busy_until=times["ends_at"], **times).execute()
    set_clock(datetime.fromisoformat(now).replace(tzinfo=UTC))
    browser = browser_of(bob)
    for path in ("", "/cancellation"):
        page = browser.get(f"/sessions/{coaching_session.code}{path}").text
        date = re.search(r"<p>Wednesday 10 March 2027(?:, <b>([^<]*)</b>)?</p>", page)
        if path == "" or words:
            assert (date[1] or "") == words


# --- News


def cancel(coaching_session, person, browser_of):
    return browser_of(person).post(f"/sessions/{coaching_session.code}/cancellation")


@pytest.fixture
def day_before(set_clock):
    set_clock(STARTS_AT - timedelta(days=1))


@pytest.mark.usefixtures("day_before")
@pytest.mark.parametrize("who", ["coach", "student"])
def test_what_the_other_side_did_stands_on_both_pages_until_it_was_seen(browser_of, coaching_session, alice, bob, who):
    actor, other = (alice, bob) if who == "coach" else (bob, alice)
    address = f"/sessions/{coaching_session.code}"
    cancel(coaching_session, actor, browser_of)
    browser = browser_of(other)
    event = SessionEvent.get(SessionEvent.kind == "cancelled")
    for _ in range(2):
        dashboard = browser.get("/dashboard").text
        assert f"{actor.name} cancelled “Mixing call”" in dashboard
        assert "It was planned for Tuesday 9 March 2027, 18:00, Berlin (UTC+1), tomorrow." in dashboard
        assert ("See free times</a>" in dashboard.partition('id="news"')[2].partition("</section>")[0]) is (
            who == "coach"
        )
        page = browser.get(address).text
        assert f"{actor.name} cancelled this session." in page
        assert "Got it" in page
    assert "cancelled “" not in browser_of(actor).get("/dashboard").text
    assert "You cancelled this session." in browser_of(actor).get(address).text
    assert "Got it" not in browser_of(actor).get(address).text
    answer = browser.post(f"{address}/news", data={"event": event.id, "page": "dashboard"})
    assert (answer.status_code, answer.location) == (303, "/dashboard")
    assert "cancelled “" not in browser.get("/dashboard").text
    page = browser.get(address).text
    assert f"{actor.name} cancelled this session." in page
    assert "Got it" not in page


@pytest.mark.usefixtures("day_before")
def test_where_scripts_run_what_was_seen_goes_by_itself(browser_of, coaching_session, alice, bob):
    cancel(coaching_session, alice, browser_of)
    browser = browser_of(bob)
    event = SessionEvent.get(SessionEvent.kind == "cancelled")
    fields = {"event": event.id, "page": "dashboard"}
    answer = browser.post(f"/sessions/{coaching_session.code}/news", data=fields, headers=HTMX)
    fragment = browser.get(answer.location, headers=HTMX).text
    assert "<html" not in fragment
    assert '<section class="stack tight" id="news" aria-labelledby="news-title" hidden>' in fragment
    back = browser.post(f"/sessions/{coaching_session.code}/news", data={"event": event.id, "page": "session"})
    assert back.location == f"/sessions/{coaching_session.code}"


@pytest.mark.usefixtures("day_before")
@pytest.mark.parametrize("event", ["", "soon", "0", "-1", "99999999999999999999", None])
def test_news_that_is_none_is_not_found(browser_of, coaching_session, alice, bob, event):
    cancel(coaching_session, alice, browser_of)
    fields = {} if event is None else {"event": event}
    assert browser_of(bob).post(f"/sessions/{coaching_session.code}/news", data=fields).status_code == 404
    assert "cancelled “" in browser_of(bob).get("/dashboard").text


@pytest.mark.usefixtures("day_before")
def test_only_the_two_say_that_they_saw_it(browser_of, coaching_session, alice, bob, mallory):
    cancel(coaching_session, alice, browser_of)
    event = SessionEvent.get(SessionEvent.kind == "cancelled")
    for person in (mallory, factories.make_person("Ada", is_admin=True)):
        answer = browser_of(person).post(f"/sessions/{coaching_session.code}/news", data={"event": event.id})
        assert answer.status_code == 404
    assert "cancelled “" in browser_of(bob).get("/dashboard").text


def test_a_correction_is_news_to_the_student(browser_of, coaching_session, alice, bob, set_clock):
    set_clock(STARTS_AT + OVER)
    address = f"/sessions/{coaching_session.code}"
    browser_of(alice).post(f"{address}/outcome", data={"outcome": "student"})
    dashboard = browser_of(bob).get("/dashboard").text
    assert "Alice corrected what happened in “Mixing call”" in dashboard
    assert "You were not there. It was planned for Tuesday 9 March 2027, 18:00" in dashboard
    assert "Alice corrected what happened" in browser_of(bob).get(address).text
    assert "corrected what happened" not in browser_of(alice).get("/dashboard").text


# --- On the dashboard


def test_an_outcome_nobody_knows_asks_its_coach(browser_of, coaching_session, alice, bob, set_clock):
    set_clock(STARTS_AT + OVER)
    CoachingSession.update(state="no_show", absent="unknown").execute()
    coach = browser_of(alice).get("/dashboard").text
    assert "Did “Mixing call” with Bob take place?" in coach
    assert f"/sessions/{coaching_session.code}#outcome" in coach
    student = browser_of(bob).get("/dashboard").text
    assert "take place?" not in student
    for page in (coach, student):
        assert "Outcome unknown" in page
        assert "Missed" not in page
    # Once all of the money goes back nothing hangs on the answer any more.
    seat = coaching_session.seats.get()
    facts = {"provider": "outside", "state": "paid", "key": "k", "begun_at": STARTS_AT, "paid_at": STARTS_AT}
    payment = Payment.create(seat=seat, amount_cents=4900, currency="EUR", **facts)
    for cents, asks in ((4800, True), (100, False)):
        back = {"cause": "by_coach", "state": "by_hand", "owed_at": STARTS_AT, "due_at": STARTS_AT}
        Refund.create(payment=payment, amount_cents=cents, key=f"k{cents}", **back)
        assert ("take place?" in browser_of(alice).get("/dashboard").text) is asks
    Refund.delete().execute()
    set_clock(STARTS_AT + timedelta(days=9))
    assert "take place?" not in browser_of(alice).get("/dashboard").text


def test_students_find_their_way_back_to_every_store(browser_of, coaching_session, bob, mallory):
    other = factories.make_product(factories.make_store(mallory, slug="beat", name="Beat School"))
    factories.make_coaching_session(other, bob, starts_at=STARTS_AT + timedelta(days=2), state="cancelled")
    page = browser_of(bob).get("/dashboard").text
    visited = page.partition('id="visited-title"')[2].partition("</section>")[0]
    assert visited.index('href="/s/beat"') < visited.index('href="/s/nova"')
    assert "Where you booked" not in browser_of(mallory).get("/dashboard").text
