"""How somebody whom nobody knows becomes a coach whom strangers trust, as all of them see it on a phone."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit, Visitor

ACCOUNT, SERVER = "122000000000000901", "122000000000000900"
PASSWORD = "quiet rooms before noon"
NEW_YORK = "America/New_York"
A_MINUTE = timedelta(minutes=1)
AVAILABILITY = {
    **{"schedule": "new", "shown": "new", "schedule_name": "Weekly hours", "zone": "Europe/Berlin"},
    **{f"hours-{day}-{end}": at for day in range(7) for end, at in (("start", "08:00"), ("end", "20:00"))},
    **{"notice_minutes": "60", "horizon_days": "30", "grid_minutes": "30", "policy": "strict", "timing": "default"},
    **{"buffer_before_minutes": "0", "buffer_after_minutes": "0", "move_notice_minutes": "720"},
    **{"most_moves": "3", "absent_percent": "0", "daily_cap": "", "weekly_cap": "", "most_per_student": ""},
}


@pytest.fixture(scope="module")
def site(approving_site: Site) -> Iterator[Site]:
    yield approving_site
    approving_site.reset_clock()


def test_a_stranger_becomes_a_coach_whom_strangers_trust(site: Site, visit: Visit) -> None:
    admin, coach = visit("admin", **PHONE), visit(**PHONE)
    come_with_an_account_at_discord(coach)
    apply(coach, "Lively calls.", "Send it")
    decide(admin, "Reject:", "Which instrument?")
    coach.go("/dashboard")
    expect(coach.page.get_by_text("“Which instrument?”")).to_be_visible()
    coach.picture("dashboard-rejected")
    coach.follow("Change it and apply again")
    apply(coach, "The nyckelharpa, from the first note.", "Apply again")
    decide(admin, "Approve:")

    coach.go("/dashboard")
    coach.follow("Open a store")
    sell(coach, admin)
    fill_in_page(coach)

    student = visit(zone=NEW_YORK, **PHONE)
    starts_at = find_and_book(student)
    session = student.page.url.removeprefix(site.app_url)

    meet(site, session, starts_at)
    review(student, session)
    answer(coach, session)
    see_what_strangers_see(visit(zone="Asia/Tokyo", **PHONE))


def come_with_an_account_at_discord(coach: Visitor) -> None:
    """Signed up by the way that the front page shows, and connected to an account that nobody here knows."""
    known = {"guild_id": SERVER, "name": "Strings", "members": [ACCOUNT]}
    requests.post(f"{coach.site.sandbox_url}/control/guild", json=known, timeout=30).raise_for_status()
    page = coach.go("/")
    coach.follow("Apply as a coach")
    page.get_by_label("Your name").fill("Ylva Ek")
    page.get_by_label("E-mail").fill("ylva@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    coach.press("Sign up")
    expect(page.get_by_role("heading", level=1)).to_have_text("Become a coach")
    coach.go("/settings")
    coach.press("Connect Discord")
    page.locator(f"input[name=person][value='{ACCOUNT}']").check()
    coach.press("Authorize")
    page.wait_for_url(f"{coach.site.app_url}/**")
    coach.go("/become-a-coach")


def apply(coach: Visitor, teaches: str, button: str) -> None:
    coach.page.get_by_label("What you teach").fill(teaches)
    coach.page.get_by_label("Why here").fill("Most of those who play it live far away.")
    coach.press(button)
    expect(coach.page.get_by_text("Sent. Whoever runs this site reads it")).to_be_visible()
    coach.picture("application-sent")
    assert faults(coach.page) == []


def decide(admin: Visitor, decision: str, words: str = "") -> None:
    """The admin reads the application in the queue, and answers."""
    admin.go("/admin/coaches")
    admin.follow("Ylva Ek")
    expect(admin.page.get_by_text("What they wrote")).to_be_visible()
    admin.picture("admin-application")
    admin.page.get_by_label(decision).check()
    admin.page.get_by_label("Question or reason").fill(words)
    admin.press("Answer Ylva Ek")
    expect(admin.page.get_by_text("and gets a message.")).to_be_visible()


def sell(coach: Visitor, admin: Visitor) -> None:
    """A store on the site's server with one call in it, which has a story of its own (test_journey.py)."""
    coach.page.get_by_label("Name", exact=True).fill("Ek")
    coach.page.get_by_label("Address").fill("ek")
    coach.press("Open the store")
    sent(coach, "/store/ek/site-guild", {})
    sent(admin, "/admin/stores/ek/guild-approval", {"decision": "approve"})
    draft = sent(coach, "/store/ek/products/coaching-call/create", {"display_style": "card", "form_key": "story-of-ek"})
    call = draft.removesuffix("/checkout")
    offer = {"offers-0-minutes": "30", "offers-0-price": "40"}
    sent(coach, draft, {"title": "First notes", "description": "We play.", "session_type": "video"} | offer)
    sent(coach, f"{call}/availability", AVAILABILITY)
    payment = {"payment": "outside", "pay_text": "In cash.", "takes_reviews": "y", "asks_for_reviews": "y"}
    sent(coach, f"{call}/options", payment)
    sent(coach, f"{call}/publication", {})


def sent(visitor: Visitor, path: str, fields: dict[str, str]) -> str:
    """The form is taken; the path to which it leads."""
    answer = visitor.post(path, fields)
    assert answer.status == 303, answer.text()
    return str(answer.headers["location"]).removeprefix(visitor.site.app_url)


def fill_in_page(coach: Visitor) -> None:
    page = coach.go("/dashboard/page")
    page.get_by_label("Headline").fill("Nyckelharpa from the first note")
    page.get_by_label("About you").fill("I have played **for twenty years**.")
    page.get_by_label("Specialty 1").fill("Nyckelharpa")
    page.get_by_label("Language 1").select_option(label="Swedish")
    coach.press("Save")
    expect(page.get_by_text("This is what your page says now.")).to_be_visible()
    coach.picture("coach-edit-saved")


def find_and_book(student: Visitor) -> datetime:
    """By what they want to learn, in their own zone, through the coach's page."""
    page = student.go("/coaches")
    page.get_by_label("What do you want to learn?").fill("nyckel")
    card = page.locator(".coach-card", has_text="Ylva Ek")

    for _ in range(60):  # the worker has it listed within seconds
        student.press("Show coaches")
        if card.count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text(re.compile("imes in New York"))).to_be_visible()
    expect(card).to_contain_text("Nyckelharpa from the first note")
    student.picture("directory-found")
    card.get_by_role("link").first.click()
    expect(page.get_by_text("for twenty years")).to_be_visible()
    student.picture("coach-unknown")
    student.follow("First notes")
    student.sign_in("student")
    page.reload()
    starts_at = student.choose(student.slots().first)
    student.press_booking()
    page.wait_for_url("**/sessions/*")
    there = starts_at.astimezone(ZoneInfo(NEW_YORK))
    expect(page.locator(f"time[datetime^='{starts_at:%Y-%m-%dT%H:%M}']").first).to_contain_text(f"{there:%H:%M}")
    return starts_at


def meet(site: Site, session: str, starts_at: datetime) -> None:
    """Both are in the room from its beginning, and it closes behind them."""
    site.clock_to(starts_at)
    (room,) = (channel for channel, seen_by in site.rooms().items() if ACCOUNT in seen_by)
    people = (ACCOUNT, site.demo["people"]["student"]["discord_id"])
    for person in people:
        enter = {"guild_id": site.demo["guild_id"], "user_id": person, "channel_id": room}
        requests.post(f"{site.sandbox_url}/control/voice", json=enter, timeout=30).raise_for_status()
    site.clock_to(starts_at + 10 * A_MINUTE)
    for person in people:
        leave = {"guild_id": site.demo["guild_id"], "user_id": person, "channel_id": None}
        requests.post(f"{site.sandbox_url}/control/voice", json=leave, timeout=30).raise_for_status()
    site.clock_to(starts_at + 100 * A_MINUTE)
    assert room not in site.rooms()


def review(student: Visitor, session: str) -> None:
    page = student.go(session)
    student.follow("Write a review")
    page.get_by_label("5 stars").check(force=True)
    page.get_by_label("In your words").fill("I can play a tune.")
    student.picture("review-written")
    student.press("Publish your review")
    expect(page.get_by_text("Verified call")).to_be_visible()


def answer(coach: Visitor, session: str) -> None:
    page = coach.go(session)
    page.get_by_label("Your answer").fill("You can, and it sounds fine.")
    coach.press("Answer")
    expect(page.get_by_text("Your answer stands below the review.")).to_be_visible()


def see_what_strangers_see(stranger: Visitor) -> None:
    page = stranger.go("/coaches/ylva-ek")
    for words in ("New, one review so far", "I can play a tune.", "You can, and it sounds fine.", "Verified call"):
        expect(page.get_by_text(words, exact=True).first).to_be_visible()
    stranger.picture("coach-known")
    assert faults(page) == []
