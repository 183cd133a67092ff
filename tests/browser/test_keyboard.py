"""The keyboard alone, the back button, and what scripts add while one types."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.visitor import DESK, PHONE, Visit


def test_a_call_is_booked_by_keyboard_alone(site: Site, visit: Visit) -> None:
    student = visit("student2", zone="Asia/Tokyo")
    page = student.go(site.demo["product_path"])

    tab_to(page, "Skip to content")
    page.keyboard.press("Enter")
    for link in ("More days and times", "Later month"):
        tab_to(page, link)
        page.keyboard.press("Enter")
        page.wait_for_url("**month=**")
        expect(page.get_by_role("link", name="Earlier month")).to_have_count(int(link == "Later month"))
        student.settle()
    tab_to(page, re.compile(", free times$"), times=2)
    page.keyboard.press("Enter")
    page.wait_for_url("**day=**")
    student.settle()
    tab_to(page, re.compile(r"^\d\d:\d\d$"))
    page.keyboard.press("ArrowDown")
    tab_to(page, re.compile("^Link to your track"))
    page.keyboard.type("https://example.com/by-keyboard")
    tab_to(page, "Book")
    page.keyboard.press("Enter")

    page.wait_for_url("**/sessions/*")
    expect(page.get_by_text("https://example.com/by-keyboard")).to_be_visible()


def test_back_after_a_swap_shows_a_whole_page(site: Site, visit: Visit) -> None:
    visitor = visit()
    page = visitor.go(site.demo["product_path"])
    first = page.url
    visitor.choose_far_day()
    chosen = page.locator("a.day[aria-current=date]").inner_text()
    visitor.go("/sign-in")

    page.go_back()
    expect(page.get_by_role("banner")).to_be_visible()
    expect(page.locator("a.day[aria-current=date]")).to_have_text(chosen)
    for earlier in ("**month=**", "**month=**", first):
        page.go_back()
        page.wait_for_url(earlier)

    expect(page.get_by_role("banner")).to_be_visible()
    expect(page.locator("a.day")).to_have_count(0)
    expect(page.locator("#slot-picker")).to_have_count(1)


@pytest.mark.parametrize("look", [DESK, PHONE], ids=["desk", "phone"])
def test_back_and_forward_keep_what_was_typed(site: Site, visit: Visit, look: dict[str, Any]) -> None:
    visitor = visit(**look)
    page = visitor.go(site.demo["product_path"])
    track, goals = page.get_by_label("Link to your track"), page.get_by_label("What do you want to get out")
    bar, length = page.locator("#chosen-time"), page.locator("#slot-picker a.choice[aria-current]")
    day, few = page.locator("#times .stack > h3"), page.locator(".few-day")
    track.fill("https://example.com/before")
    visitor.choose_far_day()
    last = day.inner_text()
    chosen = visitor.choose(visitor.slots().last)
    label = bar.inner_text()
    assert label.partition(" ")[0] in last
    page.get_by_role("link", name="1 h").click()
    expect(length).to_contain_text("1 h")
    track.fill("https://example.com/typed")
    visitor.write_note("Two\nlines")

    page.go_back()
    expect(length).to_contain_text("30 min")
    expect(bar).to_have_text(label)
    expect(page.locator("input[name=starts_at]:checked")).to_have_value(f"{chosen:%Y-%m-%dT%H:%M:%SZ}")
    page.go_back()
    expect(page.locator("#live-region")).to_contain_text("days with free times")
    expect(bar).to_be_hidden()
    page.go_back()
    page.go_back()
    expect(page).to_have_url(site.app_url + site.demo["product_path"])
    expect(few).to_have_count(3)
    expect(track).to_have_value("https://example.com/typed")
    visitor.write_note("Other words")
    for _ in range(2):
        page.go_forward()
        page.wait_for_url("**month=**")
        expect(day).not_to_have_text(last)
        expect(goals).to_have_value("Other words")
        expect(goals).to_be_visible()
    page.go_forward()
    expect(day).to_have_text(last)
    expect(goals).to_have_value("Other words")

    expect(page.locator("input[name=starts_at]:checked")).to_have_value(f"{chosen:%Y-%m-%dT%H:%M:%SZ}")
    expect(track).to_have_value("https://example.com/typed")
    assert "example.com" not in page.evaluate("JSON.stringify([sessionStorage, localStorage])")


def test_the_latest_wish_is_shown_and_earlier_ones_are_given_up(site: Site, visit: Visit) -> None:
    """However late an earlier one is answered, it stands under no other's address."""
    visitor = visit()
    page = visitor.go(site.demo["product_path"])
    day = page.locator("#times .stack > h3")
    visitor.follow("More days and times")
    first = day.inner_text()
    page.go_back()
    visitor.choose_far_day()
    last = day.inner_text()
    page.go_back()
    expect(day).not_to_have_text(last)
    page.go_back()
    expect(day).to_have_text(first)

    with given_up(page, "month="):
        page.go_forward()
        page.go_forward()
        expect(day).to_have_text(last)
    with given_up(page, "offer="):
        page.get_by_role("link", name="1 h").click()
        page.go_back()
        expect(day).not_to_have_text(last)
    with given_up(page, "day="):
        page.go_forward()
        page.wait_for_url("**day=**")
        visitor.follow("Earlier month")
        expect(day).to_have_text(first)
    with given_up(page, "day="):
        page.get_by_role("link", name="free times").last.click()
        visitor.follow("Later month")
        expect(day).not_to_have_text(first)
    assert "day=" not in page.url


@contextmanager
def given_up(page: Page, words: str) -> Iterator[None]:
    """The first request with these words in its address is left without an answer, until the page gives it up."""
    unanswered = re.compile(re.escape(words))
    page.route(unanswered, lambda route: None, times=1)
    with page.expect_event("requestfailed", lambda request: bool(unanswered.search(request.url))):
        yield


def test_back_in_the_wizard_shows_a_whole_page(site: Site, visit: Visit) -> None:
    coach = visit("coach")
    page = coach.open_draft("thumbnail")
    coach.press("Save and go on")
    page.wait_for_url("**/checkout")

    page.go_back()

    expect(page).to_have_url(re.compile("/thumbnail$"))
    expect(page.get_by_role("banner")).to_be_visible()
    expect(page.get_by_label("Picture", exact=True)).to_be_visible()


def test_the_preview_follows_what_is_typed(site: Site, visit: Visit) -> None:
    page = visit("coach").open_draft("checkout")

    page.get_by_label("Title").press_sequentially(" for choirs")
    expect(page.locator("#product-preview")).to_contain_text("for choirs")
    page.get_by_label("Minutes").first.fill("25")
    page.get_by_label("Price").first.fill("35")

    expect(page.locator("#product-preview")).to_contain_text("€35")
    expect(page.locator("#product-preview")).to_contain_text("25 min")
    expect(page.get_by_label("Price").first).to_be_focused()


def test_a_week_is_made_by_keyboard(site: Site, visit: Visit) -> None:
    coach = visit("coach")
    page = coach.open_draft("availability")
    page.get_by_label("Schedule", exact=True).select_option("new")
    expect(page.get_by_label("Name of the schedule")).to_have_value("Weekly hours")

    page.get_by_role("button", name="Add hours on Sunday").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Sunday from")).to_have_value("09:00")
    coach.loaded("week")
    page.get_by_label("Sunday until").focus()
    page.keyboard.type("1130AM")
    expect(page.locator(".week-drawing desc")).to_contain_text("Sunday: 09:00 to 11:30.")
    page.get_by_role("button", name="Remove Sunday 09:00 to 17:00").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_label("Sunday from")).to_have_count(0)


def tab_to(page: Page, name: str | re.Pattern[str], times: int = 1) -> None:
    """Press Tab until what is called so has the focus, for the first or a later time."""
    wanted = re.compile(f"^{re.escape(name)}$") if isinstance(name, str) else name
    for _ in range(120):
        page.keyboard.press("Tab")
        label = page.evaluate(FOCUSED)
        times -= bool(wanted.search(label))
        if times == 0:
            return
    raise AssertionError(f"Tab never came to {name}")


# What is focused, as people read it.
FOCUSED = """() => {
  const one = document.activeElement;
  const labels = one.labels?.length ? one.labels[0].innerText : null;
  return (one.ariaLabel ?? labels ?? one.innerText ?? "").trim();
}"""
