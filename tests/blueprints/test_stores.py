"""Opening a store, its home and settings, and the verification of its Discord server."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person, SecurityEvent
from coaching.accounts.queries import check_discord
from coaching.catalog import queries
from coaching.catalog.models import Store
from coaching.guild_parts import HostGuild
from coaching.guild_rights import INVITE_RIGHTS, NEEDED_RIGHTS
from coaching.refusals import Refusal
from coaching.rooms.models import Room
from tests import factories
from tests.fakes import FakeHost

Browser = Callable[[Person | None], FlaskClient]
HTMX = {"HX-Request": "true"}
NOVA = {"name": "Nova Mixing", "currency": "EUR", "zone": "Europe/Berlin", "hue": "3", "form_key": "abcdefgh23"}
FOREIGN = "1200000000000000001"


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova", guild=None, guild_verified_at=None)


@pytest.fixture
def coach(browser_of: Browser, alice: Person) -> FlaskClient:
    return browser_of(alice)


def test_a_store_is_opened_and_named_after_its_name(coach: FlaskClient, alice: Person) -> None:
    assert coach.get("/stores/new").status_code == 200
    answer = coach.post("/stores/new", data=NOVA)
    assert (answer.status_code, answer.location) == (303, "/store/nova-mixing")
    store = queries.get_own_store(alice, "nova-mixing")
    assert (store.currency, store.zone, store.hue) == ("EUR", "Europe/Berlin", 3)


def test_a_double_click_opens_one_store(coach: FlaskClient) -> None:
    assert [coach.post("/stores/new", data=NOVA).location for _ in range(2)] == ["/store/nova-mixing"] * 2
    assert Store.select().count() == 1


@pytest.mark.parametrize(
    ("changes", "beside"),
    [
        ({"name": ""}, "name-note"),
        ({"name": "x" * 61}, "name-note"),
        ({"name": "🎧"}, "slug-note"),
        ({"slug": "Not An Address"}, "slug-note"),
        ({"slug": "../admin"}, "slug-note"),
        ({"currency": "DOGE"}, "currency-note"),
        ({"zone": "Mars/Olympus"}, "zone-note"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(coach: FlaskClient, changes: dict[str, str], beside: str) -> None:
    answer = coach.post("/stores/new", data=NOVA | changes)
    assert answer.status_code == 422
    assert f'id="{beside}"' in answer.text
    assert Store.select().count() == 0


@pytest.mark.parametrize("hue", ["24", "-1", "red", "9" * 30])
def test_only_the_colours_on_the_page_are_taken(coach: FlaskClient, hue: str) -> None:
    assert coach.post("/stores/new", data=NOVA | {"hue": hue}).status_code == 422


def test_an_address_that_is_taken_is_said_beside_the_field(coach: FlaskClient, mallory: Person) -> None:
    factories.make_store(mallory, slug="nova-mixing")
    answer = coach.post("/stores/new", data=NOVA)
    assert answer.status_code == 422
    assert "already has this address" in answer.text


def test_a_suggested_address_follows_the_name_and_a_typed_one_stays(coach: FlaskClient) -> None:
    def suggested(**typed: str) -> str:
        return coach.post("/stores/new/address", data=typed, headers=HTMX).text

    assert 'value="nova"' in suggested(name="Nova", slug="", suggested="")
    assert 'value="nova-mixing"' in suggested(name="Nova Mixing", slug="nova", suggested="nova")
    assert 'value="studio"' in suggested(name="Nova Mixing", slug="studio", suggested="nova")
    assert Store.select().count() == 0


def test_a_fourth_store_is_not_offered(coach: FlaskClient, alice: Person) -> None:
    for number in range(3):
        factories.make_store(alice, slug=f"store-number-{number}")
    assert "three stores already" in coach.get("/stores/new").text
    assert coach.post("/stores/new", data=NOVA).status_code == 403
    assert Store.select().count() == 3


@pytest.mark.parametrize("path", ["/store/nova", "/store/nova/settings", "/store/nova/guild"])
def test_a_store_is_managed_by_its_owner_alone(
    coach: FlaskClient, browser_of: Browser, mallory: Person, store: Store, path: str
) -> None:
    assert coach.get(path).status_code == 200
    assert browser_of(mallory).get(path).status_code == 404
    assert browser_of(None).get(path).location.startswith("/sign-in")


def test_settings_are_changed_by_the_owner_alone(
    coach: FlaskClient, browser_of: Browser, mallory: Person, store: Store, alice: Person
) -> None:
    changed = {"name": "Other", "currency": "USD", "zone": "Asia/Tokyo", "hue": "20", "slug": "elsewhere"}
    assert browser_of(mallory).post("/store/nova/settings", data=changed).status_code == 404
    assert coach.post("/store/nova/settings", data=changed | {"name": ""}).status_code == 422
    assert coach.post("/store/nova/settings", data=changed).location == "/store/nova"
    fresh = queries.get_own_store(alice, "nova")
    assert (fresh.name, fresh.currency, fresh.hue) == ("Other", "USD", 20)


def test_an_older_window_of_the_settings_undoes_no_newer_work(coach: FlaskClient, store: Store, alice: Person) -> None:
    seen = seen_in(coach.get("/store/nova/settings").text)
    older, newer = ({"name": name, "currency": "EUR", "zone": "Europe/Berlin", "hue": "10"} for name in ("Old", "New"))
    for _ in range(2):  # the same once more is no conflict
        assert coach.post("/store/nova/settings", data=newer | {"seen": seen}).status_code == 303
    refused = coach.post("/store/nova/settings", data=older | {"seen": seen})
    assert refused.status_code == 409
    assert re.search(
        "<dt>Name</dt>\\s*<dd><small>Yours</small>Old</dd>\\s*<dd><small>Saved</small>New</dd>", refused.text
    )
    assert 'value="Old"' in refused.text
    assert queries.get_own_store(alice, "nova").name == "New"
    assert coach.post("/store/nova/settings", data=older | {"seen": seen_in(refused.text)}).status_code == 303
    assert queries.get_own_store(alice, "nova").name == "Old"


def test_an_older_window_does_not_change_who_gets_in(coach: FlaskClient, store: Store, alice: Person) -> None:
    address = "/store/nova/access-mode"
    for _ in range(2):
        assert coach.post(address, data={"access_mode": "session_role", "seen": "members"}).status_code == 303
    refused = coach.post(address, data={"access_mode": "shared_role", "seen": "members"})
    assert refused.status_code == 409
    assert "A private room with a role for each call" in refused.text
    assert queries.get_own_store(alice, "nova").access_mode == "session_role"
    assert coach.post(address, data={"access_mode": "shared_role", "seen": "session_role"}).status_code == 303


def seen_in(page: str) -> str:
    """The mark that a page sends along."""
    return re.search('name="seen"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index]


def test_home_shows_products_by_state(coach: FlaskClient, store: Store) -> None:
    assert "No coaching calls yet" in coach.get("/store/nova").text
    for title, state in (("On sale now", "published"), ("Half made", "draft"), ("Long gone", "archived")):
        factories.make_product(store, title=title, state=state)
    page = coach.get("/store/nova").text
    places = [page.index(words) for words in ("On sale</h2>", "On sale now", "Drafts</h2>", "Half made", "Long gone")]
    assert places == sorted(places)


def test_the_invitation_asks_for_exactly_the_rights_that_are_explained(coach: FlaskClient, store: Store) -> None:
    page = coach.get("/store/nova/guild").text
    assert "permissions=322031121" in coach.post("/store/nova/guild-invitation").location
    assert sum(NEEDED_RIGHTS) == INVITE_RIGHTS == 322031121
    for reason in NEEDED_RIGHTS.values():
        assert f"{reason.capitalize()}." in page


def test_the_sites_guild_is_offered_but_has_to_be_verified(coach: FlaskClient, store: Store) -> None:
    assert f'value="{factories.GUILD_ID}"' in coach.get("/store/nova/guild").text
    assert queries.get_store("nova").guild is None


def test_an_admin_lends_the_sites_guild_to_a_store_that_asks(browser_of: Browser, mallory: Person) -> None:
    factories.make_store(mallory, slug="asks", guild=None, guild_verified_at=None)
    creator, admin = browser_of(mallory), browser_of(factories.make_person("Ada", is_admin=True))

    creator.post("/store/asks/site-guild")
    assert "An admin decides" in creator.get("/store/asks/guild").text
    assert queries.get_store("asks").guild is None

    assert "1 store asks" in admin.get("/admin").text.replace("</b>", "").replace("<b>", "")
    admin.post("/admin/stores/asks/guild-approval", data={"decision": "approve"})
    lent = queries.get_store("asks")
    assert lent.guild.discord_guild_id == factories.GUILD_ID
    assert lent.guild_verified_at
    assert "Lent by this site" in creator.get("/store/asks/guild").text
    # Mallory manages nothing there, and nobody asks Discord whether she does.
    assert queries.guilds_to_recheck(lent.guild_verified_at + timedelta(days=30)) == []


def test_a_declined_store_may_ask_again(browser_of: Browser, mallory: Person) -> None:
    factories.make_store(mallory, slug="asks", guild=None, guild_verified_at=None)
    creator, admin = browser_of(mallory), browser_of(factories.make_person("Ada", is_admin=True))
    creator.post("/store/asks/site-guild")

    refused = admin.post("/admin/stores/asks/guild-approval", data={"decision": "decline"})
    assert (refused.status_code, "Say why not." in refused.text) == (422, True)
    admin.post("/admin/stores/asks/guild-approval", data={"decision": "decline", "reason": "Too new"})
    assert SecurityEvent.get(SecurityEvent.kind == "guild_declined").detail == "asks: Too new"

    assert queries.get_store("asks").guild is None
    assert "Ask to use this site" in creator.get("/store/asks/guild").text


def test_without_the_bot_in_it_the_sites_guild_is_not_lent(
    browser_of: Browser, host: FakeHost, mallory: Person
) -> None:
    factories.make_store(mallory, slug="asks", guild=None, guild_verified_at=None, guild_asked_at=factories.MADE_AT)
    host.fail(Refusal.UNKNOWN_GUILD)
    admin = browser_of(factories.make_person("Ada", is_admin=True))

    answer = admin.post("/admin/stores/asks/guild-approval", data={"decision": "approve"})

    assert answer.status_code == 422
    assert queries.get_store("asks").guild_verified_at is None


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
def test_the_owner_of_a_guild_verifies_it(
    coach: FlaskClient, host: FakeHost, store: Store, headers: dict[str, str]
) -> None:
    host.guilds[FOREIGN] = HostGuild(FOREIGN, "Studio", owner_id="2001")
    answer = coach.post("/store/nova/guild-verification", data={"guild_id": FOREIGN}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/store/nova/guild")
    page = coach.get(answer.location, headers=headers).text
    assert "Verified" in page
    assert check_discord(store.owner, FOREIGN).is_member
    assert "You are not in the server" not in page
    assert "Studio" in page
    assert ("<!doctype html>" in page) == (not headers)


def test_the_form_of_a_page_from_before_an_update_is_sent_on(coach: FlaskClient, host: FakeHost, store: Store) -> None:
    host.guilds[FOREIGN] = HostGuild(FOREIGN, "Studio", owner_id="2001")
    answer = coach.post("/store/nova/guild-proof?next=/store/nova", data={"guild_id": FOREIGN})
    # With 308 a browser sends the same form there.
    assert (answer.status_code, answer.location) == (308, "/store/nova/guild-verification?next=/store/nova")
    answer = coach.post(answer.location, data={"guild_id": FOREIGN})
    assert (answer.status_code, answer.location) == (303, "/store/nova")


def test_a_foreign_guild_is_refused(coach: FlaskClient, host: FakeHost, store: Store) -> None:
    host.guilds[FOREIGN] = HostGuild(FOREIGN, "Somebody else’s", owner_id="42")
    answer = coach.post("/store/nova/guild-verification", data={"guild_id": FOREIGN})
    assert answer.status_code == 422
    assert "may not manage the server" in answer.text
    assert f'value="{FOREIGN}"' in answer.text
    assert queries.get_store("nova").guild is None


def test_a_guild_of_mallorys_store_cannot_be_verified_by_alice_for_her(
    coach: FlaskClient, host: FakeHost, mallory: Person
) -> None:
    factories.make_store(mallory, slug="theirs")
    assert coach.post("/store/theirs/guild-verification", data={"guild_id": FOREIGN}).status_code == 404
    assert host.calls == []


@pytest.mark.parametrize(
    "typed", ["", "12", "abc", "1" * 40, "１１０００００００００００００００００１", "../users/@me"]
)
def test_what_is_no_guild_id_is_never_asked_about(coach: FlaskClient, host: FakeHost, store: Store, typed: str) -> None:
    assert coach.post("/store/nova/guild-verification", data={"guild_id": typed}).status_code == 422
    assert host.calls == []


def test_a_silent_discord_is_said_and_nothing_is_lost(coach: FlaskClient, host: FakeHost, store: Store) -> None:
    host.fail(Refusal.NO_ANSWER)
    answer = coach.post("/store/nova/guild-verification", data={"guild_id": FOREIGN}, headers=HTMX)
    assert answer.status_code == 422
    assert "Discord did not answer" in answer.text
    assert f'value="{FOREIGN}"' in answer.text


def test_a_lost_verification_is_told_on_the_stores_page(coach: FlaskClient, alice: Person) -> None:
    factories.make_store(alice, slug="lost", guild_verified_at=None)
    assert "No new rooms are made on Nova Studio" in coach.get("/store/lost").text


def test_a_coach_without_discord_is_led_to_connect_it(browser_of: Browser) -> None:
    person = factories.make_person("Unlinked")
    factories.make_store(person, slug="plain", guild=None, guild_verified_at=None)
    coach = browser_of(person)
    assert "Discord is not connected" in coach.get("/store/plain/guild").text
    answer = coach.post("/store/plain/guild-verification", data={"guild_id": FOREIGN})
    assert answer.status_code == 422
    assert "Connect your Discord account first" in answer.text


def test_an_expired_sign_in_keeps_the_stores_form(client: FlaskClient, alice: Person) -> None:
    here = {"Referer": "http://localhost:8000/stores/new"}
    away = client.post("/stores/new", data=NOVA | {"name": "Typed before"}, headers=here)
    client.post(away.location, data={"email": alice.email, "password": factories.PASSWORD})
    assert 'value="Typed before"' in client.get("/stores/new").text


# --- Who gets in


def test_each_way_in_says_what_it_means(coach: FlaskClient, store: Store) -> None:
    page = coach.get("/store/nova/guild").text
    assert 'value="members"' in page
    assert "about 125 calls a day" in page
    assert "no private rooms" in page
    assert re.search('<input checked[^>]*value="members"', page)


def test_a_chosen_way_in_is_kept_and_concerns_what_is_booked(
    coach: FlaskClient, store: Store, alice: Person, woken: list[datetime]
) -> None:
    product = factories.make_product(store)
    factories.make_coaching_session(product, starts_at=datetime.now(UTC) + timedelta(days=1))
    factories.make_coaching_session(product, starts_at=datetime.now(UTC) + timedelta(days=2), session_type="phone")
    assert "One session is booked." in coach.get("/store/nova/guild").text

    answer = coach.post("/store/nova/access-mode", data={"access_mode": "session_role"})

    assert (answer.status_code, answer.location) == (303, "/store/nova/guild")
    assert Store.get().access_mode == "session_role"
    assert len(woken) == 1
    page = coach.get("/store/nova/guild").text
    assert "The one session to come gets its room this way" in page
    assert re.search('<input checked[^>]*value="session_role"', page)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "fragment"])
@pytest.mark.parametrize("fields", [{}, {"access_mode": "everybody"}])
def test_a_way_in_that_is_none_is_asked_for_again(
    coach: FlaskClient, store: Store, fields: dict[str, str], headers: dict[str, str], woken: list[datetime]
) -> None:
    answer = coach.post("/store/nova/access-mode", data=fields, headers=headers)
    assert answer.status_code == 422
    assert "Choose one of the three." in answer.text
    assert 'id="access"' in answer.text
    assert ("<html" in answer.text) == (not headers)
    assert (Store.get().access_mode, woken) == ("members", [])


def test_a_room_that_stands_from_the_booking_on_needs_the_shared_role(coach: FlaskClient, store: Store) -> None:
    store.access_mode = "shared_role"
    store.save()
    factories.make_product(store, opens_at_booking=True)
    answer = coach.post("/store/nova/access-mode", data={"access_mode": "members"})
    assert answer.status_code == 422
    assert "Change its timing first." in answer.text
    assert Store.get().access_mode == "shared_role"


def test_the_shared_category_is_named_once_it_stands(coach: FlaskClient, store: Store) -> None:
    store.access_mode, store.guild = "shared_role", factories.make_guild()
    store.save()
    assert "Put your voice channels there" not in coach.get("/store/nova/guild").text
    Room.create(
        kind="shared",
        store=store,
        code="shr",
        state="hidden",
        discord_guild_id=factories.GUILD_ID,
        discord_channel_id="5",
        created_at=factories.MADE_AT,
    )
    page = coach.get("/store/nova/guild").text
    assert "“Coaching shr”. Put your voice channels there" in page
    assert "Each room is visible to you and your student" not in page


def test_every_page_of_a_store_leads_to_the_others(browser_of, alice):
    factories.make_store(alice, slug="nova")
    coach, pages = browser_of(alice), ("", "/codes", "/partners", "/payments", "/receipts", "/settings")
    for page in pages:
        text = coach.get(f"/store/nova{page}").text
        assert f'href="/store/nova{page}" aria-current="page"' in text
        assert all(f'<a href="/store/nova{other}"' in text for other in pages)
