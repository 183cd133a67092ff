"""The admin's pages of rooms: which there are, what comes next, what is wrong, and trying again."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.call_budget.hold_mutations import hold_calls
from coaching.guild_parts import Overwrite
from coaching.guild_rights import BOT_RIGHTS, VIEW_AND_CONNECT
from coaching.refusals import Refusal
from coaching.rooms.models import Presence, Room, RoomEvent
from tests import factories

Browser = Callable[[Person | None], FlaskClient]
STARTS_AT = datetime(2027, 3, 9, 17, 0, tzinfo=UTC)
HTMX = {"HX-Request": "true"}


def times_in_utc(page: str) -> str:
    """The page with the UTC of each time in the place of the admin's own."""
    return re.sub('<time [^>]*title="([^"]*)"[^>]*>[^<]*</time>', r"\1", page)


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(STARTS_AT - timedelta(minutes=25))


@pytest.fixture
def ada(db):
    return factories.make_person("Ada", is_admin=True)


@pytest.fixture
def admin(browser_of, ada):
    return browser_of(ada)


@pytest.fixture
def make_room(db):
    """A hidden room of a session of its own, by a coach of their own, with what is different."""

    def make(starts_at: datetime = STARTS_AT, title: str = "Mixing call", **differences) -> Room:
        coaching_session = factories.make_coaching_session(starts_at=starts_at, title=title)
        number = next(factories.numbers)
        ordinary = {
            "coaching_session": coaching_session,
            "code": f"room{number}",
            "state": "hidden",
            "discord_guild_id": factories.GUILD_ID,
            "discord_channel_id": str(number),
            "made_at": factories.MADE_AT,
            "checked_at": factories.MADE_AT,
            "overwrites": hidden_overwrites(),
            "created_at": factories.MADE_AT,
        }
        return Room.create(**ordinary | differences)

    return make


def hidden_overwrites() -> frozenset[Overwrite]:
    """As Discord was told: nobody but the bot."""
    return frozenset(
        [
            Overwrite(factories.GUILD_ID, False, deny=VIEW_AND_CONNECT),
            Overwrite("1100000000000000100", True, allow=BOT_RIGHTS),
        ]
    )


# --- The list


def test_each_room_says_what_it_is_what_it_ought_to_be_and_what_comes(admin, make_room):
    room = make_room()
    page = admin.get("/admin/rooms").text
    for text in ("Mixing call", room.coaching_session.code, "Hidden", "Open it", "Tue 9 Mar, 16:45 UTC", "Two people"):
        assert text in page
    assert f"/admin/rooms/{room.id}" in page
    assert "Wanted:" not in page


def test_what_failed_stands_there_with_its_remedy(admin, make_room):
    make_room(
        last_error="missing_permission",
        failing_step="set_access",
        attempts=3,
        next_try_at=datetime.now(UTC) + timedelta(minutes=5),
        overwrites="[]",
    )
    for choice in ("all", "due", "trouble", "standing"):
        page = admin.get(f"/admin/rooms?show={choice}").text
        assert "Tried 3 times." in page
        assert "Invite it again" in page


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("all", {"Ready", "Failing", "Over"}),
        ("due", {"Failing", "Not begun"}),
        ("trouble", {"Failing"}),
        ("standing", {"Ready", "Failing"}),
        ("removed", {"Over"}),
        ("places", {"Category"}),
        ("nonsense", {"Ready", "Failing", "Over"}),
    ],
)
def test_each_choice_shows_its_rooms(admin, make_room, choice, expected):
    make_room(title="Ready")
    make_room(title="Failing", last_error="guild_full", failing_step="set_access", attempts=1, overwrites="[]")
    make_room(title="Over", state="removed", starts_at=STARTS_AT - timedelta(days=1), discord_channel_id=None)
    factories.make_coaching_session(starts_at=STARTS_AT, title="Not begun")
    Room.create(
        kind="category",
        code="cat",
        state="hidden",
        discord_guild_id=factories.GUILD_ID,
        discord_channel_id="5",
        checked_at=datetime.now(UTC),
        overwrites=hidden_overwrites(),
        created_at=factories.MADE_AT,
    )
    page = admin.get("/admin/rooms", query_string={"show": choice}).text
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    assert {name for name in ("Ready", "Failing", "Over", "Not begun", "Category") if name in table} == expected


def test_a_room_is_found_by_its_code_its_sessions_and_its_server(admin, make_room):
    room, other = make_room(title="Meant"), make_room(title="Other", discord_guild_id="77")
    factories.make_guild("77", name="Quartz Lounge")
    for word in (room.code, f"coaching-{room.code}", room.coaching_session.code):
        page = admin.get("/admin/rooms", query_string={"search": word}).text
        assert "Meant" in page
        assert "Other" not in page
    for word in ("77", "quartz"):
        page = admin.get("/admin/rooms", query_string={"search": word}).text
        assert other.coaching_session.code in page
        assert room.coaching_session.code not in page
    assert "No room has this code" in admin.get("/admin/rooms", query_string={"search": "'; %_<script>"}).text


@pytest.mark.parametrize("show", ["all", "due", "trouble", "places"])
@pytest.mark.parametrize("word", ["\0", "%", "_", "\\", "9" * 500, "\N{GRINNING FACE}", "x' OR 1=1 --"])
def test_a_hostile_search_finds_nothing_or_everything_but_breaks_nothing(admin, make_room, show, word):
    make_room(overwrites="[]")
    assert admin.get("/admin/rooms", query_string={"search": word, "show": show}).status_code == 200


def test_what_is_due_is_searched_like_the_rest(admin, make_room):
    wanted = factories.make_coaching_session(starts_at=STARTS_AT, title="Wanted")
    factories.make_coaching_session(starts_at=STARTS_AT, title="Another")
    failing = make_room(title="Failing", overwrites="[]")
    for word, title in ((wanted.code, "Wanted"), (failing.code, "Failing")):
        page = admin.get("/admin/rooms", query_string={"show": "due", "search": word}).text
        assert title in page
        assert "Another" not in page
    assert "Another" in admin.get("/admin/rooms", query_string={"show": "due", "search": factories.GUILD_ID}).text


def test_many_rooms_come_in_pages(admin, make_room):
    for number in range(51):
        make_room(title=f"Call {number:02}", state="removed", discord_channel_id=None)
    first = admin.get("/admin/rooms?show=removed").text
    assert "Call 50" in first
    assert "Call 00" not in first
    assert "page=2" in first
    second = admin.get("/admin/rooms?show=removed&page=2").text
    assert "Call 00" in second
    assert "page=3" not in second
    assert admin.get("/admin/rooms?page=x").status_code == 200


def test_a_page_takes_few_queries_however_many_rooms_it_shows(admin, make_room, statements_in):
    make_room()
    few = len(statements_in(lambda: admin.get("/admin/rooms")))
    for _ in range(20):
        make_room()
    assert len(statements_in(lambda: admin.get("/admin/rooms"))) <= few < 25


def test_only_the_rooms_that_are_shown_are_planned(admin, make_room, statements_in):
    rooms = [make_room() for _ in range(60)]
    for address, most in (("/admin/rooms", 51), ("/admin/rooms?page=2", 10), (f"/admin/rooms/{rooms[0].id}", 1)):
        statements = statements_in(lambda address=address: admin.get(address))
        [looked_up] = [
            values
            for statement, values in statements
            if statement.endswith('ORDER BY "t1"."id"') and "seat" in statement
        ]
        assert len(looked_up) <= most + 3


def test_what_is_in_trouble_comes_first_then_what_is_due_next_then_what_is_over(admin, make_room, set_clock):
    make_room(title="Over", state="removed", starts_at=STARTS_AT - timedelta(days=1), discord_channel_id=None)
    make_room(title="Later", starts_at=STARTS_AT + timedelta(minutes=3))
    make_room(title="Soon")
    make_room(title="Failing", starts_at=STARTS_AT + timedelta(hours=2), last_error="guild_full", failing_step="greet")
    make_room(title="Ending", state="open", starts_at=STARTS_AT - timedelta(minutes=58))
    page = admin.get("/admin/rooms").text
    titles = [f">{title}<" for title in ("Failing", "Ending", "Soon", "Later", "Over")]
    assert sorted(titles, key=page.index) == titles


def test_a_category_in_trouble_stands_among_the_rooms(admin, make_room):
    Room.create(
        kind="category",
        code="cat",
        discord_guild_id="1",
        last_error="guild_full",
        created_at=factories.MADE_AT,
    )
    make_room(title="Soon")
    page = admin.get("/admin/rooms").text
    assert page.index(">Category<") < page.index(">Soon<")


# --- What is left alone


@pytest.mark.parametrize(
    ("name", "reason", "sentence"),
    [
        ("*", "blocked", "All servers are left alone until Tue 9 Mar, 16:44 UTC.</b> Discord refuses this site"),
        (
            factories.GUILD_ID,
            "unauthorized",
            "Nova Studio is left alone until Tue 9 Mar, 16:44 UTC.</b> Discord does not accept",
        ),
        (
            f"{factories.GUILD_ID} set_access",
            "rate_limited",
            "On Nova Studio, “Change who gets in” waits until Tue 9 Mar, 16:44 UTC.</b> Discord asked us to wait",
        ),
    ],
)
def test_a_server_that_is_left_alone_is_said_to_be_with_its_reason(admin, make_room, name, reason, sentence):
    room = make_room(overwrites="[]")
    hold_calls(name, reason, datetime.now(UTC) + timedelta(minutes=8, seconds=30))
    for address in ("/admin/rooms", "/admin/rooms?show=due", f"/admin/rooms/{room.id}"):
        page = times_in_utc(admin.get(address).text)
        assert sentence in page
        assert "aits until" in page.partition("</b>")[2]
        assert "Now" not in page
        assert ", now:" not in page
        assert "every 10s" in page


def test_a_step_that_waits_keeps_its_reason_apart_from_the_wait(admin, make_room):
    room = make_room(overwrites="[]", last_error="guild_full", failing_step="set_access", attempts=1)
    hold_calls("*", Refusal("blocked"), datetime.now(UTC) + timedelta(minutes=8, seconds=30))
    page = times_in_utc(admin.get(f"/admin/rooms/{room.id}").text)
    assert "Hide it: the room lets in others than it should. Waits until Tue 9 Mar, 16:44 UTC." in page
    listed = " ".join(re.sub("<[^>]*>", " ", times_in_utc(admin.get("/admin/rooms").text)).split())
    assert "Hide it: the room lets in others than it should. Waits until Tue 9 Mar, 16:44 UTC." in listed


def test_another_server_that_is_left_alone_is_no_matter_of_this_room(admin, make_room):
    room = make_room(overwrites="[]")
    hold_calls("77", Refusal("unauthorized"), datetime.now(UTC) + timedelta(minutes=8))
    assert "Server 77 is left alone" in admin.get("/admin/rooms").text
    page = admin.get(f"/admin/rooms/{room.id}").text
    assert "left alone" not in page
    assert ", now:" in page


def test_what_is_not_left_alone_any_more_is_not_said_to_be(admin, make_room):
    make_room()
    hold_calls("*", Refusal("blocked"), datetime.now(UTC) - timedelta(seconds=1))
    assert "left alone" not in admin.get("/admin/rooms").text


def test_a_talk_past_its_end_says_how_long_it_may_go_on(admin, make_room, set_clock):
    room = make_room(state="open")
    coach = room.coaching_session.coach
    seen = {"is_inside": True, "last_seen_at": datetime.now(UTC), "looked_at": datetime.now(UTC)}
    Presence.create(room=room, person=coach, seconds=3600, **seen)
    set_clock(room.coaching_session.ends_at + timedelta(minutes=1))
    for address in ("/admin/rooms", f"/admin/rooms/{room.id}"):
        assert "Talking until 19:00 UTC at most" in times_in_utc(admin.get(address).text)


@pytest.mark.parametrize(
    ("minutes", "differences", "looks"),
    [
        (-25, {}, False),
        (-16, {}, True),
        (-25, {"overwrites": "[]"}, True),
        (-25, {"last_error": "guild_full", "failing_step": "greet"}, True),
        (200, {"state": "removed", "discord_channel_id": None, "overwrites": "[]"}, False),
    ],
)
def test_the_pages_look_again_only_while_something_is_due(admin, make_room, set_clock, minutes, differences, looks):
    room = make_room(**differences)
    set_clock(STARTS_AT + timedelta(minutes=minutes))
    for address in ("/admin/rooms", f"/admin/rooms/{room.id}"):
        fragment = admin.get(address, headers=HTMX).text
        assert "<html" not in fragment
        assert ('hx-trigger="every 10s"' in fragment) is looks
        assert ("hx-trigger" in fragment) is looks


@pytest.mark.parametrize("has_failed_too", [False, True], ids=["waits", "failed too"])
def test_who_waits_for_a_shared_role_that_fails_is_due_with_its_reason(admin, alice, has_failed_too):
    store = factories.make_store(alice, access_mode="shared_role")
    starts_at = STARTS_AT + timedelta(minutes=-15)
    coaching_session = factories.make_coaching_session(factories.make_product(store), starts_at=starts_at)
    if has_failed_too:
        Room.create(
            coaching_session=coaching_session,
            code="own",
            mode="shared_role",
            asked_mode="shared_role",
            discord_guild_id=factories.GUILD_ID,
            failing_step="give_role",
            attempts=1,
            last_error="guild_full",
            created_at=factories.MADE_AT,
        )
    shared_role = Room.create(
        kind="shared",
        store=store,
        code="shr",
        discord_guild_id=factories.GUILD_ID,
        failing_step="make_role",
        attempts=4,
        last_error="missing_permission",
        lacking="Manage Roles",
        next_try_at=datetime.now(UTC) + timedelta(minutes=5),
        created_at=factories.MADE_AT,
    )
    due = admin.get("/admin/rooms?show=due").text
    assert f'<a href="/admin/rooms/{shared_role.id}">Wait for the shared role</a>' in due
    waiting = due.partition("Mixing call")[2].partition("</tr>")[0]
    assert "Tried 4 times." in waiting
    assert "lacks a right on your server: Manage Roles." in waiting
    assert "Shared role of Nova Studio" in admin.get("/admin/rooms?show=trouble").text


def test_what_was_only_told_to_wait_was_not_tried(admin, make_room):
    room = make_room(last_error="rate_limited", failing_step="set_access", overwrites="[]")
    for address in ("/admin/rooms", f"/admin/rooms/{room.id}"):
        page = admin.get(address).text
        assert "Discord asked us to wait" in page
        assert "Tried" not in page


# --- One room


def test_a_rooms_page_says_everything_about_it(admin, make_room, bob):
    room = make_room(mode="members", asked_mode="session_role", last_error="guild_full", attempts=1)
    Presence.create(room=room, person=bob, seconds=1800, is_inside=True, looked_at=datetime.now(UTC))
    RoomEvent.create(
        room=room,
        at=STARTS_AT,
        kind="step_failed",
        fields='{"step": "make", "refusal": "guild_full"}',
        reason="session_near",
        status=400,
        discord_code=30013,
        took_ms=87,
    )
    page = admin.get(f"/admin/rooms/{room.id}").text
    for text in (
        "Tried 1 time.",
        "limit of 500 channels",
        "instead of: role for the session",
        "30 min in the room, inside now",
        "Step failed: make, guild full",
        "the session is near",
        "30013",
        "87 ms",
        "17:00:00 UTC",
        "Try again now",
        f"/sessions/{room.coaching_session.code}",
    ):
        assert text in page


def test_a_shared_role_has_a_page_too(admin, alice):
    shared_role = Room.create(
        kind="shared",
        store=factories.make_store(alice),
        code="shr",
        state="hidden",
        mode="shared_role",
        discord_guild_id=factories.GUILD_ID,
        discord_channel_id="5",
        discord_role_id="6",
        created_at=factories.MADE_AT,
    )
    assert "Shared role of Nova Studio" in admin.get(f"/admin/rooms/{shared_role.id}").text
    assert "Shared role of Nova Studio" in admin.get("/admin/rooms?show=places").text


def test_a_room_that_never_was_is_not_found(admin):
    assert admin.get("/admin/rooms/999").status_code == 404
    assert admin.post("/admin/rooms/999/retry").status_code == 404


def test_a_room_whose_log_has_gone_is_not_said_to_be_untouched(admin, make_room):
    for state, said in (("absent", "Nothing was done with it yet."), ("removed", "they are kept for 180 days.")):
        assert said in admin.get(f"/admin/rooms/{make_room(state=state).id}").text


def test_trying_again_wakes_the_worker_and_is_logged(admin, make_room, woken):
    room = make_room(last_error="guild_full", attempts=5, next_try_at=datetime.now(UTC) + timedelta(hours=1))
    answer = admin.post(f"/admin/rooms/{room.id}/retry")
    assert (answer.status_code, answer.location) == (303, f"/admin/rooms/{room.id}")
    assert Room.get_by_id(room.id).next_try_at is None
    assert len(woken) == 1
    assert "Retried: Ada" in admin.get(answer.location).text


@pytest.mark.parametrize("path", ["/admin/rooms", "/admin/rooms/{id}", "/admin/rooms/{id}/retry"])
def test_nobody_else_sees_or_steers_rooms(browser_of: Browser, bob, make_room, path):
    room = make_room(next_try_at=STARTS_AT)
    address, method = path.format(id=room.id), "POST" if path.endswith("retry") else "GET"
    assert browser_of(None).open(address, method=method).headers["Location"].startswith("/sign-in")
    assert browser_of(bob).open(address, method=method).status_code == 404
    assert Room.get_by_id(room.id).next_try_at == STARTS_AT


def test_a_category_that_does_not_work_spoils_the_overview(admin):
    Room.create(
        kind="category",
        code="cat",
        discord_guild_id="1",
        last_error="guild_full",
        created_at=factories.MADE_AT,
    )
    page = admin.get("/admin").text
    assert "1 category or shared role does" in page
    assert "/admin/rooms?show=trouble" in page


def test_times_are_the_admins_own_with_utc_beside_them(browser_of, make_room):
    here = browser_of(factories.make_person("Ada", is_admin=True, zone="Asia/Kolkata"))
    room = make_room()
    # Sessions stay for years.
    for address, day in (
        ("/admin/rooms", "Tue 9 Mar"),
        (f"/admin/rooms/{room.id}", "Tue 9 Mar"),
        ("/admin/sessions", "Tue 9 Mar 2027"),
    ):
        page = here.get(address).text
        assert f'title="{day}, 17:00 UTC">{day}, 22:30</time>' in page, address
        assert page.count("Times are in Kolkata (UTC+5:30).") == page.count("UTC beside each") == 1, address
        # UTC stands nowhere but beside a time.
        assert "UTC" not in re.sub('title="[^"]*"|Times are in [^.]*|UTC beside each', "", page), address
