"""Discord round trips against the stand-in: the ways that work, the ways that fail, the attacks."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from html import escape, unescape
from pathlib import Path
from runpy import run_path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.types import WSGIApplication

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

import logs
from app import create_app
from blueprints.accounts import oauth
from coaching.accounts.models import DiscordLink, GuildMember, MergeClaim, Person, SavedForm, SecurityEvent, SignIn
from coaching.accounts.queries import check_discord
from coaching.accounts.signup import Signup
from coaching.booking.models import SessionEvent
from coaching.db import database
from coaching.marks import keyed_digests
from coaching.people.barring_mutations import hold_barred
from sandbox import seed
from sandbox.app import create_app as create_sandbox
from sandbox.config import SandboxConfig
from sandbox.oauth_records import Token
from sandbox.records import Person as Account
from settings import Settings
from tests import databases, factories
from tests.factories import (
    GUILD_ID,
    PASSWORD,
    make_coaching_session,
    make_guild,
    make_person,
    make_product,
    make_store,
    sign_in,
)
from tests.fakes import FakeMailer
from tests.in_process import stand_at

NEWCOMER, STUDENT, COACH = seed.NEWCOMER_ID, seed.STUDENT_ID, seed.COACH_ID
PAGE = "/settings?x=1"
# Nobody listens there; what is asked of it stays in this process.
NEAR = "http://localhost:9"


@dataclass
class Discord:
    """The stand-in as a test uses it: a person's answers on its pages, faults, and what it knows."""

    app: Flask
    url: str

    def answer(self, address: str, person: str, decision: str = "authorize") -> str:
        """Somebody's answer on the consent page: the address they are sent back to, as this site's path."""
        answer = requests.post(address, data={"person": person, "decision": decision}, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        parts = urlsplit(answer.headers["Location"])
        assert f"{parts.scheme}://{parts.netloc}" == "http://localhost:8000"
        return f"{parts.path}?{parts.query}"

    def fail(self, kind: str, route: str, **more: Any) -> None:
        """The next call there goes wrong."""
        assert requests.post(f"{self.url}/control/faults", json={"kind": kind, "route": route} | more, timeout=5).ok

    def leave(self, user_id: str) -> None:
        body = {"guild_id": GUILD_ID, "user_id": user_id, "action": "leave"}
        assert requests.post(f"{self.url}/control/member", json=body, timeout=5).ok

    def members(self) -> set[str]:
        guild = requests.get(f"{self.url}/control/guilds/{GUILD_ID}", timeout=5).json()
        return {member["user_id"] for member in guild["members"]}

    def tokens(self) -> list[Token]:
        state = self.app.extensions["sandbox"].state
        with state.transaction():
            return list(state.every(Token))


@pytest.fixture
def discord(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Discord]:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    app = create_sandbox(
        SandboxConfig(
            data_dir=folder,
            app_url=settings.app_url,
            client_secret=settings.discord_client_secret,
            bot_token=settings.discord_bot_token,
            client_id=settings.discord_client_id,
            guild_id=GUILD_ID,
        )
    )
    stand_at({NEAR: app}, monkeypatch)
    yield Discord(app, NEAR)
    app.extensions["sandbox"].state.close()


@contextmanager
def served(application: WSGIApplication) -> Iterator[str]:
    """Its address, with a socket: for what a socket's time is about."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def app(db: None, settings: Settings, discord: Discord, woken: list[datetime]) -> Flask:
    """The application as it is, Discord's gateway included, with the stand-in as its Discord."""
    databases.close()
    app = create_app(replace(settings, discord_api_url=f"{discord.url}/api/v10", discord_oauth_url=discord.url))
    database.connect()
    app.testing = True
    app.extensions["mailer"] = FakeMailer()
    app.extensions["wake_rooms"] = lambda: woken.append(datetime.now(UTC))
    app.extensions["wake_notices"] = app.extensions["wake_payments"] = lambda: None
    app.extensions["wake_lists"] = lambda: None
    return app


@pytest.fixture
def bob_browser(browser_of: Callable[..., FlaskClient]) -> FlaskClient:
    return browser_of(make_person("Bob"))


def bob() -> Person:
    person: Person = Person.get(Person.name == "Bob")
    return person


def trip(
    client: FlaskClient, discord: Discord, person: str, start: str = "/discord/link", **query: str
) -> TestResponse:
    """A whole round trip: set off, agree, come back."""
    set_off = client.post(start, query_string={"next": PAGE} | query)
    assert set_off.status_code == 303, set_off.text
    return client.get(discord.answer(set_off.location, person))


def query_of(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def hidden_fields(page: str) -> dict[str, str]:
    """The form key and the mark of what was shown."""
    values = (re.search(rf'name="{name}"[^>]* value="([^"]*)"', page) for name in ("form_key", "mark"))
    return {name: match[1] for name, match in zip(("form_key", "mark"), values, strict=True) if match}


def states_of(client: FlaskClient) -> list[str]:
    with client.session_transaction() as cookie:
        return [name for name in cookie if name.startswith("_state_discord_")]


# The ways that work.


def test_linking_asks_for_consent_with_pkce_and_joins_the_server(bob_browser: FlaskClient, discord: Discord) -> None:
    assert NEWCOMER not in discord.members()
    asked = query_of(bob_browser.post("/discord/link").location)
    assert asked["prompt"] == "consent"
    assert asked["scope"] == "identify guilds.join"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == "http://localhost:8000/api/auth/discord/callback"

    back = trip(bob_browser, discord, NEWCOMER)

    assert (back.status_code, back.location) == (303, PAGE)
    status = check_discord(bob(), GUILD_ID)
    assert (status.name, status.discord_user_id, status.is_member) == ("newcomer", NEWCOMER, True)
    assert NEWCOMER in discord.members()
    page = bob_browser.get(PAGE).text
    assert "Connected as newcomer" in page
    assert "You joined" in page


def test_who_was_in_the_server_before_is_a_member_too(bob_browser: FlaskClient, discord: Discord) -> None:
    trip(bob_browser, discord, STUDENT)
    assert check_discord(bob(), GUILD_ID).is_member
    assert "You joined" not in bob_browser.get(PAGE).text


def test_no_token_is_kept_anywhere_and_discord_is_asked_to_forget_it(
    bob_browser: FlaskClient, discord: Discord, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("", *logs.OURS):
        caplog.set_level(logging.DEBUG, name)
    set_off = bob_browser.post("/discord/link").location
    callback = discord.answer(set_off, NEWCOMER)
    bob_browser.get(callback)
    assert discord.tokens() == []
    with bob_browser.session_transaction() as cookie:
        assert not [name for name in cookie if "token" in name or "discord" in name]
    secrets = [query_of(callback)["code"], query_of(callback)["state"]]
    kept = [str(list(database.execute_sql(f'select * from "{table}"'))) for table in database.get_tables()]
    ours = [
        record.getMessage() for record in caplog.records if record.name not in ("werkzeug", "urllib3.connectionpool")
    ]
    for secret in secrets:
        assert secret not in "".join(kept)
        assert secret not in "".join(ours)


def test_signing_in_with_an_account_nobody_linked_makes_a_person(client: FlaskClient, discord: Discord) -> None:
    back = trip(client, discord, NEWCOMER, "/discord/sign-in", zone="America/New_York")
    assert (back.status_code, back.location) == (303, PAGE)
    person = Person.get()
    assert (person.name, person.email, person.password_hash) == ("Lee Marsh", None, None)
    assert person.zone == "America/New_York"
    assert check_discord(person, GUILD_ID).is_member
    page = client.get("/settings")
    assert page.status_code == 200
    assert "Welcome, Lee Marsh. You sign in here by your Discord account newcomer." in page.text
    assert "You joined" in page.text


def test_who_refuses_and_starts_again_keeps_the_zone_of_the_page(client: FlaskClient, discord: Discord) -> None:
    set_off = client.post("/discord/sign-in?next=/s/nova/call", data={"zone": "Asia/Calcutta"})
    refused = client.get(discord.answer(set_off.location, NEWCOMER, "refuse"))
    (again,) = re.findall(r'action="(/discord/sign-in[^"]*)"', refused.text)
    # The browser's zone, sent once more, does not win over the page's.
    set_off = client.post(unescape(again), data={"zone": "Asia/Tokyo"})
    client.get(discord.answer(set_off.location, NEWCOMER))
    assert Person.get().zone == "Asia/Calcutta"
    assert "Times in Kolkata (UTC+5:30)." in client.get("/dashboard").text


def test_a_zone_chosen_before_the_trip_is_the_persons(client: FlaskClient, discord: Discord) -> None:
    person = make_person("Bob")
    factories.link_discord(person, STUDENT)
    client.post("/zone", data={"zone": "Asia/Tokyo", "next": "/"})
    trip(client, discord, STUDENT, "/discord/sign-in", zone="America/New_York")
    assert Person.get().zone == "Asia/Tokyo"


def test_who_has_no_zone_and_comes_by_discord_keeps_that_of_the_page(client: FlaskClient, discord: Discord) -> None:
    factories.link_discord(make_person("Bob", zone=None), STUDENT)
    set_off = client.post("/discord/sign-in", query_string={"next": "/s/nova/call?zone=Asia/Tokyo"})
    client.get(discord.answer(set_off.location, STUDENT))
    assert Person.get().zone == "Asia/Tokyo"


def test_where_no_new_accounts_are_made_discord_makes_none_and_lets_in_who_is_known(
    app: Flask, client: FlaskClient, discord: Discord
) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], signup=Signup.CLOSED)
    refused = trip(client, discord, NEWCOMER, "/discord/sign-in")
    assert (refused.status_code, Person.select().count()) == (403, 0)
    assert "takes no new accounts" in refused.text
    factories.link_discord(make_person("Bob"), NEWCOMER)
    assert trip(client, discord, NEWCOMER, "/discord/sign-in").status_code == 303


def test_signing_in_with_a_linked_account_signs_its_person_in(client: FlaskClient, discord: Discord) -> None:
    person = make_person("Bob")
    factories.link_discord(person, STUDENT)
    trip(client, discord, STUDENT, "/discord/sign-in")
    assert Person.select().count() == 1
    assert SignIn.get().person == person
    assert check_discord(person, None).name == "student"  # the name is today's


def test_somebody_suspended_comes_back_from_discord_to_the_reason_and_no_further(
    client: FlaskClient, discord: Discord
) -> None:
    person = make_person("Bob", suspended_at=factories.MADE_AT, suspended_why="Sold nothing but spam")
    factories.link_discord(person, STUDENT)
    discord.leave(STUDENT)
    refused = trip(client, discord, STUDENT, "/discord/sign-in")
    assert refused.status_code == 403
    assert "This account is suspended" in refused.text
    assert "Sold nothing but spam" in refused.text
    assert SignIn.select().count() == 0
    assert STUDENT not in discord.members()
    assert "Put my data together" not in client.get("/suspended/data").text  # a link to their address has it


def test_somebody_suspended_who_has_discord_alone_gets_their_data_from_there(
    client: FlaskClient, discord: Discord
) -> None:
    person = make_person(
        "Bob", email=None, email_key=None, email_verified_at=None, suspended_at=factories.MADE_AT, suspended_why="Spam"
    )
    factories.link_discord(person, STUDENT)
    refused = trip(client, discord, STUDENT, "/discord/sign-in")
    assert (refused.status_code, 'href="/suspended/data"' in refused.text) == (403, True)
    [link] = re.findall('action="(/suspended/data/link/[^"]+)"', client.get("/suspended/data").text)
    client.application.extensions["wake_exports"] = lambda: None
    assert client.post(link).location == "/suspended/data"
    assert "Your data is being put together" in client.get("/suspended/data").text
    assert client.get("/settings").location.startswith("/sign-in")
    assert SignIn.select().count() == 0


def test_who_deleted_a_suspended_account_comes_in_neither_by_discord_nor_by_another_account(
    client: FlaskClient, bob_browser: FlaskClient, discord: Discord
) -> None:
    hold_barred([keyed_digests(f"discord {NEWCOMER}")[0]], factories.MADE_AT)
    for browser, way in ((client, "/discord/sign-in"), (bob_browser, "/discord/link")):
        refused = trip(browser, discord, NEWCOMER, way)
        assert (refused.status_code, "was suspended, and then deleted" in refused.text) == (403, True), way
        Person.update(suspended_at=None).execute()
        DiscordLink.delete().execute()
    assert SignIn.select().count() == 0


def test_who_left_the_sites_server_is_not_put_back_by_signing_in(client: FlaskClient, discord: Discord) -> None:
    factories.link_discord(make_person("Bob"), STUDENT)
    discord.leave(STUDENT)
    trip(client, discord, STUDENT, "/discord/sign-in")
    assert STUDENT not in discord.members()


def test_the_page_says_which_server_is_joined_before_the_trip(client: FlaskClient) -> None:
    make_guild(GUILD_ID, name="Nova’s studio")
    for path in ("/sign-in", "/sign-up", "/discord/card"):
        assert "<b>Nova’s studio</b>" in client.get(path).text, path


def test_a_same_name_is_nobodys_verification(client: FlaskClient, discord: Discord) -> None:
    make_person("Lee Marsh", email="newcomer@example.com", email_key="newcomer@example.com")
    trip(client, discord, NEWCOMER, "/discord/sign-in")
    assert Person.select().count() == 2


def test_joining_is_for_the_server_of_the_store_one_comes_from(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), NEWCOMER, is_member=False)
    store = make_store(make_person("Nova"), guild=make_guild(seed.FOREIGN_GUILD_ID, name="Foreign"))
    trip(bob_browser, discord, NEWCOMER, "/discord/join", store=store.slug)
    assert check_discord(bob(), seed.FOREIGN_GUILD_ID).is_member
    assert not check_discord(bob(), GUILD_ID).is_member
    assert NEWCOMER not in discord.members()


def test_nobody_is_added_to_a_guild_that_its_store_has_not_verified(bob_browser: FlaskClient, discord: Discord) -> None:
    """A coach names a stranger's guild: linking there must not put people into it."""
    guild = make_guild(seed.FOREIGN_GUILD_ID)
    store = make_store(make_person("Mallory"), guild=guild, guild_verified_at=None)
    trip(bob_browser, discord, NEWCOMER, store=store.slug)
    assert check_discord(bob(), None).is_connected
    assert not check_discord(bob(), seed.FOREIGN_GUILD_ID).is_member
    foreign = requests.get(f"{discord.url}/control/guilds/{seed.FOREIGN_GUILD_ID}", timeout=5).text
    assert NEWCOMER not in foreign


def test_what_was_typed_around_the_card_comes_back(bob_browser: FlaskClient, discord: Discord) -> None:
    set_off = bob_browser.post("/discord/link?next=/settings", data={"email": "typed@example.com"})
    bob_browser.get(discord.answer(set_off.location, NEWCOMER))
    assert 'value="typed@example.com"' in bob_browser.get("/settings").text


def test_what_a_visitor_typed_survives_signing_in_with_discord(client: FlaskClient, discord: Discord) -> None:
    set_off = client.post("/discord/sign-in?next=/settings", data={"email": "typed@example.com"})
    back = client.get(discord.answer(set_off.location, NEWCOMER))
    assert 'value="typed@example.com"' in client.get(back.location).text
    assert SavedForm.select().count() == 0


def test_htmx_is_told_to_leave_the_page_for_discord(bob_browser: FlaskClient, discord: Discord) -> None:
    answer = bob_browser.post("/discord/link", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith(f"{discord.url}/oauth2/authorize?")


# The ways that fail: each ends on a page that says what to do.


def test_a_refusal_changes_nothing_and_offers_both_ways_on(bob_browser: FlaskClient, discord: Discord) -> None:
    set_off = bob_browser.post(f"/discord/link?next={PAGE}").location
    answer = bob_browser.get(discord.answer(set_off, NEWCOMER, "refuse"))
    assert answer.status_code == 200
    assert "You cancelled at Discord" in answer.text
    assert 'action="/discord/link?next=/settings?x%3D1"' in answer.text
    assert f'href="{PAGE}"' in answer.text
    assert "is kept" not in answer.text
    assert DiscordLink.select().count() == 0


def test_a_refusal_says_that_what_was_typed_is_kept(bob_browser: FlaskClient, discord: Discord) -> None:
    set_off = bob_browser.post("/discord/link?next=/settings", data={"email": "typed@example.com"}).location
    assert "What you filled in is kept." in bob_browser.get(discord.answer(set_off, NEWCOMER, "refuse")).text
    assert 'value="typed@example.com"' in bob_browser.get("/settings").text


@pytest.mark.parametrize(
    "address",
    [
        *("/api/auth/discord/callback", "/api/auth/discord/callback?code=x&state=never-started"),
        *("/api/auth/discord/callback?state=", "/api/auth/discord/callback?error=access_denied"),
        *("/api/auth/discord/callback?code[]=x&state[]=y", "/api/auth/discord/callback?code=%00&state=%00"),
        f"/api/auth/discord/callback?error=access_denied&state={'x' * 2000}",
    ],
)
def test_an_answer_nobody_asked_for_ends_on_a_page(bob_browser: FlaskClient, address: str) -> None:
    answer = bob_browser.get(address)
    assert answer.status_code == 400
    assert "This answer from Discord does not fit" in answer.text
    assert DiscordLink.select().count() == 0


def test_the_same_answer_twice_ends_on_a_page(bob_browser: FlaskClient, discord: Discord) -> None:
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    assert bob_browser.get(callback).status_code == 303
    assert bob_browser.get(callback).status_code == 400
    assert DiscordLink.select().count() == 1


def test_the_same_refusal_twice_ends_on_a_page(bob_browser: FlaskClient, discord: Discord) -> None:
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER, "refuse")
    assert bob_browser.get(callback).status_code == 200
    assert bob_browser.get(callback).status_code == 400


def test_a_used_code_is_said_and_links_nobody(bob_browser: FlaskClient, discord: Discord) -> None:
    first = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    second = query_of(bob_browser.post("/discord/link").location)["state"]
    code = query_of(first)["code"]
    bob_browser.get(first)
    DiscordLink.delete().execute()
    answer = bob_browser.get(f"/api/auth/discord/callback?code={code}&state={second}")
    assert answer.status_code == 400
    assert "has run out" in answer.text
    assert DiscordLink.select().count() == 0


@pytest.mark.parametrize(
    ("kind", "route"),
    [
        *(("drop_before", "/oauth2/token"), ("drop_after", "/oauth2/token"), ("5xx", "/oauth2/token")),
        *(("429", "/oauth2/token"), ("429_cloudflare", "/oauth2/token"), ("401", "/oauth2/token")),
        *(("drop_before", "/users/@me"), ("5xx", "/users/@me"), ("401", "/users/@me"), ("429", "/users/@me")),
    ],
)
def test_a_discord_that_fails_ends_on_a_page_and_links_nobody(
    bob_browser: FlaskClient, discord: Discord, kind: str, route: str
) -> None:
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    discord.fail(kind, route)
    answer = bob_browser.get(callback)
    assert answer.status_code == 502
    assert "Nothing was changed" in answer.text
    assert DiscordLink.select().count() == 0


def test_a_silent_discord_ends_on_a_page_in_time(app: Flask, bob_browser: FlaskClient, discord: Discord) -> None:
    app.extensions["discord_oauth"].client_kwargs["default_timeout"] = 0.2
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    discord.fail("delay", "/oauth2/token", seconds=1)
    with served(discord.app) as address:
        app.extensions["discord_oauth"].access_token_url = f"{address}/api/v10/oauth2/token"
        answer = bob_browser.get(callback)
    assert answer.status_code == 502
    assert "Discord did not answer" in answer.text


def test_an_answer_that_drips_ends_on_a_page_in_time(app: Flask, bob_browser: FlaskClient, discord: Discord) -> None:
    """Headers, then a body, byte by byte: each read is answered, and still the call is given up."""
    over = threading.Event()

    def drip(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        for _ in range(40):
            yield b" "
            if over.wait(0.05):
                break
        yield b'{"access_token": "late", "scope": "identify"}'

    app.extensions["discord_oauth"].client_kwargs["default_timeout"] = 0.2
    with served(drip) as address:
        app.extensions["discord_oauth"].access_token_url = f"{address}/oauth2/token"
        answer = bob_browser.get(discord.answer(bob_browser.post("/discord/link").location, NEWCOMER))
        over.set()
    assert answer.status_code == 502
    assert "Discord did not answer" in answer.text
    assert "late" not in answer.text


def test_a_discord_that_hangs_holds_a_quarter_of_the_threads(
    app: Flask, browser_of: Callable[..., FlaskClient], discord: Discord
) -> None:
    served = run_path("gunicorn.conf.py")
    assert served["threads"] // 4 == oauth.MOST_ARRIVALS
    hangs, entered = threading.Event(), threading.Semaphore(0)
    oauth_app = app.extensions["discord_oauth"]
    session_of = oauth_app.client_cls

    class HangingSession(session_of):  # type: ignore[misc,valid-type]
        def request(self, method: str, url: str, **options: Any) -> Any:
            entered.release()
            hangs.wait(10)
            return super().request(method, url, **options)

    oauth_app.client_cls = HangingSession
    waiting = browser_of(make_person("Carol"))
    visitor = browser_of()
    back_again = discord.answer(waiting.post("/discord/link", query_string={"next": PAGE}).location, NEWCOMER)
    signing_in = discord.answer(visitor.post(f"/discord/sign-in?next={PAGE}", data={"typed": "words"}).location, COACH)
    crowd = [browser_of(make_person(f"Person {number}")) for number in range(oauth.MOST_ARRIVALS)]
    callbacks = [discord.answer(browser.post("/discord/link").location, STUDENT) for browser in crowd]
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda browser=browser, to=to: statuses.append(browser.get(to).status_code))
        for browser, to in zip(crowd, callbacks, strict=True)
    ]
    for thread in threads:
        thread.start()
        assert entered.acquire(timeout=10)
    full = waiting.get(back_again)
    assert full.status_code == 503
    assert full.headers["Refresh"] == full.headers["Retry-After"]
    assert "tries again by itself" in full.text
    assert escape(back_again) in full.text
    nobody = visitor.get(signing_in)
    assert nobody.status_code == 503
    assert "Sign in by e-mail" in nobody.text
    assert "kept" in nobody.text
    assert visitor.get("/sign-in").status_code == 200
    # Nor does anybody else wait for it meanwhile.
    student = browser_of(make_person("Dora", linked_as="1100000000000000555"))
    assert "Discord is slow right now" in student.post("/discord/check", headers={"HX-Request": "true"}).text
    coach = make_person("Ed", linked_as="1100000000000000556")
    make_store(coach, slug="eds", guild=None)
    refused = browser_of(coach).post("/store/eds/guild-verification", data={"guild_id": GUILD_ID})
    assert refused.status_code == 422
    assert "Discord is slow right now" in refused.text
    assert f'value="{GUILD_ID}"' in refused.text
    hangs.set()
    for thread in threads:
        thread.join()
    assert statuses == [303, 303]
    assert "slow" not in student.post("/discord/check", headers={"HX-Request": "true"}).text
    # The trip was not over: the same address leads to the end of it.
    assert waiting.get(back_again).status_code == 303
    assert "Connected as newcomer" in waiting.get(PAGE).text


def test_a_wrong_client_secret_is_the_sites_own_trouble(app: Flask, bob_browser: FlaskClient, discord: Discord) -> None:
    app.extensions["discord_oauth"].client_secret = "another secret"
    answer = bob_browser.get(discord.answer(bob_browser.post("/discord/link").location, NEWCOMER))
    assert answer.status_code == 502
    assert "Discord does not know this site" in answer.text
    assert "another secret" not in answer.text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("40007", "banned from the server"),
        ("30001", "as many servers as Discord allows"),
        ("340015", "Try again in an hour"),
        ("50025", "permission ran out"),
        ("50026", "Join servers for you"),
        ("50013", "does not let this site&#39;s bot add people"),
        ("10004", "is not on this server"),
        ("5xx", "may not be in the server yet"),
        ("drop_before", "may not be in the server yet"),
    ],
)
def test_a_join_that_fails_is_said_and_the_link_stays(
    bob_browser: FlaskClient, discord: Discord, kind: str, words: str
) -> None:
    callback = discord.answer(bob_browser.post(f"/discord/link?next={PAGE}").location, NEWCOMER)
    discord.fail(kind, "/guilds/*/members/*", method="PUT")
    assert bob_browser.get(callback).location == PAGE
    page = bob_browser.get(PAGE).text
    assert words in page
    assert "Connected as newcomer" in page
    assert not check_discord(bob(), GUILD_ID).is_member


def test_a_ban_is_written_down_for_each_coming_call_on_that_server(bob_browser: FlaskClient, discord: Discord) -> None:
    now, coach = datetime.now(UTC), make_person("Coach")
    product = make_product(make_store(coach))
    coming = make_coaching_session(product, bob(), starts_at=now + timedelta(days=1))
    others = [
        make_coaching_session(product, bob(), starts_at=now - timedelta(days=1)),
        make_coaching_session(product, bob(), starts_at=now + timedelta(days=2), state="cancelled"),
        make_coaching_session(product, bob(), starts_at=now + timedelta(days=3), session_type="phone"),
        make_coaching_session(product, make_person("Other"), starts_at=now + timedelta(days=4)),
    ]
    bob_browser.get(discord.answer(bob_browser.post("/discord/link").location, NEWCOMER))
    for _ in range(2):
        callback = discord.answer(bob_browser.post("/discord/join").location, NEWCOMER)
        discord.fail("40007", "/guilds/*/members/*", method="PUT")
        assert bob_browser.get(callback).status_code == 303
    banned = list(SessionEvent.select().where(SessionEvent.kind == "banned"))
    assert [line.coaching_session for line in banned] == [coming], others
    coach_browser = bob_browser.application.test_client()
    sign_in(coach_browser, coach)
    assert "Bob is banned from your server" in coach_browser.get("/dashboard").text


def test_a_failing_revocation_spoils_nothing(bob_browser: FlaskClient, discord: Discord) -> None:
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    discord.fail("5xx", "/oauth2/token/revoke")
    assert bob_browser.get(callback).status_code == 303
    assert check_discord(bob(), GUILD_ID).is_member


# Attacks.


def test_a_head_request_finishes_no_trip(bob_browser: FlaskClient, discord: Discord) -> None:
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    assert bob_browser.head(callback).status_code == 405
    assert DiscordLink.select().count() == 0
    assert bob_browser.get(callback).status_code == 303


@pytest.mark.parametrize("path", ["/discord/link", "/discord/join", "/discord/sign-in", "/discord/unlink"])
def test_nothing_starts_by_get(bob_browser: FlaskClient, path: str) -> None:
    assert bob_browser.get(path).status_code == 405


def test_another_persons_browser_cannot_finish_a_trip(
    bob_browser: FlaskClient, browser_of: Callable[..., FlaskClient], discord: Discord
) -> None:
    """Login CSRF: Mallory hands Bob the address with her own code and state."""
    mallory = browser_of(make_person("Mallory"))
    callback = discord.answer(mallory.post("/discord/link").location, NEWCOMER)
    assert bob_browser.get(callback).status_code == 400
    assert DiscordLink.select().count() == 0


def test_a_state_of_ones_own_does_not_fit_somebody_elses_code(
    bob_browser: FlaskClient, browser_of: Callable[..., FlaskClient], discord: Discord
) -> None:
    """PKCE: Mallory's code, Bob's state."""
    mallory = browser_of(make_person("Mallory"))
    code = query_of(discord.answer(mallory.post("/discord/link").location, NEWCOMER))["code"]
    state = query_of(bob_browser.post("/discord/link").location)["state"]
    answer = bob_browser.get(f"/api/auth/discord/callback?code={code}&state={state}")
    assert answer.status_code == 400
    assert DiscordLink.select().count() == 0


def test_nothing_is_linked_when_somebody_else_is_signed_in_by_then(bob_browser: FlaskClient, discord: Discord) -> None:
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    eve = make_person("Eve")
    with bob_browser.session_transaction() as cookie:
        kept = {name: value for name, value in cookie.items() if name.startswith("_state")}
    factories.sign_in(bob_browser, eve)
    with bob_browser.session_transaction() as cookie:
        cookie.update(kept)
    answer = bob_browser.get(callback)
    assert answer.status_code == 403
    assert "Somebody else is signed in" in answer.text
    assert DiscordLink.select().count() == 0
    assert bob_browser.get(callback).status_code == 400  # the state is spent all the same


def test_nothing_is_linked_when_one_is_signed_out_by_then(bob_browser: FlaskClient, discord: Discord) -> None:
    callback = discord.answer(bob_browser.post("/discord/link").location, NEWCOMER)
    SignIn.delete().execute()
    answer = bob_browser.get(callback)
    assert answer.status_code == 403
    assert "signed out" in answer.text
    assert DiscordLink.select().count() == 0


def test_an_account_of_somebody_else_is_not_linked(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(make_person("Eve"), NEWCOMER)
    answer = trip(bob_browser, discord, NEWCOMER)
    assert (answer.status_code, answer.location) == (303, "/settings/merging")
    page = bob_browser.get(answer.location).text
    assert "belongs to another account of this site, that of <b>Eve</b>" in page
    assert not check_discord(bob(), None).is_connected
    assert Person.select().count() == 2


def test_two_accounts_become_one_where_discord_has_shown_the_other(bob_browser: FlaskClient, discord: Discord) -> None:
    """Signed up by mail, then with Discord elsewhere: no dead end, and what was typed on the way is kept."""
    eve = make_person("Eve", email=None, email_key=None, email_verified_at=None, password_hash=None)
    factories.link_discord(eve, NEWCOMER)
    set_off = bob_browser.post("/discord/link?next=/settings", data={"email": "typed@example.com"})
    page = bob_browser.get(bob_browser.get(discord.answer(set_off.location, NEWCOMER)).location).text

    answer = bob_browser.post("/settings/merging", data=hidden_fields(page))

    assert answer.location == "/settings"
    assert check_discord(bob(), None).discord_user_id == NEWCOMER
    assert Person.select().count() == 1
    assert 'value="typed@example.com"' in bob_browser.get("/settings").text


def test_a_second_discord_account_is_said_and_merges_nothing(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), STUDENT)
    factories.link_discord(make_person("Eve"), NEWCOMER)
    answer = trip(bob_browser, discord, NEWCOMER, "/discord/relink")
    page = bob_browser.get(answer.location).text
    assert "Only one can stay" in page
    assert "Merge the two accounts</" not in page
    assert bob_browser.post("/settings/merging").status_code == 409
    assert DiscordLink.select().count() == 2


def test_whoever_is_signed_in_is_not_signed_over_by_discord(bob_browser: FlaskClient, discord: Discord) -> None:
    """“Continue with Discord” while signed in as Bob, with an account that is Eve's."""
    factories.link_discord(make_person("Eve"), NEWCOMER)
    answer = trip(bob_browser, discord, NEWCOMER, "/discord/sign-in")
    assert answer.location == "/settings/merging"
    assert bob_browser.get("/settings").text.count("Bob")
    assert SignIn.select().count() == 1
    assert Person.select().count() == 2


def test_another_persons_browser_cannot_claim_by_discord(
    bob_browser: FlaskClient, browser_of: Callable[..., FlaskClient], discord: Discord
) -> None:
    """Mallory lets Bob agree at Discord and hands him the address: neither of them has claimed his account."""
    factories.link_discord(make_person("Eve"), NEWCOMER)
    mallory = browser_of(make_person("Mallory"))
    callback = discord.answer(mallory.post("/discord/link").location, NEWCOMER)
    assert bob_browser.get(callback).status_code == 400
    assert MergeClaim.select().count() == 0


def test_joining_with_another_account_than_the_linked_one_is_refused(
    bob_browser: FlaskClient, discord: Discord
) -> None:
    factories.link_discord(bob(), STUDENT, is_member=False)
    answer = trip(bob_browser, discord, NEWCOMER, "/discord/join")
    assert answer.status_code == 409
    assert "You came back as newcomer" in answer.text
    assert check_discord(bob(), None).discord_user_id == STUDENT
    assert NEWCOMER not in discord.members()


def test_the_link_button_never_replaces_a_link(bob_browser: FlaskClient, discord: Discord) -> None:
    set_off = bob_browser.post("/discord/link").location
    factories.link_discord(bob(), STUDENT)
    answer = bob_browser.get(discord.answer(set_off, NEWCOMER))
    assert answer.status_code == 409
    assert check_discord(bob(), None).discord_user_id == STUDENT


def test_thirty_abandoned_trips_fit_into_the_cookie(bob_browser: FlaskClient, discord: Discord) -> None:
    longest = "/settings?" + "x" * 480
    for _ in range(30):
        set_off = bob_browser.post("/discord/link", query_string={"next": longest, "store": "a-store"}).location
    cookie = bob_browser.get_cookie("greenroom_8000")
    assert cookie is not None
    assert len(cookie.value) < 4093
    assert len(states_of(bob_browser)) == 3
    assert bob_browser.get(discord.answer(set_off, NEWCOMER)).status_code == 303


@pytest.mark.parametrize("next_address", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_a_trip_never_ends_on_another_site(bob_browser: FlaskClient, discord: Discord, next_address: str) -> None:
    set_off = bob_browser.post("/discord/link", query_string={"next": next_address}).location
    assert bob_browser.get(discord.answer(set_off, NEWCOMER)).location == "/settings"


def test_an_answer_with_fewer_rights_links_but_joins_nothing(bob_browser: FlaskClient, discord: Discord) -> None:
    """Somebody edits the scopes on the way to the consent page."""
    set_off = bob_browser.post(f"/discord/link?next={PAGE}").location
    edited = set_off.replace("identify+guilds.join", "identify").replace("identify%20guilds.join", "identify")
    assert edited != set_off
    assert bob_browser.get(discord.answer(edited, NEWCOMER)).location == PAGE
    assert check_discord(bob(), None).is_connected
    assert NEWCOMER not in discord.members()
    assert "was not allowed to add you" in bob_browser.get(PAGE).text


def test_a_first_account_is_a_new_way_in_and_asks_for_a_fresh_verification(
    bob_browser: FlaskClient, discord: Discord
) -> None:
    """Else a stolen cookie would become a sign-in of the thief's own, for good."""
    make_stale(bob_browser)
    for path in ("/discord/link", "/discord/join", "/discord/sign-in"):
        answer = bob_browser.post(
            path, data={"email": "typed@example.com"}, headers={"Referer": "http://localhost:8000/settings"}
        )
        assert answer.location == "/confirm?next=/settings"
        assert states_of(bob_browser) == []

    back = bob_browser.post("/confirm?next=/settings", data={"password": PASSWORD})

    assert back.location == "/settings"
    assert 'value="typed@example.com"' in bob_browser.get("/settings").text
    trip(bob_browser, discord, NEWCOMER)
    assert check_discord(bob(), None).is_connected


def test_joining_with_the_known_account_asks_for_no_verification(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), NEWCOMER, is_member=False)
    make_stale(bob_browser)
    trip(bob_browser, discord, NEWCOMER, "/discord/join")
    assert check_discord(bob(), GUILD_ID).is_member


def test_what_discord_calls_somebody_is_cleaned_like_anything_typed(client: FlaskClient, discord: Discord) -> None:
    state = discord.app.extensions["sandbox"].state
    with state.transaction():
        somebody = state.find(Account, NEWCOMER)
        state.put(replace(somebody, username="new\0comer", global_name="<b>\u202eLee\0" + "x" * 500))
    trip(client, discord, NEWCOMER, "/discord/sign-in")
    person = Person.get()
    assert (person.name[:6], len(person.name)) == ("<b>Lee", 60)
    assert DiscordLink.get().username == "newcomer"
    assert "<b>Lee" not in client.get("/settings").text


# Changing and removing the link.


def make_stale(client: FlaskClient) -> None:
    """The sign-in is older than ten minutes."""
    SignIn.update(verified_at=datetime.now(UTC) - timedelta(minutes=11)).execute()


@pytest.mark.parametrize("path", ["/discord/unlink", "/discord/relink"])
def test_changing_the_link_asks_for_a_fresh_verification(bob_browser: FlaskClient, path: str) -> None:
    factories.link_discord(bob(), STUDENT)
    make_stale(bob_browser)
    answer = bob_browser.post(path, headers={"Referer": "http://localhost:8000/settings/discord"})
    assert answer.location == "/confirm?next=/settings/discord"
    assert check_discord(bob(), None).is_connected


def test_unlinking_and_the_rooms_hear_of_it(bob_browser: FlaskClient, woken: list[datetime]) -> None:
    factories.link_discord(bob(), STUDENT)
    assert bob_browser.post("/discord/unlink").location == "/settings"
    assert not check_discord(bob(), None).is_connected
    assert woken
    assert SecurityEvent.select().where(SecurityEvent.kind == "Discord unlinked").count() == 1


def test_relinking_puts_another_account_in_place(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), STUDENT)
    trip(bob_browser, discord, NEWCOMER, "/discord/relink")
    assert check_discord(bob(), GUILD_ID).discord_user_id == NEWCOMER
    assert DiscordLink.select().count() == 1


@pytest.mark.parametrize("path", ["/discord/unlink", "/discord/relink"])
def test_the_only_way_in_cannot_be_removed(bob_browser: FlaskClient, path: str) -> None:
    factories.link_discord(bob(), STUDENT)
    Person.update(password_hash=None).execute()
    answer = bob_browser.post(path)
    assert answer.status_code == 403
    assert "only way in" in answer.text
    assert check_discord(bob(), None).is_connected


def test_one_may_confirm_by_discord(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), STUDENT)
    make_stale(bob_browser)
    assert trip(bob_browser, discord, STUDENT, "/discord/confirmation").location == PAGE
    assert bob_browser.post("/discord/unlink").location == "/settings"


def test_another_discord_account_confirms_nothing(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), STUDENT)
    make_stale(bob_browser)
    assert trip(bob_browser, discord, COACH, "/discord/confirmation").status_code == 409
    assert bob_browser.post("/discord/unlink").location.startswith("/confirm")


# The card.


def test_the_card_has_three_states_in_words(client: FlaskClient, bob_browser: FlaskClient, discord: Discord) -> None:
    assert "Continue with Discord" in client.get("/discord/card").text
    assert "Discord is not connected" in bob_browser.get("/discord/card").text
    factories.link_discord(bob(), STUDENT, is_member=False)
    assert "You are not in the server" in bob_browser.get("/discord/card").text
    bob_browser.post("/discord/check")
    assert "You are in the server" in bob_browser.get("/discord/card").text


def test_check_again_asks_discord_and_swaps_the_card_alone(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), STUDENT, is_member=False)
    answer = bob_browser.post("/discord/check?form=booking-form", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div class="state-card good" id="discord-card"')
    discord.leave(STUDENT)
    GuildMember.update(checked_at=datetime.now(UTC) - timedelta(minutes=1)).execute()
    answer = bob_browser.post("/discord/check?form=booking-form", headers={"HX-Request": "true"})
    assert "state-card info" in answer.text
    assert 'form="booking-form"' in answer.text


def test_a_check_without_scripts_keeps_what_was_typed(bob_browser: FlaskClient) -> None:
    factories.link_discord(bob(), STUDENT, is_member=False)
    answer = bob_browser.post("/discord/check?next=/settings", data={"email": "typed@example.com"})
    assert answer.location == "/settings"
    assert 'value="typed@example.com"' in bob_browser.get("/settings").text


def test_a_check_that_fails_says_so_and_changes_nothing(bob_browser: FlaskClient, discord: Discord) -> None:
    factories.link_discord(bob(), STUDENT)
    discord.fail("5xx", "/guilds/*/members/*")
    answer = bob_browser.post("/discord/check", headers={"HX-Request": "true"})
    assert "Discord did not answer" in answer.text
    assert check_discord(bob(), GUILD_ID).is_member


def test_a_card_that_looks_as_before_is_not_sent_again(bob_browser: FlaskClient) -> None:
    first = bob_browser.get("/discord/card", headers={"HX-Request": "true"}).text
    card_mark = first.split("shown=")[1].split('"')[0]
    assert bob_browser.get(f"/discord/card?shown={card_mark}", headers={"HX-Request": "true"}).status_code == 204
    factories.link_discord(bob(), STUDENT)
    assert bob_browser.get(f"/discord/card?shown={card_mark}", headers={"HX-Request": "true"}).status_code == 200


def test_a_forged_form_id_stays_inside_its_attribute(bob_browser: FlaskClient) -> None:
    text = bob_browser.get('/discord/card?form="><script>alert(1)</script>&store="><b>').text
    assert "<script>alert" not in text


def test_password_sign_in_still_works_beside_it(client: FlaskClient) -> None:
    person = make_person("Bob")
    assert client.post("/sign-in", data={"email": person.email, "password": PASSWORD}).status_code == 303
