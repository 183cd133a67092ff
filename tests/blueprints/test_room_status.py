"""What pages say about a room is what is done with it: when a call runs over, when a line is lost, when none came."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from coaching.rooms.models import Presence, Room
from tests import factories

STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
ENDS_AT = STARTS_AT + timedelta(hours=1)
MINUTE = timedelta(minutes=1)
LINK = '/channels/11/22"'


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


def lose_the_line(room, people, seconds):
    """Both were seen so many seconds before the last look, which found neither."""
    now = datetime.now(UTC)
    for person in people:
        Presence.create(
            room=room,
            person=person,
            seconds=4000,
            is_inside=False,
            looked_at=now,
            last_seen_at=now - timedelta(seconds=seconds),
            looks=((STARTS_AT, ENDS_AT + 20 * MINUTE),),
            present_at=ENDS_AT + 20 * MINUTE - timedelta(seconds=seconds),
        )


def words_of(page):
    # Admins read times by their own clock; what it is in UTC stands beside each.
    in_utc = re.sub('<time [^>]*title="([^"]*)"[^>]*>[^<]*</time>', r"\1", page.text)
    return " ".join(in_utc.split())


def test_two_who_lost_the_line_in_a_call_that_runs_over_find_back_in(browser_of, address, alice, bob, room, set_clock):
    lose_the_line(room, (alice, bob), 40)
    set_clock(ENDS_AT + 20 * MINUTE)
    for person in (alice, bob):
        page = words_of(browser_of(person).get(address))
        for words in ("The call goes on.", "closes at 20:00 at the latest", LINK, "On now", "<b>The room is open.</b>"):
            assert words in page
        assert "closes <b>20:00</b>" in page
    coach = browser_of(alice)
    assert coach.post(address + "/room/extension").status_code == 303
    assert Room.get().extra_minutes == 10
    assert "Open until 20:10 at the latest, Berlin (UTC+1)." in words_of(coach.get(address))


def test_two_who_have_gone_for_longer_do_not(browser_of, address, alice, bob, room, set_clock):
    lose_the_line(room, (alice, bob), 80)
    set_clock(ENDS_AT + 20 * MINUTE)
    for person in (alice, bob):
        page = words_of(browser_of(person).get(address))
        assert "The call goes on." not in page
        assert LINK not in page
    assert browser_of(alice).post(address + "/room/extension").status_code == 409


@pytest.mark.parametrize("mode", ["members", "shared_role"])
def test_after_a_call_that_ran_over_its_page_says_when_it_closed(
    browser_of, address, alice, bob, room, product, set_clock, mode
):
    type(product.store).update(access_mode=mode).execute()
    Room.update(mode=mode, asked_mode=mode).execute()
    lose_the_line(room, (alice, bob), 80)
    Room.update(state="closed").execute()
    set_clock(ENDS_AT + 30 * MINUTE)
    for person in (alice, bob):
        page = words_of(browser_of(person).get(address))
        closing = "closes <b>19:20</b>" if mode == "members" else "to 19:20."
        assert closing in page
        assert "19:15" not in page


def test_a_call_that_goes_on_is_on_the_dashboard(browser_of, address, alice, bob, room, set_clock):
    lose_the_line(room, (alice, bob), 40)
    set_clock(ENDS_AT + 20 * MINUTE)
    for person in (alice, bob):
        page = browser_of(person).get("/dashboard").text
        assert page.index("On now") < page.find("Past sessions") % len(page)
        assert page.count(f'class="title" href="{address}"') == 1
    Presence.update(last_seen_at=datetime.now(UTC) - 2 * MINUTE).execute()
    assert "On now" not in browser_of(bob).get("/dashboard").text


def test_a_call_that_goes_on_is_named_to_admins(app, browser_of, alice, bob, room, set_clock):
    lose_the_line(room, (alice, bob), 40)
    set_clock(ENDS_AT + 20 * MINUTE)
    admin = browser_of(factories.make_person("Admin", is_admin=True))
    assert "Talking until 19:00 UTC at most" in words_of(admin.get("/admin/rooms"))
    assert "Talking until 19:00 UTC at most." in words_of(admin.get(f"/admin/rooms/{room.id}"))
    run = app.test_cli_runner().invoke
    assert "wanted: open, they talk until 19:00 UTC at most" in run(args=["rooms", "list"]).output
    assert "closes at: 2027-03-09T19:00:00+00:00" in run(args=["rooms", "show", "abc"]).output


def test_a_room_that_never_came_is_not_promised_once_the_call_is_over(browser_of, address, alice, bob, room, set_clock):
    Room.update(state="absent", discord_channel_id=None).execute()
    for minutes, words, others in (
        (59, "is still missing. We keep trying", "before the call was over"),
        (61, "The room did not open before the call was over.", "We keep trying"),
    ):
        set_clock(STARTS_AT + minutes * MINUTE)
        for person in (alice, bob):
            page = words_of(browser_of(person).get(address))
            assert words in page
            assert others not in page
