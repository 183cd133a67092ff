"""The page on which an account is deleted: what it says before, what stands in the way, and the way out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from flask.testing import FlaskClient

from coaching.accounts.details import DiscordAccount
from coaching.accounts.discord_mutations import sign_up_with_discord
from coaching.accounts.models import Person, SignIn
from coaching.booking.models import CoachingSession
from coaching.messages.choice_mutations import make_feed
from coaching.notices.kinds import MessageKind
from settings import Settings
from tests import factories

Browser = Callable[..., FlaskClient]
PAGE = "/settings/deletion"


def mark_on(page: str) -> str:
    match = re.search(r'name="mark"[^>]* value="([^"]*)"', page)
    assert match
    return match[1]


def test_a_student_reads_what_goes_types_the_word_and_is_out(
    browser_of: Browser, bob: Person, alice: Person, settings: Settings, woken: list[datetime]
) -> None:
    now = datetime.now(UTC)
    product = factories.make_product(coach=alice)
    coming = factories.make_coaching_session(product, bob, starts_at=now + timedelta(days=3))
    over = factories.make_coaching_session(product, bob, starts_at=now - timedelta(days=3), state="completed")
    factories.make_review(over)
    browser, elsewhere = browser_of(bob), browser_of(bob)
    sender = settings.sender
    key = sender.session_key(over.code, over.seats.get().id, over.revision)
    off = sender.off_url(bob.id, MessageKind.REMINDER).removeprefix("http://localhost:8000")
    links = [f"/sessions/{over.code}?key={key}", off, f"/calendar/{make_feed(bob, now)}.ics"]
    for link in links:
        assert browser_of().get(link).status_code == 200, link
    assert f'href="{PAGE}"' in browser.get("/settings").text
    page = browser.get(PAGE).text
    assert 'href="/settings/data"' in page
    for words in (
        "This session is cancelled first",
        "Mixing call with Alice",
        "The review you wrote",
        "bob_d",
        "Stripe",
    ):
        assert (words in page) == (words != "Stripe"), words

    wrong = browser.post(PAGE, data={"mark": mark_on(page), "word": "yes"})
    assert wrong.status_code == 422
    assert 'value="yes"' in wrong.text
    assert browser.post(PAGE, data={"mark": "an older page", "word": "delete"}).status_code == 409
    assert CoachingSession.get_by_id(coming.id).state == "scheduled"

    gone = browser.post(PAGE, data={"mark": mark_on(page), "word": "Delete"}, follow_redirects=True)

    assert "Your account is deleted" in gone.text
    assert woken
    assert CoachingSession.get_by_id(coming.id).state == "cancelled"
    assert not SignIn.select().exists()
    for client in (browser, elsewhere):
        assert "/sign-in" in client.get("/settings").location
    twice = elsewhere.post(PAGE, data={"mark": mark_on(page), "word": "delete"}, follow_redirects=True)
    assert "it is gone" in twice.text
    # Nor does any link that lies in a mailbox.
    for link in links:
        assert browser_of().get(link).status_code in (302, 303, 404), link
    # The coach sees a session without a name, and every page of it opens.
    coach = browser_of(alice)
    for address in (f"/sessions/{over.code}", f"/sessions/{coming.code}", "/dashboard"):
        answer = coach.get(address, follow_redirects=True)
        assert (answer.status_code, "Bob" in answer.text) == (200, False), address
    assert "I have deleted my account." in coach.get(f"/sessions/{coming.code}").text
    # Their Discord account may come again, as somebody new.
    again = sign_up_with_discord(DiscordAccount("2002", "bob_d", "Bob", None), None, now)
    assert again.id != bob.id


def test_a_coach_leaves_no_address_behind_and_students_keep_their_record(
    browser_of: Browser, bob: Person, alice: Person
) -> None:
    now = datetime.now(UTC)
    coach = factories.make_coach(alice)
    product = factories.make_product(coach=alice)
    over = factories.make_coaching_session(product, bob, starts_at=now - timedelta(days=3), state="completed")
    missed = factories.make_coaching_session(
        product, bob, starts_at=now - timedelta(days=2), state="no_show", absent="student"
    )
    browser = browser_of(alice)
    page = browser.get(PAGE).text
    assert "“Nova Studio” with 1 product" in page
    assert "What students wrote in reviews of your calls" in page
    assert "180 days in the security log" in page
    addresses = (f"/s/{product.store.slug}", f"/s/{product.store.slug}/{product.slug}", f"/coaches/{coach.slug}")

    assert browser.post(PAGE, data={"mark": mark_on(page), "word": "delete"}).location == "/"

    student = browser_of(bob)
    for address in addresses:
        assert student.get(address).status_code == 404, address
    answer = student.get(f"/sessions/{over.code}")
    assert answer.status_code == 200
    assert "Former coach" in answer.text
    assert "Alice" not in answer.text
    # Nothing is asked for that nobody can do any more: to pay them, to write to them, to have them correct anything.
    pages = [answer.text, student.get(f"/sessions/{missed.code}").text]
    for gone in (
        "You pay Former coach",
        "I have paid",
        "who can correct it",
        "Write to Former coach",
        "Write a review",
    ):
        assert not [page for page in pages if gone in page], gone
    assert "It cannot be corrected any more: Former coach has deleted their account." in pages[1]
    assert "there is nothing that you could pay here" in pages[0]
    # No way on from there ends nowhere.
    for link in {*re.findall(r'href="(/(?!static)[^"#?]*)', answer.text)}:
        assert student.get(link).status_code < 400, link
    assert "See free times" not in student.get("/dashboard").text
    assert "closed for good" in student.get(f"/s/closed-{product.store_id}").text


def test_what_stands_in_the_way_comes_with_a_way_on(browser_of: Browser, bob: Person) -> None:
    now = datetime.now(UTC)
    running = factories.make_coaching_session(student=bob, starts_at=now - timedelta(minutes=10), state="in_progress")
    browser = browser_of(bob)
    page = browser.get(PAGE).text
    assert "is going on right now" in page
    assert f"/sessions/{running.code}" in page
    assert 'name="word"' not in page
    assert browser.post(PAGE, data={"mark": "any", "word": "delete"}).status_code == 409
    SignIn.update(verified_at=now - timedelta(hours=1)).execute()
    assert browser.get(PAGE).location.startswith("/confirm?next=")


def test_admins_see_that_an_account_was_deleted_and_can_do_nothing_with_it(browser_of: Browser, bob: Person) -> None:
    root = factories.make_person("Root", is_admin=True)
    factories.make_factor(root)
    browser = browser_of(bob)
    browser.post(PAGE, data={"mark": mark_on(browser.get(PAGE).text), "word": "delete"})
    admin = browser_of(root)
    assert "Deleted" in admin.get("/admin/people").text
    page = admin.get(f"/admin/people/{bob.id}").text
    assert "This account was deleted on" in page
    assert "Suspend the account" not in page
    assert "Account deleted by its owner" in page
