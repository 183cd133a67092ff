"""Somebody holds the database: pages open as ever, and what was typed in a form stays on the page that says so."""

import logging
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

import logs
from coaching.accounts.models import Person, SignIn
from coaching.booking.models import CoachingSession
from coaching.db_trouble import is_full, trouble_of
from tests import factories
from tests.blueprints.test_access import addresses, world  # noqa: F401
from tests.locking import holding
from tests.pages import form_to

pytestmark = pytest.mark.usefixtures("impatient")

Browser = Callable[[Person | None], FlaskClient]
Lock = Callable[[], AbstractContextManager[None]]
# Their GET does what a form does elsewhere.
WRITES = {"accounts.discord_callback", "operation.process_sessions"}
OF_VISITORS = {"accounts.enter", "accounts.create_account", "accounts.send_reset", "storefront.book"}
SAYS_NO = {"operation.readyz"}
TYPED = "Ünïque “words” <b>typed</b>\nin two lines"
MONDAY = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def locked(app: Flask, database_url: str) -> Lock:
    """Nobody else can write meanwhile; reading goes on."""
    return lambda: holding(database_url)


def test_every_page_opens_and_every_form_keeps_what_was_typed(
    app: Flask,
    world: dict[str, object],  # noqa: F811
    locked: Lock,
    browser_of: Browser,
    alice: Person,
) -> None:
    Person.update(is_admin=True).where(Person.id == alice.id).execute()
    coach, visitor = browser_of(alice), browser_of(None)
    # Long not seen, so that the next page would note it.
    SignIn.update(seen_at=datetime.now(UTC) - timedelta(hours=1)).execute()
    failed, lost, refused = [], [], set()
    with locked():
        for endpoint, method, address in addresses(app, world):
            if method == "GET" and endpoint not in WRITES | SAYS_NO:
                answer = coach.get(address)
                failed += [address] if answer.status_code >= 500 else []
                answer.close()
            elif method == "POST" and endpoint not in WRITES | {"accounts.sign_out"}:
                browser = visitor if endpoint in OF_VISITORS else coach
                answer = browser.post(address, data={"notes": TYPED, "password": "a secret of mine"})
                page = answer.get_data(as_text=True)
                if answer.status_code == 503:
                    refused.add(endpoint)
                    is_kept = form_to(page, address.partition("?")[0]).fields["notes"] == TYPED
                    is_told = answer.headers["Retry-After"] == "5" and 'type="password"' in page
                    lost += [] if is_kept and is_told and "a secret of mine" not in page else [address]
                failed += [address] if answer.status_code == 500 else []
    assert (failed, lost) == ([], [])
    assert {"wizard.archive", "storefront.book"} <= refused


def test_what_was_typed_is_booked_by_a_press_once_the_lock_has_gone(
    locked: Lock, browser_of: Browser, alice: Person, bob: Person, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(MONDAY)
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")
    browser, action = browser_of(bob), "/s/nova/mixing-call/sessions"
    wish = {"form_key": "a-form-key-1", "offer": str(product.offers.get().id), "zone": "Europe/Berlin"}
    with locked():
        refused = browser.post(action, data=wish | {"starts_at": "2027-03-09T08:00:00Z", "notes": TYPED})
        by_htmx = browser.post(
            action, data=wish | {"starts_at": "2027-03-09T08:00:00Z"}, headers={"HX-Request": "true"}
        )
    again = form_to(refused.get_data(as_text=True), action)

    assert (refused.status_code, by_htmx.status_code, CoachingSession.select().count()) == (503, 503, 0)
    assert browser.post(again.action, data=again.fields).status_code == 303
    assert browser.post(again.action, data=again.fields).status_code == 303
    assert CoachingSession.select().count() == 1


def test_a_code_is_typed_again_in_the_one_field_it_was_typed_in(locked: Lock, browser_of: Browser, bob: Person) -> None:
    factories.make_factor(bob)
    browser, code = browser_of(None), factories.app_code()
    browser.post("/sign-in", data={"email": bob.email, "password": factories.PASSWORD})
    form = form_to(browser.get("/sign-in/code").get_data(as_text=True), "/sign-in/code")
    with locked():
        refused = browser.post(form.action, data=form.fields | {"factor_code": code})
    page = refused.get_data(as_text=True)
    again = form_to(page, "/sign-in/code")

    assert (refused.status_code, code in page, "except the code." in page) == (503, False, True)
    assert 'autocomplete="one-time-code"' in page
    # A recovery code would have to be filled in, too, if it were asked for.
    assert page.count("required") == 1
    assert browser.post(again.action, data=again.fields | {"factor_code": code}).location == "/dashboard"


def test_who_only_pressed_a_button_is_not_told_of_anything_typed(
    locked: Lock, browser_of: Browser, bob: Person
) -> None:
    browser = browser_of(bob)
    with browser.session_transaction() as cookie:
        cookie["holder"] = bob.id
    form = form_to(browser.get("/settings").get_data(as_text=True), "/settings/profile")
    with locked():
        pressed = browser.post("/settings/sign-ins/ending", data={"drawn_for": form.fields["drawn_for"]})
        typed = browser.post("/settings/profile", data=form.fields | {"name": "Bob"})
    keeps_words = ["What you typed" in answer.get_data(as_text=True) for answer in (pressed, typed)]

    assert [pressed.status_code, typed.status_code, *keeps_words] == [503, 503, False, True]


def test_nobody_is_shown_what_somebody_else_has_typed(
    locked: Lock, browser_of: Browser, alice: Person, bob: Person
) -> None:
    browsers = {person.name: browser_of(person) for person in (alice, bob)}
    for person in (alice, bob):
        with browsers[person.name].session_transaction() as cookie:
            cookie["holder"] = person.id
    form = form_to(browsers["Alice"].get("/settings").get_data(as_text=True), "/settings/profile").fields
    visitors = form_to(browser_of(None).get("/sign-up").get_data(as_text=True), "/sign-up").fields
    with locked():
        own = browsers["Alice"].post("/settings/profile", data=form | {"name": "Alice in words"})
        other = browsers["Bob"].post("/settings/profile", data=form | {"name": "Alice in words"})
        foreign = browsers["Alice"].post(
            "/settings/profile", data=form | {"name": "Alice in words"}, headers={"Origin": "https://evil.example"}
        )
        sign_up = browser_of(None).post(
            "/sign-up",
            data=visitors | {"name": "Alice in words", "email": "a@example.com", "password": "four old words"},
        )
    statuses = [answer.status_code for answer in (own, other, foreign, sign_up)]
    has_words = ["Alice in words" in answer.get_data(as_text=True) for answer in (own, other, foreign, sign_up)]

    assert statuses == [503, 503, 403, 503]
    assert has_words == [True, False, False, True]


def test_a_hundred_refusals_are_one_line_in_the_log(
    locked: Lock, browser_of: Browser, bob: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    logs.set_up("web", is_readable=False, level="warning")
    browser = browser_of(bob)
    with locked():
        for _ in range(5):
            assert browser.post("/settings/profile", data={"name": "Bob"}).status_code == 503
    root.handlers[:] = handlers
    root.setLevel(level)
    (line,) = capsys.readouterr().err.splitlines()

    assert "database unavailable at POST" in line
    assert '"trouble"' in line
    assert "Traceback" not in line


def test_a_command_says_that_it_only_has_to_be_run_again(app: Flask, locked: Lock) -> None:
    with locked():
        refused = app.test_cli_runner().invoke(args=["people", "sign-out", "--everybody"])
    assert refused.exit_code == 1
    assert "Something else holds the database" in refused.output
    assert app.test_cli_runner().invoke(args=["people", "sign-out", "--everybody"]).exit_code == 0


def test_a_wrong_statement_is_no_trouble_of_the_store(database_url: str) -> None:
    def broken(statement: str) -> BaseException:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.execute("PRAGMA max_page_count = 1")
            with pytest.raises(sqlite3.Error) as raised:
                connection.execute(statement)
        return raised.value

    full = broken("CREATE TABLE large (name TEXT)")

    assert trouble_of(broken("SELECT nothing FROM nowhere")) is None
    assert trouble_of(ValueError("database is locked")) is None
    assert (trouble_of(full), is_full(full)) == ("database or disk is full", True)
    assert trouble_of(psycopg.OperationalError("gone\n\tin two lines")) == "gone"
