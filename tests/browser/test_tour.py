"""The README's tour, step by step as it is printed there."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.visitor import Visit, Visitor

README = Path(__file__).parents[2] / "README.md"


@pytest.fixture(scope="module")
def site(approving_site: Site) -> Site:
    """Its steps say what is there on a fresh demo; who may sell there is nothing to the tour."""
    return approving_site


def test_the_tour_works_as_it_is_printed(site: Site, visit: Visit) -> None:
    assert printed_steps() == list(STEPS)
    visitor = visit()
    for step in STEPS.values():
        step(visitor)


def printed_steps() -> list[str]:
    """The steps of the tour in the README, each in one line, without its marks."""
    tour = README.read_text().split("A tour of three minutes:")[1].split("Ctrl-C")[0]
    steps = re.findall(r"^\d\. (.+?)(?=^\d\. |\Z)", tour, re.MULTILINE | re.DOTALL)
    return [" ".join(step.replace("**", "").split()) for step in steps]


def book(visitor: Visitor) -> None:
    page = visitor.go("/")
    visitor.follow("Sign in")
    sign_in(visitor, "student")
    page.goto(visitor.site.app_url)
    visitor.follow("See a demo store")
    page.locator("a.title").first.click()
    visitor.choose_day_in_weeks()
    visitor.choose(visitor.slots().first)
    page.get_by_label("Link to your track").fill("https://example.com/track")
    visitor.press_booking()
    page.wait_for_url("**/sessions/*")
    visitor.settle()
    # Nothing was loaded anew since the booking: the bar speaks of this session all the same.
    session_time = page.locator("#session time").first.get_attribute("datetime") or ""
    before = page.get_by_role("button", name="Start", exact=True).get_attribute("value")
    assert before == session_time


def look_before(visitor: Visitor) -> None:
    assert visible_rooms(visitor) == 0


def make(visitor: Visitor) -> None:
    visitor.press("Room is made")
    visitor.press("16 minutes before")
    assert visitor.site.rooms()
    assert visible_rooms(visitor) == 0


def open_the_room(visitor: Visitor) -> None:
    visitor.press("Room opens")
    seen_by = visitor.site.rooms()[newest_room(visitor)]
    people = {key: person["discord_id"] for key, person in visitor.site.demo["people"].items()}
    assert {people["coach"], people["student"]} <= seen_by
    assert people["stranger"] not in seen_by
    visitor.follow("Open in Discord")
    expect(visitor.page.locator("#view-title")).to_have_text("What Sam Lindqvist sees")
    expect(visitor.page.locator(".channel", has_text="private")).to_have_count(1)
    visitor.page.go_back()


def close_the_room(visitor: Visitor) -> None:
    room = newest_room(visitor)
    visitor.press("Room closes")
    assert visible_rooms(visitor) == 0
    visitor.press("61 minutes after")
    assert room not in visitor.site.rooms()


def newest_room(visitor: Visitor) -> str:
    """The tour's own room; sessions of other tests on this site have theirs, made earlier."""
    return max(visitor.site.rooms(), key=int)


def sell(visitor: Visitor) -> None:
    visitor.press("Sign out")
    visitor.follow("Sign in")
    sign_in(visitor, "coach")
    visitor.page.locator("a[href^='/store/']").first.click()
    visitor.follow("New coaching call")
    expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
    visitor.press("Save and go on")
    expect(visitor.page).to_have_url(re.compile("/checkout$"))


def pay(visitor: Visitor) -> None:
    page = visitor.page
    visitor.press("Sign out")
    visitor.follow("Sign in")
    sign_in(visitor, "student")
    page.goto(f"{visitor.site.app_url}/s/nova")
    visitor.follow("Master check, paid by card")
    visitor.choose(visitor.slots().first)
    visitor.press_booking()
    page.wait_for_url("**/stripe/pay/**")
    visitor.press("Pay 25.00 EUR")
    page.wait_for_url("**/sessions/*")
    expect(page.get_by_text("The time is yours.")).to_be_visible()
    page.goto(f"{visitor.site.sandbox_url}/stripe")
    expect(page.get_by_text("25.00 EUR").first).to_be_visible()


def meet_people(visitor: Visitor) -> None:
    page = visitor.go("/")
    visitor.follow("Find a coach")
    for name in ("Nova Hart", "Ben Okafor"):
        expect(page.locator(".coach-card").get_by_role("link", name=name)).to_have_count(1)
    page.locator(".coach-card").get_by_role("link", name="Nova Hart").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nova Hart")
    # The earliest but those that are reviewed already, or were never held.
    past = reversed(visitor.links("/dashboard", "details a[href^='/sessions/']"))
    write, folder = (page.get_by_role("link", name=name, exact=True) for name in ("Write a review", "Open the folder"))
    call = next(call for call in past if visitor.go(call) and write.count() and folder.count())
    write.click()
    page.get_by_label("4 stars").check(force=True)
    visitor.press("Publish your review")
    expect(page.get_by_text("Everybody can read your review now.")).to_be_visible()
    visitor.go(call)
    visitor.follow("Open the folder")
    expect(page.get_by_role("heading", level=1)).to_have_text("Folder")
    visitor.press("Sign out")
    visitor.follow("Sign in")
    sign_in(visitor, "admin")
    visitor.follow("Operation")
    visitor.follow("Coaches")
    expect(page.get_by_role("region", name="Waiting for your answer").get_by_role("link")).to_have_count(1)


STEPS: dict[str, Callable[[Visitor], None]] = {
    "Sign in as the student, open the demo store, choose a day and a time, and book.": book,
    "Open the sandbox beside it and look at the server as the student: there is no room yet.": look_before,
    "In the bar on top of Greenroom, press Room is made, then 16 minutes before. The room exists, and the student "
    "cannot see it.": make,
    "Press Room opens. Coach and student see the room and can enter it; the stranger sees nothing. Open in Discord "
    "leads to the sandbox, as the student sees it.": open_the_room,
    "Press Room closes, then 61 minutes after. It is closed, then gone.": close_the_room,
    "Sign in as the coach and make a product of your own in four steps.": sell,
    "Book Master check, paid by card as the student. The sandbox stands in for Stripe, too: on its pay page a card "
    "pays, is declined, or asks for more, and `/stripe` on the sandbox shows the money.": pay,
    "Find a coach lists the demo's two coaches, each with a page of their own. As the student, review the call that "
    "you had before this tour, and look into its folder; as the admin, decide under Operation, Coaches whether "
    "somebody may become a third one.": meet_people,
}


def sign_in(visitor: Visitor, key: str) -> None:
    person = visitor.site.demo["people"][key]
    visitor.page.get_by_label("E-mail").fill(person["email"])
    visitor.page.get_by_label("Password").fill(person["password"])
    visitor.press("Sign in")
    visitor.page.wait_for_url("**/dashboard")


def visible_rooms(visitor: Visitor) -> int:
    """How many private channels the sandbox's page of the server shows the student."""
    beside = visitor.context.new_page()
    student = visitor.site.demo["people"]["student"]["discord_id"]
    beside.goto(f"{visitor.site.sandbox_url}/guilds/{visitor.site.demo['guild_id']}?as={student}")
    count = beside.locator("#view .channel", has_text="private").count()
    beside.close()
    return count
