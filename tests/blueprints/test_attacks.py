"""Attacks that go across the whole site: each is tried at every address, and each has to fail.

About 40 s of processor time: more than a hundred addresses, times the attacks.
"""

import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import logs
from app import create_app
from blueprints.bodies import LARGEST_FORM, LARGEST_LONG_FORM, LONG, RAW, WITH_UPLOAD, WITHOUT_BODY
from blueprints.forms import Form, Money, TextBlock, TextLine, WholeNumber, ZoneField, clean, plain_number
from blueprints.same_origin import WITHOUT_ORIGIN
from blueprints.web import LAST_PAGE, asked_page, safe_next
from coaching.accounts.models import DiscordLink, FormKey, Person, SecurityEvent, SignIn
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Offer, Product, Store
from coaching.db import database, is_sqlite
from coaching.notices.models import Notice
from coaching.plain_text import LINE_BREAKS
from environment.errors import SettingsError
from settings import Settings
from tests import databases, factories
from tests.factories import PASSWORD

Browser = Callable[..., FlaskClient]


def wide(cases: Iterable[Any]) -> list[Any]:
    """These cases only before a release: what decides them is asked in the same way at every address."""
    return [pytest.param(case, marks=pytest.mark.wide) for case in cases]


BROWSER_ONLY = {"Origin": "http://localhost:8000"}
FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost:8001"},
    {"Origin": "https://localhost:8000"},
    {"Origin": "http://localhost:8000.evil.example"},
    {"Origin": "http://127.0.0.1:8000"},
    {},
    {"Sec-Fetch-Site": "cross-site", **BROWSER_ONLY},
    {"Sec-Fetch-Site": "same-site", **BROWSER_ONLY},
    {"Sec-Fetch-Site": "same-origin, cross-site", **BROWSER_ONLY},
    {"Sec-Fetch-Site": "Same-Origin ", "Origin": "https://evil.example"},
]
# One that says where it comes from, and one that does not; whatever else one says is looked at before any address.
AT_EVERY_ADDRESS = [FOREIGN[0], {}]
KINDS_OF_FORM = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
OURS = [BROWSER_ONLY, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none", "Origin": "https://evil.example"}]


@pytest.fixture
def product(app: Flask, alice: Person) -> Product:
    """Alice's product, published, in her store."""
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")


@pytest.fixture
def coaching_session(product: Product, bob: Person) -> CoachingSession:
    return factories.make_coaching_session(product, bob, starts_at=datetime.now(UTC) + timedelta(days=3))


def addresses(app: Flask, method: str, **values: str) -> list[tuple[str, str]]:
    """Endpoint and address of every rule that takes the method; what `values` do not name gets a word of its own."""
    adapter = app.url_map.bind("localhost:8000")
    rules = [rule for rule in app.url_map.iter_rules() if method in (rule.methods or ())]
    known = {"number": "1", "filename": "app.css", "step": "checkout", "kind": "site", "part": "1"}
    known |= {"sort": "notes", "action": "suspension"} | values

    def word_for(name: str) -> str:
        return known.get(name, "1" if name.endswith("_id") else "unknown")

    return [
        (rule.endpoint, adapter.build(rule.endpoint, {name: word_for(name) for name in rule.arguments}, method))
        for rule in rules
    ]


def own_addresses(
    app: Flask, method: str, product: Product, coaching_session: CoachingSession
) -> list[tuple[str, str]]:
    """The same, with what really is there."""
    values = {"store": "nova", "product": "mixing-call", "step": "checkout"}
    schedule = product.schedule.code
    codes = {"wizard": product.code, "schedules": schedule} | dict.fromkeys(
        ("sessions", "folders"), coaching_session.code
    )
    values["day"] = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    # Once for each code: an address is built in no time, all of them for each one are not.
    known = {
        code: dict(addresses(app, method, **values, code=code))
        for code in (product.code, coaching_session.code, schedule, "unknown")
    }
    return [
        (endpoint, known[codes.get(endpoint.partition(".")[0], "unknown")][endpoint])
        for endpoint, _ in addresses(app, method)
    ]


def rows() -> dict[str, list[Any]]:
    """Everything in the database."""
    return {name: sorted(map(str, database.execute_sql(f'SELECT * FROM "{name}"'))) for name in database.get_tables()}


# Requests that another site's page sends.


@pytest.mark.parametrize(
    "headers", [*AT_EVERY_ADDRESS, *wide(headers for headers in FOREIGN if headers not in AT_EVERY_ADDRESS)], ids=str
)
def test_no_page_of_another_site_changes_anything(
    app: Flask,
    product: Product,
    coaching_session: CoachingSession,
    browser_of: Browser,
    alice: Person,
    headers: dict[str, str],
) -> None:
    client = browser_of(alice)
    del client.environ_base["HTTP_ORIGIN"]
    before = rows()
    for endpoint, address in own_addresses(app, "POST", product, coaching_session):
        if endpoint in WITHOUT_ORIGIN:
            continue
        for page in ({}, {"HX-Request": "true"}):
            answer = client.post(address, data={"name": "x"}, headers=headers | page)
            assert answer.status_code == 403, address
    after = rows()
    # That it was tried is all that is kept.
    assert len(after.pop("security_event")) > len(before.pop("security_event"))
    assert after == before


def test_whatever_a_foreign_page_says_of_itself_it_is_foreign(browser_of: Browser, alice: Person) -> None:
    client = browser_of(alice)
    del client.environ_base["HTTP_ORIGIN"]
    for headers in FOREIGN:
        for address in ("/settings/profile", "/sign-out", "/sign-in"):
            answer = client.post(address, data={"name": "x", "zone": "Europe/Berlin"}, headers=headers)
            assert answer.status_code == 403, (address, headers)
    assert Person.get_by_id(alice.id).name == "Alice"
    assert client.get("/settings").status_code == 200


@pytest.mark.parametrize("headers", OURS, ids=str)
def test_our_own_pages_do(browser_of: Browser, bob: Person, headers: dict[str, str]) -> None:
    client = browser_of(bob)
    del client.environ_base["HTTP_ORIGIN"]
    answer = client.post("/settings/profile", data={"name": "Robert", "zone": "Europe/Berlin"}, headers=headers)
    assert answer.status_code == 303


def test_only_programs_need_no_page_of_ours(app: Flask) -> None:
    """The cron address has a secret; a mail program turns one kind of message off by a signed address (RFC 8058);
    what Stripe tells is signed."""
    of_stripe = {"webhooks.hear_of_site", "webhooks.hear_of_store"}
    assert {"operation.process_sessions", "accounts.turn_off_messages", *of_stripe} == WITHOUT_ORIGIN


@pytest.mark.parametrize("method", ["PUT", "TRACE", *wide(["PATCH", "DELETE", "CONNECT", "PROPFIND", "POSTX"])])
def test_other_methods_do_nothing_and_echo_nothing(
    app: Flask, product: Product, coaching_session: CoachingSession, browser_of: Browser, alice: Person, method: str
) -> None:
    client, before = browser_of(alice), rows()
    for _, address in own_addresses(app, "GET", product, coaching_session):
        refuse_method(client, address, method)
    assert rows() == before


def test_no_method_but_our_own_does_anything(browser_of: Browser, alice: Person) -> None:
    client, before = browser_of(alice), rows()
    for method in ("PATCH", "DELETE", "CONNECT", "PROPFIND", "POSTX"):
        for address in ("/", "/sign-in", "/settings", "/settings/profile", "/dashboard", "/nowhere"):
            refuse_method(client, address, method)
    assert rows() == before


def refuse_method(client: FlaskClient, address: str, method: str) -> None:
    answer = client.open(address, method=method, headers={"X-Echo": "echo-me", **BROWSER_ONLY})
    assert answer.status_code in (403, 404, 405), address
    assert "echo-me" not in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_looking_changes_nothing(
    app: Flask, product: Product, coaching_session: CoachingSession, browser_of: Browser, method: str
) -> None:
    store = product.store
    for person in (store.owner, factories.make_person("Admin", is_admin=True)):
        client = browser_of(person)
        before = rows()
        for _, address in own_addresses(app, "GET", product, coaching_session):
            answer = client.open(address, method=method)
            assert answer.status_code < 500 or address == "/readyz", address
            answer.close()
        # What was asked for in vain is noted, with who asked.
        kinds = {event.kind for event in SecurityEvent.select().where(SecurityEvent.kind != "signed in")}
        assert kinds <= {"look-up refused"}
        assert rows() | {"security_event": None} == before | {"security_event": None}


# What every answer carries.


def every_kind_of_answer(app: Flask, product: Product, browser_of: Browser) -> Iterator[TestResponse]:
    visitor, owner = browser_of(), browser_of(product.store.owner)
    yield visitor.get("/")
    yield visitor.get("/s/nova/mixing-call")
    yield visitor.get("/s/nova/mixing-call", headers={"HX-Request": "true"})
    yield visitor.get("/s/nova/mixing-call", headers={"HX-Request": "true", "Accept-Encoding": "gzip"})
    yield visitor.head("/s/nova")
    yield visitor.options("/s/nova")
    yield visitor.get("/static/app.css")
    yield visitor.get("/static/none.css")
    yield visitor.get("/nowhere")
    yield visitor.get("/settings")  # a redirect
    yield visitor.get("/discord/card?shown=unlinked-unknown-out")
    yield visitor.put("/sign-in")
    yield visitor.post("/sign-in", data={"email": "x"})
    yield visitor.post("/sign-in", headers={"Origin": "https://evil.example"})
    yield visitor.get("/", headers={"Host": "evil.example"})
    yield visitor.get("/api/auth/discord/callback?state=x")
    yield visitor.get("/reset-password/unknown")
    yield visitor.get("/healthz")
    yield visitor.get("/readyz")
    yield visitor.get("/api/cron/process-sessions")
    yield visitor.get("/pictures/unknown.webp")
    yield owner.get("/settings")
    yield owner.get(f"/products/{product.code}/checkout")
    yield owner.post(f"/products/{product.code}/thumbnail", data={"picture": b"x" * 11_000_000})
    yield owner.post("/sign-out")
    yield visitor.get("/crash")


def test_every_answer_carries_the_security_headers(app: Flask, product: Product, browser_of: Browser) -> None:
    app.add_url_rule("/crash", "crash", lambda: str(1 / 0))
    app.testing = False
    statuses = set()
    for answer in every_kind_of_answer(app, product, browser_of):
        statuses.add(answer.status_code)
        where = f"{answer.request.method} {answer.request.path} {answer.status_code}"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, where
        assert "unsafe" not in policy, where
        for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "script-src 'self';"):
            assert directive in policy, where
        assert answer.headers["X-Content-Type-Options"] == "nosniff", where
        assert answer.headers["Referrer-Policy"] == "same-origin", where
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", where
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", where
        assert "camera=()" in answer.headers["Permissions-Policy"], where
        assert "Access-Control-Allow-Origin" not in answer.headers, where
        assert "Strict-Transport-Security" not in answer.headers, where  # plain http here
        for banner in (b"Werkzeug", b"Traceback"):
            assert banner not in answer.data, where
        if answer.status_code == 200 and answer.mimetype == "text/html" and answer.data:
            assert {"cookie", "hx-request"} <= {name.lower() for name in answer.vary}, where
        answer.close()
    assert {200, 204, 303, 400, 401, 403, 404, 405, 410, 413, 422, 500, 503} <= statuses


def test_what_is_somebodys_is_never_stored_by_the_browser(
    app: Flask, product: Product, coaching_session: CoachingSession, browser_of: Browser, alice: Person
) -> None:
    client = browser_of(alice)
    for endpoint, address in own_addresses(app, "GET", product, coaching_session):
        answer = client.get(address)
        if answer.mimetype in ("text/html", "text/calendar"):
            assert answer.headers["Cache-Control"] == "no-store", endpoint
        answer.close()


def test_what_a_visitor_typed_is_never_stored_by_the_browser(client: FlaskClient, product: Product) -> None:
    page = "/s/nova/mixing-call"
    assert client.get(page).headers["Cache-Control"] == "private, no-cache"
    client.post("/kept-forms", query_string={"next": page}, data={"goals": "my secret wish"})
    answer = client.get(page)
    assert "my secret wish" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


# The cookie.


@pytest.fixture
def https_app(db: None, settings: Settings) -> Flask:
    """The same site, reached by https."""
    return https_app_of(replace(settings, app_url="https://greenroom.example"))


def https_app_of(settings: Settings) -> Flask:
    databases.close()
    app = create_app(settings)
    database.connect()
    app.testing = True
    app.extensions["wake_notices"] = app.extensions["wake_payments"] = lambda: None
    app.extensions["wake_lists"] = lambda: None
    return app


def test_under_https_the_cookie_belongs_to_this_host_alone(https_app: Flask) -> None:
    bob = factories.make_person("Bob")
    client = https_app.test_client()
    answer = client.post(
        "/sign-in",
        data={"email": bob.email, "password": PASSWORD},
        base_url="https://greenroom.example",
        headers={"Origin": "https://greenroom.example"},
    )
    cookies = answer.headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-greenroom", "__Host-greenroom-device"}
    for cookie in cookies:
        attributes = {part.strip().partition("=")[0].lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "path", "samesite"} <= attributes
        assert "domain" not in attributes
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("given", ["HTTPS://Greenroom.EXAMPLE", "https://greenroom.example:443/"])
def test_however_the_sites_address_is_written_its_cookie_and_origin_are_the_same(
    db: None, settings: Settings, given: str
) -> None:
    environment = settings.as_environment() | {
        "APP_URL": given,
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "DISCORD_CLIENT_ID": settings.discord_client_id,
        "DISCORD_CLIENT_SECRET": settings.discord_client_secret,
        "DISCORD_BOT_TOKEN": settings.discord_bot_token,
    }
    app = https_app_of(Settings.from_env(environment))
    test_under_https_the_cookie_belongs_to_this_host_alone(app)
    answer = app.test_client().post(
        "/sign-out", headers={"Origin": "https://other.example"}, base_url="https://greenroom.example"
    )
    assert answer.status_code == 403


def test_nobody_who_only_looks_gets_a_cookie(app: Flask, product: Product, client: FlaskClient) -> None:
    for endpoint, address in addresses(app, "GET", store="nova", product="mixing-call", code=product.code):
        if endpoint == "accounts.verify":
            continue  # a mail's link: where to go on after signing in waits in the cookie, not in an address
        answer = client.get(address)
        assert "Set-Cookie" not in answer.headers, address
        answer.close()


def test_a_forged_cookie_is_nobodys(app: Flask, bob: Person) -> None:
    client = app.test_client()
    for forged in ("", "x", "eyJfdXNlcl9pZCI6IjEifQ.aaaaaa.bbbbbb", "." * 4000, "\N{LATIN SMALL LETTER E WITH ACUTE}"):
        client.set_cookie("greenroom_8000", forged)
        assert client.get("/settings").location == "/sign-in?next=/settings"


# Who is signed in, and as what.


def test_a_role_is_read_anew_at_each_request(browser_of: Browser) -> None:
    admin = factories.make_person("Admin", is_admin=True)
    client = browser_of(admin)
    assert client.get("/admin").status_code == 200
    Person.update(is_admin=False).execute()
    assert client.get("/admin").status_code == 404


@pytest.mark.parametrize(
    ("is_admin", "age", "idle", "is_in"),
    [
        (False, timedelta(days=59), timedelta(hours=1), True),
        (False, timedelta(days=61), timedelta(hours=1), False),
        (False, timedelta(days=20), timedelta(days=13), True),
        (False, timedelta(days=20), timedelta(days=15), False),
        (True, timedelta(hours=11), timedelta(minutes=1), True),
        (True, timedelta(hours=13), timedelta(minutes=1), False),
    ],
)
def test_a_sign_in_runs_out(browser_of: Browser, is_admin: bool, age: timedelta, idle: timedelta, is_in: bool) -> None:
    client, now = browser_of(factories.make_person("Bob", is_admin=is_admin)), datetime.now(UTC)
    ends_at = SignIn.get().ends_at - age
    SignIn.update(made_at=now - age, seen_at=now - idle, ends_at=ends_at).execute()
    assert (client.get("/dashboard").status_code == 200) is is_in


def test_no_form_gives_a_role_or_anything_else_it_does_not_show(client: FlaskClient) -> None:
    hidden = {"is_admin": "1", "email_verified_at": "2026-01-01", "id": "77", "password_hash": "x", "created_at": "x"}
    visible_fields = {"name": "Eve", "email": "eve@example.com", "password": PASSWORD}
    assert client.post("/sign-up", data=visible_fields | hidden).status_code == 303
    eve = Person.get(Person.name == "Eve")
    assert (eve.is_admin, eve.email_verified_at, eve.id == 77) == (False, None, False)
    assert client.get("/admin").status_code == 404


def test_a_store_is_its_makers_and_unproved_whatever_the_form_says(
    browser_of: Browser, alice: Person, mallory: Person
) -> None:
    factories.make_guild()
    visible_fields = {"name": "Mallory", "slug": "mallory", "currency": "EUR", "zone": "Europe/Berlin", "hue": "3"}
    hidden = {
        "owner": str(alice.id),
        "owner_id": str(alice.id),
        "guild": "1",
        "guild_id": "1",
        "access_mode": "shared_role",
    }
    browser_of(mallory).post(
        "/stores/new", data=visible_fields | hidden | {"guild_verified_at": "2026-01-01T00:00:00Z"}
    )
    store = Store.get(Store.slug == "mallory")
    assert (store.owner, store.guild_id, store.guild_verified_at, store.access_mode) == (mallory, None, None, "members")


def test_a_step_changes_only_what_it_shows(browser_of: Browser, product: Product, mallory: Person) -> None:
    other = factories.make_store(mallory)
    hidden = {
        "state": "archived",
        "store": str(other.id),
        "code": "mine",
        "slug": "mine",
        "description_html": "<script>",
    }
    typed = {"title": "New", "session_type": "video", "offers-0-minutes": "60", "offers-0-price": "49"}
    browser_of(product.store.owner).post(f"/products/{product.code}/checkout", data=typed | hidden)
    now = Product.get_by_id(product.id)
    assert (now.title, now.state, now.store, now.code, now.slug) == (
        "New",
        "published",
        product.store,
        product.code,
        product.slug,
    )
    assert "<script>" not in now.description_html


def test_the_price_is_the_offers_whatever_the_form_says(
    app: Flask, browser_of: Browser, product: Product, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(datetime(2027, 3, 1, 8, 0, tzinfo=UTC))
    typed = {"offer": str(product.offers.get().id), "starts_at": "2027-03-02T12:00:00Z"}
    hidden = {
        **{"price": "0", "price_cents": "0", "currency": "JPY", "payment": "free", "paid_at": "2027-01-01"},
        **{"coach": str(bob.id), "student": "1", "state": "completed", "minutes": "480", "session": "mine"},
    }
    assert browser_of(bob).post("/s/nova/mixing-call/sessions", data=typed | hidden).status_code == 303
    seat, booked = Seat.get(), CoachingSession.get()
    assert (seat.price_cents, seat.currency, seat.payment, seat.paid_at, seat.student) == (
        4900,
        "EUR",
        "outside",
        None,
        bob,
    )
    assert (booked.coach, booked.state, booked.minutes) == (product.store.owner, "scheduled", 60)
    assert booked.code != "mine"


def test_anothers_offer_buys_nothing(
    app: Flask,
    browser_of: Browser,
    product: Product,
    bob: Person,
    mallory: Person,
    set_clock: Callable[[datetime], None],
) -> None:
    set_clock(datetime(2027, 3, 1, 8, 0, tzinfo=UTC))
    cheap = Offer.create(product=factories.make_product(coach=mallory), minutes=60, price_cents=1)
    typed = {"offer": str(cheap.id), "starts_at": "2027-03-02T12:00:00Z"}
    assert browser_of(bob).post("/s/nova/mixing-call/sessions", data=typed).status_code == 409
    assert Seat.select().count() == 0


def test_of_two_values_under_one_name_the_first_counts(browser_of: Browser, bob: Person) -> None:
    browser_of(bob).post("/settings/profile", data={"name": ["First", "Second"], "zone": ["Asia/Tokyo", "UTC"]})
    now = Person.get_by_id(bob.id)
    assert (now.name, now.zone) == ("First", "Asia/Tokyo")


def test_a_key_of_one_form_is_worth_nothing_in_another(
    app: Flask, browser_of: Browser, product: Product, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    """Else a store's name would be taken for a session's code, and looked for in vain."""
    set_clock(datetime(2027, 3, 1, 8, 0, tzinfo=UTC))
    client, key = browser_of(bob), "abcdefghij"
    fields = {"name": "Bob", "slug": "bobs", "currency": "EUR", "zone": "Europe/Berlin", "hue": "3", "form_key": key}
    assert client.post("/stores/new", data=fields).location == "/store/bobs"
    typed = {"offer": str(product.offers.get().id), "starts_at": "2027-03-02T12:00:00Z", "form_key": key}
    assert "/sessions/" in client.post("/s/nova/mixing-call/sessions", data=typed).location
    assert FormKey.select().count() == 2


# What comes in.

NOT_NUMBERS = [
    "１２",
    "1_000",
    "+5",
    "-5",
    "1e5",
    "0x10",
    " ",
    "NaN",
    "Infinity",
    "1.0",
    "٣",
    "²",
    "1,000",
    "9" * 10,
    "9" * 5000,
]


@pytest.mark.every_value
@pytest.mark.parametrize("typed", NOT_NUMBERS)
def test_only_plain_digits_are_numbers(app: Flask, typed: str) -> None:
    class Numbers(Form):
        number = WholeNumber("Number")

    with app.test_request_context("/", method="POST", data={"number": typed}):
        form = Numbers()
        assert not form.validate() or form.number.data is None
    with pytest.raises(ValueError, match="not a whole number"):
        plain_number(typed)


@pytest.mark.every_value
@pytest.mark.parametrize(
    "typed", [*NOT_NUMBERS[:4], *NOT_NUMBERS[4:9], "1.234", "-0.01", "1 000", "€5", "1.", ".5", "100000.01"]
)
def test_only_plain_amounts_are_money(app: Flask, typed: str) -> None:
    class Prices(Form):
        price = Money("Price")

    with app.test_request_context("/", method="POST", data={"price": typed}):
        form = Prices()
        assert not form.validate() or form.price.data is None


@pytest.mark.every_value
@pytest.mark.parametrize(
    "typed", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "x" * 5000, "Europe/Berlin\0"]
)
def test_only_zones_of_the_list_are_zones(app: Flask, typed: str) -> None:
    class Zones(Form):
        zone = ZoneField("Zone")

    with app.test_request_context("/", method="POST", data={"zone": typed}):
        assert not Zones().validate()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\0b\x07c\x1b[31md", "abc[31md"),
        ("a\u202eb\u2066c\u200fd\u061ce", "abcde"),
        ("e\u0301", "é"),
        ("a\r\nb", "ab"),
        ("\ud800", ""),
        ("مرحبا 🎧", "مرحبا 🎧"),
    ],
)
def test_a_line_of_text_has_no_control_or_direction_marks(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_text_is_measured_after_cleaning(app: Flask) -> None:
    class Texts(Form):
        line = TextLine("Line", longest=10)
        block = TextBlock("Block", longest=10)

    assert LINE_BREAKS.sub("\n", "a\r\nb\rc") == "a\nb\nc"
    with app.test_request_context("/", method="POST", data={"line": "\0" * 50 + "short", "block": "a\r\n\tb\0"}):
        form = Texts()
        assert form.validate()
        assert (form.line.data, form.block.data) == ("short", "a\n\tb")
    with app.test_request_context(
        "/", method="POST", data={"line": "\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 11}
    ):
        assert not Texts().validate()


FIELDS = (
    *("name", "email", "password", "current_password", "new_password", "zone", "next", "slug", "suggested", "currency"),
    *(
        "hue",
        "guild_id",
        "form_key",
        "title",
        "description",
        "session_type",
        "display_style",
        "picture",
        "act",
        "pay_text",
    ),
    *("payment", "offers-0-minutes", "offers-0-price", "questions-0-label", "questions-0-kind", "questions-0-choices"),
    *(
        "schedule",
        "shown",
        "schedule_name",
        "close_on",
        "closed",
        "timing",
        "make_minutes",
        "open_minutes",
        "overrun_minutes",
        "horizon_days",
        "outcome",
        "access_mode",
    ),
    *(
        "notice_minutes",
        "buffer_before_minutes",
        "grid_minutes",
        "daily_cap",
        "weekly_cap",
        "offer",
        "starts_at",
        "goals",
        "phone",
    ),
    *(
        "answer_1",
        "is_paid",
        "decision",
        "at",
        "reset",
        "publish",
        "go",
        "drawn",
        "seen-checkout",
        "state",
        "day-0-0-start",
        "day-0-0-end",
        "removes_picture",
    ),
)
HOSTILE = {
    "NUL": "a\0b",
    "controls": "\x01\x1b[2J\x7f\x85\u2028",
    "direction": "\u202egnp.exe",
    "markup": "\"'><script>alert(1)</script>{{7*7}}${7*7}",
    "long": "x" * 2_500,
    "digits": "9" * 2_500,
    "huge": str(2**63),
    "negative": "-1",
    "not ASCII digits": "１２",
    "sql": "'; DROP TABLE person; --%_",
    "path": "../../../../etc/passwd",
    "headers": "a\r\nSet-Cookie: x=y",
    "bytes": "\udcff\ud800",
    "astral": "𝕏🎧" * 25,
}
# What one database might take and another refuse; everything else is turned away or kept as it is before either.
TAKEN_ILL = {"NUL", "bytes", "huge", "negative", "long", "sql"}


def once(case: str) -> Any:
    """This case on SQLite only."""
    return pytest.param(case, marks=pytest.mark.one_database)


@pytest.mark.every_value
@pytest.mark.parametrize("kind", [kind if kind in TAKEN_ILL else once(kind) for kind in HOSTILE])
def test_no_hostile_value_in_any_field_breaks_anything(
    app: Flask, product: Product, coaching_session: CoachingSession, browser_of: Browser, kind: str
) -> None:
    client = browser_of(product.store.owner)
    for endpoint, address in own_addresses(app, "POST", product, coaching_session):
        if endpoint == "accounts.sign_out" or endpoint in WITHOUT_BODY | RAW:
            continue
        text = HOSTILE[kind] if endpoint in LONG else HOSTILE[kind][:600]
        value = quote_from_bytes(text.encode("utf-8", "surrogatepass"))
        body = "&".join(f"{name}={value}" for name in FIELDS)
        answer = client.post(address, data=body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code < 500, f"{address}: {answer.status_code}"
        assert answer.status_code not in (400, 413, 415), f"{address}: {answer.status_code}"
        assert "<script>alert" not in answer.text, address
        assert "Set-Cookie: x" not in str(answer.headers), address


@pytest.mark.every_value
@pytest.mark.parametrize(
    "word",
    ["%00", "%ed%a0%80", str(2**63), "'", *map(once, ["a%00b", "%ff", "9" * 5000, "..%2f..%2fetc", "%0d%0ax:y"])],
)
def test_no_hostile_word_in_any_address_breaks_anything(
    app: Flask, browser_of: Browser, product: Product, word: str
) -> None:
    client = browser_of(factories.make_person("Admin", is_admin=True))
    for method in ("GET", "POST"):
        for rule in app.url_map.iter_rules():
            if not rule.arguments or method not in (rule.methods or ()) or rule.endpoint == "accounts.verify":
                continue
            address = re.sub("<.*?>", lambda _: word, rule.rule)
            answer = client.open(address, method=method)
            # A number that is too long to be one: of two rules for its address the other's method is named.
            allowed = (404, 410, 303, *([405] if "<int" in rule.rule and method == "POST" else []))
            assert answer.status_code in allowed, f"{method} {address[:80]}: {answer.status_code}"
            answer.close()


@pytest.mark.every_value
@pytest.mark.parametrize(
    "query",
    [
        "store=%00",
        "store=nova%00&next=%00",
        "page=000001" + "9" * 30,
        "page=1_0",
        "page=%EF%BC%91",
        "next=%0d%0aX:y",
        "zone=%00",
    ],
)
def test_no_hostile_query_breaks_anything(app: Flask, browser_of: Browser, product: Product, query: str) -> None:
    for person in (None, factories.make_person("Admin", is_admin=True)):
        client = browser_of(person)
        for page in (
            "/",
            "/s/nova/mixing-call",
            "/sign-in",
            "/sign-up",
            "/discord/card",
            "/settings",
            "/admin/sessions",
        ):
            assert client.get(f"{page}?{query}").status_code in (200, 303), page


def test_no_text_is_longer_than_a_form_can_mean(
    app: Flask, product: Product, coaching_session: CoachingSession, browser_of: Browser
) -> None:
    client = browser_of(product.store.owner)
    before = rows()
    for endpoint, address in own_addresses(app, "POST", product, coaching_session):
        if endpoint in WITHOUT_BODY | RAW:
            continue  # it reads nothing of what is sent along
        text = b"x" * (LARGEST_LONG_FORM if endpoint in LONG else LARGEST_FORM)
        in_part = b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n' + text + b"\r\n--x--\r\n"
        for kind, body in zip(KINDS_OF_FORM, (b"name=" + text, in_part), strict=True):
            assert client.post(address, data=body, content_type=kind).status_code == 413, endpoint
    assert rows() == before


def test_only_where_a_picture_is_sent_there_is_room_for_one(
    app: Flask, product: Product, coaching_session: CoachingSession, browser_of: Browser
) -> None:
    client = browser_of(product.store.owner)
    for size in (LARGEST_LONG_FORM, 11 * 1024 * 1024):
        file = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n' + b"x" * size
        for endpoint, address in own_addresses(app, "POST", product, coaching_session):
            if endpoint in WITHOUT_BODY | RAW:
                continue
            answer = client.post(address, data=file + b"\r\n--x--\r\n", content_type=KINDS_OF_FORM[1])
            has_room = endpoint in WITH_UPLOAD and size == LARGEST_LONG_FORM
            assert (answer.status_code == 413) is not has_room, endpoint


def test_a_form_may_be_as_long_as_its_fields_allow(browser_of: Browser, product: Product) -> None:
    typed = {
        **{"title": "漢" * 80, "description": "漢" * 10_000, "session_type": "video"},
        **{"offers-0-minutes": "60", "offers-0-price": "49"},
    }
    assert browser_of(product.store.owner).post(f"/products/{product.code}/checkout", data=typed).status_code == 303
    assert Product.get_by_id(product.id).description == "漢" * 10_000


@pytest.mark.every_value
@pytest.mark.parametrize(
    "address", ["http://[::1", "http://localhost:8000/\u2192\xff", "//", "http://", "\xff\xfe", "x" * 9000]
)
@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
def test_no_hostile_address_of_a_page_breaks_anything(client: FlaskClient, header: str, address: str) -> None:
    headers = {header: address.encode("utf-8").decode("latin-1"), "HX-Request": "true"}
    answer = client.post("/settings/profile", data={"name": "x"}, headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"].startswith("/sign-in?next=/")


# Where it leads.


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example/", "\\/evil.example"),
        *("\\\\evil.example", "javascript:alert(1)", "data:text/html,x", "http:evil.example", "evil.example", "", None),
        *("/\t/evil.example", "/\n/evil.example", "/a\r\nLocation: https://evil.example", "\t//evil.example", " /a"),
        *("/a\\b", "/a\x7f", "/a\0b", "@evil.example", "/%09/evil.example\t"),
    ],
)
def test_the_way_on_never_leaves_the_site(address: str | None) -> None:
    assert safe_next(address, "/home") == "/home"


@pytest.mark.parametrize("address", ["/", "/settings?x=1#y", "/s/nova/call?day=2027-03-09", "/a//b", "/ü"])
def test_a_path_of_this_site_is_a_way_on(address: str) -> None:
    assert safe_next(address, "/home") == address


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        *(("3", 3), ("003", 3), ("999999999", LAST_PAGE)),
        *((odd, 1) for odd in ("", "0", "-1", "1_0", "%EF%BC%91", "1.5", "x", "%00", "9" * 10, "9" * 5000)),
    ],
)
def test_a_page_of_a_list_is_one_that_a_database_can_count_to(app: Flask, asked: str, page: int) -> None:
    with app.test_request_context(f"/?page={asked}"):
        assert asked_page() == page


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "localhost@evil.example", "", "a b"]
)
def test_a_foreign_host_name_is_not_answered(client: FlaskClient, host: str) -> None:
    """A name made to point here (DNS rebinding), or a link poisoned by a forged Host."""
    answer = client.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil.example" not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_whoever_asks_whether_it_is_up_need_not_know_its_name(client: FlaskClient, path: str) -> None:
    assert client.get(path, headers={"Host": "10.0.0.7:8000"}).status_code in (200, 503)
    assert client.get(f"{path}/../sign-in", headers={"Host": "10.0.0.7:8000"}).status_code == 400


@pytest.mark.parametrize("host", ["LOCALHOST:8000", "Localhost", "localhost.", "LocalHost.:8000", "localhost:80"])
def test_a_host_name_in_another_spelling_is_the_same_host(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://LOCALHOST:8000", "http://localhost.:8000", "HTTP://localhost:8000"])
def test_an_origin_in_another_spelling_is_the_same_origin(client: FlaskClient, origin: str) -> None:
    assert client.post("/sign-in", data={}, headers={"Origin": origin}).status_code == 422


def test_a_demo_on_the_usual_port_does_not_send_its_visitors_in_circles(app: Flask, client: FlaskClient) -> None:
    """Browsers leave out the port that an address has anyway."""
    app.config.update(DEMO=True, APP_URL="http://localhost:80", TRUSTED_HOSTS=["localhost", "127.0.0.1"])
    html = {"Accept": "text/html"}
    assert client.get("/sign-in", headers=html | {"Host": "localhost"}).status_code == 200
    moved = client.get("/sign-in", headers=html | {"Host": "127.0.0.1"})
    assert (moved.status_code, moved.location) == (307, "http://localhost/sign-in")
    assert client.post("/sign-in", data={}, headers={"Origin": "http://127.0.0.1"}).status_code == 422


def test_a_demo_answers_its_own_machine_only(app: Flask, client: FlaskClient) -> None:
    """Whatever address it was made to listen on."""
    app.config["DEMO"] = True
    for address, status in (
        ("127.0.0.1", 200),
        ("::1", 200),
        ("192.168.1.20", 403),
        ("2001:db8::1", 403),
        ("unknown", 403),
    ):
        assert client.get("/sign-in", environ_base={"REMOTE_ADDR": address}).status_code == status
        clock = client.post("/demo/clock", data={"at": "2030-01-01T00:00:00Z"}, environ_base={"REMOTE_ADDR": address})
        assert (clock.status_code == 303) is (status == 200)


def test_forwarded_headers_of_strangers_count_for_nothing(client: FlaskClient, bob: Person) -> None:
    forged = {
        **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
        **{"Forwarded": "host=evil.example", "X-Original-URL": "/admin", "X-Rewrite-URL": "/admin"},
    }
    answer = client.post("/sign-in", data={"email": bob.email, "password": "wrong password"}, headers=forged)
    assert answer.status_code == 422
    assert "evil.example" not in answer.text + str(answer.headers)
    assert SecurityEvent.get().address == "127.0.0.1"


def test_a_proxy_that_was_declared_says_who_asks(db: None, settings: Settings, bob: Person) -> None:
    databases.close()
    app = create_app(replace(settings, trusted_proxies=1))
    database.connect()
    # Whatever stands before the proxy's own word was typed by the stranger.
    forwarded = {"X-Forwarded-For": "10.0.0.1, 203.0.113.9", **BROWSER_ONLY}
    app.test_client().post("/sign-in", data={"email": bob.email, "password": "wrong password"}, headers=forwarded)
    assert SecurityEvent.get().address == "203.0.113.9"


def test_links_shown_on_pages_begin_with_our_own_address(https_app: Flask, alice: Person) -> None:
    """Whatever port or scheme a request seems to come by: behind a proxy it is not the one people type."""
    factories.make_store(alice, slug="nova")
    client = https_app.test_client()
    here = {"base_url": "https://greenroom.example:8443", "headers": {"Origin": "https://greenroom.example"}}
    client.post("/sign-in", data={"email": alice.email, "password": PASSWORD}, **here)
    page = client.get("/store/nova", **here).text
    assert "https://greenroom.example/s/nova" in page
    assert "8443" not in page


# What the pages themselves contain.

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_a_template_escapes_and_holds_neither_script_nor_style(template: Path) -> None:
    text = template.read_text()
    trusted = re.findall(r"[\w.]+\s*\|\s*safe", text)
    assert trusted in ([], ["product.description_html|safe"], ["coach.bio_html|safe"])
    for forbidden in (
        r"\sstyle=",
        r"\son[a-z]+=",
        r"hx-on",
        r"<style",
        r"<script(?! src=| type=\"application/ld\+json\">\{\{ [\w.]+\|tojson \}\}</script>)",
        r"autoescape",
        "javascript:",
    ):
        assert not re.search(forbidden, text), forbidden
    assert not re.search(r"[\w-]+=\{\{", text), "an attribute without quotes"


def test_htmx_runs_no_text_as_script_and_keeps_no_pages(client: FlaskClient) -> None:
    match = re.search(r"name=\"htmx-config\" content='([^']+)'", client.get("/").text)
    assert match
    config = json.loads(match[1])
    assert config["allowEval"] is config["allowScriptTags"] is config["includeIndicatorStyles"] is False
    assert config["selfRequestsOnly"] is True
    assert config["historyCacheSize"] == 0


# What goes wrong, and what is told of it.


def test_a_crash_tells_a_reference_and_nothing_else(
    app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    def crash() -> str:
        secret = "bot-token-for-tests"
        raise RuntimeError(f"broken in {__file__}, {len(secret)}")

    app.add_url_rule("/crash", "crash", crash)
    app.testing = False
    answer = client.get("/crash?token=in-the-query", headers={"Cookie": "a=in-the-cookie"})
    assert answer.status_code == 500
    reference = next(line.getMessage() for line in caplog.records if line.levelname == "ERROR").split()[1]
    assert reference in answer.text
    for detail in ("RuntimeError", "broken in", __file__, "Traceback", "Flask", "Python"):
        assert detail not in answer.text
    for secret in ("bot-token-for-tests", "in-the-query", "in-the-cookie"):
        assert secret not in caplog.text


@pytest.mark.parametrize("debug", ["1", "true"])
def test_outside_a_demo_there_is_no_debugger(settings: Settings, monkeypatch: pytest.MonkeyPatch, debug: str) -> None:
    monkeypatch.setenv("FLASK_DEBUG", debug)
    with pytest.raises(SettingsError, match="FLASK_DEBUG works with DEMO=1 only"):
        create_app(settings)


def test_a_locked_database_is_told_as_busy_and_nothing_is_half_done(
    app: Flask, browser_of: Browser, bob: Person
) -> None:
    if not is_sqlite():
        pytest.skip("PostgreSQL locks rows, not files")
    client = browser_of(bob)
    database.obj.timeout = 0.05
    before = rows()
    with database.atomic():
        database.execute_sql("UPDATE person SET name = name")
        other = app.test_client()
        # The test and the request share a connection in one thread; a second one holds the lock.
        answer = in_another_thread(lambda: post_profile(client))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "Nothing was done" in answer.text
    assert rows() == before
    assert other is not client


def post_profile(client: FlaskClient) -> TestResponse:
    return client.post("/settings/profile", data={"name": "Robert", "zone": "Europe/Berlin"})


def in_another_thread(do: Callable[[], TestResponse]) -> TestResponse:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as executor:
        return executor.submit(do).result(10)


def test_no_secret_reaches_the_log(app: Flask, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", *logs.OURS):
        caplog.set_level(logging.DEBUG, name)
    password, wrong = "violet tractor anthem", "a wrong guess of mine"
    visible_fields = {"name": "Eve", "email": "eve@example.com", "password": password}
    client.post("/sign-up", data=visible_fields)
    verify = Notice.get(Notice.kind == "verify").body.split("/verify-email/")[1].split()[0]
    client.post(f"/verify-email/{verify}")
    cookie = client.get_cookie("greenroom_8000")
    client.post("/sign-out")
    client.post("/sign-in", data={"email": "eve@example.com", "password": wrong})
    client.post(
        "/sign-in", data={"email": "eve@example.com", "password": wrong}, headers={"Origin": "https://evil.example"}
    )
    client.post("/forgotten-password", data={"email": "eve@example.com"})
    reset = Notice.get(Notice.kind == "reset").body.split("/reset-password/")[1].split()[0]
    client.get(f"/reset-password/{reset}")
    client.get("/api/auth/discord/callback?code=a-secret-code&state=a-secret-state")
    client.get("/api/cron/process-sessions", headers={"Authorization": "Bearer cron secret for tests only "})
    assert cookie is not None
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name != "peewee")
    for secret in (password, wrong, verify, reset, cookie.value, "a-secret", "cron secret", "eve@example.com"):
        assert secret not in ours


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/static/",
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/data/greenroom.db",
        "/static/%2e%2e/settings.py",
        "/console",
        "/demo.json",
    ],
)
def test_no_file_of_ours_is_handed_out(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_unlinking_is_never_one_request_of_a_stolen_cookie(browser_of: Browser, bob: Person) -> None:
    client = browser_of(bob)
    SignIn.update(verified_at=datetime.now(UTC) - timedelta(minutes=11)).execute()
    for address in ("/discord/unlink", "/discord/relink", "/settings/email"):
        assert client.post(address, data={"email": "thief@example.com"}).location.startswith("/confirm?next=")
    assert client.post("/settings/password", data={"new_password": "violet tractor anthem"}).status_code == 422
    assert DiscordLink.select().where(DiscordLink.person == bob).exists()
    assert Person.get_by_id(bob.id).password_hash == factories.PASSWORD_HASH
    assert Notice.select().count() == 0
