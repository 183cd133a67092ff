"""Settings, "confirm that it is you", links by mail: through the browser, attacks included."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts import queries
from coaching.accounts.mail_link_mutations import make_reset_link
from coaching.accounts.models import MailLink, Person, SignIn
from coaching.accounts.mutations import check_password
from coaching.marks import keyed_digests
from coaching.notices.models import Notice
from coaching.people.barring_mutations import hold_barred
from tests import factories
from tests.factories import PASSWORD, make_person
from tests.fakes import FakeMailer

Browser = Callable[..., FlaskClient]
NEW = "a brand new password"
FROM_SETTINGS = {"Referer": "http://localhost:8000/settings"}


@pytest.fixture
def bob(db: None) -> Person:
    return make_person("Bob")


@pytest.fixture
def browser(browser_of: Browser, bob: Person) -> FlaskClient:
    return browser_of(bob)


def make_stale() -> None:
    """Every sign-in is older than ten minutes."""
    SignIn.update(verified_at=datetime.now(UTC) - timedelta(minutes=11)).execute()


def mailed(kind: str) -> str:
    """The path of the link in the newest mail of this kind."""
    body = Notice.select().where(Notice.kind == kind).order_by(Notice.id.desc()).get().body
    return "/" + body.split("http://localhost:8000/")[1].split()[0]


def test_name_and_zone_can_be_changed(browser: FlaskClient, bob: Person) -> None:
    answer = browser.post("/settings/profile", data={"name": "Robert", "zone": "Asia/Tokyo"})
    assert answer.status_code == 303
    assert (Person.get_by_id(bob.id).name, Person.get_by_id(bob.id).zone) == ("Robert", "Asia/Tokyo")


@pytest.mark.parametrize("data", [{"name": ""}, {"name": "x" * 61}, {"name": "Bob", "zone": "Mars/Base"}, {}])
def test_a_bad_profile_is_kept_and_explained(browser: FlaskClient, bob: Person, data: dict[str, str]) -> None:
    assert browser.post("/settings/profile", data=data).status_code == 422
    assert Person.get_by_id(bob.id).name == "Bob"


def test_fields_that_no_form_has_change_nothing(browser: FlaskClient, bob: Person) -> None:
    """Mass assignment: no role and no verified address ever comes from a form."""
    extra = {"name": "Bob", "zone": "Asia/Tokyo", "is_admin": "1", "email": "x@example.com", "email_verified_at": "1"}
    browser.post("/settings/profile", data=extra)
    person = Person.get_by_id(bob.id)
    assert (person.is_admin, person.email) == (False, bob.email)


def test_a_new_password_needs_the_present_one(browser: FlaskClient, bob: Person, browser_of: Browser) -> None:
    elsewhere = browser_of(bob)
    wrong = browser.post("/settings/password", data={"current_password": "not it", "new_password": NEW})
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text

    right = browser.post("/settings/password", data={"current_password": PASSWORD, "new_password": NEW})

    assert right.status_code == 303
    assert check_password(bob.email, NEW, datetime.now(UTC)) == bob
    assert browser.get("/settings").status_code == 200
    assert elsewhere.get("/settings").status_code == 302 or elsewhere.get("/settings").status_code == 303
    assert SignIn.select().count() == 1


def test_a_new_password_may_not_be_the_name_of_ones_store(browser: FlaskClient, bob: Person) -> None:
    factories.make_store(bob, name="Nova Hart Studio")
    answer = browser.post("/settings/password", data={"current_password": PASSWORD, "new_password": "nova hart studio"})
    assert answer.status_code == 422


def test_whoever_came_by_discord_may_set_a_password_when_freshly_signed_in(browser_of: Browser) -> None:
    dee = make_person("Dee", password_hash=None, email=None, email_key=None, email_verified_at=None, linked_as="2009")
    client = browser_of(dee)
    make_stale()
    answer = client.post("/settings/password", data={"new_password": NEW}, headers=FROM_SETTINGS)
    assert answer.location == "/confirm?next=/settings"
    page = client.get(answer.location).text
    assert "Confirm with Discord as dee_d" in page
    assert 'type="password"' not in page
    SignIn.update(verified_at=datetime.now(UTC)).execute()
    assert client.post("/settings/password", data={"new_password": NEW}).status_code == 303
    assert Person.get_by_id(dee.id).password_hash


def test_changing_the_address_asks_who_it_is_and_comes_back_with_what_was_typed(browser: FlaskClient) -> None:
    make_stale()
    answer = browser.post("/settings/email", data={"email": "new@example.com"}, headers=FROM_SETTINGS)
    assert answer.location == "/confirm?next=/settings"
    assert Notice.select().count() == 0
    assert "Confirm that it is you" in browser.get(answer.location).text
    assert browser.post(answer.location, data={"password": "not it"}).status_code == 422

    back = browser.post(answer.location, data={"password": PASSWORD})

    assert back.location == "/settings"
    assert 'value="new@example.com"' in browser.get("/settings").text
    assert browser.post("/settings/email", data={"email": "new@example.com"}).status_code == 303
    assert Notice.get().recipient == "new@example.com"


def test_an_htmx_request_is_led_to_the_confirmation_as_a_whole_page(browser: FlaskClient) -> None:
    make_stale()
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost:8000/settings"}
    answer = browser.post("/settings/email", data={"email": "new@example.com"}, headers=headers)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/confirm?next=/settings")


def test_the_new_address_holds_after_its_link_was_confirmed_by_the_button(browser: FlaskClient, bob: Person) -> None:
    browser.post("/settings/email", data={"email": "new@example.com"})
    link = mailed("verify")
    page = browser.get(link)
    assert page.status_code == 200
    assert "new@example.com" in page.text
    assert Person.get_by_id(bob.id).email == bob.email  # GET shows, it does not act

    browser.post(link)

    assert Person.get_by_id(bob.id).email == "new@example.com"
    assert browser.post(link).status_code == 410
    assert Notice.select().where(Notice.kind == "changed").get().recipient == bob.email


def test_an_address_of_somebody_else_is_refused(browser: FlaskClient) -> None:
    eve = make_person("Eve")
    answer = browser.post("/settings/email", data={"email": eve.email.upper()})
    assert answer.status_code == 422
    assert "Another account has this address" in answer.text
    assert Notice.select().count() == 0


def test_a_mail_scanner_verifies_nothing(client: FlaskClient, browser_of: Browser) -> None:
    """It follows every link, without a cookie, by GET, HEAD and even POST."""
    bob = make_person("Bob", email_verified_at=None)
    browser_of(bob).post("/settings/verification")
    link = mailed("verify")
    client.get(link)
    client.head(link)
    client.post(link)
    assert Person.get_by_id(bob.id).email_verified_at is None
    assert MailLink.select().count() == 1


def test_who_confirms_an_address_that_stays_suspended_without_an_account_is_signed_out(
    browser_of: Browser,
) -> None:
    bob = make_person("Bob", email_verified_at=None)
    hold_barred([keyed_digests(f"address {bob.email_key}")[0]], datetime.now(UTC))
    browser = browser_of(bob)
    browser.post("/settings/verification")
    refused = browser.post(mailed("verify"))
    assert (refused.status_code, "was suspended, and then deleted" in refused.text) == (403, True)
    # Nor does the page that says so lead to what is theirs no more.
    assert 'href="/dashboard"' not in refused.text
    assert "To the start page" in refused.text
    assert browser.get("/settings").status_code == 303


def test_a_victims_click_does_not_finish_a_squatters_account(client: FlaskClient, browser_of: Browser) -> None:
    """Mallory signed up with the victim's address; the victim, signed in to their own account, follows the link."""
    squatted = make_person(
        "Mallory", email="victim@example.com", email_key="victim@example.com", email_verified_at=None
    )
    browser_of(squatted).post("/settings/verification")
    victim = browser_of(make_person("Victim"))
    link = mailed("verify")
    assert victim.get(link).status_code == 410
    assert victim.post(link).status_code == 410
    assert Person.get_by_id(squatted.id).email_verified_at is None


def test_a_visitor_with_a_verify_link_signs_in_first_and_no_address_names_the_token(client: FlaskClient) -> None:
    bob = make_person("Bob", email_verified_at=None)
    client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    client.post("/settings/verification")
    client.post("/sign-out")
    link = mailed("verify")
    asked = client.get(link)
    assert asked.location == "/sign-in"
    assert link.rpartition("/")[2] not in client.get("/sign-in").text
    back = client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    assert back.location == link
    assert client.post(link).status_code == 303
    assert Person.get_by_id(bob.id).email_verified_at


def test_a_sign_in_that_runs_out_before_the_button_puts_no_token_into_an_address(client: FlaskClient) -> None:
    bob = make_person("Bob", email_verified_at=None)
    client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    client.post("/settings/verification")
    link = mailed("verify")
    SignIn.delete().execute()
    asked = client.post(link, headers={"Referer": f"http://localhost:8000{link}"})
    assert asked.location == "/sign-in"
    assert client.post("/sign-in", data={"email": bob.email, "password": PASSWORD}).location == link


def test_a_reset_takes_no_password_that_everybody_would_try(client: FlaskClient, bob: Person) -> None:
    factories.make_store(bob, name="Bob's Long Studio")
    client.post("/forgotten-password", data={"email": bob.email})
    link = mailed("reset")
    for poor in (str(bob.email), "bob's long STUDIO", "password123"):
        assert client.post(link, data={"new_password": poor}).status_code == 422
    assert client.get(link).status_code == 200  # and the link is not spent


def test_forgotten_and_reset(client: FlaskClient, browser_of: Browser, bob: Person) -> None:
    elsewhere = browser_of(bob)
    client.post("/forgotten-password", data={"email": bob.email})
    link = mailed("reset")
    assert client.get(link).status_code == 200
    assert client.post(link, data={"new_password": "short"}).status_code == 422

    answer = client.post(link, data={"new_password": NEW})

    assert answer.location == "/sign-in"
    assert client.get("/settings").status_code == 303  # nobody is signed in by it
    assert elsewhere.get("/settings").status_code == 303
    assert client.post("/sign-in", data={"email": bob.email, "password": NEW}).status_code == 303
    assert client.get(link).status_code == 410
    assert client.post(link, data={"new_password": "yet another password"}).status_code == 410


def test_a_reset_link_dies_with_a_change_of_password(client: FlaskClient, browser: FlaskClient, bob: Person) -> None:
    client.post("/forgotten-password", data={"email": bob.email})
    browser.post("/settings/password", data={"current_password": PASSWORD, "new_password": NEW})
    assert client.post(mailed("reset"), data={"new_password": "yet another password"}).status_code == 410


def test_asking_for_a_reset_says_the_same_for_every_address(client: FlaskClient, bob: Person) -> None:
    known = client.post("/forgotten-password", data={"email": bob.email})
    unknown = client.post("/forgotten-password", data={"email": "nobody@example.com"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace(bob.email, "") == unknown.text.replace("nobody@example.com", "")
    assert Notice.select().count() == 1


def test_the_link_in_a_mail_ignores_what_the_request_calls_this_site(client: FlaskClient, bob: Person) -> None:
    """Host header poisoning of reset links."""
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    client.post("/forgotten-password", data={"email": bob.email}, headers=headers)
    assert "evil" not in Notice.get().body
    poisoned = client.post("/forgotten-password", data={"email": bob.email}, headers={"Host": "evil.example"})
    assert poisoned.status_code == 400
    assert Notice.select().count() == 1


@pytest.mark.parametrize("token", ["x", "x" * 500, "%00", "' or 1=1 --", "..%2f..%2f"])
@pytest.mark.parametrize("page", ["reset-password", "verify-email"])
def test_made_up_tokens_are_only_over(browser: FlaskClient, page: str, token: str) -> None:
    assert browser.get(f"/{page}/{token}").status_code in (404, 410)


def test_a_link_made_by_hand_works_like_a_mailed_one(client: FlaskClient, bob: Person) -> None:
    token = make_reset_link(bob, datetime.now(UTC))
    assert client.post(f"/reset-password/{token}", data={"new_password": NEW}).status_code == 303


def test_personal_pages_are_not_kept_by_the_browser(browser: FlaskClient) -> None:
    assert browser.get("/settings").headers["Cache-Control"] == "no-store"
    assert browser.get("/confirm").headers["Cache-Control"] == "no-store"


def test_ones_other_sign_ins_are_listed_and_can_be_ended(
    browser: FlaskClient, browser_of: Browser, bob: Person
) -> None:
    phone, laptop = browser_of(bob), browser_of(bob)
    assert browser.get("/settings").text.count("test browser") >= 3
    rows = queries.sign_ins_of(bob, datetime.now(UTC))
    other = max(row.id for row in rows)

    assert browser.post(f"/settings/sign-ins/{other}/ending").status_code == 303
    assert laptop.get("/settings").status_code == 303
    assert phone.get("/settings").status_code == 200
    browser.post("/settings/sign-ins/ending")
    assert phone.get("/settings").status_code == 303
    assert browser.get("/settings").status_code == 200


def test_nobody_ends_a_strangers_sign_in(browser: FlaskClient, browser_of: Browser) -> None:
    victim = make_person("Victim")
    theirs = browser_of(victim)
    [row] = queries.sign_ins_of(victim, datetime.now(UTC))
    assert browser.post(f"/settings/sign-ins/{row.id}/ending").status_code == 404
    assert browser.post("/settings/sign-ins/999999/ending").status_code == 404
    assert theirs.get("/settings").status_code == 200


def test_an_address_cannot_be_verified_without_being_signed_in(client: FlaskClient) -> None:
    for path in ("/settings/verification", "/settings/email", "/settings/password", "/confirm", "/discord/check"):
        assert client.post(path).location.startswith("/sign-in"), path


def test_a_flooded_mailbox_is_said_in_a_sentence(browser_of: Browser) -> None:
    client = browser_of(make_person("Bob", email_verified_at=None))
    answers = [client.post("/settings/verification") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert "many links were asked for this address already that none was sent" in answers[-1].text


@pytest.mark.usefixtures("sending")
def test_a_flooded_mailbox_is_no_dead_end(browser_of: Browser) -> None:
    """Mistyped at signing up, and its links used up: another address is put in on the same page."""
    bob = make_person("Bob", email="bob@gmial.test", email_key="bob@gmial.test", email_verified_at=None)
    client = browser_of(bob)
    for _ in range(5):
        client.post("/settings/verification")
    page = client.post("/settings/verification").text
    assert 'action="/settings/email"' in page
    assert "put another address in" in page
    old = mailed("verify")

    assert client.post("/settings/email", data={"email": "bob@gmail.test"}).status_code == 303

    assert "We sent a link to <b>bob@gmail.test</b>" in client.get("/settings").text
    assert client.get(old).status_code == 410
    assert client.post(mailed("verify")).status_code == 303
    assert "Confirmed" in client.get("/settings").text
    assert client.post("/sign-out").status_code == 303
    assert client.post("/sign-in", data={"email": "bob@gmail.test", "password": PASSWORD}).status_code == 303


def test_a_new_address_with_too_many_links_is_said_beside_the_field(browser: FlaskClient, bob: Person) -> None:
    answers = [browser.post("/settings/email", data={"email": "new@example.com"}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [303] * 5 + [429]
    assert "many links were asked for this address already that none was sent" in answers[-1].text
    assert 'value="new@example.com"' in answers[-1].text
    assert Person.get_by_id(bob.id).email == bob.email


@pytest.mark.parametrize(
    ("lack", "words", "way"),
    [
        ({"email": None, "email_key": None, "email_verified_at": None}, "add an e-mail address", "#address"),
        ({"email_verified_at": None}, "put another one in", "#address"),
        ({"password_hash": None}, "set a password", "#password"),
    ],
)
@pytest.mark.parametrize("path", ["/discord/unlink", "/discord/relink"])
def test_a_discord_account_that_cannot_be_removed_yet_says_what_comes_first_and_where(
    browser_of: Browser, path: str, lack: dict[str, None], words: str, way: str
) -> None:
    client = browser_of(make_person("Bob", linked_as="2002", **lack))
    for page in (client.get("/settings/discord"), client.post(path)):
        assert words in page.text
        assert f'href="/settings{way}"' in page.text
        assert f'id="{way[1:]}"' in client.get("/settings").text
        assert 'href="/settings/merging/other-account"' in page.text


@pytest.mark.usefixtures("sending")
def test_whoever_signs_up_is_told_where_the_link_went(client: FlaskClient) -> None:
    client.post("/sign-up", data={"name": "Bo", "email": "bo@example.com", "password": NEW})
    assert "We sent a link to bo@example.com: with it you confirm" in client.get("/settings").text


def test_signing_up_with_a_flooded_mailbox_does_not_claim_that_a_link_was_sent(
    client: FlaskClient, bob: Person
) -> None:
    for _ in range(5):
        client.post("/forgotten-password", data={"email": bob.email})
    Person.update(email="bob@elsewhere.test", email_key="bob@elsewhere.test").where(Person.id == bob.id).execute()
    answer = client.post("/sign-up", data={"name": "Bo", "email": bob.email, "password": NEW})
    assert answer.status_code == 303
    page = client.get("/settings").text
    assert "so many links were asked for it already that none was sent" in page
    assert "We sent a link" not in page
    assert "Put another address in" in page


def test_unexpected_characters_in_a_form_are_no_crash(browser: FlaskClient, app: Flask) -> None:
    odd = "\x00\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") + "\u202eevil\u200b" + "١٢٣"
    for path in ("/settings/profile", "/settings/email", "/settings/password", "/confirm", "/sign-in", "/sign-up"):
        data = dict.fromkeys(("name", "zone", "email", "password", "current_password", "new_password"), odd)
        assert browser.post(path, data=data).status_code in (303, 422), path


def test_a_link_that_could_not_be_sent_is_told_on_the_page_that_asked_for_it(
    sending: FakeMailer, browser: FlaskClient
) -> None:
    browser.post("/settings/email", data={"email": "bbo@example.com"})
    assert "We sent a link to" in browser.get("/settings").text
    Notice.update(attempts=2, last_error="451").where(Notice.kind == "verify").execute()
    assert "could not be sent so far. We try again by ourselves." in browser.get("/settings").text
    Notice.update(state="failed").where(Notice.kind == "verify").execute()
    page = browser.get("/settings").text
    assert "The mail with the link could not be sent to bbo@example.com" in page
    assert "We sent a link to" not in page.partition("<main")[2].partition("Change the address")[0]
    assert "Send the link again" in page
