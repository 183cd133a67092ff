"""What is said on the next page: it outlives signing in, up and out, and promises no mail that cannot leave."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from coaching.notices.models import Notice
from tests.factories import PASSWORD, make_person

NEW = {"name": "Bob", "email": "bob@example.com", "password": PASSWORD, "zone": "Europe/Berlin"}
NO_MAIL = "This site sends no mail."


@pytest.mark.usefixtures("sending")
def test_who_signs_up_reads_that_a_link_was_sent(client: FlaskClient) -> None:
    page = client.get(client.post("/sign-up", data=NEW).location).text
    assert "Welcome, Bob. We sent a link to bob@example.com" in page
    assert "We sent a link" not in client.get("/dashboard").text


def test_without_a_mail_server_no_link_is_promised(client: FlaskClient) -> None:
    for path in ("/sign-up", "/forgotten-password"):
        assert NO_MAIL in client.get(path).text
        assert "We send a link" not in client.get(path).text
    page = client.get(client.post("/sign-up", data=NEW).location).text
    assert f"Welcome, Bob. {NO_MAIL}" in page
    assert "We sent" not in page
    assert Notice.select().count() == 1  # an admin finds it and can hand it on


def test_without_a_mail_server_settings_promise_none_either(client: FlaskClient) -> None:
    client.post("/sign-up", data=NEW)
    client.get("/dashboard")
    for path, fields in (("/settings/email", {"email": "new@example.com"}), ("/settings/verification", {})):
        page = client.get(client.post(path, data=fields).location).text
        assert "link that confirms new@example.com" in page
        assert "We sent" not in page
        assert "We send" not in page


def test_without_a_mail_server_a_reset_is_said_to_come_from_whoever_runs_the_site(client: FlaskClient) -> None:
    page = client.post("/forgotten-password", data={"email": "bob@example.com"}).text
    assert NO_MAIL in page
    assert "on its way" not in page


def test_pressing_sign_up_twice_welcomes_nobody_twice(
    client: FlaskClient, browser_of: Callable[..., FlaskClient]
) -> None:
    client.post("/sign-up", data=NEW)
    second = browser_of()
    assert "Welcome, Bob" not in second.get(second.post("/sign-up", data=NEW).location).text


def test_who_signs_out_reads_so(browser_of: Callable[..., FlaskClient]) -> None:
    browser = browser_of(make_person("Bob"))
    assert "You are signed out." in browser.get(browser.post("/sign-out").location).text


def test_what_was_said_to_one_person_is_not_read_by_the_next(browser_of: Callable[..., FlaskClient]) -> None:
    browser, mallory = browser_of(make_person("Bob")), make_person("Mallory")
    browser.post("/settings/email", data={"email": "secret@example.com"})
    answer = browser.post("/sign-in", data={"email": mallory.email, "password": PASSWORD})
    assert "secret@example.com" not in browser.get(answer.location).text


def test_after_a_reset_the_sign_in_page_says_that_the_password_holds(
    client: FlaskClient, browser_of: Callable[..., FlaskClient]
) -> None:
    bob = make_person("Bob")
    client.post("/forgotten-password", data={"email": bob.email})
    link = "/reset-password/" + Notice.get().body.split("/reset-password/")[1].split()[0]
    browser = browser_of(bob)
    answer = browser.post(link, data={"new_password": "a brand new password"})
    assert "Your new password holds" in browser.get(answer.location).text
