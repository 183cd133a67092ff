"""Becoming a coach on the pages: applying, the admins' queue, links, approval taken back, and no new accounts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import DiscordLink, Person, SecurityEvent
from coaching.accounts.signup import Signup
from coaching.booking.invitation_mutations import InvitationDetails, invite
from coaching.booking.models import CoachingSession
from coaching.booking.slot_queries import nearest_starts
from coaching.catalog.models import Store
from coaching.coaches.models import Coach, CoachApplication, CoachInvitation
from coaching.coaches.signup import CoachSignup
from tests import factories
from tests.pages import form_to

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
WORDS = {"teaches": "Mixing", "links": "https://example.com/me", "why": "People ask me."}
STORE = {"name": "Nova", "slug": "nova", "currency": "EUR", "zone": "Europe/Berlin", "hue": "10"}
Browser = Callable[..., FlaskClient]


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def admin(db: None) -> Person:
    return factories.make_person("Ada", is_admin=True)


def set_policy(app: Flask, policy: CoachSignup = CoachSignup.OPEN, signup: Signup = Signup.OPEN) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], coach_signup=policy, signup=signup)


def send(browser: FlaskClient, act: str = "send", **fields: str) -> Any:
    form = form_to(browser.get("/become-a-coach").text, "/become-a-coach").fields
    return browser.post("/become-a-coach", data=form | fields | {"act": act})


def answer(browser: FlaskClient, answered: str, words: str = "") -> Any:
    number = CoachApplication.select().order_by(CoachApplication.id.desc()).get().id
    address = f"/admin/applications/{number}"
    form = form_to(browser.get(address).text, f"{address}/answer").fields
    return browser.post(f"{address}/answer", data=form | {"answer": answered, "words": words})


def test_from_the_dashboard_to_the_first_store_by_way_of_a_question_and_a_rejection(
    app: Flask, browser_of: Browser, alice: Person, admin: Person
) -> None:
    set_policy(app, CoachSignup.APPROVAL)
    DiscordLink.update(discord_user_id="175928847299117063").where(DiscordLink.person == alice).execute()
    coach, ada, eve = browser_of(alice), browser_of(admin), browser_of(factories.make_person("Eve", is_admin=True))
    assert "Apply as a coach" in coach.get("/dashboard").text
    assert coach.get("/stores/new").location == "/become-a-coach"
    refused = coach.post("/stores/new", data=STORE)
    assert (refused.status_code, "first you have to be approved" in refused.text) == (403, True)
    # A draft is kept as it is, and found again; two windows that say different things are shown both.
    old_page = form_to(coach.get("/become-a-coach").text, "/become-a-coach").fields
    assert send(coach, "save", teaches="Mix").location == "/dashboard"
    assert "Your application is a draft" in coach.get("/dashboard").text
    assert form_to(coach.get("/become-a-coach").text, "/become-a-coach").fields["teaches"] == "Mix"
    stale = coach.post("/become-a-coach", data=old_page | WORDS)
    assert (stale.status_code, "changed or answered meanwhile" in stale.text) == (409, True)
    kept = form_to(stale.text, "/become-a-coach").fields
    assert kept["teaches"] == "Mixing", "nothing that was typed is lost"
    lacking = send(coach, teaches="<b>Mix</b>", links="javascript:alert(1)", why="")
    assert lacking.status_code == 422
    assert "no address of a page" in lacking.text
    assert "&lt;b&gt;Mix" in lacking.text
    assert "Nobody waits" in ada.get("/admin/coaches").text
    assert coach.post("/become-a-coach", data=kept | WORDS).location == "/become-a-coach"
    assert "waits" in coach.get("/dashboard").text
    assert "You get a message, too." in coach.get("/become-a-coach").text
    assert "One person wants" in ada.get("/dashboard").text
    assert "One person wants" in ada.get("/admin").text
    # One that waits stays fit to be read, whatever is sent in place of its form, and no link does anything.
    unfit = send(coach, "save", links="javascript:alert(1)", why="")
    assert (unfit.status_code, CoachApplication.get().why) == (422, "People ask me.")
    CoachApplication.update(links="https://example.com/me\njavascript:alert(1)").execute()
    # What an admin reads before they decide.
    number = CoachApplication.get().id
    assert f"/admin/applications/{number}" in ada.get("/admin/coaches").text
    page = unescape(ada.get(f"/admin/applications/{number}").text)
    for words in (
        "175928847299117063",
        "30 April 2016",
        "confirmed",
        "People ask me.",
        'href="https://example.com/me"',
    ):
        assert words in page
    assert "nofollow" in page
    assert "javascript:" not in page
    theirs = form_to(eve.get(f"/admin/applications/{number}").text, f"/admin/applications/{number}/answer").fields
    for answered, words in (("", ""), ("ask", ""), ("reject", "  "), ("approve ", "x"), ("１", "x"), ("-1", "x")):
        assert answer(ada, answered, words).status_code == 422
    assert answer(ada, "ask", "Where can I hear it?").location == "/admin/coaches"
    late = eve.post(f"/admin/applications/{number}/answer", data=theirs | {"answer": "approve"})
    assert (late.status_code, "Ada was faster" in late.text) == (409, True)
    assert not Coach.select().exists()
    assert "Where can I hear it?" in coach.get("/dashboard").text
    send(coach, links="https://example.com/songs")
    answer(ada, "reject", "Not this year.")
    assert "Not this year." in coach.get("/dashboard").text
    assert form_to(coach.get("/become-a-coach").text, "/become-a-coach").fields["why"] == "People ask me."
    send(coach)
    send(coach)  # pressed twice
    assert CoachApplication.select().count() == 2
    assert "Earlier applications" in ada.get(f"/admin/applications/{number + 1}").text
    DiscordLink.delete().where(DiscordLink.person == alice).execute()
    Person.update(email_verified_at=None).where(Person.id == alice.id).execute()
    unreached = coach.get("/become-a-coach").text
    assert ("You get a message" in unreached, "Nobody can write to you yet." in unreached) == (False, True)
    answer(ada, "approve", "Fill in your page first.")
    assert "on their dashboard alone" in ada.get("/admin/coaches").text
    home = coach.get("/dashboard").text
    for words in ("You are a coach here", "“Fill in your page first.”", 'href="/dashboard/page"'):
        assert words in home
    assert "Students find you by your page" in home
    assert coach.post("/stores/new", data=STORE).location == "/store/nova"
    assert "You are a coach here" in coach.get("/become-a-coach").text
    assert browser_of(alice).get(f"/admin/coaches/{alice.id}").status_code == 404


def test_who_may_open_a_store_reads_it_by_the_sites_rule(
    app: Flask, browser_of: Browser, bob: Person, client: FlaskClient
) -> None:
    known = factories.make_store(factories.make_person("Nora")).owner
    factories.make_coach(known)
    for policy, words, has_way in (
        (CoachSignup.OPEN, "Open your store", True),
        (CoachSignup.APPROVAL, "reads what you write", True),
        (CoachSignup.INVITE, "by invitation", False),
        (CoachSignup.CLOSED, "no new coaches", False),
    ):
        set_policy(app, policy)
        student = browser_of(bob)
        assert words in student.get("/stores/new", follow_redirects=True).text, policy
        for address in ("/dashboard", "/dashboard/schedules", "/dashboard/calendars", "/dashboard/payments"):
            page = student.get(address, follow_redirects=True)
            assert page.status_code == 200
            assert ("Open a store" in page.text or "Apply as a coach" in page.text) is has_way, (policy, address)
        assert ("Open a store" in client.get("/").text) is (policy is CoachSignup.OPEN)
        assert "Open your store" in browser_of(known).get("/stores/new").text
        if policy is not CoachSignup.APPROVAL:
            refused = student.post("/become-a-coach", data=WORDS)
            assert refused.status_code == 409
    assert not CoachApplication.select().exists()


def test_a_link_makes_a_coach_of_whoever_signs_in_for_it(
    app: Flask, browser_of: Browser, bob: Person, mallory: Person, admin: Person, client: FlaskClient
) -> None:
    set_policy(app, CoachSignup.INVITE)
    ada = browser_of(admin)
    form = form_to(ada.get("/admin/coach-invitations").text, "/admin/coach-invitations").fields
    for fields in ({"most_uses": "0"}, {"days": "many"}, {"days": "9999"}):
        assert ada.post("/admin/coach-invitations", data=form | fields).status_code == 422
    for _ in range(2):
        made = ada.post("/admin/coach-invitations", data=form | {"note": "For the band"})
    page = ada.get(made.location).text
    link = "/coach-invitations/" + page.partition("/coach-invitations/")[2].partition('"')[0]
    assert CoachInvitation.select().count() == 1
    assert link not in browser_of(admin).get(made.location).text, "no other browser knows it"
    # Looking changes nothing; taking it leads through signing in and back, with no token in an address.
    answer = client.get(link)
    assert "sign in or sign up" in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex"
    door = client.post(link)
    assert door.location == "/sign-in"
    signed_in = client.post("/sign-in", data={"email": bob.email, "password": factories.PASSWORD})
    assert signed_in.location == link
    assert not Coach.select().exists()
    assert f"signed in as <b>{bob.name}" in client.get(link).text
    stamped = form_to(client.get(link).text, link).fields
    # Somebody else in the same browser by now: the button drawn for Bob makes no coach of Mallory.
    client.post("/sign-out")
    factories.sign_in(client, mallory)
    assert client.post(link, data=stamped).status_code == 409
    assert not Coach.select().exists()
    taken = browser_of(bob).post(link)
    assert (taken.location, Coach.get().person) == ("/stores/new", bob)
    for browser in (client, browser_of()):
        assert "as often as it was meant" in browser.get(link).text
        assert browser.post(link).status_code == 410
    assert browser_of(bob).post(link).status_code == 303, "twice does no harm"
    assert "a link: For the band" in ada.get(f"/admin/coaches/{bob.id}").text
    revocation = f"/admin/coach-invitations/{CoachInvitation.get().id}/revocation"
    assert "noted as for: For the band" in ada.get(revocation).text
    for reason, status in ((" ", 422), ("The band is complete", 303)):
        assert ada.post(revocation, data={"reason": reason}).status_code == status
    event = SecurityEvent.get(SecurityEvent.kind == "coach invitation revoked")
    assert event.detail.endswith(": The band is complete")
    assert ada.post("/admin/coach-invitations/999/revocation").status_code == 404
    for policy, words, has_way in (
        (CoachSignup.INVITE, "taken back", True),
        (CoachSignup.CLOSED, "no new coaches", False),  # no other link would do
    ):
        set_policy(app, policy)
        over = client.get(link).text
        assert (words in over, "for another one" in over, over.count("noindex")) == (True, has_way, 1)


def test_approval_that_is_taken_back_is_said_wherever_one_would_book(
    browser_of: Browser, alice: Person, bob: Person, admin: Person
) -> None:
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="mix", payment="free")
    factories.make_coach(alice)
    offer, ada, student = product.offers.get(), browser_of(admin), browser_of(bob)
    start = nearest_starts(product, offer, NOW + timedelta(days=3), NOW, 1)[0]
    kept, token = invite(product, alice, InvitationDetails(offer.id, start + timedelta(hours=3)), NOW)
    booking = form_to(student.get(f"/s/nova/mix?starts_at={start:%Y-%m-%dT%H:%M:%SZ}").text, "/s/nova/mix/sessions")
    booking.fields["starts_at"] = f"{start:%Y-%m-%dT%H:%M:%SZ}"
    asked = factories.make_coaching_session(
        product, bob, starts_at=start + timedelta(days=1), state="requested", held_until=NOW + timedelta(days=1)
    )
    assert ada.post(f"/admin/coaches/{alice.id}/suspension", data={"reason": " "}).status_code == 422
    assert ada.post(f"/admin/coaches/{alice.id}/suspension", data={"reason": "Missed calls."}).status_code == 303
    other = ada.post(f"/admin/coaches/{alice.id}/suspension", data={"reason": "Rude."})
    assert (other.status_code, "Rude." in other.text, "Missed calls." in other.text) == (409, True, True)
    lost = student.post("/s/nova/mix/sessions", data=booking.fields)
    assert lost.status_code == 409
    for page in (lost.text, student.get("/s/nova").text, browser_of().get("/s/nova/mix").text):
        assert "takes no new bookings at the moment" in page
    visited = student.get(f"/i/{token}", follow_redirects=True).text
    assert "takes no new bookings" in visited
    assert student.post(f"/invitations/{kept.code}/acceptance", data={"form_key": "abcdefghij"}).status_code == 409
    coach = browser_of(alice)
    assert "Missed calls." in coach.get("/dashboard").text
    assert "Missed calls." in coach.get("/stores/new", follow_redirects=True).text
    text = coach.get(f"/sessions/{asked.code}").text
    assert ("You cannot accept it." in text, f"/sessions/{asked.code}/acceptance" in text) == (True, False)
    assert "cannot accept it unless that changes" in student.get(f"/sessions/{asked.code}").text
    refused = coach.post(f"/sessions/{asked.code}/acceptance")
    assert (refused.status_code, "taken your approval back" in refused.text) == (409, True)
    assert "taken your approval back" in coach.post(f"/products/{product.code}/publication").text
    assert "taken your approval back" in coach.get(f"/invitations/new?product={product.code}").text
    options = coach.get(f"/products/{product.code}/options").text
    assert ("Nobody can book it now" in options, "It is on sale" in options) == (True, False)
    assert CoachingSession.select().count() == 2
    assert ada.post(f"/admin/coaches/{alice.id}/resumption", data={"reason": " "}).status_code == 422
    assert ada.post(f"/admin/coaches/{alice.id}/resumption", data={"reason": "Settled"}).status_code == 303
    assert student.post("/s/nova/mix/sessions", data=booking.fields).status_code == 303
    assert Store.get().stopped_at is None


def test_a_site_that_takes_no_new_people_says_so_and_lets_in_who_is_known(
    app: Flask, browser_of: Browser, alice: Person, bob: Person, client: FlaskClient
) -> None:
    set_policy(app, signup=Signup.CLOSED)
    product = factories.make_product(factories.make_store(alice, slug="nova"), slug="mix")
    people = Person.select().count()
    assert 'href="/sign-up' not in client.get("/").text
    assert "takes no new accounts" in client.get("/sign-in").text
    assert "No new accounts here" in client.get("/sign-up?next=/s/nova/mix").text
    stranger = {"name": "Zoe", "email": "zoe@example.com", "password": "a good long password"}
    refused = client.post("/sign-up", data=stranger)
    assert (refused.status_code, "No new accounts here" in refused.text) == (403, True)
    start = nearest_starts(product, product.offers.get(), NOW + timedelta(days=3), NOW, 1)[0]
    page = client.get(f"/s/nova/mix?starts_at={start:%Y-%m-%dT%H:%M:%SZ}").text
    assert "takes no new accounts" in page
    entered = client.post("/sign-in", data={"email": bob.email, "password": factories.PASSWORD})
    assert entered.status_code == 303
    assert Person.select().count() == people
