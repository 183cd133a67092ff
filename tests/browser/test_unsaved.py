"""Ways out of a form that somebody has changed: the stepper, the keyboard, and the browser's own question."""

import re
from collections.abc import Callable

from playwright.sync_api import Dialog, Page, expect

from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit


def test_the_stepper_asks_before_it_leaves_a_call_on_sale(visit: Visit) -> None:
    coach = visit("coach", **PHONE)
    product = coach.links("/store/nova", "a[href^='/products/']")[0]
    page = coach.go(f"{product}/checkout")
    title = page.get_by_label("Title").input_value()
    page.get_by_label("Title").fill("Changed and not saved")

    go_to(page, "Availability")

    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value("Changed and not saved")
    coach.picture("wizard-checkout-asked")
    assert faults(page) == []
    coach.follow("Leave without saving")
    expect(page).to_have_url(re.compile("/availability$"))
    go_to(page, "Checkout")
    expect(page.get_by_label("Title")).to_have_value(title)


def test_two_windows_of_a_step_are_shown_side_by_side(visit: Visit) -> None:
    older, newer = visit("coach2", color_scheme="dark"), visit("coach2")
    product = newer.links("/store/okafor", "a[href^='/products/']")[0]
    for window, words in ((older, "Older words."), (newer, "Newer words.")):
        window.go(f"{product}/checkout")
        window.page.get_by_label("Description").fill(words)
    newer.press("Save")
    expect(newer.page.locator("#wizard-step").get_by_text("Saved.")).to_be_visible()

    older.page.get_by_label("Title").press("Enter")

    expect(older.page.get_by_role("alert")).to_contain_text("Newer words.")
    older.picture("wizard-checkout-conflict")
    assert faults(older.page) == []
    older.press("Keep mine")
    expect(older.page).to_have_url(re.compile("/availability$"))
    newer.page.reload()
    expect(newer.page.get_by_label("Description")).to_have_value("Older words.")


CHANGES: dict[str, Callable[[Page], None]] = {
    "thumbnail": lambda page: page.get_by_label("Words only").check(force=True),
    "checkout": lambda page: page.get_by_label("Title").press("x"),
    "availability": lambda page: page.get_by_label("Monday from").first.press("ArrowUp"),
    "options": lambda page: page.get_by_label("How students pay you").press("x"),
}


def test_the_browser_asks_only_while_something_is_unsaved(visit: Visit) -> None:
    coach = visit("coach")
    asked: list[str] = []
    coach.page.on("dialog", lambda dialog: noted(dialog, asked))
    for step, change in CHANGES.items():
        page = coach.open_draft(step)
        coach.unfold()
        page.get_by_role("heading", level=1).click()
        coach.go("/dashboard")
        assert asked == [], step

        page = coach.open_draft(step)
        coach.unfold()
        change(page)
        coach.go("/dashboard")
        assert asked.pop() == "beforeunload", step


def test_what_is_painted_on_the_week_is_unsaved_too_until_it_is_saved(visit: Visit) -> None:
    coach = visit("coach")
    asked: list[str] = []
    page = coach.open_draft("availability")
    page.on("dialog", lambda dialog: noted(dialog, asked))
    coach.loaded("week")
    column = page.locator(".week-drawing .column").first
    column.scroll_into_view_if_needed()
    place = column.bounding_box()
    assert place
    page.mouse.click(place["x"] + 10, place["y"] + 30)
    expect(page.get_by_label("Monday from").first).to_have_value("02:00")

    coach.go("/dashboard")
    assert asked == ["beforeunload"]

    coach.open_draft("checkout")
    page.get_by_label("Title").press("End")
    page.get_by_label("Title").press_sequentially("!")
    page.get_by_label("Title").press("Backspace")
    coach.go("/dashboard")
    coach.go("/settings")
    page.get_by_label("Name", exact=True).press("x")
    page.get_by_label("Name", exact=True).press("Backspace")
    coach.go("/dashboard")
    assert asked == ["beforeunload"]


def go_to(page: Page, step: str) -> None:
    page.get_by_role("navigation", name="Steps").get_by_role("button", name=step).click()


def noted(dialog: Dialog, asked: list[str]) -> None:
    """The browser's question is written down, and answered with "leave"."""
    asked.append(dialog.type)
    dialog.accept()
