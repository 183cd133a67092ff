"""The page "Check my server", and the admin's page of the same kind."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.guild_parts import HostGuild, Role
from coaching.guild_rights import INVITE_RIGHTS, Right
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from coaching.rooms.recording.events import ByHand
from coaching.runtime.mutations import claim_lease, record_heartbeat
from tests import factories
from tests.fakes import BOT_ID, BOT_ROLE_ID, GUILD_ID, OWNER_ID, FakeHost

Browser = Callable[[Person | None], FlaskClient]
HTMX = {"HX-Request": "true"}
PAGE, SITE_PAGE = "/store/nova/server-check", "/admin/doctor"


@pytest.fixture
def browser(app: Flask, alice: Person, host: FakeHost, browser_of: Browser) -> FlaskClient:
    """Alice's, whose store has a sound server."""
    record_heartbeat("worker", datetime.now(UTC))
    host.member_roles[GUILD_ID, BOT_ID] = frozenset({BOT_ROLE_ID})
    factories.make_store(alice, slug="nova")
    return browser_of(alice)


@pytest.fixture
def admin(app: Flask, browser: FlaskClient, browser_of: Browser) -> FlaskClient:
    """An admin's browser."""
    return browser_of(factories.make_person("Admin", is_admin=True))


def test_looking_at_the_page_asks_discord_nothing(browser: FlaskClient, host: FakeHost) -> None:
    page = browser.get(PAGE)

    assert "Not checked yet" in page.text
    assert not host.calls


def test_a_sound_server_is_told_so_and_a_reload_still_says_it(browser: FlaskClient, host: FakeHost) -> None:
    answer = browser.post(PAGE)
    calls = len(host.calls)

    assert (answer.status_code, answer.location) == (303, PAGE)
    page = browser.get(PAGE).text
    assert "Everything is fine" in page
    assert len(host.calls) == calls
    result = page.partition('id="checks"')[2].partition("Nothing to mend")[0]
    assert 'role="status"' in result


def test_a_missing_right_is_explained_before_all_else(browser: FlaskClient, host: FakeHost) -> None:
    bot = Role(BOT_ROLE_ID, "Greenroom", INVITE_RIGHTS & ~Right.MOVE_MEMBERS)
    host.guilds[GUILD_ID] = HostGuild(GUILD_ID, "Nova Studio", OWNER_ID, (Role(GUILD_ID, "@everyone", 0), bot))
    browser.post(PAGE)

    page = browser.get(PAGE).text

    assert "to end a call that runs into the next one" in page
    assert "turn on “Move Members”" in page
    assert page.index("Move Members") < page.index("checks passed")
    assert 'action="/store/nova/guild-invitation?guild=same&amp;next=/store/nova/server-check"' in page
    assert f"permissions={INVITE_RIGHTS}" in browser.post("/store/nova/guild-invitation?guild=same").location


def test_rooms_that_fail_are_tried_again_once_the_server_is_sound(
    browser: FlaskClient, host: FakeHost, alice: Person, woken: list[datetime]
) -> None:
    later = datetime.now(UTC) + timedelta(minutes=20)
    session = factories.make_coaching_session(factories.make_product(alice.stores.get()), starts_at=later)
    room = Room.create(
        coaching_session=session,
        code="abcd2345",
        discord_guild_id=GUILD_ID,
        last_error="missing_permission",
        attempts=5,
        next_try_at=later,
        created_at=later,
    )
    bot = Role(BOT_ROLE_ID, "Greenroom", INVITE_RIGHTS & ~Right.MANAGE_ROLES)
    host.guilds[GUILD_ID] = HostGuild(GUILD_ID, "Nova Studio", OWNER_ID, (Role(GUILD_ID, "@everyone", 0), bot))
    browser.post(PAGE)
    assert (Room.get_by_id(room.id).next_try_at, len(woken)) == (later, 0)

    del host.guilds[GUILD_ID]
    browser.post(PAGE)

    assert (Room.get_by_id(room.id).next_try_at, len(woken)) == (None, 1)


def test_shared_parts_that_fail_are_tried_again_with_the_rooms_and_nothing_of_others(
    browser: FlaskClient, alice: Person, bob: Person, woken: list[datetime]
) -> None:
    store, later = alice.stores.get(), datetime.now(UTC) + timedelta(hours=1)
    other = factories.make_store(bob, slug="other")
    failing = {"last_error": "missing_permission", "attempts": 9, "next_try_at": later, "created_at": later}
    shared_parts = [
        Room.create(kind=kind, code=code, store=whose, discord_guild_id=guild, **failing)
        for kind, code, whose, guild in [
            ("shared", "role", store, GUILD_ID),
            ("shared", "former", store, "77"),
            ("category", "category", None, GUILD_ID),
            ("shared", "others", other, GUILD_ID),
            ("category", "elsewhere", None, "77"),
        ]
    ]

    browser.post(PAGE)

    waiting = {room.code for room in Room.select().where(Room.next_try_at.is_null(False))}
    assert waiting == {"others", "elsewhere"}
    assert [event.event.fields for event in shared_parts[0].events] == [ByHand("Alice")]
    assert len(woken) == 1


def test_a_look_while_another_one_runs_says_so(browser: FlaskClient, host: FakeHost, alice: Person) -> None:
    claim_lease(f"look at store {alice.stores.get().id}", datetime.now(UTC), timedelta(minutes=3))

    answer = browser.post(PAGE)

    assert answer.status_code == 409
    assert "A look is under way, perhaps your own." in answer.text
    assert not host.calls


def test_a_coach_is_told_whom_to_tell_and_an_admin_what_to_do(browser: FlaskClient, alice: Person) -> None:
    record_heartbeat("worker", datetime.now(UTC) - timedelta(hours=1))
    browser.post(PAGE)

    page = browser.get(PAGE).text
    assert "1 thing to mend" in page
    assert "The part that opens and closes rooms has not run since" in page
    assert "Tell the site&#39;s owner: the worker is silent since" in page
    assert "Start it again" not in page

    Person.update(is_admin=True).where(Person.id == alice.id).execute()
    page = browser.get(PAGE).text
    assert "Start it again: <code>" in page
    assert "Tell the site" not in page


@pytest.mark.parametrize("kind", [Refusal.UNAUTHORIZED, Refusal.TWO_FACTOR_REQUIRED, Refusal.OTHER])
def test_of_what_only_the_owner_can_mend_a_coach_can_only_tell_them(
    browser: FlaskClient, host: FakeHost, kind: Refusal
) -> None:
    host.fail(kind, name="list_channels")
    browser.post(PAGE)

    page = browser.get(PAGE).text
    assert "Tell the site&#39;s owner:" in page
    assert "Invite the bot again" not in page
    assert "DISCORD_BOT_TOKEN" not in page


def test_the_bot_is_to_be_invited_again_only_where_that_mends_something(
    browser: FlaskClient, host: FakeHost, alice: Person
) -> None:
    alice.discord_links.get().delete_instance()
    browser.post(PAGE)
    page = browser.get(PAGE).text
    assert "Your Discord account is not connected" in page
    assert "Invite the bot again" not in page

    host.member_roles[GUILD_ID, BOT_ID] = frozenset()
    host.guilds[GUILD_ID] = HostGuild(GUILD_ID, "Nova Studio", OWNER_ID, (Role(GUILD_ID, "@everyone", 0),))
    browser.post(PAGE)
    page = browser.get(PAGE).text
    assert ">Invite the bot again<" in page
    assert "things to mend" in page
    assert page.count('role="alert"') == 1


def test_the_button_swaps_in_the_result_where_scripts_run(browser: FlaskClient, admin: FlaskClient) -> None:
    for visitor, path, root in ((browser, PAGE, "server-check"), (admin, SITE_PAGE, "doctor")):
        page = visitor.get(path).text
        assert f'hx-post="{path}" hx-target="#{root}"' in page
        assert "ing…</span>" in page
        visitor.post(path, headers=HTMX)
        result = visitor.get(path, headers=HTMX).text
        assert "<html" not in result
        assert f'id="{root}"' in result


def test_the_page_about_the_server_leads_here(browser: FlaskClient) -> None:
    assert f'href="{PAGE}"' in browser.get("/store/nova/guild").text


def test_the_admin_sees_the_whole_site(admin: FlaskClient) -> None:
    assert "Not looked yet" in admin.get(SITE_PAGE).text

    assert admin.post(SITE_PAGE).status_code == 303

    page = admin.get(SITE_PAGE).text
    assert "/api/auth/discord/callback" in page
    assert "guards against double booking" in page


def test_what_the_admin_finds_is_not_a_stores(admin: FlaskClient, browser: FlaskClient) -> None:
    admin.post(SITE_PAGE)

    assert "Not checked yet" in browser.get(PAGE).text
