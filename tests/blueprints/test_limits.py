"""What is limited, seen through a declared proxy; whoever comes from this machine itself is not."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from blueprints.rate_limits import HASHING, VIEWS_A_SECOND, VIEWS_AT_ONCE
from coaching.accounts import passwords, saved_form_mutations
from coaching.accounts.details import DiscordAccount, Visit
from coaching.accounts.discord_mutations import sign_up_with_discord
from coaching.accounts.models import Person, SavedForm, SecurityEvent
from coaching.accounts.mutations import check_password
from coaching.errors import Busy, CoachingError, RateLimited, WrongCredentials
from coaching.notices.models import Notice
from coaching.rate_limits.buckets import TokenBuckets
from coaching.rate_limits.limits import (
    KEPT_FORM_BYTES,
    LINKS_BY_NETWORK,
    SIGN_UPS,
    TAKEN_ANSWERS,
    WRONG_PASSWORDS_ACCOUNT,
    WRONG_PASSWORDS_NETWORK,
    RateLimit,
    Use,
)
from coaching.rate_limits.mutations import take
from settings import Settings
from tests.factories import PASSWORD, make_person, make_product
from tests.threads import all_at_once

HERE, THERE = "203.0.113.7", "198.51.100.9"
WRONG = "a wrong password"
Browser = Callable[..., FlaskClient]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """One proxy is declared: the last address it forwards for is the visitor's."""
    return replace(settings, trusted_proxies=1)


@pytest.fixture
def at(browser_of: Browser) -> Browser:
    """A new browser at this address, of somebody or nobody."""

    def open_browser(address: str, person: Person | None = None) -> FlaskClient:
        client = browser_of(person)
        client.environ_base["HTTP_X_FORWARDED_FOR"] = address
        return client

    return open_browser


def sign_in(client: FlaskClient, email: str | None, password: str = WRONG) -> TestResponse:
    return client.post("/sign-in", data={"email": email, "password": password})


def sign_up(client: FlaskClient, number: int | str) -> TestResponse:
    fields = {"name": f"Student {number}", "email": f"student{number}@example.com", "password": PASSWORD}
    return client.post("/sign-up", data=fields)


def statuses(answers: list[TestResponse]) -> list[int]:
    return [answer.status_code for answer in answers]


def spend(limit: RateLimit, key: str, by: int) -> None:
    """So much of the limit was used before."""
    take([Use(limit, key, by)], datetime.now(UTC))


def hits() -> list[str]:
    return [event.detail for event in SecurityEvent.select().where(SecurityEvent.kind == "limit hit")]


def test_wrong_passwords_wait_ever_longer_and_nobodys_address_looks_the_same(at: Browser) -> None:
    make_person("Bob", email="bob@example.com", email_key="bob@example.com")
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        known = [sign_in(at(HERE), "bob@example.com") for _ in range(12)]
        unknown = [sign_in(at(HERE), "bab@example.com") for _ in range(12)]

        assert statuses(known) == [422] * 10 + [429] * 2
        for to_known, to_unknown in zip(known, unknown, strict=True):
            assert to_known.status_code == to_unknown.status_code
            assert to_known.headers.get("Retry-After") == to_unknown.headers.get("Retry-After")
            assert to_known.text.replace("bob@", "") == to_unknown.text.replace("bab@", "")
        refused = known[-1]
        assert refused.headers["Retry-After"] == "60"
        assert "too many wrong passwords. Try again in a minute. Or sign in with Discord" in refused.text
        assert "bob@example.com" in refused.text
        assert WRONG not in refused.text
        assert hits() == ["wrong passwords, account and address"] * 2
        # The right one waits, too; from elsewhere it does not.
        assert sign_in(at(HERE), "bob@example.com", PASSWORD).status_code == 429
        assert sign_in(at(THERE), "bob@example.com", PASSWORD).status_code == 303

        clock.shift(61)
        assert sign_in(at(HERE), "bob@example.com").status_code == 422
        assert sign_in(at(HERE), "bob@example.com").headers["Retry-After"] == "120"
        clock.shift(121)
        assert sign_in(at(HERE), "bob@example.com", PASSWORD).status_code == 303


def test_right_passwords_never_count(at: Browser) -> None:
    bob = make_person("Bob")
    assert {sign_in(at(HERE), bob.email, PASSWORD).status_code for _ in range(25)} == {303}


@pytest.mark.usefixtures("app")
def test_this_machine_itself_is_not_limited(browser_of: Browser) -> None:
    bob = make_person("Bob")
    assert {sign_in(browser_of(), bob.email).status_code for _ in range(12)} == {422}


def test_many_tries_at_once_are_no_more_tries(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = make_person("Bob")
    monkeypatch.setattr(passwords.hashing, "permits", passwords.Permits(8, 8))

    def try_once() -> type[CoachingError]:
        try:
            check_password(bob.email, WRONG, datetime.now(UTC), Visit(address=HERE))
        except (WrongCredentials, RateLimited) as error:
            return type(error)
        raise AssertionError("the password was wrong")

    outcomes = all_at_once(*[try_once] * 16)
    assert (outcomes.count(WrongCredentials), outcomes.count(RateLimited)) == (10, 6)


def test_nobody_locks_a_person_out(at: Browser) -> None:
    """Whoever has signed in in this browser before goes on doing so, whatever others try elsewhere or beside them."""
    bob, eve = make_person("Bob"), make_person("Eve")
    own = at(HERE)
    assert sign_in(own, bob.email, PASSWORD).status_code == 303
    own.post("/sign-out")
    cookie = own.get_cookie("greenroom_8000-device")
    assert cookie
    assert (cookie.http_only, cookie.same_site, cookie.path, cookie.secure) == (True, "Lax", "/", False)

    spend(WRONG_PASSWORDS_ACCOUNT, bob.email, 97)
    tries = [sign_in(at(f"192.0.2.{n}"), bob.email) for n in range(4)]
    assert statuses(tries) == [422] * 3 + [429]
    assert "in a browser in which you have signed in before" in tries[-1].text
    spend(WRONG_PASSWORDS_NETWORK, HERE, 500)
    assert sign_in(at(HERE), eve.email, PASSWORD).status_code == 429

    assert sign_in(own, bob.email, PASSWORD).status_code == 303
    own.post("/sign-out")
    # It has a count of its own, and is known for nobody else.
    assert statuses([sign_in(own, bob.email) for _ in range(11)]) == [422] * 10 + [429]
    assert sign_in(own, eve.email, PASSWORD).status_code == 429
    forged = at(THERE)
    forged.set_cookie("greenroom_8000-device", cookie.value[:-2] + "xx")
    assert sign_in(forged, bob.email, PASSWORD).status_code == 429
    # A new password by mail is a way in, too, in whichever browser the link is used.
    mailed = at(THERE)
    assert mailed.post("/forgotten-password", data={"email": bob.email}).status_code == 200
    link = Notice.select().order_by(Notice.id.desc()).get().body.split("http://localhost:8000")[1].split()[0]
    assert mailed.post(link, data={"new_password": "a brand new password"}).status_code == 303
    assert sign_in(mailed, bob.email, "a brand new password").status_code == 303


def test_who_only_looks_gets_no_cookie(at: Browser) -> None:
    visitor = at(HERE)
    for page in ("/", "/sign-in", "/sign-up"):
        assert "Set-Cookie" not in visitor.get(page).headers
    assert "-device" not in sign_in(visitor, "nobody@example.com").headers.get("Set-Cookie", "")


def test_one_address_has_five_hundred_wrong_passwords_an_hour(at: Browser) -> None:
    network = "2001:db8:1:2::{:x}"
    spend(WRONG_PASSWORDS_NETWORK, "2001:db8:1:2::/64", 498)
    tries = [sign_in(at(network.format(n + 1)), f"p{n}@example.com").status_code for n in range(3)]
    assert tries == [422] * 2 + [429]
    assert sign_in(at("2001:db8:1:3::1"), "p@example.com").status_code == 422


def test_passwords_asked_for_elsewhere_are_limited_just_so(at: Browser) -> None:
    bob, eve = make_person("Bob"), make_person("Eve")
    own = at(HERE, bob)
    confirming = [own.post("/confirm", data={"password": WRONG}) for _ in range(11)]
    assert statuses(confirming) == [422] * 10 + [429]
    assert "Try again in a minute" in confirming[-1].text
    assert (
        own.post("/settings/password", data={"current_password": WRONG, "new_password": "x" * 8 + "yz"}).status_code
        == 429
    )
    claiming = [
        own.post("/settings/merging/other-account", data={"email": eve.email, "password": WRONG}) for _ in range(11)
    ]
    assert statuses(claiming) == [422] * 10 + [429]
    assert f'value="{eve.email}"' in claiming[-1].text


def test_a_class_of_forty_behind_one_address_passes(at: Browser) -> None:
    product = make_product()
    page = f"/s/{product.store.slug}/{product.slug}"
    for number in range(40):
        at_home = at(HERE)
        kept = at_home.post(f"/kept-forms?next={page}&way=sign-up", data={"goals": "My goals. " * 50})
        assert kept.status_code == 303
        assert sign_up(at_home, number).status_code == 303
        at_school = at(HERE)
        assert sign_in(at_school, f"student{number}@example.com", PASSWORD).status_code == 303
        assert at_school.get(page).status_code == 200
    assert "My goals." in at_home.get(page).text
    assert Notice.select().where(Notice.kind == "verify").count() == 40
    assert hits() == []


def test_sign_ups_from_one_address_end_at_a_hundred_an_hour(at: Browser) -> None:
    spend(SIGN_UPS, HERE, 98)
    assert statuses([sign_up(at(HERE), number) for number in (1, 2)]) == [303] * 2

    refused = sign_up(at(HERE), 100)

    assert refused.status_code == 429
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    assert 'value="student100@example.com"' in refused.text
    assert Person.select().count() == 2
    with pytest.raises(RateLimited):
        sign_up_with_discord(DiscordAccount("1", "d", "D"), None, datetime.now(UTC), Visit(address=HERE))
    assert sign_up(at(THERE), 100).status_code == 303
    assert sign_up(at("127.0.0.1"), 101).status_code == 303


def test_an_address_learns_of_twenty_taken_ones_and_then_nothing_more(at: Browser) -> None:
    sign_up(at(THERE), "bob")
    # Pressed twice it tells nobody anything.
    spend(TAKEN_ANSWERS, "2001:db8::/64", 18)
    assert statuses([sign_up(at("2001:db8::2"), "bob") for _ in range(3)]) == [303] * 3
    taken = {"name": "Eve", "password": "another good one"}
    for n in range(2):
        make_person("P", email=f"p{n}@example.com", email_key=f"p{n}@example.com")
        assert at("2001:db8::1").post("/sign-up", data=taken | {"email": f"p{n}@example.com"}).status_code == 422
    unknown, known = (
        at("2001:db8::1").post("/sign-up", data=taken | {"email": email})
        for email in ("new@x.example.com", "p0@example.com")
    )
    assert (unknown.status_code, known.status_code) == (429, 429)
    assert unknown.text.replace("new@x.example.com", "") == known.text.replace("p0@example.com", "")
    assert Person.get_or_none(Person.email == "new@x.example.com") is None
    changing = at("2001:db8::1", make_person("Mallory")).post("/settings/email", data={"email": "p0@example.com"})
    assert changing.status_code == 429
    assert "taken answers" in hits()


def test_links_to_one_mailbox_end_at_five_an_hour_and_fifteen_a_day(at: Browser) -> None:
    make_person("Bob", email="bob@example.com", email_key="bob@example.com")
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        for email in ("bob@example.com", "bab@example.com"):
            asked = [at(HERE).post("/forgotten-password", data={"email": email}) for _ in range(6)]
            assert statuses(asked) == [200] * 5 + [429]
            assert asked[-1].headers["Retry-After"] == "3600"
            assert f'value="{email}"' in asked[-1].text
        for _ in range(2):
            clock.shift(timedelta(hours=1))
            asked = [at(HERE).post("/forgotten-password", data={"email": "bob@example.com"}) for _ in range(5)]
            assert statuses(asked) == [200] * 5
        clock.shift(timedelta(hours=1))
        refused = at(HERE).post("/forgotten-password", data={"email": "bob@example.com"})
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(21 * 3600))
    assert Notice.select().count() == 15


def test_one_account_sets_off_twenty_links_a_day_to_whomever(at: Browser, browser_of: Browser) -> None:
    eve = make_person("Eve", email_verified_at=None)
    # On this machine itself, too: a mailbox is nobody's machine.
    for browser in (at(HERE, eve), browser_of(eve)):
        asked = [browser.post("/settings/email", data={"email": f"victim{n}@example.com"}) for n in range(15)]
    refused = browser.post("/settings/email", data={"email": "another@example.com"})
    assert statuses(asked) == [303] * 5 + [429] * 10
    assert refused.status_code == 429
    assert "Your account asked for too many links by mail. None was sent. Ask again in" in refused.text
    assert 'value="another@example.com"' in refused.text
    assert browser.post("/forgotten-password", data={"email": "another@example.com"}).status_code == 429
    assert browser.post("/settings/merging/link", data={"email": "another@example.com"}).status_code == 429
    assert Notice.select().where(Notice.kind == "verify").count() == 20
    assert hits() == ["links by an account"]


def test_visitors_of_one_address_ask_for_sixty_links_an_hour(at: Browser) -> None:
    spend(LINKS_BY_NETWORK, HERE, 58)
    asked = [at(HERE).post("/forgotten-password", data={"email": f"p{n}@example.com"}) for n in range(3)]
    assert statuses(asked) == [200] * 2 + [429]


def test_a_flood_of_page_views_is_told_to_wait(at: Browser, app: Flask) -> None:
    answers = [at(HERE).get("/sign-in") for _ in range(3)]
    app.extensions["view_buckets"] = TokenBuckets(0.01, 3, monotonic)
    answers += [at(THERE).get("/sign-in") for _ in range(5)]
    assert statuses(answers) == [200] * 6 + [429] * 2
    assert 90 < int(answers[-1].headers["Retry-After"]) <= 100
    assert "Wait a few seconds" in answers[-1].text
    assert "Content-Security-Policy" in answers[-1].headers
    assert hits() == ["page views"]
    for free in ("/static/app.css", "/healthz"):
        with at(THERE).get(free) as answer:
            assert answer.status_code == 200


def test_a_class_of_forty_pages_through_a_month_and_a_flood_is_stopped(at: Browser, app: Flask) -> None:
    """All forty choose day after day, three in two seconds each. One of them really asks; the others only count."""
    seconds = [100.0]
    buckets = TokenBuckets(VIEWS_A_SECOND, VIEWS_AT_ONCE, lambda: seconds[0])
    app.extensions["view_buckets"] = buckets
    product, pupil = make_product(), at(HERE)
    page = f"/s/{product.store.slug}/{product.slug}"
    days = [f"{page}?day=2027-01-{day:02d}" for day in range(1, 32)]
    for number, address in enumerate([page, f"{page}?month=2027-01", *days]):
        asks = number % 8 < 2
        assert not any(buckets.take(HERE) for _ in range(39 if asks else 40))
        if asks:
            assert pupil.get(address, headers={"HX-Request": "true"} if number else {}).status_code == 200
        seconds[0] += 2 / 3

    for _ in range(1000):
        seconds[0] += 0.005
        buckets.take(HERE)
    assert pupil.get(page).status_code == 429
    assert at(THERE).get(page).status_code == 200
    seconds[0] += 1
    assert pupil.get(page).status_code == 200


def keep(client: FlaskClient, text: str) -> TestResponse:
    return client.post("/kept-forms?next=/s/nova/call", data={"goals": text}, follow_redirects=True)


def test_kept_forms_of_one_address_end_somewhere_and_it_is_said(at: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "could not be kept" not in keep(at(HERE), "My goals").text
    spend(KEPT_FORM_BYTES, HERE, 5_200_000)
    pages = [keep(at(HERE), "x" * 50_000) for _ in range(2)]
    assert "could not be kept" not in pages[0].text
    page = pages[1]
    assert "could not be kept for you: there is room again in" in page.text
    assert "What you typed is kept." not in page.text
    assert SavedForm.select().count() == 2
    assert hits() == ["kept forms, bytes"]
    # Somebody who is known keeps their own.
    assert "could not be kept" not in keep(at(HERE, make_person("Bob")), "My goals").text

    kept = SavedForm.select().count()
    monkeypatch.setattr(saved_form_mutations, "MOST_OF_VISITORS", 50_000)
    assert "could not be kept for you: there is room again in" in keep(at(THERE), "My goals").text
    assert SavedForm.select().count() == kept
    assert "too long to be kept" in keep(at("192.0.2.1"), "x" * 140_000).text


def test_a_rush_of_passwords_is_refused_before_anything_is_looked_up(
    at: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch, statements_in: Callable[..., list[object]]
) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} >= HASHING
    bob = make_person("Bob")
    own = at(HERE, bob)
    monkeypatch.setattr(passwords.hashing, "permits", passwords.Permits(0, 0))
    monkeypatch.setattr(passwords, "monotonic", lambda: 100.0)
    answers: list[TestResponse] = []
    sent = {"email": bob.email, "name": "<b>Bob", "password": PASSWORD, "new_password": "a brand new one"}
    paths = ("/sign-in", "/sign-up", "/confirm", "/settings/password", "/settings/merging/other-account")

    assert statements_in(lambda: answers.extend(own.post(path, data=sent) for path in paths)) == []

    for answer, seconds in zip(answers, ("5", "6", "6", "6", "7"), strict=True):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, seconds)
        assert f"Many people are signing in right now. Try again in {seconds} seconds." in answer.text
        assert f'name="email" value="{bob.email}"' in answer.text
        assert 'name="name" value="&lt;b&gt;Bob"' in answer.text
        assert 'type="password" name="new_password"' in answer.text
        assert PASSWORD not in answer.text
        assert "brand new" not in answer.text
    broken = own.post("/sign-in", data=b"no part of anything", content_type="multipart/form-data")
    assert (broken.status_code, "Go back and send it again." in broken.text) == (503, True)
    assert own.get("/sign-up").status_code == 303


def test_where_all_permits_are_taken_what_was_typed_stays(at: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    bob = make_person("Bob")
    own = at(HERE, bob)
    reset = at(HERE)
    reset.post("/forgotten-password", data={"email": bob.email})
    link = Notice.get().body.split("http://localhost:8000")[1].split()[0]

    def no_permit(*_: object) -> None:
        raise Busy

    monkeypatch.setattr(passwords.hashing, "run", no_permit)
    busy = [
        (sign_in(at(HERE), bob.email, PASSWORD), bob.email),
        (sign_up(at(HERE), 7), "student7@example.com"),
        (
            own.post("/settings/merging/other-account", data={"email": "eve@example.com", "password": PASSWORD}),
            "eve@ex",
        ),
        (own.post("/confirm", data={"password": PASSWORD}), "Confirm"),
        (own.post("/settings/password", data={"current_password": PASSWORD, "new_password": "a brand new one"}), ""),
        (reset.post(link, data={"new_password": "a brand new one"}), ""),
    ]
    for answer, typed in busy:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "Many people are signing in right now. Try again in a few seconds." in answer.text
        assert typed in answer.text
        assert PASSWORD not in answer.text
