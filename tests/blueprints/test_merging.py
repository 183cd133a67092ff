"""Merging two accounts through the browser: each way to show the other one, and every way on when it does not go."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from flask_login import current_user

from coaching.accounts.claim_mutations import claim_by_discord
from coaching.accounts.models import MergeClaim, Person, SignIn
from coaching.accounts.passwords import hash_password
from coaching.merging.mutations import merge_accounts
from coaching.notices.models import Notice
from tests import factories
from tests.clocks import at
from tests.factories import PASSWORD, make_person

Browser = Callable[..., FlaskClient]
PAGE = "/settings/merging"
OTHER = "/settings/merging/other-account"


@pytest.fixture
def dee(db: None) -> Person:
    """Came by Discord, has neither address nor password."""
    return make_person("Dee", email=None, email_key=None, email_verified_at=None, password_hash=None, linked_as="2009")


@pytest.fixture
def bob(db: None) -> Person:
    """The same human being by mail."""
    return make_person("Bob")


@pytest.fixture
def browser(browser_of: Browser, dee: Person) -> FlaskClient:
    return browser_of(dee)


def form_marks(page: str) -> dict[str, str]:
    """The hidden fields of the form that merges."""
    matches = {name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page) for name in ("form_key", "mark")}
    return {name: match[1] for name, match in matches.items() if match}


def claim(browser: FlaskClient, person: Person) -> str:
    """The page that says what moves, once the password was right."""
    assert browser.post(OTHER, data={"email": person.email, "password": PASSWORD}).location == PAGE
    return browser.get(PAGE).text


def mailed() -> str:
    """The path of the newest link."""
    body = Notice.select().order_by(Notice.id.desc()).get().body
    return "/" + body.split("http://localhost:8000/")[1].split()[0]


def test_an_address_of_ones_own_other_account_is_no_dead_end(
    browser: FlaskClient, dee: Person, bob: Person, woken: list[datetime]
) -> None:
    """From “another account has this address” to one account with all of it."""
    factories.make_store(bob, name="Bob’s studio")
    factories.make_coaching_session(student=bob, starts_at=datetime.now(UTC) + timedelta(days=3))
    taken = browser.post("/settings/email", data={"email": str(bob.email).upper()})
    assert taken.status_code == 422
    assert f'href="{OTHER}"' in taken.text
    assert f'value="{str(bob.email).upper()}"' in browser.get(OTHER).text

    page = claim(browser, bob)
    assert "1 session as a student" in page
    assert "“Bob’s studio”" in page
    assert f"The address {bob.email}" in page
    assert Person.select().where(Person.id == bob.id).exists()  # GET moves nothing

    answer = browser.post(PAGE, data=form_marks(page))

    assert answer.location == "/settings"
    assert "The two accounts are one now." in browser.get("/settings").text
    assert not Person.select().where(Person.id == bob.id).exists()
    assert Person.get_by_id(dee.id).email == bob.email
    assert woken


def test_the_mail_link_shows_it_in_the_browser_that_asked_and_nowhere_else(
    browser: FlaskClient, browser_of: Browser, client: FlaskClient, dee: Person, bob: Person
) -> None:
    sent = browser.post("/settings/merging/link", data={"email": bob.email})
    assert "in this browser" in sent.text
    link = mailed()
    for elsewhere in (client, browser_of(bob), browser_of(dee), browser_of(make_person("Mallory"))):
        for answer in (elsewhere.get(link), elsewhere.post(link)):
            assert answer.status_code == 403
            assert "Open this link in the other browser" in answer.text
            assert str(bob.email) not in answer.text
    page = browser.get(link)
    assert "This account is mine, too" in page.text
    assert "Nothing waits to be merged" in browser.get(PAGE).text  # GET shows, it does not act
    assert browser.post(link).location == PAGE
    assert browser.get(link).status_code == browser.post(link).status_code == 410
    assert browser.post(PAGE, data=form_marks(browser.get(PAGE).text)).status_code == 303
    assert Person.get_by_id(dee.id).email == bob.email


def test_a_link_to_an_address_that_has_changed_since_is_over(browser: FlaskClient, bob: Person) -> None:
    browser.post("/settings/merging/link", data={"email": bob.email})
    Person.update(email="new@example.com", email_key="new@example.com").where(Person.id == bob.id).execute()
    assert browser.get(mailed()).status_code == browser.post(mailed()).status_code == 410


def test_asking_for_the_link_says_the_same_for_every_address(browser: FlaskClient, bob: Person) -> None:
    squatted = make_person("Mallory", email_verified_at=None)
    answers = []
    for address in (str(bob.email), str(squatted.email), "nobody@example.com"):
        answer = browser.post("/settings/merging/link", data={"email": address})
        answers.append((answer.status_code, answer.text.replace(address, "")))
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] == 200


@pytest.mark.parametrize(
    ("path", "data", "words"),
    [
        (OTHER, {}, "Type the address"),
        (OTHER, {"email": "bob@example.com"}, "Type the password"),
        (OTHER, {"email": "nobody@example.com", "password": "not it at all"}, "do not belong together"),
        (OTHER, {"email": "no address", "password": "x" * 2000}, "Use at most"),
        ("/settings/merging/link", {}, "Type the address"),
        ("/settings/merging/link", {"email": "no address"}, "This is not an e-mail address"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    browser: FlaskClient, path: str, data: dict[str, str], words: str
) -> None:
    answer = browser.post(path, data=data)
    assert answer.status_code == 422
    assert words in answer.text
    assert not data.get("email") or f'value="{data["email"]}"' in answer.text
    assert MergeClaim.select().count() == 0


def test_ones_own_address_is_said_to_be_ones_own(browser_of: Browser, bob: Person) -> None:
    for path in (OTHER, "/settings/merging/link"):
        answer = browser_of(bob).post(path, data={"email": bob.email, "password": PASSWORD})
        assert answer.status_code == 422
        assert "the account that you are signed in to" in answer.text


def test_merging_asks_who_it_is_and_comes_back(browser_of: Browser, bob: Person) -> None:
    browser, other = browser_of(bob), make_person("Other")
    page = claim(browser, other)
    SignIn.update(verified_at=datetime.now(UTC) - timedelta(minutes=11)).execute()
    asked = browser.post(PAGE, data=form_marks(page), headers={"Referer": f"http://localhost:8000{PAGE}"})
    assert asked.location == f"/confirm?next={PAGE}"
    assert Person.select().where(Person.id == other.id).exists()
    assert browser.post(asked.location, data={"password": PASSWORD}).location == PAGE
    assert browser.post(PAGE, data=form_marks(browser.get(PAGE).text)).location == "/settings"
    assert not Person.select().where(Person.id == other.id).exists()


def test_pressed_twice_the_second_press_says_the_same(browser: FlaskClient, bob: Person) -> None:
    fields = form_marks(claim(browser, bob))
    assert [browser.post(PAGE, data=fields).location for _ in range(2)] == ["/settings"] * 2
    assert "Nothing waits to be merged" in browser.get(PAGE).text  # Back afterwards


@pytest.mark.parametrize("fields", [{}, {"mark": "made up", "form_key": "x"}, {"mark": "\0", "form_key": "' or 1=1"}])
def test_a_form_that_was_not_drawn_here_merges_nothing(
    browser: FlaskClient, bob: Person, fields: dict[str, str]
) -> None:
    claim(browser, bob)
    answer = browser.post(PAGE, data=fields)
    assert answer.status_code == 409
    assert "Something has changed" in answer.text
    assert "Merge the two accounts</span>" in answer.text  # and the way on is there
    assert Person.select().where(Person.id == bob.id).exists()


@pytest.mark.parametrize("confirmed", ["neither", "here", "there", "both"])
@pytest.mark.parametrize("passwords", ["neither", "here", "there", "both"])
def test_card_list_and_message_say_the_same_and_it_is_true(
    browser_of: Browser, client: FlaskClient, confirmed: str, passwords: str
) -> None:
    pair = [
        make_person(
            name.capitalize(),
            email=f"{name}@example.com",
            email_key=f"{name}@example.com",
            password_hash=hash_password(f"{PASSWORD} {name}") if passwords in (name, "both") else None,
            email_verified_at=datetime.now(UTC) if confirmed in (name, "both") else None,
        )
        for name in ("here", "there")
    ]
    browser = browser_of(pair[0])
    link = factories.link_discord(pair[1], "2010")
    claim_by_discord(SignIn.get(person=pair[0]), link, "/settings", datetime.now(UTC))
    page = browser.get(PAGE).text
    stays, ends = ("there", "here") if confirmed == "there" else ("here", "there")
    assert f"Here, {'until now ' if stays == 'there' else ''}here@example.com" in page
    assert "There, until now there@example.com" in page
    assert re.search(f"The address {ends}@example.com[^<]*: you go on with {stays}@example.com", page)
    assert ("The address there@example.com</li>" in page) is (stays == "there")
    assert "Its password" not in page
    holds = {"both": "here", "neither": None}.get(passwords, passwords)
    assert ("The password of there@example.com: you go on with that of here@example.com" in page) is (
        passwords == "both"
    )
    said = f"with {stays}@example.com" + (f" and the password of {holds}@example.com" if holds != stays else "")
    if holds:
        assert f"{said}, and with Discord<" in page
    browser.post(PAGE, data=form_marks(page))
    if holds:
        assert f"You sign in {said}, and with Discord." in browser.get("/settings").text
        data = {"email": f"{stays}@example.com", "password": f"{PASSWORD} {holds}"}
        assert client.post("/sign-in", data=data).status_code == 303


def test_a_site_without_mail_promises_none(app: Flask, browser: FlaskClient, bob: Person) -> None:
    assert "Mail about it" not in claim(browser, bob)
    app.extensions["settings"] = replace(app.extensions["settings"], mail_url="smtps://mail.example.com")
    assert "Mail about it" in browser.get(PAGE).text


def test_what_moves_anew_is_shown_before_it_moves(browser: FlaskClient, bob: Person) -> None:
    fields = form_marks(claim(browser, bob))
    factories.make_store(bob, name="Opened meanwhile")
    answer = browser.post(PAGE, data=fields)
    assert answer.status_code == 409
    assert "“Opened meanwhile”" in answer.text
    assert "Your page as a coach" not in answer.text
    factories.make_coach(bob, slug="bobs-page")
    alone = browser.get(PAGE).text
    assert "Its address stays /coaches/bobs-page." in alone
    factories.make_coach(Person.get(name="Dee"), slug="dees-page", stopped_at=datetime.now(UTC), stopped_why="Rude.")
    page = browser.get(PAGE).text
    assert "/coaches/dees-page stays, /coaches/bobs-page leads to it" in page
    assert "as a coach was taken back. It stays so for both" in page
    assert browser.post(PAGE, data=form_marks(page)).status_code == 303
    assert browser.get("/coaches/bobs-page").location == "/coaches/dees-page"


def test_two_windows_show_two_accounts_and_the_last_one_counts(browser: FlaskClient, bob: Person) -> None:
    first = form_marks(claim(browser, bob))
    other = make_person("Other")
    claim(browser, other)
    answer = browser.post(PAGE, data=first)
    assert answer.status_code == 409
    assert "Other" in answer.text
    assert Person.select().count() == 3


def test_a_claim_is_nothing_after_signing_out_and_to_anybody_else(
    browser: FlaskClient, browser_of: Browser, dee: Person, bob: Person
) -> None:
    fields = form_marks(claim(browser, bob))
    for somebody in (browser_of(dee), browser_of(bob), browser_of(make_person("Mallory"))):
        assert somebody.post(PAGE, data=fields).status_code == 409
    browser.post("/sign-out")
    assert browser.post(PAGE, data=fields).location.startswith("/sign-in")
    factories.sign_in(browser, dee)
    assert browser.post(PAGE, data=fields).status_code == 409
    assert Person.select().where(Person.id == bob.id).exists()


def test_an_account_that_is_gone_meanwhile_ends_on_a_page(browser: FlaskClient, bob: Person) -> None:
    fields = form_marks(claim(browser, bob))
    bob.delete_instance()
    assert "Nothing waits to be merged" in browser.get(PAGE).text
    assert browser.post(PAGE, data=fields).status_code == 409


def test_the_other_accounts_browsers_are_signed_out(browser: FlaskClient, browser_of: Browser, bob: Person) -> None:
    theirs = browser_of(bob)
    browser.post(PAGE, data=form_marks(claim(browser, bob)))
    assert theirs.get("/settings").location.startswith("/sign-in")
    assert browser.get("/settings").status_code == 200


def test_what_stands_in_the_way_is_a_sentence_with_times_and_no_button(browser_of: Browser, bob: Person) -> None:
    other = make_person("Other")
    at = datetime.now(UTC) + timedelta(days=3)
    for person in (bob, other):
        factories.make_coaching_session(factories.make_product(title=f"Call of {person.name}"), person, starts_at=at)
    browser = browser_of(bob)
    page = claim(browser, other)
    assert "two sessions at one time" in page
    assert "“Call of Bob”" in page
    assert "“Call of Other”" in page
    assert "Berlin (UTC" in page
    assert form_marks(page) == {}
    assert browser.post("/settings/merging/dismissal").location == "/settings"
    assert "Nothing waits to be merged" in browser.get(PAGE).text


def test_names_are_no_markup(browser: FlaskClient) -> None:
    hostile = make_person("<b>Eve</b>", email="eve@example.com", email_key="eve@example.com")
    factories.make_store(hostile, name="<script>alert(1)</script>")
    page = claim(browser, hostile)
    assert "<b>Eve" not in page
    assert "<script>alert" not in page


def test_a_link_that_was_verified_too_late_leads_to_merging(browser: FlaskClient, dee: Person) -> None:
    """Somebody else, or the same person elsewhere, has got the address between asking and confirming."""
    browser.post("/settings/email", data={"email": "dee@example.com"})
    link = mailed()
    make_person("Dee again", email="dee@example.com", email_key="dee@example.com")
    answer = browser.post(link)
    assert answer.location == OTHER
    page = browser.get(OTHER).text
    assert "Meanwhile another account has this address" in page
    assert 'value="dee@example.com"' in page
    assert browser.post("/settings/verification").status_code == 422


def test_what_the_other_account_sends_while_it_ends_asks_to_sign_in(
    app: Flask, browser: FlaskClient, browser_of: Browser, bob: Person
) -> None:
    """Its person was read before the merge, and is gone when something of theirs is written."""
    theirs = browser_of(bob)
    claim(browser, bob)
    fields = form_marks(browser.get(PAGE).text)

    def merge() -> None:
        if request.path == "/settings/email" and current_user.is_authenticated:
            app.before_request_funcs[None].remove(merge)
            merge_accounts(SignIn.get(SignIn.person != bob), fields["mark"], fields["form_key"], at(datetime.now(UTC)))

    app.before_request_funcs[None].append(merge)
    answer = theirs.post("/settings/email", data={"email": "robert@example.com"})

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?")
