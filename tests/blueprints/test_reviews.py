"""Pages of reviews: a student writes, a coach answers, somebody reports, an admin decides, everybody reads."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person, SecurityEvent
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product
from coaching.notices.models import Notice
from coaching.rate_limits.limits import REVIEWS_REPORTED, REVIEWS_WRITTEN, Use
from coaching.rate_limits.mutations import take
from coaching.reviews.models import Review, ReviewReport
from coaching.rooms.models import Presence, Room
from tests import factories
from tests.factories import make_person

Browsers = Callable[[Person | None], FlaskClient]
HOSTILE = "Good.\n\n<script>alert(1)</script> \u202eevil\u202c שלום"


@pytest.fixture
def held(app: object, alice: Person, bob: Person) -> CoachingSession:
    """A call of Bob's with Alice that ended an hour ago, and in whose room he was seen."""
    product = factories.make_product(factories.make_store(alice, slug="alices"), slug="call")
    started_at = datetime.now(UTC) - timedelta(hours=2)
    call = factories.make_coaching_session(product, bob, starts_at=started_at, state="completed")
    room = Room.create(coaching_session=call, code="abc", discord_guild_id=factories.GUILD_ID, created_at=started_at)
    Presence.create(room=room, person=bob, seconds=3000, looked_at=started_at)
    return call


def test_a_review_is_written_read_answered_and_changed(
    held: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    student, coach, visitor = browser_of(bob), browser_of(alice), browser_of(None)
    page, address, public = f"/sessions/{held.code}", f"/sessions/{held.code}/review", "/s/alices/call/reviews"
    for path in (page, "/dashboard"):
        assert f'href="{address}"' in student.get(path).text
    assert "The review" not in coach.get(page).text
    for browser in (coach, browser_of(make_person("Ada", is_admin=True))):
        assert browser.get(address).headers["Location"] == f"{page}#review"
    form_page = student.get(address).text
    assert form_page.count('type="radio"') == 5
    assert "as “Bob”" in form_page
    assert "Nobody has written one yet." in visitor.get(public).text
    # What is missing or too much is said beside its field, and what was typed stays.
    for data, words in (
        ({"words": "Typed <b>this</b>."}, "Choose one to five stars."),
        *(({"stars": odd, "words": "Typed <b>this</b>."}, "Choose one to five stars.") for odd in ("6", "-1", "５")),
        ({"stars": "5", "words": "Typed <b>this</b>." + "x" * 2000}, "At most 2000 characters."),
    ):
        refused = student.post(address, data=data)
        assert (refused.status_code, words in refused.text) == (422, True), words
        assert "Typed &lt;b&gt;this&lt;/b&gt;." in refused.text
    for _ in range(2):
        assert student.post(address, data={"stars": "5", "words": HOSTILE}).headers["Location"] == f"{page}#review"
    assert address not in student.get("/dashboard").text
    review = Review.get()
    assert review.words == "Good.\n\n<script>alert(1)</script> evil שלום"
    for browser, at in ((visitor, public), (student, page), (coach, page), (coach, "/dashboard/reviews")):
        text = browser.get(at).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; evil שלום" in text, at
        assert "<script>alert" not in text
        assert "Verified call" in text
    assert "New, one review so far" in visitor.get("/s/alices/call").text
    assert "New, one review so far" in visitor.get("/s/alices").text
    # Another window changes nothing that it has not seen, and shows both.
    stale = student.post(address, data={"stars": "1", "words": "Bad."})
    assert (stale.status_code, "changed this review in another window" in stale.text) == (409, True)
    assert "What is saved" in stale.text
    assert "Bad.</textarea>" in stale.text
    seen = stale.text.partition('name="seen" type="hidden" value="')[2].partition('"')[0]
    assert student.post(address, data={"stars": "1", "words": "Bad.", "seen": seen}).status_code == 303
    assert "changed since" in visitor.get(public).text
    # The coach's one answer, to what they have read; pressing Return makes nobody's page long.
    stale = coach.post(f"{address}/answer", data={"answer": "Thanks!", "seen": "another"})
    assert (stale.status_code, "Both stand here as they are now" in stale.text) == (409, True)
    assert "Thanks!</textarea>" in stale.text
    assert "At most 60 lines." in student.post(address, data={"stars": "1", "words": "a\nb\n" * 40}).text
    assert coach.post(f"{address}/answer", data={"answer": " "}).status_code == 422
    assert coach.post(f"{address}/answer", data={"answer": "Sorry <i>for</i> that."}).status_code == 303
    for browser, at in ((visitor, public), (student, page), (coach, page), (coach, "/dashboard/reviews")):
        assert "Sorry &lt;i&gt;for&lt;/i&gt; that." in browser.get(at).text, at
    Review.update(answered_at=datetime.now(UTC) - timedelta(days=15), edited_at=None).execute()
    assert "Save your answer" not in coach.get(page).text
    for answer in ("", "Other."):
        assert coach.post(f"{address}/answer", data={"answer": answer}).status_code == 409
    # What stands is only shown.
    Review.update(made_at=datetime.now(UTC) - timedelta(days=14)).execute()
    assert "<textarea" not in student.get(address).text
    late = student.post(address, data={"stars": "2", "words": "Hm.", "seen": seen})
    assert (late.status_code, "It stands as it is." in late.text) == (409, True)
    assert student.post(f"{address}/removal").status_code == 409
    Review.update(made_at=datetime.now(UTC)).execute()
    assert student.post(f"{address}/removal").status_code == 303
    assert Review.select().count() == 0
    assert {row.kind for row in Notice.select()} == {"coach_reviewed", "review_answered"}


def test_what_was_typed_before_signing_in_again_comes_back_to_its_writer_alone(
    held: CoachingSession, bob: Person, mallory: Person, client: FlaskClient
) -> None:
    address = f"/sessions/{held.code}/review"
    asked = client.get(address)
    assert asked.headers["Location"].startswith("/sign-in?next=")
    assert client.post(address, data={"stars": "4", "words": "Typed before."}).status_code in (302, 303)
    factories.sign_in(client, mallory)
    assert client.get(address).status_code == 404
    factories.sign_in(client, bob)
    Review.delete().execute()
    assert "Typed before." in client.get(address).text
    assert Review.select().count() == 0


def test_who_was_not_there_is_told_why_and_keeps_a_way_on(
    held: CoachingSession, bob: Person, browser_of: Browsers
) -> None:
    student, address = browser_of(bob), f"/sessions/{held.code}/review"
    Presence.update(seconds=0).execute()
    CoachingSession.update(state="no_show", absent="unknown").execute()
    assert "Once your coach has said" in student.get(f"/sessions/{held.code}").text
    page = student.get(address)
    assert (page.status_code, "Once your coach has said" in page.text, "<textarea" in page.text) == (200, True, False)
    refused = student.post(address, data={"stars": "5", "words": "x"})
    assert (refused.status_code, "Once your coach has said" in refused.text) == (409, True)
    later = datetime.now(UTC) + timedelta(hours=1)
    CoachingSession.update(ends_at=later, busy_until=later).execute()
    assert "once it is over" in student.get(address).text
    assert Review.select().count() == 0


def test_a_reported_review_is_hidden_with_a_reason_and_shown_again(
    held: CoachingSession, alice: Person, bob: Person, mallory: Person, browser_of: Browsers
) -> None:
    review = factories.make_review(held, words="Alice lives at 12 Mill Lane.", made_at=datetime.now(UTC))
    ada = make_person("Ada", is_admin=True)
    student, coach, stranger, admin, visitor = map(browser_of, (bob, alice, mallory, ada, None))
    report, page = f"/reviews/{review.code}/report", f"/sessions/{held.code}"
    assert report in visitor.get("/s/alices/call/reviews").text
    assert visitor.get(report).headers["Location"].startswith("/sign-in?next=")
    assert "your own review" in student.get(report).text
    assert student.post(report, data={"report": "x"}).status_code == 409
    assert stranger.post(report, data={"report": ""}).status_code == 422
    for _ in range(2):
        sent = stranger.post(report, data={"report": "That is <b>her</b> home."})
        assert sent.headers["Location"] == "/s/alices/call/reviews#reviews"
    assert "You have reported it." in stranger.get(report).text
    # Its call is no longer on sale, and has no page of reviews: they stand on the coach's.
    factories.make_coach(alice, slug="alice")
    Product.update(state="draft").execute()
    assert 'href="/coaches/alice/reviews#reviews"' in stranger.get(report).text
    Product.update(state="published").execute()
    assert coach.post(report, data={"report": "My address."}).headers["Location"] == "/dashboard/reviews"
    assert "One reported review waits for a decision." in admin.get("/admin").text
    assert "One reported review waits for a decision" in admin.get("/dashboard").text
    assert "Reported by you" in coach.get("/dashboard/reviews").text
    assert ("You have reported it." in (own := coach.get(page).text), "Report it" in own) == (True, False)
    assert "To decide" in admin.get("/admin/reviews").text
    decision = f"/admin/reviews/{review.code}"
    assert "That is &lt;b&gt;her&lt;/b&gt; home." in admin.get(decision).text
    for data, words in (
        ({}, "Choose what becomes of it."),
        ({"decision": "hidden"}, "Write why"),
        ({"decision": "kept"}, "Write why"),
        ({"decision": "kept", "reason": "x" * 201}, "At most 200 characters"),
        ({"decision": "shown", "reason": "x"}, "Not a valid choice"),
    ):
        refused = admin.post(f"{decision}/decision", data=data)
        assert (refused.status_code, words in refused.text) == (422, True)
    assert "Not a valid choice" not in admin.post(f"{decision}/decision", data={}).text
    data = {"decision": "hidden", "reason": "It names where somebody lives."}
    stale = admin.post(f"{decision}/decision", data=data | {"seen": "another"})
    assert (stale.status_code, "Its author has changed this review" in stale.text) == (409, True)
    assert [admin.post(f"{decision}/decision", data=data).status_code for _ in range(2)] == [303, 409]
    assert "Mill Lane" not in visitor.get("/s/alices/call/reviews").text
    assert visitor.get(report).headers["Location"].startswith("/sign-in")
    assert stranger.get(report).status_code == 404
    for browser, at in ((student, page), (student, f"{page}/review"), (coach, page), (admin, decision)):
        text = browser.get(at).text
        assert "It names where somebody lives." in text, at
        assert "Mill Lane" in text, at
    assert "Hidden" in coach.get("/dashboard/reviews").text
    assert "Say why." in (refused := admin.post(f"{decision}/showing", data={"reason": ""})).text
    assert refused.status_code == 422
    showing = [admin.post(f"{decision}/showing", data={"reason": "She has moved."}).status_code for _ in range(2)]
    assert showing == [303, 409]
    assert SecurityEvent.get(SecurityEvent.kind == "review shown").detail == f"review {review.code}: She has moved."
    assert "Mill Lane" in visitor.get("/s/alices/call/reviews").text
    kinds = [row.kind for row in Notice.select().order_by(Notice.id)]
    assert kinds == ["review_decided", "coach_review_decided"] * 2
    # Nobody waits for a decision any more.
    assert "reported review" not in admin.get("/admin").text


def test_nobody_floods_coaches_or_admins(
    held: CoachingSession, bob: Person, mallory: Person, browser_of: Browsers
) -> None:
    now, address = datetime.now(UTC), f"/sessions/{held.code}/review"
    take([Use(REVIEWS_WRITTEN, str(bob.id), REVIEWS_WRITTEN.most)], now)
    held_back = browser_of(bob).post(address, data={"stars": "5", "words": "Typed."})
    assert (held_back.status_code, "Typed." in held_back.text, Review.select().count()) == (429, True, 0)
    assert int(held_back.headers["Retry-After"]) > 0
    review = factories.make_review(held)
    take([Use(REVIEWS_REPORTED, str(mallory.id), REVIEWS_REPORTED.most)], now)
    held_back = browser_of(mallory).post(f"/reviews/{review.code}/report", data={"report": "Typed."})
    assert (held_back.status_code, "Typed." in held_back.text, ReviewReport.select().count()) == (429, True, 0)


def test_all_reviews_of_a_coach_stand_at_their_address_and_lead_on(
    held: CoachingSession, alice: Person, client: FlaskClient
) -> None:
    factories.make_coach(alice, slug="alice")
    for number in range(11):
        call = factories.make_coaching_session(
            held.product,
            make_person("\u202eRelkaps \u200bX" if number else "Zoë Q"),
            starts_at=held.starts_at - timedelta(days=40 * number + 9),
            state="completed",
        )
        factories.make_review(call, stars=5, words="", is_verified=False)
    first = client.get("/coaches/alice/reviews").text
    assert "5.0 of 5 from 11 reviews" in first
    assert first.count("5 of 5 stars") == 10
    assert "Verified call</span>" not in first
    assert "/coaches/alice/reviews?page=2#reviews" in first
    second = client.get("/coaches/alice/reviews?page=2").text
    assert second.count("5 of 5 stars") == 1
    assert "<bdi>\u202eRelkaps</bdi>" in second  # whatever a name holds, it turns nothing around it
    beyond = client.get("/coaches/alice/reviews?page=99").text
    assert "There are no earlier ones." in beyond
    assert 'href="/coaches/alice/reviews#reviews"' in beyond
    # As the pages above them take their addresses.
    for typed, led_to in (
        ("/coaches/Alice/reviews", "/coaches/alice/reviews"),
        ("/s/Alices/CALL/reviews", "/s/alices/call/reviews"),
    ):
        assert client.get(typed).headers["Location"] == led_to
        assert client.get(f"{led_to}/").status_code == 200
    for odd in ("-1", "x", "9" * 30, "²"):
        assert client.get(f"/coaches/alice/reviews?page={odd}").status_code == 200
    assert client.get("/coaches/nobody/reviews").status_code == 404
    fragment = client.get("/coaches/alice/reviews", headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<section class="stack" id="reviews"')


def test_a_coach_turns_reviews_off_and_asking_for_them_in_the_wizard(
    held: CoachingSession, alice: Person, browser_of: Browsers
) -> None:
    coach, product = browser_of(alice), held.product
    address, sent = f"/products/{product.code}/options", {"payment": "outside", "pay_text": "Pay me.", "save": "1"}
    page = coach.get(address).text
    assert page.count('checked id="takes_reviews"') == page.count('checked id="asks_for_reviews"') == 1
    # A page from before this was asked leaves it as it is.
    assert coach.post(address, data=sent).status_code == 303
    assert (Product.get().takes_reviews, Product.get().asks_for_reviews) == (True, True)
    coach.post(address, data=sent | {"about_reviews": "y", "takes_reviews": "y"})
    assert (Product.get().takes_reviews, Product.get().asks_for_reviews) == (True, False)
    coach.post(address, data=sent | {"about_reviews": "y"})
    assert (Product.get().takes_reviews, Product.get().asks_for_reviews) == (False, False)
