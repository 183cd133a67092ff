"""What somebody typed is still there after whatever came between."""

import re

from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.visitor import Visit, Visitor


def test_a_time_taken_by_somebody_else_leaves_the_answers(site: Site, visit: Visit) -> None:
    slow, fast = visit("student"), visit("student2")
    fast.go("/s/okafor/replay-review")
    fast.choose(fast.slots().first)
    # Nights are left out of the few times, and the two live in zones of their own: the same time has to be asked for.
    wanted = fast.page.locator("input[name=starts_at]:checked").get_attribute("value")
    slow.go(f"/s/okafor/replay-review?starts_at={wanted}")
    for student in (slow, fast):
        student.page.get_by_label("Replay code").fill("ABC-123")
    fast.press_booking()
    fast.page.wait_for_url("**/sessions/*")

    slow.press_booking()

    taken = slow.page.get_by_role("alert").filter(has_text="taken")
    expect(taken).to_be_focused()
    expect(slow.page.locator("#live-region")).to_contain_text("has just been taken")
    expect(slow.page.get_by_label("Replay code")).to_have_value("ABC-123")
    expect(slow.page.locator("input[name=starts_at]:checked")).to_have_count(0)
    slow.choose(slow.slots().first)
    slow.press_booking()
    slow.page.wait_for_url("**/sessions/*")
    expect(slow.page.get_by_text("ABC-123")).to_be_visible()


def test_what_was_typed_outlives_what_the_coach_saves(site: Site, visit: Visit) -> None:
    student, coach = visit("student"), visit("coach2")
    product = coach.links("/store/okafor", "a[href^='/products/']")[0]
    student.go("/s/okafor/replay-review")
    student.follow("More days and times")
    student.page.get_by_role("link", name="free times").last.click()
    student.page.wait_for_url("**day=**")
    student.page.get_by_label("Replay code").fill("KEPT-1")
    reword(coach, product, "Replay code or link")

    student.page.go_back()
    expect(student.page.get_by_label("Replay code or link")).to_be_visible()
    student.choose(student.slots().last)
    reword(coach, product, "Which replay?", "Replay talk")
    student.press_booking()

    changed = student.page.locator("#changed")
    expect(changed).to_be_focused()
    expect(changed).to_contain_text("This call is called “Replay talk” now.")
    expect(changed).to_contain_text("now it is “Which replay?”")
    expect(student.page.locator("#live-region")).to_contain_text("Something changed.")
    expect(student.page.get_by_role("heading", level=1)).to_have_text("Replay talk")
    expect(student.page.get_by_label("Which replay?")).to_have_value("KEPT-1")
    student.picture("product-changed")
    reword(coach, product, "Replay code", "Replay review")


def reword(coach: Visitor, product: str, question: str, title: str = "Replay review") -> None:
    """The coach saves the first question and the title so."""
    coach.go(f"{product}/checkout")
    coach.page.get_by_label("Question", exact=True).first.fill(question)
    coach.page.get_by_label("Title").fill(title)
    coach.press("Save")
    expect(coach.page.locator("#live-region")).to_have_text("Saved.")


def test_a_sign_in_that_ran_out_in_the_wizard_loses_nothing(site: Site, visit: Visit) -> None:
    coach = visit("coach")
    page = coach.open_draft("checkout")
    page.get_by_label("Title").fill("Vocal chain check, second try")
    page.get_by_label("Price").fill("1")
    coach.context.clear_cookies()

    coach.press("Save and go on")

    page.wait_for_url("**/sign-in?**")
    person = site.demo["people"]["coach"]
    page.get_by_label("E-mail").fill(person["email"])
    page.get_by_label("Password").fill(person["password"])
    coach.press("Sign in")
    expect(page).to_have_url(re.compile("/checkout"))
    expect(page.get_by_label("Title")).to_have_value("Vocal chain check, second try")
    expect(page.get_by_label("Price")).to_have_value("1")


def test_a_call_withdrawn_meanwhile_shows_what_was_typed(site: Site, visit: Visit) -> None:
    student, coach = visit("student"), visit("coach2")
    student.go("/s/okafor/replay-review")
    student.choose(student.slots().first)
    student.page.get_by_label("Replay code").fill("XYZ-789")
    product = coach.links("/store/okafor", "a[href^='/products/']")[0]
    coach.go(f"{product}/options")
    coach.press("Withdraw")

    student.press_booking()

    expect(student.page.get_by_role("heading", level=1)).to_have_text("Not on sale any more")
    expect(student.page.get_by_text("XYZ-789")).to_be_visible()
    student.picture("product-withdrawn")
    coach.press("Save and publish")
    expect(coach.page.get_by_role("heading", name="It is on sale")).to_be_visible()
