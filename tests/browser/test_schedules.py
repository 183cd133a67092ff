"""The drawn week by mouse, by finger and by keys; and a schedule's days without scripts."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit


def new_schedule(page: Page, name: str) -> None:
    """A schedule of the coach's own, without hours."""
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Make it, and set its hours").click()
    page.wait_for_url(re.compile(r"/schedules/[a-z0-9]{10}$"))


def hours_of(page: Page) -> str:
    """The week as the drawing tells it to those who do not see it."""
    return page.locator(".week-drawing desc").text_content() or ""


def place(drawing: Locator, day: int, hour: float) -> tuple[float, float]:
    """Where the drawing shows this hour of this day."""
    column = drawing.locator(".column").nth(day).bounding_box()
    assert column
    return column["x"] + column["width"] / 2, column["y"] + hour * 15


def test_a_week_is_painted_with_mouse_and_keys(site: Site, visit: Visit) -> None:
    coach = visit("coach")
    page = coach.go("/dashboard/schedules/new")
    new_schedule(page, "Painted")
    coach.loaded("week")
    page.get_by_text("Copy a day to others").click()
    coach.press("Remove all hours")
    drawing = page.locator(".week-drawing")
    drawing.scroll_into_view_if_needed()

    page.mouse.move(*place(drawing, 0, 9.1))
    page.mouse.down()
    page.mouse.move(*place(drawing, 2, 11.9), steps=4)
    page.mouse.up()
    expect(page.locator("#live-region")).to_have_text("Monday to Wednesday, 09:00 to 12:00 added.")
    page.mouse.click(*place(drawing, 1, 10.1))
    assert "Monday: 09:00 to 12:00. Tuesday: 09:00 to 10:00, 10:30 to 12:00. Wednesday: 09:00 to 12:00." in hours_of(
        page
    )

    page.get_by_label("Sunday until").or_(page.get_by_role("button", name="Add hours on Sunday")).first.click()
    page.get_by_label("Sunday from").fill("22:00")
    page.get_by_label("Sunday until").fill("02:00")
    assert drawing.locator(".hours[data-weekday='0']").count() == 2  # until two on Monday
    page.mouse.click(*place(drawing, 0, 1.1))
    assert "Sunday: 22:00 to 01:00." in hours_of(page)
    assert "Monday: 01:30 to 02:00, 09:00 to 12:00." in hours_of(page)

    drawing.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowRight", "Enter", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(page.locator("#live-region")).to_have_text("Thursday, 09:30 to 11:00")
    page.keyboard.press("Escape")
    expect(page.locator("#live-region")).to_have_text("Nothing was changed.")
    for key in ("Enter", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    assert "Thursday: 10:00 to 11:00." in hours_of(page)
    assert faults(page) == []

    coach.press("Save the hours")
    expect(page.get_by_text("The hours are saved.").first).to_be_visible()
    page.reload()
    assert "Thursday: 10:00 to 11:00." in hours_of(page)
    assert "Sunday: 22:00 to 01:00." in hours_of(page)


def test_a_week_is_painted_with_a_finger(site: Site, visit: Visit) -> None:
    coach = visit("coach", **PHONE)
    page = coach.go("/dashboard/schedules/new")
    new_schedule(page, "Tapped")
    coach.loaded("week")
    drawing = page.locator(".week-drawing")
    drawing.scroll_into_view_if_needed()
    page.touchscreen.tap(*place(drawing, 5, 10.5))
    assert "Saturday: 10:00 to 11:00." in hours_of(page)

    finger = page.context.new_cdp_session(page)

    def touch(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    scrolled = page.evaluate("scrollY")
    touch("touchStart", *place(drawing, 5, 14.5))
    expect(page.locator(".week-drawing .draft")).to_have_count(1)  # rested: it paints
    touch("touchMove", *place(drawing, 5, 15.5))
    touch("touchMove", *place(drawing, 6, 17.5))
    touch("touchEnd")
    assert "Saturday: 10:00 to 11:00, 14:00 to 18:00. Sunday: 14:00 to 18:00." in hours_of(page)
    assert page.evaluate("scrollY") == scrolled
    assert faults(page) == []
    page.evaluate("document.querySelector('[data-guard]').removeAttribute('data-guard')")


def test_days_are_planned_without_scripts(site: Site, visit: Visit) -> None:
    coach = visit("coach", java_script_enabled=False, **PHONE)
    page = coach.go("/dashboard/schedules/new")
    new_schedule(page, "Plain")
    page.get_by_role("button", name="Add hours on Sunday").click()
    page.get_by_label("Sunday until").fill("12:00")
    page.get_by_text("Copy a day to others").click()
    page.get_by_label("The hours of").select_option("Sunday")
    page.get_by_role("checkbox", name="Saturday").check(force=True)
    page.get_by_role("button", name="Copy", exact=True).click()
    page.get_by_role("button", name="Save the hours").click()
    expect(page.get_by_label("Saturday until")).to_have_value("12:00")

    page.get_by_role("link", name="Days", exact=True).click()
    page.get_by_role("link", name="Later month").click()
    page.locator("a.day").last.click()
    page.get_by_label("Other hours").check(force=True)
    page.get_by_label("Hours 1 from").fill("20:00")
    page.get_by_label("Hours 1 until").fill("01:00")
    page.get_by_role("button", name="Save this day").click()
    expect(page.locator("#changes-title + .rows")).to_contain_text("20:00–01:00")

    page.get_by_role("link", name="Zone", exact=True).click()
    page.get_by_label("Time zone of the hours").select_option("Asia/Tokyo")
    page.get_by_role("button", name="Show what moves").first.click()
    page.get_by_role("button", name="Change to Tokyo").click()
    expect(page.get_by_text("What is booked keeps its time.").first).to_be_visible()
