"""The link in a mail: it opens one session for one of its people without a sign-in, and nothing else."""

import logging
import re
from datetime import UTC, datetime, timedelta

import pytest

import logs
from coaching.booking.models import Answer, CoachingSession, Seat
from coaching.booking.proposal_mutations import propose_times
from coaching.rate_limits.limits import LINK_CHANGES, WRONG_KEYS, Use, network_of
from coaching.rate_limits.mutations import take
from coaching.rooms.models import Room
from tests import factories

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
NOON = "2027-03-10T11:00:00Z"
HTMX = {"HX-Request": "true"}
SECRETS = ("https://example.com/track", "Make the low end work.", "bob_d", "+49", "11/22/", "Room log")


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(STARTS_AT - timedelta(days=1))


@pytest.fixture
def booked(alice, bob):
    """Bob's call with Alice, paid outside, with what he wrote, and a room that has been made."""
    store = factories.make_store(alice, slug="nova")
    made = factories.make_coaching_session(factories.make_product(store, grid_minutes=60), bob, starts_at=STARTS_AT)
    Seat.update(goals="Make the low end work.", phone="+49 30 123456").execute()
    Answer.create(seat=made.seats.get(), label="Link", kind="text", text="https://example.com/track")
    Room.create(
        coaching_session=made,
        code="abc",
        state="hidden",
        discord_guild_id="11",
        discord_channel_id="22",
        created_at=STARTS_AT,
    )
    return made


@pytest.fixture
def link(app, booked):
    """The path that a message names: to the student's side or the coach's, for the session as it is, or was."""
    sender = app.extensions["settings"].sender

    def path(side="student", step="", revision=None):
        now = CoachingSession.get_by_id(booked.id).revision if revision is None else revision
        key = sender.session_key(booked.code, booked.seats.get().id if side == "student" else None, now)
        return sender.session_url(booked.code, step, key).removeprefix(sender.url)

    return path


def row(booked):
    return CoachingSession.get_by_id(booked.id)


def test_whoever_has_the_link_sees_the_session_and_none_of_what_is_private(client, booked, link):
    plain = f"/sessions/{booked.code}"
    for side, whose in (("student", "This is Bob’s call"), ("coach", "This is Alice’s call")):
        page = client.get(link(side))
        assert page.status_code == 200
        assert whose in page.text
        assert "Tuesday 9 March 2027" in page.text
        assert not [secret for secret in SECRETS if secret in page.text]
        assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert 'content="noindex"' in page.text
        assert "Set-Cookie" not in page.headers
        # Wherever it leads in this session, it leads there by the same link; what asks for a sign-in is not shown.
        ways = set(re.findall(rf'(?:href|action|hx-get)="({plain}[^"]*)"', page.text))
        assert {way.replace("&amp;", "&") for way in ways if "key=" not in way} <= {plain}
        for path in ("/payment", "/lateness", "/coming", "/room/", "/news", "/outcome", "Mark as paid"):
            assert path not in page.text, path
        for step in ("move", "cancellation", "calendar.ics"):
            assert client.get(link(side, step)).status_code == 200
        part = client.get(link(side, "room"), headers=HTMX)
        assert part.status_code == 200
        assert "<html" not in part.text
    assert row(booked).revision == 0


def test_a_link_promises_no_more_than_it_allows(client, booked, link):
    assert "can see, move and cancel it" in client.get(link()).text
    Seat.update(most_moves=0).execute()
    assert "can see and cancel it" in client.get(link()).text
    CoachingSession.update(state="cancelled", ended_by="student", ended_at=STARTS_AT).execute()
    assert "can see it, and nothing else" in client.get(link()).text


def test_the_room_is_reached_by_the_link_once_it_is_open(client, booked, link, set_clock, watched):
    set_clock(STARTS_AT)
    Room.update(state="open").execute()
    page = client.get(link()).text
    assert '/channels/11/22"' in page
    assert "Open in Discord" in page
    for path in ("/room/closing", "/room/extension"):
        assert path not in client.get(link("coach")).text


def test_a_call_is_moved_by_the_link_and_the_page_has_the_new_one(client, booked, link):
    old = link()
    factories.make_coaching_session(booked.product, starts_at=datetime(2027, 3, 10, 10, 0, tzinfo=UTC))
    taken = client.post(link(step="move"), data={"starts_at": "2027-03-10T10:00:00Z"}, headers=HTMX)
    assert taken.status_code == 409
    assert "Wed 10 Mar, 10:00" in taken.text
    # Also the month that comes as a part leads on by the link.
    part = client.get(f"{link(step='move')}&day=2027-03-12", headers=HTMX).text
    assert "<html" not in part
    for ways in (taken.text, part):
        addresses = re.findall(r'(?:href|action)="(/sessions/[^"]*)"', ways)
        assert addresses
        assert all("key=" in way for way in addresses)
    moved = client.post(link(step="move"), data={"starts_at": NOON})
    assert (moved.status_code, row(booked).starts_at) == (303, datetime(2027, 3, 10, 11, 0, tzinfo=UTC))
    assert moved.location == link() != old
    page = client.get(moved.location).text
    assert "Moved to Wed 10 Mar, 12:00." in page
    assert f"<code>http://localhost:8000{link()}</code>" in page
    assert booked.seats.get().moves == 1
    # The message of before leads to the same call, and to nothing that changes it.
    page = client.get(old)
    assert page.status_code == 200
    assert "older than the last change" in page.text
    assert "Wednesday 10 March 2027" in page.text
    assert f"/sign-in?next=/sessions/{booked.code}" in page.text
    assert "Move to another time" not in page.text
    for step in ("move", "cancellation"):
        redirection = client.get(link(step=step, revision=0))
        assert (redirection.status_code, redirection.location) == (303, old)
        answer = client.post(link(step=step, revision=0), data={"starts_at": "2027-03-10T12:00:00Z"})
        assert answer.status_code == 409
        assert "nothing was changed by it" in answer.text
    assert (row(booked).revision, row(booked).state) == (1, "scheduled")


def test_a_call_is_cancelled_by_either_link_in_that_sides_name(client, booked, link, alice):
    cancelled = client.post(link("coach", "cancellation"), data={"reason": "I am ill."})
    assert (cancelled.status_code, cancelled.location) == (303, link("coach"))
    now = row(booked)
    assert (now.state, now.ended_by, now.end_reason) == ("cancelled", "coach", "I am ill.")
    assert [event.person_id for event in now.events] == [alice.id]
    page = client.get(link()).text
    assert "Alice cancelled this session." in page
    assert "I am ill." in page


def test_a_link_ends_a_week_after_the_session(client, booked, link, set_clock):
    ends_at = STARTS_AT + timedelta(hours=1)
    set_clock(ends_at + timedelta(days=7, minutes=-1))
    assert client.get(link()).status_code == 200
    set_clock(ends_at + timedelta(days=7, minutes=1))
    answer = client.get(link())
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next=/sessions/{booked.code}")


def test_a_key_for_anything_else_opens_nothing(client, app, booked, link, product_of_others):
    key = link().partition("?key=")[2]
    side_of_other = link("coach").partition("?key=")[2]
    for path in (
        f"/sessions/{booked.code}?key={key[:-1]}",
        f"/sessions/{booked.code}?key=",
        f"/sessions/{booked.code}?key=1{key[1:]}",
        f"/sessions/{booked.code}?key=%00{key}",
        f"/sessions/{product_of_others.code}?key={key}",
        f"/sessions/{product_of_others.code}?key={side_of_other}",
        f"/sessions/nothing?key={key}",
    ):
        answer = client.get(path)
        code = path.partition("?")[0].rpartition("/")[2]
        assert (answer.status_code, answer.location) == (303, f"/sign-in?next=/sessions/{code}"), path
        posted = client.post(path.replace("?", "/cancellation?"))
        assert posted.location == f"/sign-in?next=/sessions/{code}/cancellation", path
    assert {coaching_session.state for coaching_session in CoachingSession.select()} == {"scheduled"}


SEES = {"show", "room", "calendar", "choose_time", "confirm_cancellation"}
ACTS = {"move", "cancel", "take_proposal", "refuse_proposals"}


def test_of_all_that_there_is_about_a_session_a_link_opens_only_this(client, app, booked, link):
    opened = set()
    for rule in app.url_map.iter_rules():
        blueprint, _, name = rule.endpoint.rpartition(".")
        for method in sorted(rule.methods & {"GET", "POST"}) if blueprint == "sessions" else ():
            step = rule.rule.removeprefix("/sessions/<code>").lstrip("/").replace("<int:refund_id>", "1")
            answer = client.open(link(step=step), method=method)
            if not answer.headers.get("Location", "").startswith("/sign-in"):
                opened.add(name)
                assert answer.status_code in (200, 303, 422), name
    assert opened == SEES | ACTS


@pytest.fixture
def product_of_others(alice, mallory):
    """Another call of the same coach, with somebody else."""
    product = factories.make_product(factories.make_store(alice, slug="other"))
    return factories.make_coaching_session(product, mallory, starts_at=STARTS_AT + timedelta(days=3))


def test_another_site_cannot_send_the_form_of_a_link(app, booked, link):
    elsewhere = app.test_client()
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}):
        assert elsewhere.post(link(step="cancellation"), headers=headers).status_code == 403
    assert row(booked).state == "scheduled"


def test_a_link_opened_where_somebody_else_is_signed_in_shows_whose_it_is(
    browser_of, booked, link, alice, bob, mallory
):
    for person, sees_own in ((mallory, False), (alice, True)):
        browser = browser_of(person)
        page = browser.get(link()).text
        assert "This is Bob’s call" in page
        assert f"You stay signed in as {person.name}." in page
        assert ("See it as Alice" in page) is sees_own
        assert not [secret for secret in SECRETS if secret in page]
        assert "Mark as paid" not in page
        question = browser.get(link(step="cancellation")).text
        assert "drawn_for" not in question.partition("<h1>")[2]
        assert browser.get("/dashboard").status_code == 200
    assert browser_of(mallory).post(link(step="move"), data={"starts_at": NOON}).status_code == 303
    # In Bob's name, and by his rules.
    assert (Seat.get().moves, [event.person_id for event in row(booked).events]) == (1, [bob.id])


def test_the_times_of_a_link_are_by_the_clock_of_its_person(browser_of, booked, link, bob, mallory):
    type(bob).update(zone="America/New_York").where(type(bob).id == bob.id).execute()
    type(bob).update(zone="Asia/Tokyo").where(type(bob).id == mallory.id).execute()
    assert ">12:00</time>" in browser_of(mallory).get(link()).text


def test_whoever_is_signed_in_as_its_person_needs_no_key(browser_of, booked, link, bob):
    browser = browser_of(bob)
    for step in ("", "move", "cancellation"):
        plain = link(step=step, revision=0).partition("?")[0]
        assert browser.get(link(step=step, revision=0)).location == plain
    CoachingSession.update(revision=5).execute()
    assert browser.get(link(revision=0)).location == f"/sessions/{booked.code}"
    assert browser.post(link(step="cancellation", revision=0)).status_code == 303
    assert row(booked).state == "cancelled"


def test_links_are_tried_and_change_a_session_only_so_often(client, booked, link):
    network, now = {"REMOTE_ADDR": "203.0.113.9"}, datetime.now(UTC)
    # Not its last letter: of that some bits mean nothing.
    start, _, signature = link().rpartition(".")
    wrong = f"{start}.{'a' if signature[0] != 'a' else 'b'}{signature[1:]}"
    take([Use(WRONG_KEYS, network_of("203.0.113.9"), WRONG_KEYS.most - 1)], now)
    assert [client.get(wrong, environ_overrides=network).status_code for _ in range(2)] == [303, 429]
    assert client.get(link(), environ_overrides=network).status_code == 200
    take([Use(LINK_CHANGES, str(booked.id), LINK_CHANGES.most - 1)], now)
    times = ("2027-03-10T09:00:00Z", "2027-03-11T09:00:00Z")
    answers = [client.post(link("coach", "move"), data={"starts_at": time}) for time in times]
    assert [answer.status_code for answer in answers] == [303, 429]
    assert "Nothing was changed now." in answers[1].text
    assert row(booked).revision == 1


@pytest.fixture
def written(app, capsys):
    """All that the log has so far, as it is in earnest and at its most talkative but for the database's own lines."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.set_up("web", is_readable=False)
    yield lambda: capsys.readouterr().err
    root.handlers[:] = handlers
    root.setLevel(level)


def test_no_log_has_the_key(client, booked, link, written):
    key = link().partition("?key=")[2]
    for path in (link(), link(step="move"), f"/sessions/{booked.code}/lateness?key={key}", f"{link()}x"):
        client.get(path)
    client.post(link(step="move"), data={"starts_at": "x"})
    client.post(link(step="cancellation"))
    log = written()
    assert "/sessions/<code>/move" in log
    assert key.partition(".")[2] not in log


def test_what_a_merged_account_was_sent_opens_the_call_for_who_it_is_now(client, booked, link, bob, mallory):
    path = link()
    Seat.update(student=mallory).execute()
    assert "This is Mallory’s call" in client.get(path).text


def test_a_proposed_time_is_taken_or_refused_by_the_students_link(client, booked, link, alice, bob):
    starts = [datetime(2027, 3, 10, 11, 0, tzinfo=UTC), datetime(2027, 3, 11, 11, 0, tzinfo=UTC)]
    propose_times(booked, alice, starts, STARTS_AT - timedelta(days=1))
    assert "Propose nothing any more" not in client.get(link("coach")).text
    page = client.get(link())
    [action] = set(re.findall(r'action="([^"]*/proposals/choice[^"]*)"', page.text))
    assert client.post(action, data={"starts_at": "x"}).status_code == 422
    taken = client.post(action, data={"starts_at": NOON})
    assert (taken.status_code, taken.location) == (303, link())
    assert (row(booked).starts_at, Seat.get().moves) == (starts[0], 0)
    assert client.post(action, data={"starts_at": "2027-03-11T11:00:00Z"}).status_code == 409
    propose_times(row(booked), alice, starts[1:], STARTS_AT)
    assert client.post(link(step="proposals/refusal")).status_code == 303
    assert row(booked).starts_at == starts[0]
    plain = f"/sessions/{booked.code}/proposals/choice?key=x"
    assert client.post(plain, data={"starts_at": NOON}).location == f"/sign-in?next=/sessions/{booked.code}"
