"""The admin's page of security events: what gets onto it, what it shows, and how it ends somebody's sign-ins."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import escape

import pytest
from flask.testing import FlaskClient

from coaching.accounts.event_mutations import note
from coaching.accounts.models import Person, SecurityEvent, SignIn
from coaching.accounts.mutations import make_admin
from tests import factories
from tests.factories import PASSWORD

Browser = Callable[[Person | None], FlaskClient]
NOW = datetime(2027, 3, 1, 23, 30, 5, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> Person:
    return factories.make_person("Ada", is_admin=True, zone="Asia/Tokyo")


def kinds() -> list[str]:
    return [event.kind for event in SecurityEvent.select().order_by(SecurityEvent.id)]


def test_what_happens_in_a_browser_is_on_the_page_with_address_and_request(
    browser_of: Browser, client: FlaskClient, ada: Person, bob: Person, alice: Person
) -> None:
    client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    client.post("/sign-in", data={"email": bob.email, "password": "wrong password"})
    client.post("/sign-in", data={"email": bob.email, "password": PASSWORD})
    factories.make_store(alice, slug="alices")
    client.get("/store/alices/settings")
    client.get("/admin")
    browser_of(None).get("/coaches/whoever")  # a crawler that is nobody
    client.get("/wp-login.php")  # no page of ours: nobody looked anything up
    client.post("/sign-out", headers={"Origin": "https://evil.example"})
    client.get("/api/cron/process-sessions", headers={"Authorization": "Bearer no secret"})
    client.post("/forgotten-password", data={"email": "nobody@example.com"})
    happened = ["sign-in failed", "signed in", "look-up refused", "look-up refused", "foreign origin", "wrong secret"]
    assert kinds() == [*happened, "reset asked"]
    for event in SecurityEvent.select():
        assert event.address == "203.0.113.7", event.kind
        assert re.fullmatch("[0-9a-f]{8}", event.request), event.kind
    people = {event.kind: event.person_id for event in SecurityEvent.select()}
    assert people["look-up refused"] == people["foreign origin"] == bob.id

    page = browser_of(ada).get("/admin/security").text
    for words in ("Sign-in failed", "stores.settings", "admin.overview", "from https://evil.example", "203.0.113.7"):
        assert words in page
    assert PASSWORD not in page


def test_the_page_asks_for_a_person_a_kind_an_address_and_goes_on_page_by_page(
    browser_of: Browser, ada: Person, bob: Person
) -> None:
    for number in range(51):
        note("password changed", NOW, bob, f"change {number};", address="203.0.113.7")
    note("became admin", NOW, ada)
    admin = browser_of(ada)
    first = admin.get("/admin/security?kind=password+changed").text
    assert "change 50;" in first
    assert "change 0;" not in first
    older = re.search(r'href="([^"]*)" id="older"', first)
    assert older
    second = admin.get(older[1].replace("&amp;", "&")).text
    assert "change 0;" in second
    assert 'id="older"' not in second
    assert 'id="newer"' in second
    assert "Tue 2 Mar, 08:30:05" in first  # in the admin's zone
    assert "Tokyo" in first

    page = admin.get("/admin/security", query_string={"person": bob.email, "kind": "Accounts and links"}).text
    assert "change 50;" in page
    assert f"/admin/people/{bob.id}/sign-ins" not in page  # signed in nowhere
    assert "Became an admin" not in page.split("<table")[1]
    assert "No event fits" in admin.get("/admin/security?address=198.51.100.1").text
    for nonsense in ("kind=%00", "person=%27%22%3C", "page=0", "page=99999", "person=%2399999999999", "kind=a&kind=b"):
        assert admin.get(f"/admin/security?{nonsense}").status_code == 200, nonsense


def test_what_strangers_chose_is_text_on_the_page(browser_of: Browser, ada: Person) -> None:
    hostile = "<script>alert(1)</script>"
    person = factories.make_person(hostile, email="eve@example.com", email_key="eve@example.com")
    note("foreign origin", NOW, person, f"x, from {hostile}", address=hostile)
    make_admin(person.email, NOW)
    page = browser_of(ada).get("/admin/security", query_string={"person": f"#{person.id}"}).text
    assert hostile not in page
    assert page.count(escape(hostile)) >= 3


def test_an_admin_ends_somebodys_sign_ins_and_says_why(
    browser_of: Browser, ada: Person, bob: Person, mallory: Person
) -> None:
    admin, phone, laptop, other = browser_of(ada), browser_of(bob), browser_of(bob), browser_of(mallory)
    page = admin.get("/admin/security", query_string={"person": bob.email}).text
    address = f"/admin/people/{bob.id}/sign-ins"
    assert address in page
    asked = admin.get(address)
    assert "End 2 sign-ins" in asked.text
    assert SignIn.select().where(SignIn.person == bob).count() == 2

    refused = admin.post(f"{address}/ending", data={"reason": " "})
    assert refused.status_code == 422
    assert "Say why." in refused.text
    assert phone.get("/dashboard").status_code == 200

    done = admin.post(f"{address}/ending", data={"reason": "Laptop lost"}, follow_redirects=True)
    assert "2 sign-ins have ended" in done.text
    assert [browser.get("/dashboard").status_code for browser in (phone, laptop, other)] == [303, 303, 200]
    event = SecurityEvent.get(SecurityEvent.kind == "sign-ins ended")
    assert (event.person, event.actor, event.detail) == (bob, ada, "Laptop lost")
    assert "Laptop lost" in done.text

    # Pressed once more, there is nothing left to end, and that is in the log as well.
    assert (
        "signed in nowhere"
        in admin.post(f"{address}/ending", data={"reason": "Laptop lost"}, follow_redirects=True).text
    )
    assert admin.get("/admin/people/999999/sign-ins").status_code == 404
    assert admin.get(f"/admin/people/{ada.id}/sign-ins").location == "/settings#sign-ins"
    assert admin.post(f"/admin/people/{ada.id}/sign-ins/ending", data={"reason": "x"}).location == "/settings#sign-ins"
    assert admin.get("/admin").status_code == 200


def test_it_takes_a_fresh_verification_and_keeps_the_reason_meanwhile(
    browser_of: Browser, ada: Person, bob: Person
) -> None:
    admin = browser_of(ada)
    browser_of(bob)
    SignIn.update(verified_at=datetime.now(UTC) - timedelta(hours=1)).where(SignIn.person == ada).execute()
    address = f"/admin/people/{bob.id}/sign-ins"
    away = admin.post(
        f"{address}/ending", data={"reason": "Laptop lost"}, headers={"Referer": f"http://localhost:8000{address}"}
    )
    assert away.location.startswith("/confirm?next=")
    assert SignIn.select().where(SignIn.person == bob).count() == 1
    back = admin.post(away.location, data={"password": PASSWORD}, follow_redirects=True)
    assert 'value="Laptop lost"' in back.text


def test_only_an_admin_ends_sign_ins(browser_of: Browser, bob: Person, mallory: Person, ada: Person) -> None:
    assert browser_of(mallory).post(f"/admin/people/{bob.id}/sign-ins/ending", data={"reason": "x"}).status_code == 404
    assert SecurityEvent.select().where(SecurityEvent.kind == "sign-ins ended").count() == 0
