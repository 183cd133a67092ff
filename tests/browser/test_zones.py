"""Time zones as browsers report them, and the list of them as people search it."""

import re

import pytest
from playwright.sync_api import Request, expect

from tests.browser.site import Site
from tests.browser.visitor import PHONE, Visit

# What a browser says about its zone, where Chromium itself cannot be told to say it.
REPORTS = """(zone => {
  const told = Intl.DateTimeFormat.prototype.resolvedOptions;
  Intl.DateTimeFormat.prototype.resolvedOptions = function () { return { ...told.call(this), timeZone: zone }; };
})"""


@pytest.mark.parametrize(("zone", "most"), [("Etc/Unknown", 1), ("Mars/Base", 2)])
def test_a_zone_nobody_knows_is_asked_for_once_at_most(site: Site, visit: Visit, zone: str, most: int) -> None:
    visitor = visit(**PHONE)
    visitor.context.add_init_script(f"{REPORTS}({zone!r})")
    asked: list[Request] = []
    visitor.page.on("request", lambda request: asked.append(request) if "/s/nova/" in request.url else None)
    page = visitor.go(site.demo["product_path"])
    page.wait_for_load_state("networkidle")
    assert [request.is_navigation_request() for request in asked] == [True, False][:most]
    expect(page.get_by_text("the zone of Nova Hart Studio").first).to_be_visible()

    page.get_by_role("link", name="Change zone").click()
    page.get_by_label("Your time zone").select_option("Asia/Tokyo")
    visitor.press("Show times in this zone")
    expect(page.get_by_text("Times in Tokyo")).to_be_visible()
    assert len(asked) <= most + 3


def test_the_list_of_zones_is_searched_by_typing(site: Site, visit: Visit) -> None:
    page = visit(zone="Asia/Tokyo").go(site.demo["product_path"] + "?zones=all&zone=Asia/Tokyo")
    zones, search = page.get_by_label("Your time zone"), page.get_by_label("Search by city or country")
    expect(zones).to_have_value("Asia/Tokyo")
    for typed, first in (
        ("india", "Asia/Kolkata"),
        ("EST", "America/New_York"),
        ("pdt", "America/Los_Angeles"),
        ("JST", "Asia/Tokyo"),
        ("saigon", "Asia/Ho_Chi_Minh"),
        ("utc", "UTC"),
        ("são p", "America/Sao_Paulo"),
    ):
        search.fill(typed)
        expect(zones).to_have_value(first)
        expect(zones.locator("option").first).to_have_attribute("value", first)
    search.fill("no such place")
    expect(page.get_by_text("No time zone fits; Tokyo (UTC+9) stays chosen.")).to_be_visible()
    expect(zones).to_have_value("Asia/Tokyo")
    search.fill("")
    expect(zones).to_have_value("Asia/Tokyo")

    search.fill("kyiv")
    expect(page.get_by_text("One time zone fits.")).to_be_visible()
    search.press("ArrowDown")
    expect(zones).to_be_focused()
    search.fill("")
    expect(zones).to_have_value("Europe/Kyiv")
    search.fill("nowhere")
    search.press("Enter")
    expect(page.get_by_text(re.compile(r"Kyiv .* stays chosen"))).to_be_visible()
    search.fill("calcu")
    search.press("Enter")
    expect(page.get_by_text("Times in Kolkata")).to_be_visible()


def test_who_changes_the_zone_types_at_once(site: Site, visit: Visit) -> None:
    page = visit(zone="Europe/Berlin").go(site.demo["product_path"])
    page.get_by_role("link", name="Change zone").click()
    expect(page.get_by_label("Search by city or country")).to_be_focused()
    page.keyboard.type("kyiv")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Times in Kyiv")).to_be_visible()


def test_an_old_name_that_a_browser_reports_is_found_in_the_list(site: Site, visit: Visit) -> None:
    visitor = visit(zone="Asia/Calcutta")
    page = visitor.go(site.demo["product_path"])
    expect(page.get_by_text("Times in Kolkata (UTC+5:30)")).to_be_visible()
    # Signed up without scripts, so without a zone.
    fields = {"name": "Asha", "email": "asha@example.org", "password": "quiet rooms before noon"}
    assert visitor.post("/sign-up", fields).status == 303
    page = visitor.go("/settings")
    expect(page.get_by_label("Time zone")).to_have_value("Asia/Calcutta")
    visitor.press("Save")
    expect(page.get_by_text("Saved.")).to_be_visible()
    visitor.go("/dashboard")
    expect(page.get_by_text("Times in Kolkata (UTC+5:30).")).to_be_visible()
