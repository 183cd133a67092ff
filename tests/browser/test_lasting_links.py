"""From the link in a message on a phone, signed in as nobody: a call moved in three taps, and cancelled with a word."""

import re
import time

import requests
from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.soundness import faults, too_wide
from tests.browser.visitor import LONGEST, PHONE, Visit


def test_a_call_is_moved_in_three_taps_and_cancelled_without_scripts(site: Site, visit: Visit) -> None:
    student = visit("student2", **PHONE)
    student.go(site.demo["product_path"])
    student.choose_far_day()
    student.choose(student.slots().last)
    student.page.get_by_label("Link to your track").fill("https://example.com/track")
    student.press_booking()
    student.page.wait_for_url("**/sessions/*")
    session = student.page.url.removeprefix(site.app_url)

    nobody = visit(zone="Asia/Tokyo", **PHONE)
    link = link_in_message(site, "student2", session)
    page = nobody.go(link)
    expect(page.get_by_text("opened by the link in a message")).to_be_visible()
    expect(page.get_by_text("https://example.com/track")).to_have_count(0)
    assert faults(page) == []
    nobody.picture("session-by-link")

    page.get_by_role("link", name="Move to another time").tap()
    page.wait_for_url("**/move?key=*")
    slot = page.locator("label.slot").first
    expect(slot).to_be_in_viewport(ratio=1)
    nobody.picture("move-by-link")
    slot.tap()
    page.get_by_role("button", name="Move it to this time").tap()
    page.wait_for_url(re.compile(r"/sessions/\w+\?key="))
    expect(page.get_by_text("Moved to")).to_be_visible()
    assert faults(page) == []
    nobody.picture("moved-by-link")
    newer = page.url.removeprefix(site.app_url)

    page = nobody.go(link)
    expect(page.get_by_text("older than the last change")).to_be_visible()
    expect(page.get_by_role("link", name="Cancel this session")).to_have_count(0)

    plain = visit(java_script_enabled=False, **PHONE)
    page = plain.go(newer)
    plain.follow("Cancel this session")
    expect(page.get_by_role("heading", name="What it means")).to_be_in_viewport()
    page.get_by_label("Reason").fill("My train is stuck.")
    assert too_wide(page) == []
    plain.picture("cancellation-by-link")
    plain.press("Cancel this session")
    expect(page.get_by_text("“My train is stuck.”")).to_be_visible()
    page = visit("coach").go(session)
    expect(page.get_by_text("“My train is stuck.”")).to_be_visible()


def link_in_message(site: Site, person: str, session: str) -> str:
    """Where the button of the message leads that told this person of the session."""
    account, until = site.demo["people"][person]["discord_id"], time.monotonic() + LONGEST / 1000
    while time.monotonic() < until:
        messages = requests.get(f"{site.sandbox_url}/control/direct-messages/{account}", timeout=30).json()["messages"]
        buttons = [part["url"] for message in messages for row in message["components"] for part in row["components"]]
        links = [url for url in buttons if f"{session}?key=" in url]
        if links:
            return str(links[-1]).removeprefix(site.app_url)
        time.sleep(0.2)
    raise AssertionError("no message about the session")
