"""Signing up, in and out through the browser; what a cookie is worth, and what is saved on the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from blueprints.saved_forms import take_saved
from coaching.accounts.models import Person, SavedForm, SecurityEvent, SignIn
from coaching.notices.models import Notice
from tests.factories import PASSWORD, make_person, make_product, make_store

Browser = Callable[..., FlaskClient]
NEW = {"name": "Bob", "email": "bob@example.com", "password": PASSWORD, "zone": "America/New_York"}


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/settings").status_code == 200


def cookie_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("greenroom_8000")
    return cookie.value if cookie else ""


def test_signing_up_signs_in_takes_the_browsers_zone_and_writes_a_mail(client: FlaskClient) -> None:
    answer = client.post("/sign-up", data=NEW)
    assert (answer.status_code, answer.location) == (303, "/dashboard")
    bob = Person.get()
    assert (bob.name, bob.zone, bob.email_verified_at) == ("Bob", "America/New_York", None)
    assert is_signed_in(client)
    assert "http://localhost:8000/verify-email/" in Notice.get().body


@pytest.mark.parametrize("name", ["👨\u200d🎤 Bo", "\u0646\u06cc\u200c\u0644\u0648", "🏴󠁧󠁿"])
def test_joiners_inside_a_name_stay(client: FlaskClient, name: str) -> None:
    assert client.post("/sign-up", data=NEW | {"name": name}).status_code == 303
    assert Person.get().name == name


@pytest.mark.parametrize(
    ("difference", "message"),
    [
        ({"email": "bob"}, "not an e-mail address"),
        ({"email": ""}, "Type your e-mail address"),
        ({"name": "  "}, "Tell us what to call you"),
        ({"name": "\u200b\u2060"}, "Tell us what to call you"),
        ({"name": "\u3164"}, "Tell us what to call you"),
        ({"name": "\u0301\u20dd"}, "Tell us what to call you"),
        ({"password": "short"}, "at least 10 characters"),
        ({"password": "password123"}, "guess first"),
        ({"password": "bob@example.com"}, "everybody knows"),
        ({"password": "kq7 vd2 wm" * 103}, "at most 1024"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field(
    client: FlaskClient, difference: dict[str, str], message: str
) -> None:
    answer = client.post("/sign-up", data=NEW | difference)
    assert answer.status_code == 422
    assert message in answer.text
    assert PASSWORD not in answer.text
    assert Person.select().count() == 0


def test_a_password_may_not_be_the_name_of_the_store_one_comes_from(client: FlaskClient) -> None:
    store = make_store(make_person("Nova"), name="Nova Hart Studio")
    answer = client.post(f"/sign-up?store={store.slug}", data=NEW | {"password": "nova hart STUDIO"})
    assert answer.status_code == 422
    assert "everybody knows" in answer.text


def test_a_taken_address_is_said_and_what_was_typed_stays(client: FlaskClient, browser_of: Browser) -> None:
    client.post("/sign-up", data=NEW)
    answer = browser_of().post("/sign-up", data=NEW | {"name": "Eve", "password": "another good password"})
    assert answer.status_code == 422
    assert "already an account" in answer.text
    assert 'value="Eve"' in answer.text


def test_pressing_sign_up_twice_is_one_account(client: FlaskClient, browser_of: Browser) -> None:
    client.post("/sign-up", data=NEW)
    second = browser_of()
    assert second.post("/sign-up", data=NEW).status_code == 303
    assert Person.select().count() == 1
    assert is_signed_in(second)


@pytest.mark.parametrize("zone", ["", "Nowhere/Nothing", "../../etc/passwd", "x" * 5000])
def test_a_zone_that_is_none_is_left_open(client: FlaskClient, zone: str) -> None:
    assert client.post("/sign-up", data=NEW | {"zone": zone}).status_code == 303
    assert Person.get().zone is None


def test_signing_in_and_out(client: FlaskClient) -> None:
    bob = make_person("Bob")
    answer = client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/dashboard")
    assert is_signed_in(client)

    answer = client.post("/sign-out")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not is_signed_in(client)
    assert SignIn.select().count() == 0


def test_a_wrong_password_and_an_unknown_address_get_the_very_same_page(client: FlaskClient) -> None:
    make_person("Bob", email="bob@example.com", email_key="bob@example.com")
    known = client.post("/sign-in", data={"email": "bob@example.com", "password": "wrong password"})
    unknown = client.post("/sign-in", data={"email": "bab@example.com", "password": "wrong password"})
    assert (known.status_code, unknown.status_code) == (422, 422)
    assert known.text.replace("bob@", "") == unknown.text.replace("bab@", "")
    assert "wrong password" not in known.text
    assert SecurityEvent.select().where(SecurityEvent.kind == "sign-in failed").count() == 2


@pytest.mark.parametrize("password", ["", " ", "x" * 2000, "\x00"])
def test_odd_passwords_are_only_wrong(client: FlaskClient, password: str) -> None:
    bob = make_person("Bob")
    assert client.post("/sign-in", data={"email": bob.email, "password": password}).status_code == 422


def test_a_cookie_from_before_signing_out_is_worth_nothing(client: FlaskClient, app: Flask) -> None:
    bob = make_person("Bob")
    client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    stolen = cookie_of(client)
    client.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("greenroom_8000", stolen)
    assert not is_signed_in(thief)


def test_each_sign_in_has_a_new_token_and_ends_the_one_before(client: FlaskClient, app: Flask) -> None:
    """Session fixation: a cookie planted before the sign-in is no sign-in."""
    bob, mallory = make_person("Bob"), make_person("Mallory")
    client.post("/sign-in", data={"email": mallory.email, "password": PASSWORD})
    planted = cookie_of(client)
    client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    attacker = app.test_client()
    attacker.set_cookie("greenroom_8000", planted)
    assert not is_signed_in(attacker)
    assert [row.person for row in SignIn.select()] == [bob]


def test_the_cookie_is_closed_to_scripts_and_other_sites(client: FlaskClient) -> None:
    bob = make_person("Bob")
    answer = client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    cookies = sorted(answer.headers.getlist("Set-Cookie"))
    assert [cookie.partition("=")[0] for cookie in cookies] == ["greenroom_8000-device", "greenroom_8000"]
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie


@pytest.mark.parametrize("path", ["/", "/sign-in", "/sign-up", "/forgotten-password", "/settings", "/discord/card"])
def test_whoever_only_looks_gets_no_cookie(client: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in client.get(path).headers


def test_an_answer_does_not_send_the_cookie_again(browser_of: Browser) -> None:
    assert "Set-Cookie" not in browser_of(make_person("Bob")).get("/settings").headers


@pytest.mark.parametrize(
    "next_address",
    [
        *("https://evil.example/", "//evil.example/", "/\\evil.example/", "\\\\evil.example", "javascript:alert(1)"),
        *("/\t/evil.example", "evil.example", "/a\nb", "http:evil.example", " /dashboard"),
    ],
)
def test_nobody_is_sent_to_another_site(client: FlaskClient, next_address: str) -> None:
    bob = make_person("Bob")
    answer = client.post(
        "/sign-in", query_string={"next": next_address}, data={"email": bob.email, "password": PASSWORD}
    )
    assert (answer.status_code, answer.location) == (303, "/dashboard")
    assert client.get("/sign-in", query_string={"next": next_address}).location == "/dashboard"


def test_afterwards_one_goes_on_where_one_was_going(client: FlaskClient) -> None:
    bob = make_person("Bob")
    asked = client.get("/settings")
    assert asked.location == "/sign-in?next=/settings"
    answer = client.post(asked.location, data={"email": bob.email, "password": PASSWORD})
    assert answer.location == "/settings"


def test_a_signed_out_htmx_request_leaves_the_page_as_a_whole(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost:8000/settings?x=1"}
    answer = client.post("/settings/profile", data={"name": "New"}, headers=headers)
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/settings?x%3D1"


def test_another_sites_page_is_never_where_one_comes_back_to(client: FlaskClient) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "https://evil.example/settings"}
    answer = client.post("/settings/profile", data={"name": "New"}, headers=headers)
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/"


def test_what_was_typed_survives_a_sign_in_that_ran_out(browser_of: Browser) -> None:
    bob = make_person("Bob")
    client = browser_of(bob)
    SignIn.update(seen_at=datetime.now(UTC) - timedelta(days=15)).execute()
    headers = {"Referer": "http://localhost:8000/settings"}
    asked = client.post("/settings/email", data={"email": "typed@example.com"}, headers=headers)
    assert asked.location == "/sign-in?next=/settings"
    assert "What you typed is kept" in client.get(asked.location).text

    client.post(asked.location, data={"email": bob.email, "password": PASSWORD})

    client.head("/settings")  # asks for nothing, so it is given nothing
    assert 'value="typed@example.com"' in client.get("/settings").text
    assert 'value="typed@example.com"' not in client.get("/settings").text  # given back once


def test_what_bob_typed_is_not_shown_to_whoever_signs_in_next(browser_of: Browser) -> None:
    bob, mallory = make_person("Bob"), make_person("Mallory")
    client = browser_of(bob)
    SignIn.update(seen_at=datetime.now(UTC) - timedelta(days=15)).execute()
    headers = {"Referer": "http://localhost:8000/settings"}
    client.post("/settings/email", data={"email": "typed@example.com"}, headers=headers)
    client.post("/sign-in", data={"email": mallory.email, "password": PASSWORD})
    assert "typed@example.com" not in client.get("/settings").text


def test_passwords_are_never_saved(client: FlaskClient) -> None:
    secret = {"current_password": "my old password", "new_password": "my new password", "name": "Bob"}
    client.post("/settings/password", data=secret, headers={"Referer": "http://localhost:8000/settings"})
    assert "Bob" in SavedForm.get().fields
    assert "my" not in SavedForm.get().fields


def test_signing_out_drops_what_was_saved(browser_of: Browser) -> None:
    client = browser_of(make_person("Bob"))
    client.post("/kept-forms?next=/s/nova/call", data={"goals": "typed"})
    assert SavedForm.select().count() == 1
    client.post("/sign-out")
    assert SavedForm.select().count() == 0


@pytest.mark.parametrize(("way", "page"), [("sign-up", "/sign-up"), ("sign-in", "/sign-in"), ("//evil", "/sign-in")])
def test_a_form_can_be_kept_on_the_way_to_sign_in(client: FlaskClient, way: str, page: str) -> None:
    answer = client.post(f"/kept-forms?next=/s/nova/call&way={way}", data={"goals": "typed"})
    assert answer.location == f"{page}?next=/s/nova/call"


@pytest.mark.parametrize(
    "path", ["/sign-in", "/sign-up", "/sign-out", "/settings/profile", "/discord/link", "/confirm", "/kept-forms"]
)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://localhost:8001"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost:8000"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:8000"},
    ],
)
def test_another_sites_form_changes_nothing(browser_of: Browser, path: str, headers: dict[str, str]) -> None:
    client = browser_of(make_person("Bob"))
    assert client.post(path, data={"name": "x"}, headers=headers).status_code == 403
    assert is_signed_in(client)


def test_markup_in_a_name_is_only_text(client: FlaskClient) -> None:
    client.post("/sign-up", data=NEW | {"name": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in client.get("/settings").text
    assert "&lt;script&gt;alert(1)" in client.get("/settings").text


def test_a_visitors_booking_comes_back_after_signing_up(client: FlaskClient) -> None:
    product = make_product()
    page = f"/s/{product.store.slug}/{product.slug}"
    typed: dict[str, Any] = {"goals": "Make the low end work", "starts_at": "2027-03-09T17:00:00Z"}
    answer = client.post("/kept-forms", query_string={"next": f"{page}?day=2027-03-09", "way": "sign-up"}, data=typed)
    back = client.post(answer.location, data=NEW).location
    assert back == f"{page}?day=2027-03-09"
    assert "Make the low end work" in client.get(back).text


def test_several_forms_wait_side_by_side(app: Flask, browser_of: Browser) -> None:
    client = browser_of()
    client.post("/kept-forms?next=/one", data={"a": "1"})
    client.post("/kept-forms?next=/two?x=y", data={"a": ["2", "3"]})
    with client.session_transaction() as cookie:
        key = cookie["parked"]
    with app.test_request_context("/two"):
        session["parked"] = key
        waiting = take_saved()
        assert waiting is not None
        assert waiting.getlist("a") == ["2", "3"]
        assert take_saved() is None
    with app.test_request_context("/one"):
        session["parked"] = key
        assert take_saved() is not None
