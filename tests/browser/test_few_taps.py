"""On a phone, from a link to a booked call: how many taps it takes, and that nothing moves under the finger."""

from typing import Any

import requests
from playwright.sync_api import Locator, expect

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit, Visitor

NEWCOMER = "1220000000000000090"
# What has moved by itself so far: the answers of the browser's own count, those right after a tap included.
SHIFTS = """() => {
  window.shifts = [];
  const note = (list) => window.shifts.push(...list.getEntries().filter((one) => one.value > 0.001));
  new PerformanceObserver(note).observe({ type: "layout-shift", buffered: true });
}"""


class Fingers:
    """Taps, counted. Nothing is typed."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.taps = 0

    def tap(self, locator: Locator) -> None:
        self.visitor.settle()
        locator.tap()
        self.taps += 1
        self.visitor.settle()

    def button(self, name: str) -> None:
        self.tap(self.visitor.page.get_by_role("button", name=name, exact=True))

    def look(self, name: str) -> None:
        """The step is a sound page, and there are pictures of it for people."""
        self.visitor.picture(f"few-taps-{name}")
        assert faults(self.visitor.page) == []


def pills(visitor: Visitor) -> Locator:
    return visitor.page.locator("label.slot:visible")


def test_a_student_who_is_known_books_in_two_taps(site: Site, visit: Visit) -> None:
    student = visit("student", **PHONE)
    fingers = Fingers(student)
    page = student.go(site.demo["product_path"])
    expect(page.get_by_role("button", name="Book")).to_be_hidden()
    fingers.look("1-times")

    fingers.tap(pills(student).nth(7))
    expect(page.get_by_role("button", name="Book")).to_be_in_viewport()
    expect(page.locator("#chosen")).to_be_in_viewport()
    fingers.look("2-chosen")
    fingers.button("Book")

    page.wait_for_url("**/sessions/*")
    assert fingers.taps == 2
    fingers.look("3-booked")


def test_somebody_new_books_in_six_taps_through_discord(site: Site, visit: Visit) -> None:
    make_account(site)
    somebody = visit(**PHONE)
    fingers = Fingers(somebody)
    page = somebody.go(site.demo["product_path"])

    fingers.tap(pills(somebody).nth(9))
    starts_at = page.locator("input[name=starts_at]:checked").get_attribute("value")
    expect(page.get_by_role("button", name="Continue with Discord")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Book")).to_be_hidden()
    fingers.look("new-1-chosen")
    fingers.button("Continue with Discord")
    # The sandbox asks who one is in Discord; Discord itself knows.
    fingers.tap(page.locator(f"label:has(input[value='{NEWCOMER}'])"))
    fingers.button("Authorize")
    page.wait_for_url(f"**{site.demo['product_path']}**")
    expect(page.locator("input[name=starts_at]:checked")).to_have_value(starts_at or "")
    assert NEWCOMER in site.members()
    fingers.look("new-2-back")
    fingers.button("Book")

    page.wait_for_url("**/sessions/*")
    assert fingers.taps <= 6


def test_nothing_moves_under_the_finger_while_days_and_months_change(site: Site, visit: Visit) -> None:
    visitor = visit(**PHONE)
    fingers = Fingers(visitor)
    page = visitor.go(site.demo["product_path"])
    page.evaluate(SHIFTS)

    fingers.tap(page.get_by_role("link", name="More days and times"))
    for name in ("Later month", "Earlier month", "Later month"):
        stays(fingers, page.get_by_role("link", name=name), then=page.locator("#month-title"))
    fingers.tap(page.get_by_role("link", name="free times").nth(3))
    expect(pills(visitor).first).to_be_in_viewport()  # the times stand below the month
    fingers.tap(pills(visitor).first)
    fingers.look("month")

    by_itself = page.evaluate("window.shifts.filter((one) => !one.hadRecentInput).map((one) => one.value)")
    assert by_itself == []


def stays(fingers: Fingers, pressed: Locator, then: Locator) -> None:
    """What is tapped brings other times, and the month around it stands where it stood."""
    pressed.scroll_into_view_if_needed()
    before = box(then)
    fingers.tap(pressed)
    assert (box(then)["x"], box(then)["y"]) == (before["x"], before["y"])


def box(locator: Locator) -> dict[str, Any]:
    bounds = locator.bounding_box()
    assert bounds
    return dict(bounds)


def make_account(site: Site) -> None:
    """Somebody of whom only Discord knows, and who is not in the store's server."""
    guild = {"guild_id": "1220000000000000190", "name": "Elsewhere", "members": [NEWCOMER]}
    requests.post(f"{site.sandbox_url}/control/guild", json=guild, timeout=30).raise_for_status()


def test_times_of_a_twelve_hour_clock_fit_into_their_buttons(site: Site, visit: Visit) -> None:
    student = visit(locale="en-US", **PHONE)
    page = student.go(site.demo["product_path"])
    too_wide = "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.textContent)"
    few = page.locator(".few-day").last
    # As in an hour that comes twice, where offsets are longest.
    assert few.locator(".slot span").first.evaluate(
        "one => { one.textContent = '12:30 am UTC+10:30'; return one.scrollWidth <= one.clientWidth }"
    )
    few.get_by_role("radio", name="11:00 am").check(force=True)
    assert pills(student).locator("span").evaluate_all(too_wide) == []
    few.get_by_role("link").click()
    page.wait_for_url("**day=**")
    student.settle()
    page.get_by_role("radio", name="11:15 am").check(force=True)
    assert pills(student).locator("span").evaluate_all(too_wide) == []
