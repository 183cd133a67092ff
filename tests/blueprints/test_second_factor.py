"""The second factor in the browser: signing in, setting it up, confirming, and what was typed meanwhile."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.factor_mutations import make_recovery_codes
from coaching.accounts.factor_queries import has_factor
from coaching.accounts.mail_link_mutations import make_reset_link
from coaching.accounts.models import (
    DiscordLink,
    HalfSignIn,
    NewSecret,
    Person,
    RecoveryCode,
    SavedForm,
    SecondFactor,
    SecurityEvent,
    SignIn,
    WrongCode,
)
from coaching.notices.models import Notice
from tests import factories
from tests.factories import PASSWORD, app_code, make_factor, make_person
from tests.fakes import FakeConsent
from tests.pages import form_to

Browser = Callable[..., FlaskClient]
ACCOUNT = "1100000000000000778"
BOOKING_NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture
def bob(db: None) -> Person:
    return make_person("Bob", linked_as=ACCOUNT)


@pytest.fixture
def consent(app: Flask) -> FakeConsent:
    consent = FakeConsent(ACCOUNT)
    consent.stand_in(app)
    return consent


def password_of(client: FlaskClient, person: Person, address: str = "/sign-in") -> str:
    """Where the password leads."""
    answer = client.post(address, data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 303
    return answer.location


def by_discord(client: FlaskClient, consent: FakeConsent, action: str = "/discord/sign-in", **fields: str) -> str:
    """Where Discord's word leads."""
    return consent.come_back(client, client.post(action, data=fields).location).location


def give_code(client: FlaskClient, code: str, **more: str) -> str:
    answer = client.post("/sign-in/code", data={"factor_code": code} | more)
    assert answer.status_code == 303, answer.text
    return answer.location


def forget_codes() -> None:
    """As if half minutes had gone by since the last code."""
    SecondFactor.update(last_step=0).execute()


def make_stale(*verifications: str) -> None:
    long_ago = datetime.now(UTC) - timedelta(minutes=11)
    SignIn.update(dict.fromkeys(verifications, long_ago)).execute()


def test_neither_password_nor_discord_signs_in_without_the_code(
    browser_of: Browser, bob: Person, consent: FakeConsent
) -> None:
    make_factor(bob)
    for way in ("password", "discord"):
        client = browser_of()
        where = password_of(client, bob) if way == "password" else by_discord(client, consent)
        assert where == "/sign-in/code"
        for address in ("/dashboard", "/settings", "/settings/second-factor", "/confirm", "/stores/new"):
            assert client.get(address).location.startswith("/sign-in?"), address
        page = client.get(where).text
        assert "Sign out" not in page
        assert 'autocomplete="one-time-code"' in page
        assert 'inputmode="numeric"' in page
        assert (bob.email if way == "password" else "account778") in page
        for typed in ("", "12345", "000000", "abcd"):
            answer = client.post(where, data={"factor_code": typed})
            assert answer.status_code == 422
            assert 'class="message"' in answer.text
        assert SignIn.select().count() == 0
        code = app_code()
        assert give_code(client, f"{code[:3]} {code[3:]}") == "/dashboard"
        assert client.get("/dashboard").status_code == 200
        assert SignIn.get().factor_at
        assert HalfSignIn.select().count() == 0
        assert client.get(where).location == "/dashboard"  # Back
        # The same code in another browser.
        other = browser_of()
        password_of(other, bob)
        assert other.post(where, data={"factor_code": code}).status_code == 422
        assert other.get("/dashboard").location.startswith("/sign-in")
        for browser in (client, other):
            browser.post("/sign-out")
        forget_codes()


def test_a_recovery_code_lets_in_once_and_says_how_many_are_left(browser_of: Browser, bob: Person) -> None:
    make_factor(bob)
    codes = make_recovery_codes(bob, datetime.now(UTC))
    client = browser_of()
    where = password_of(client, bob)
    wrong = client.post(where, data={"recovery_code": "abcd-efgh"})
    assert wrong.status_code == 422
    assert "<details open" in wrong.text
    assert give_code(client, "", recovery_code=codes[0].upper()) == "/dashboard"
    assert "<dd>9</dd>" in client.get("/settings/second-factor").text
    assert "recovery code of your account was used" in Notice.select().order_by(Notice.id.desc()).get().body
    again = browser_of()
    password_of(again, bob)
    assert again.post(where, data={"recovery_code": codes[0]}).status_code == 422
    assert give_code(again, codes[1]) == "/dashboard"  # pasted into the first field


def test_too_many_wrong_codes_say_when_to_come_back(browser_of: Browser, bob: Person) -> None:
    make_factor(bob)
    client = browser_of()
    where = password_of(client, bob)
    answers = [client.post(where, data={"factor_code": "000000"}).text for _ in range(5)]
    assert "does not fit" in answers[3]
    assert "count again in 15 minutes" in answers[4]
    assert "count again in 15 minutes" in client.post(where, data={"factor_code": app_code()}).text
    assert SignIn.select().count() == 0


def test_half_a_sign_in_ends_with_time_log_out_and_whatever_it_rests_on(
    browser_of: Browser, bob: Person, alice: Person, consent: FakeConsent
) -> None:
    make_factor(bob)
    make_factor(alice)
    client = browser_of()

    def is_over(kept: str = "") -> None:
        answer = client.post("/sign-in/code", data={"factor_code": app_code()})
        assert answer.location.startswith("/sign-in"), answer.location
        assert "Sign in once more" in client.get(answer.location).text or kept == "silent"
        assert client.get("/dashboard").location.startswith("/sign-in")

    password_of(client, bob, "/sign-in?next=/stores/new")
    HalfSignIn.update(ends_at=datetime.now(UTC)).execute()
    assert client.get("/sign-in/code").location == "/sign-in?next=/stores/new"
    is_over("silent")
    password_of(client, bob)
    Person.update(password_hash=factories.CHEAP_HASHER.hash("another good password")).where(
        Person.id == bob.id
    ).execute()
    is_over()
    by_discord(client, consent)
    DiscordLink.update(discord_user_id="2999").where(DiscordLink.person == bob).execute()
    is_over()
    Person.update(password_hash=factories.PASSWORD_HASH).execute()
    password_of(client, bob)
    client.post("/sign-out")
    assert HalfSignIn.select().where(HalfSignIn.ends_at > datetime.now(UTC)).count() == 0
    is_over("silent")

    # Who turns to another account at the code still goes on where they were.
    password_of(client, bob, "/sign-in?next=/stores/new")
    refused = client.post("/sign-in/code", data={"factor_code": "000000"}).text
    assert re.findall(r'href="(/sign-in[^"]*)"', refused) == ["/sign-in?next=/stores/new"] * 2
    WrongCode.delete().execute()

    # Two people, two tabs: the code of the one is not asked of the other.
    password_of(client, bob)
    bobs = form_to(client.get("/sign-in/code").text, "/sign-in/code").fields["mark"]
    password_of(client, alice)
    answer = client.post("/sign-in/code", data={"factor_code": app_code(), "mark": bobs})
    assert answer.location == "/sign-in/code"
    assert "Another tab has begun" in client.get("/sign-in/code").text
    assert WrongCode.select().count() == 0
    # Two tabs of one person: the code that was asked for in the older one is as good.
    hers = form_to(client.get("/sign-in/code").text, "/sign-in/code").fields["mark"]
    password_of(client, alice)
    give_code(client, app_code(), mark=hers)
    assert SignIn.get().person == alice
    # The other tab's page, sent late.
    assert client.post("/sign-in/code", data={"factor_code": "123456", "mark": bobs}).location == "/dashboard"

    # Signed in as one, half signed in as another: the first stays who they are until the code.
    password_of(client, bob)
    assert "Alice" in client.get("/settings").text
    give_code(client, app_code())
    assert "Bob" in client.get("/settings").text


def test_a_forgotten_password_does_not_go_round_the_second_factor(browser_of: Browser, bob: Person) -> None:
    make_factor(bob)
    link = f"/reset-password/{make_reset_link(bob, datetime.now(UTC))}"
    client = browser_of()
    assert client.post(link, data={"new_password": "another good password"}).location == "/sign-in"
    answer = client.post("/sign-in", data={"email": bob.email, "password": "another good password"})
    assert answer.location == "/sign-in/code"
    # Nor does signing up with an address that one has already.
    fields = {"name": "Bob", "email": bob.email, "password": "another good password"}
    assert browser_of().post("/sign-up", data=fields).location == "/sign-in/code"


@pytest.mark.one_database
def test_a_booking_comes_back_by_way_of_the_code(
    browser_of: Browser, bob: Person, alice: Person, consent: FakeConsent, set_clock: Callable[[datetime], None]
) -> None:
    set_clock(BOOKING_NOW)
    factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")
    make_factor(bob)
    page, book = "/s/nova/mixing-call", "/s/nova/mixing-call/sessions"
    htmx = {"HX-Request": "true", "HX-Current-URL": f"http://localhost:8000{page}"}
    for hour, way in enumerate(("password", "discord", "expired", "another tab", "no word where to"), start=8):
        typed = {"starts_at": f"2027-03-09T{hour:02}:00:00Z", "goals": "A clear low end,\nplease"}
        client = browser_of()
        form = form_to(client.get(page).text, book).fields
        headers = {"Referer": f"http://localhost:8000{page}"} | (htmx if hour % 2 else {})  # scripts on and off
        answer = client.post(book, data=form | typed, headers=headers)
        door = answer.headers.get("HX-Redirect") or answer.location
        assert "What you typed is kept" in client.get(door).text
        if way == "discord":
            assert (
                by_discord(client, consent, form_to(client.get(door).text, "/discord/sign-in").action)
                == "/sign-in/code"
            )
        else:
            password_of(client, bob, door if way != "no word where to" else "/sign-in")
        if way == "expired":
            HalfSignIn.update(ends_at=datetime.now(UTC)).execute()
            door = client.get("/sign-in/code").location
            assert client.get(door).text.count("What you typed is kept") == 1
            password_of(client, bob, door)
        if way == "another tab":
            # Half signed in, the page is still a visitor's, and what is typed there waits for who signs in.
            form = form_to(client.get(page).text, book).fields
            client.post(book, data=form | typed | {"goals": "Better words"})
        assert "low end" not in client.get("/sign-in/code").text
        back = give_code(client, app_code())
        assert re.split("[?#]", back)[0] == page, way
        kept = form_to(client.get(back).text, book).fields
        assert kept["starts_at"] == typed["starts_at"]
        assert kept["goals"] == ("Better words" if way == "another tab" else typed["goals"])
        assert client.post(book, data=kept).headers["Location"].startswith("/sessions/")
        forget_codes()


def test_an_admin_sets_it_up_before_anything_else(browser_of: Browser, consent: FakeConsent, bob: Person) -> None:
    ada = make_person("Ada", is_admin=True)
    Person.update(is_admin=True).where(Person.id == bob.id).execute()
    for person in (ada, bob):
        client = browser_of()
        door = client.get("/admin/rooms").location
        where = password_of(client, ada, door) if person == ada else by_discord(client, consent, f"/discord{door}")
        assert where == "/sign-in/second-factor"
        for address in ("/admin", "/dashboard", "/settings", "/metrics"):
            assert client.get(address).status_code in (302, 303, 401), address
        assert client.get("/sign-in/code").location == where
        page = client.get(where)
        assert 'class="qr"' in page.text
        assert "style=" not in page.text
        secret = re.sub(r"\s", "", re.search(r'<code class="secret">(.*?)</code>', page.text)[1])
        assert secret in page.text  # in the address for the app on this device
        assert client.get(where).text == page.text  # loaded again, the picture is the same
        mark = form_to(page.text, where).fields["mark"]
        assert client.post(where, data={"mark": mark, "factor_code": "000000"}).status_code == 422
        assert not has_factor(person)
        answer = client.post(where, data={"mark": mark, "factor_code": app_code(secret)})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        codes = re.findall(r"<li><code>(.*?)</code>", answer.text)
        assert len(codes) == 10
        assert 'href="/admin/rooms"' in answer.text
        assert client.get("/admin/rooms").status_code == 200
        assert client.get("/settings").text.count("keep these") == 0
        # Once more, by a double click, or loaded again.
        again = client.post(where, data={"mark": mark, "factor_code": app_code(secret)})
        assert again.location == "/settings/second-factor"
        assert "Did you not see your recovery codes" in client.get(again.location).text
        file = client.post("/settings/second-factor/recovery-codes.txt", data={"recovery_code": codes})
        assert file.headers["Content-Disposition"].startswith("attachment")
        assert all(code in file.text for code in codes)
        foreign = client.post(
            "/settings/second-factor/recovery-codes.txt", data={"recovery_code": ["abcd-efgh", *codes[1:]]}
        )
        assert foreign.status_code == 303
        # Sent when the sign-in has ended, codes wait nowhere.
        token = SignIn.get(SignIn.person == person).token_sha256
        SignIn.update(token_sha256="ended").where(SignIn.person == person).execute()
        for address in ("/settings/second-factor/recovery-codes.txt", "/confirm"):
            client.post(address, data={"recovery_code": codes, "factor_code": "123456"})
        assert SavedForm.select().count() == 0
        SignIn.update(token_sha256=token).where(SignIn.person == person).execute()
        assert "turned off" not in client.post("/settings/second-factor/removal").headers.get("Location", "")
        assert "Turn the second factor off" not in client.get("/settings/second-factor").text
        assert has_factor(person)


def test_who_was_signed_in_as_an_admin_before_is_asked_at_once(browser_of: Browser) -> None:
    ada = make_person("Ada", is_admin=True)
    client = browser_of(ada)
    SignIn.update(factor_at=None).execute()
    assert client.get("/admin").location.startswith("/sign-in")
    assert client.get("/metrics").status_code == 401


def test_in_a_demo_an_admin_needs_none_and_may_try_it(app: Flask, browser_of: Browser) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], demo=True)
    ada, client = make_person("Ada", is_admin=True), browser_of()
    assert password_of(client, ada) == "/dashboard"
    assert client.get("/admin").status_code == 200
    client.post("/settings/second-factor/key")
    assert (
        client.post("/settings/second-factor", data={"factor_code": app_code(NewSecret.get().secret)}).status_code
        == 200
    )
    client.post("/sign-out")
    assert password_of(client, ada) == "/sign-in/code"
    give_code(client, app_code(SecondFactor.get().secret, steps=1))
    assert client.post("/settings/second-factor/removal").location == "/settings#second-factor"
    assert not has_factor(ada)


def test_a_coach_sets_it_up_replaces_it_and_turns_it_off(browser_of: Browser, alice: Person) -> None:
    client, elsewhere = browser_of(alice), browser_of(alice)
    assert "Set it up" in client.get("/settings").text
    assert "Set up an app" in client.get("/settings/second-factor").text
    make_stale("verified_at")
    headers = {"Referer": "http://localhost:8000/settings/second-factor"}
    asked = client.post("/settings/second-factor/key", headers=headers)
    assert asked.location == "/confirm?next=/settings/second-factor"
    assert client.post(asked.location, data={"password": PASSWORD}).location == "/settings/second-factor"
    client.post("/settings/second-factor/key")
    assert 'class="qr"' in client.get("/settings/second-factor").text
    assert 'class="qr"' not in elsewhere.get("/settings/second-factor").text  # not shown to another browser
    client.post("/settings/second-factor/key/dismissal")
    assert NewSecret.select().count() == 0
    client.post("/settings/second-factor/key")
    wrong = client.post("/settings/second-factor", data={"factor_code": "12 34"})
    assert wrong.status_code == 422
    assert 'class="qr"' in wrong.text
    secret = NewSecret.get().secret
    answer = client.post("/settings/second-factor", data={"factor_code": app_code(secret)})
    assert len(re.findall(r"<li><code>", answer.text)) == 10
    assert elsewhere.get("/settings").location.startswith("/sign-in")
    again = client.post("/settings/second-factor", data={"factor_code": app_code(secret)})
    assert again.location == "/settings/second-factor"
    assert "Did you not see your recovery codes" in client.get(again.location).text

    before = {row.code_sha256 for row in RecoveryCode.select()}
    assert client.post("/settings/second-factor/recovery-codes").status_code == 200
    assert before.isdisjoint(row.code_sha256 for row in RecoveryCode.select())
    client.post("/settings/second-factor/key")
    newer = NewSecret.get().secret
    assert "The app that you have now counts" in client.get("/settings/second-factor").text
    spent = app_code(newer)
    assert client.post("/settings/second-factor", data={"factor_code": spent}).status_code == 200
    assert SecondFactor.get().secret == newer != secret

    make_stale("factor_at")
    asked = client.post("/settings/second-factor/removal", headers=headers)
    assert asked.location == "/confirm?next=/settings/second-factor"
    page = client.get(asked.location).text
    assert 'type="password"' not in page  # that was given a moment ago
    assert client.post(asked.location, data={"factor_code": spent}).status_code == 422
    assert (
        client.post(asked.location, data={"factor_code": app_code(newer, steps=1)}).location
        == "/settings/second-factor"
    )
    assert client.post("/settings/second-factor/removal").status_code == 303
    assert not has_factor(alice)
    kinds = {event.kind for event in SecurityEvent.select()}
    assert {"second factor set up", "second factor replaced", "new recovery codes", "second factor removed"} <= kinds


def test_an_address_that_nobody_confirmed_comes_first(browser_of: Browser) -> None:
    lee = make_person("Lee", email_verified_at=None)
    client = browser_of(lee)
    assert client.post("/settings/second-factor/key").location == "/settings#address"
    assert "Confirm an e-mail address first" in client.get("/settings").text
    assert NewSecret.select().count() == 0


def test_what_touches_rights_and_money_asks_for_the_code_again(
    browser_of: Browser, alice: Person, mallory: Person, bob: Person, consent: FakeConsent
) -> None:
    store = factories.make_store(alice, slug="nova", guild_asked_at=factories.MADE_AT)
    product = factories.make_product(store, code="call")
    ada = make_person("Ada", is_admin=True)
    make_factor(alice)
    make_factor(ada)
    options = {"payment": "outside", "pay_text": "To an account of mine", "then": "stay"}
    changes = [
        (alice, "/settings", "/settings/email", {"email": "new@example.com"}),
        (alice, "/settings", "/settings/password", {"current_password": PASSWORD, "new_password": "another good one"}),
        (alice, "/settings/discord", "/discord/unlink", {}),
        (alice, "/settings/discord", "/discord/relink", {}),
        (alice, "/settings/merging", "/settings/merging", {}),
        (alice, "/settings/second-factor", "/settings/second-factor/removal", {}),
        (alice, "/settings/second-factor", "/settings/second-factor/recovery-codes", {}),
        (alice, "/store/nova/guild", "/store/nova/guild-verification", {"guild_id": "1234567890123456789"}),
        (alice, "/store/nova/guild", "/store/nova/guild-invitation", {}),
        (alice, "/products/call/options", "/products/call/options", options),
        (ada, "/admin/stores", "/admin/stores/nova/guild-approval", {"decision": "approve"}),
    ]
    for person, page, action, fields in changes:
        client = browser_of(person)
        make_stale("factor_at")
        asked = client.post(action, data=fields, headers={"Referer": f"http://localhost:8000{page}"})
        assert asked.status_code == 303, action
        assert asked.location == f"/confirm?next={page}", action
        forget_codes()
        assert client.post(asked.location, data={"factor_code": app_code()}).location == page
    client = browser_of(alice)
    assert 'name="pay_text"' in client.get("/products/call/options").text
    assert type(product).get_by_id(product.id).pay_text == "Pay me by bank transfer."
    # What leaves the money where it goes is saved without asking, and nobody without a second factor is asked.
    make_stale("factor_at", "verified_at")
    assert (
        client.post("/products/call/options", data=options | {"pay_text": product.pay_text}).location != asked.location
    )
    SecondFactor.delete().execute()
    assert "/confirm" not in client.post("/products/call/options", data=options).headers.get("Location", "")
    assert type(product).get_by_id(product.id).pay_text == "To an account of mine"


def test_confirming_takes_password_or_discord_and_the_code(
    browser_of: Browser, bob: Person, consent: FakeConsent
) -> None:
    make_factor(bob)
    client, address = browser_of(bob), "/confirm?next=/settings/discord"
    make_stale("verified_at", "factor_at")
    page = client.get(address).text
    assert 'name="password"' in page
    assert 'name="factor_code"' in page
    assert client.post(address, data={"password": PASSWORD}).status_code == 422
    # A wrong password spends no code.
    code = app_code()
    assert client.post(address, data={"password": "not it", "factor_code": code}).status_code == 422
    assert client.post(address, data={"password": PASSWORD, "factor_code": "000000"}).status_code == 422
    page = client.get(address).text
    assert 'name="password"' not in page  # right, and done
    assert client.post(address, data={"factor_code": code}).location == "/settings/discord"
    assert client.get("/settings/discord").status_code == 200

    # By Discord: the code comes after it, whichever way round.
    forget_codes()
    make_stale("verified_at", "factor_at")
    assert by_discord(client, consent, "/discord/confirmation?next=/settings/discord") == address
    assert client.get("/settings/discord").location == address
    assert client.post(address, data={"factor_code": app_code()}).location == "/settings/discord"
    assert WrongCode.select().count() == 0


def test_the_other_account_is_not_read_by_its_password_alone(browser_of: Browser, alice: Person, bob: Person) -> None:
    make_factor(bob)
    client = browser_of(alice)
    answer = client.post("/settings/merging/other-account", data={"email": bob.email, "password": PASSWORD})
    assert answer.status_code == 422
    assert "The other account has a second factor" in answer.text
    assert "Nothing waits to be merged" in client.get("/settings/merging").text
