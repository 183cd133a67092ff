"""The admin's pages of people: found, looked at, suspended and restored; no way in is left to the suspended."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.mail_link_mutations import make_reset_link
from coaching.accounts.models import Person, SecurityEvent, SignIn
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Product
from coaching.coaches.models import Coach
from coaching.messages.choice_mutations import make_feed
from coaching.notices.models import Notice
from coaching.operation.queries import record_of
from coaching.rooms.models import Room
from tests import factories
from tests.factories import PASSWORD
from tests.fakes import FakeMailer

Browser = Callable[[Person | None], FlaskClient]
NOW = datetime(2027, 3, 8, 12, tzinfo=UTC)


@pytest.fixture
def ada(db: None) -> Person:
    return factories.make_person("Ada", is_admin=True)


@pytest.fixture
def booked(alice: Person, bob: Person, set_clock: Callable[[datetime], None]) -> CoachingSession:
    set_clock(NOW)
    product = factories.make_product(factories.make_store(alice), payment="outside")
    return factories.make_coaching_session(product, bob, starts_at=NOW + timedelta(days=3))


def make_room(coaching_session: CoachingSession, let_in: list[tuple[datetime, datetime]]) -> Room:
    return Room.create(
        coaching_session=coaching_session,
        code=coaching_session.code,
        discord_guild_id=factories.GUILD_ID,
        let_in=let_in,
        created_at=NOW,
    )


def heading(answer: object) -> str:
    return re.sub(r"\s+", " ", re.search(r"<h1>(.*?)</h1>", answer.text, re.S)[1]).strip()


def test_an_admin_suspends_with_a_reason_and_no_way_in_is_left(
    app: Flask, browser_of: Browser, client: FlaskClient, ada: Person, bob: Person, booked: CoachingSession
) -> None:
    admin, theirs = browser_of(ada), browser_of(bob)
    assert theirs.get("/dashboard").status_code == 200
    feed = f"/calendar/{make_feed(bob, NOW)}.ics"
    sender = app.extensions["settings"].sender
    key = sender.session_key(booked.code, booked.seats.get().id, 0)
    links = [sender.session_url(booked.code, step, key).removeprefix(sender.url) for step in ("", "cancellation")]
    for address in (feed, *links):
        assert client.get(address).status_code == 200, address

    page = f"/admin/people/{bob.id}"
    assert "Suspend Bob" in admin.get(f"{page}/suspension").text
    refused = admin.post(f"{page}/suspension", data={"reason": " "})
    assert (refused.status_code, "Say why." in refused.text) == (422, True)
    done = admin.post(f"{page}/suspension", data={"reason": "Sold nothing but spam"}, follow_redirects=True)
    for words in ("Bob is suspended. One sign-in has ended.", "“Sold nothing but spam”", "One coming session waits"):
        assert words in done.text, words
    assert "by Ada" in done.text
    assert admin.post(f"{page}/suspension", data={"reason": "Something else"}).status_code == 409

    assert theirs.get("/dashboard").status_code == 303
    own = f"/reset-password/{make_reset_link(bob, datetime.now(UTC))}"
    for method, address, fields in (
        ("POST", "/sign-in", {"email": bob.email, "password": PASSWORD}),
        ("POST", "/sign-up", {"name": "Bob", "email": bob.email, "password": PASSWORD}),
        ("GET", own, {}),
        ("POST", own, {"new_password": "a new long password", "new_password_again": "a new long password"}),
        *(("GET", address, {}) for address in (feed, *links)),
        ("POST", links[1], {}),
    ):
        answer = theirs.open(address, method=method, data=fields)
        assert answer.status_code == 403, address
        assert heading(answer) == "This account is suspended", address
        assert "want the account deleted, write to whoever runs this site" in answer.text
        assert 'href="/suspended/data"' in answer.text, address
    wrong = theirs.post("/sign-in", data={"email": bob.email, "password": "not the password"})
    assert (wrong.status_code, "suspended" in wrong.text) == (422, False)
    assert CoachingSession.get().state == "scheduled"
    assert SecurityEvent.get(SecurityEvent.kind == "suspended account refused").person == bob

    restored = admin.post(f"{page}/restoration", data={"reason": "It was another Bob"}, follow_redirects=True)
    assert "Bob can sign in again." in restored.text
    assert theirs.post("/sign-in", data={"email": bob.email, "password": PASSWORD}).status_code == 303
    assert client.get(links[0]).status_code == 200


def test_a_coming_session_of_somebody_suspended_is_cancelled_by_the_usual_rules_or_left(
    browser_of: Browser, ada: Person, alice: Person, bob: Person, booked: CoachingSession
) -> None:
    admin = browser_of(ada)
    pages = {who: f"/admin/people/{who.id}/sessions/{booked.code}" for who in (alice, bob)}
    assert admin.get(pages[alice]).status_code == 303  # her own to decide, as long as she is let in
    assert "waits for your decision" not in admin.get("/admin").text
    for who in (alice, bob):
        admin.post(f"/admin/people/{who.id}/suspension", data={"reason": "Quarrel"})
    for address in ("/admin", "/dashboard"):
        assert "2 coming sessions of people who are suspended" in admin.get(address).text
    for decision, status in (({}, 422), ({"decision": "leave"}, 422), ({"decision": "x", "reason": "x"}, 422)):
        assert admin.post(f"{pages[bob]}/decision", data=decision).status_code == status
    left = admin.post(f"{pages[bob]}/decision", data={"decision": "leave", "reason": "He paid"}, follow_redirects=True)
    assert "Takes place" in left.text
    assert "One coming session of somebody who is suspended" in admin.get("/admin").text

    text = admin.get(pages[alice]).text
    assert "as if Alice had cancelled. Bob owes nothing." in text
    assert "as if Bob had cancelled. Bob owes nothing." in admin.get(pages[bob]).text
    Seat.update(paid_at=NOW, refund_tiers="7200:100 120:50").execute()  # all of it until five days before
    assert "€49 is to be given back by Alice to Bob." in admin.get(pages[alice]).text
    assert "€24.50 is to be given back by Alice to Bob." in admin.get(pages[bob]).text
    decided = {"decision": "cancel", "reason": "Alice cannot hold it"}
    assert admin.post(f"{pages[alice]}/decision", data={**decided, "seen": "older"}).status_code == 409
    done = admin.post(f"{pages[alice]}/decision", data=decided, follow_redirects=True)
    assert "is cancelled. Bob is told." in done.text
    cancelled = CoachingSession.get_by_id(booked.id)
    assert (cancelled.state, cancelled.ended_by) == ("cancelled", "coach")
    # It is by the rules for Alice, but not she who did it, nor are the words hers.
    page = admin.get(f"/sessions/{booked.code}").text
    assert "Cancelled by this site" in page
    assert "Alice cancelled" not in page
    admin.post(f"/admin/people/{bob.id}/restoration", data={"reason": "Settled"})
    news = browser_of(bob).get("/dashboard").text
    assert "Whoever runs this site writes: “Alice cannot hold it”" in news
    assert "Alice cancelled" not in news
    assert admin.get(pages[alice]).status_code == 404
    for kind, person in (("session left", bob), ("session cancelled", alice)):
        event = SecurityEvent.get(SecurityEvent.kind == kind)
        assert (event.person, event.actor) == (person, ada)


def test_what_is_done_to_an_account_asks_for_a_fresh_verification_and_the_second_factor(
    browser_of: Browser, ada: Person, bob: Person
) -> None:
    factories.make_factor(ada)
    admin = browser_of(ada)
    SignIn.update(factor_at=datetime.now(UTC) - timedelta(minutes=11)).execute()
    for act in ("suspension", "promotion"):
        answer = admin.post(f"/admin/people/{bob.id}/{act}", data={"reason": "Helps at weekends"})
        assert (answer.status_code, answer.location.startswith("/confirm?next=")) == (303, True)
    assert not Person.get_by_id(bob.id).is_admin
    SignIn.update(factor_at=datetime.now(UTC)).execute()
    kept = admin.get(f"/admin/people/{bob.id}/promotion")
    assert "Helps at weekends" in kept.text


def test_admins_are_made_and_unmade_and_the_last_one_is_told_that_it_cannot_be(
    browser_of: Browser, ada: Person, bob: Person, sending: FakeMailer
) -> None:
    admin, theirs = browser_of(ada), browser_of(bob)
    own, page = f"/admin/people/{ada.id}", f"/admin/people/{bob.id}"
    refused = admin.post(f"{own}/demotion", data={"reason": "Retired"})
    assert (refused.status_code, "the last admin" in refused.text) == (409, True)
    assert admin.get(f"{own}/suspension").status_code == 303
    assert admin.post(f"{own}/suspension", data={"reason": "Holidays"}).status_code == 409
    unconfirmed = factories.make_person("Uma", email_verified_at=None)
    refused = admin.post(f"/admin/people/{unconfirmed.id}/promotion", data={"reason": "Helps"})
    assert (refused.status_code, "Nobody has confirmed this address" in refused.text) == (409, True)
    sent = admin.post(f"/admin/people/{unconfirmed.id}/verification", data={"reason": "Lost it"}, follow_redirects=True)
    assert f"The mail is on its way to {unconfirmed.email}." in sent.text
    assert Notice.get(Notice.recipient == unconfirmed.email).subject == "Confirm your e-mail address"
    assert admin.get(f"{page}/verification").status_code == 303  # nothing to confirm
    for _ in range(5):
        last = admin.post(f"/admin/people/{unconfirmed.id}/verification", data={"reason": "Lost it"})
    assert (last.status_code, "Lost it" in last.text) == (429, True)

    assert "Bob is an admin" in admin.post(f"{page}/promotion", data={"reason": "Helps"}, follow_redirects=True).text
    assert theirs.get("/dashboard").status_code == 303
    asked = admin.get(f"{own}/demotion").text
    assert ("Step down as an admin" in asked, "From your next page" in asked) == (True, True)
    assert ("tell them yourself" in asked, "A mail tells them" in asked) == (False, False)
    assert admin.post(f"{own}/demotion", data={"reason": "Retired"}).location == "/dashboard"
    assert "You are no admin any more." in admin.get("/dashboard").text
    assert admin.get("/admin/people").status_code == 404
    listed_actions = browser_of(bob).get("/admin/security?kind=acts").text.split("<table")[1]
    assert ("Helps" in listed_actions, "Signed in" in listed_actions) == (True, False)
    kinds = [
        (security_event.kind, security_event.detail)
        for security_event in SecurityEvent.select().where(SecurityEvent.actor == ada)
    ]
    assert kinds == [("verification sent", "Lost it")] * 5 + [("became admin", "Helps"), ("admin ended", "Retired")]


def test_people_are_searched_and_one_of_them_is_looked_at(
    browser_of: Browser, ada: Person, alice: Person, bob: Person, booked: CoachingSession
) -> None:
    admin = browser_of(ada)
    browser_of(bob).get("/dashboard")
    listed = admin.get("/admin/people", query_string={"q": "bob_d"}).text
    assert f"/admin/people/{bob.id}" in listed
    assert f"/admin/people/{alice.id}" not in listed
    assert "Nobody fits" in admin.get("/admin/people?q=zzz").text
    assert "Nobody is suspended" in admin.get("/admin/people?show=suspended").text
    for nonsense in ("q=%00", "q=%27%22%3C", "page=0", "page=9999", "show=x", "q=%25"):
        assert admin.get(f"/admin/people?{nonsense}").status_code == 200, nonsense
    page = admin.get(f"/admin/people/{bob.id}").text
    for words in ("2002", "1 booked, 0 given", "test browser", booked.title, "booked with Alice", "Make them an admin"):
        assert words in page, words
    assert "Step down" in admin.get(f"/admin/people/{ada.id}").text
    assert admin.get("/admin/people/999999").status_code == 404
    assert browser_of(bob).get(f"/admin/people/{bob.id}").status_code == 404


def test_sessions_and_stores_are_searched_and_a_coachs_record_says_how_rooms_opened(
    browser_of: Browser, ada: Person, alice: Person, bob: Person, booked: CoachingSession
) -> None:
    admin, product = browser_of(ada), booked.product
    factories.make_coach(alice)
    hour = timedelta(hours=1)
    ends: list[dict[str, Any]] = [
        {"state": "completed"},
        {"state": "completed"},
        {"state": "no_show", "absent": "both"},
    ]
    ends += [{"state": "no_show", "absent": "student"}, {"state": "cancelled", "ended_by": "coach"}]
    in_time, late, never, missed, cancelled = (
        factories.make_coaching_session(product, bob, starts_at=NOW - number * 3 * hour, **end)
        for number, end in enumerate(ends, 1)
    )
    for coaching_session, since in ((in_time, -hour / 4), (late, hour / 6), (missed, -hour / 4)):
        make_room(coaching_session, let_in=[(coaching_session.starts_at + since, coaching_session.ends_at)])
    # Open for a time that the call had before it was moved.
    make_room(never, let_in=[(never.starts_at - 2 * hour, never.starts_at - hour)])
    record = record_of(alice, NOW)
    assert [call.opening for call in record.calls] == ["in time", "late", "never", "in time", "none"]
    assert record.outcomes == {"completed": 2, "no_show both": 1, "no_show student": 1, "cancelled coach": 1}
    CoachingSession.update(ended_by_admin=True).where(CoachingSession.id == cancelled.id).execute()
    page = admin.get(f"/admin/coaches/{alice.id}").text
    assert "Cancelled by an admin" in page
    slug = Coach.get(Coach.person == alice).slug
    slug = Coach.get(Coach.person == alice).slug
    assert f'<a href="/coaches/{slug}">Alice, the page</a>' in page
    Product.update(published_at=None).execute()
    assert "The page of Alice is shown to nobody at the moment." in admin.get(f"/admin/coaches/{alice.id}").text
    assert "2 of 4 rooms let the student in by the start, 1 later, 1 never." in page
    assert "Room late by 10 min" in page

    other = factories.make_coaching_session(starts_at=NOW)
    for words, codes in (
        (booked.code, {booked.code}),
        (f"#{other.seats.get().student_id}", {other.code}),
        (
            str(alice.email),
            {booked.code, *(coaching_session.code for coaching_session in (in_time, late, never, missed, cancelled))},
        ),
        ("nothing like it", set()),
    ):
        listed = admin.get("/admin/sessions", query_string={"q": words}).text
        assert set(re.findall(r'href="/sessions/([^"]+)"', listed)) == codes, words
    stores = admin.get("/admin/stores", query_string={"q": alice.email}).text
    assert re.findall(r'href="/s/([^"]+)"', stores) == [product.store.slug]
    assert "one call on sale" in stores
    assert "No store fits" in admin.get("/admin/stores?q=zzz").text
    for address in ("sessions", "stores"):
        assert admin.get(f"/admin/{address}?q=%25%00&page=2").status_code == 200
