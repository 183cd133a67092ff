"""The card that says how somebody stands with Discord, through the round trips it begins."""

import re

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit, Visitor


def test_saying_no_to_discord_leaves_the_form_as_it_was(site: Site, visit: Visit) -> None:
    stranger = visit("stranger", **PHONE)
    page = begin(stranger)

    stranger.press("Connect Discord")
    stranger.press("Refuse")

    expect(page.get_by_role("heading", level=1)).to_have_text("You cancelled at Discord")
    stranger.picture("discord-refused")
    assert faults(page) == []
    back_to_the_form(stranger)
    expect(page.locator("#discord-card")).to_contain_text("Connect Discord")


def test_somebody_elses_account_is_not_connected(site: Site, visit: Visit) -> None:
    stranger = visit("stranger", **PHONE)
    page = begin(stranger)

    stranger.press("Connect Discord")
    stranger.consent("student")

    expect(page.get_by_role("heading", level=1)).to_have_text("Merge two accounts")
    stranger.picture("discord-taken")
    assert faults(page) == []
    stranger.press("Leave both as they are")
    expect(page.get_by_label("Link to your track")).to_have_value("https://example.com/track")
    expect(page.locator("#discord-card")).to_contain_text("Connect Discord")


def test_who_left_the_guild_joins_again(site: Site, visit: Visit) -> None:
    student = visit("student2", **PHONE)
    site.leave_guild("student2")
    assert student.post("/discord/check", {}).status == 303
    page = begin(student)
    expect(page.locator("#discord-card")).to_contain_text("You are not in the server")
    student.press("Check again")
    expect(page.locator("#discord-card")).to_contain_text("You are not in the server")
    expect(page.locator("#live-region")).to_have_text(re.compile("^Connected as .*, not in the server yet.$"))
    expect(page.get_by_role("button", name="Check again")).to_be_focused()
    student.picture("product-card-connected")
    assert faults(page) == []

    student.press("Join Greenroom demo")
    student.consent("student2")

    expect(page.locator("#discord-card")).to_contain_text("You are in the server")
    expect(page.get_by_label("Link to your track")).to_have_value("https://example.com/track")


def begin(visitor: Visitor) -> Page:
    """On the demo's product, with a time chosen and something typed."""
    page = visitor.go(visitor.site.demo["product_path"])
    visitor.choose(visitor.slots().first)
    page.get_by_label("Link to your track").fill("https://example.com/track")
    return page


def back_to_the_form(visitor: Visitor) -> None:
    """From the page that says what happened, on to the product with everything in it."""
    visitor.page.get_by_role("main").get_by_role("link").first.click()
    expect(visitor.page.get_by_label("Link to your track")).to_have_value("https://example.com/track")
