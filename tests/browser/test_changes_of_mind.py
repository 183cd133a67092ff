"""A time that is kept for somebody, other times that are proposed, and a question that depends on an answer."""

import re

from playwright.sync_api import expect

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import Visit


def test_a_time_is_kept_taken_and_given_up_for_a_proposed_one(site: Site, visit: Visit) -> None:
    coach, student = visit("coach"), visit("student2")
    page = coach.go("/invitations/new")
    page.get_by_role("link", name="Mixing feedback call").click()
    page.get_by_text("Other times", exact=True).click()
    page.get_by_role("button", name="Later month").click()
    coach.settle()
    page.locator("#invitation-form .slot").last.click()
    assert faults(page) == []
    page.get_by_role("button", name="Keep this time").last.click()
    page.wait_for_url(re.compile(r"/invitations/[a-z0-9]+$"))
    assert faults(page) == []
    link = page.locator("[href*='/i/']").inner_text()

    taking = student.go(link.removeprefix(site.app_url))
    expect(taking).to_have_url(page.url)  # the address does not tell the link
    assert faults(taking) == []
    taking.get_by_role("button", name="Take this time").click()
    taking.wait_for_url("**/sessions/*")

    coach.go(taking.url.removeprefix(site.app_url) + "/proposals")
    first = page.locator("#proposal-form .slot").first
    for is_ticked in (True, False, True):  # what was ticked can be taken back
        first.click()
        expect(first.get_by_role("checkbox")).to_be_checked(checked=is_ticked)
    page.get_by_text("Other times", exact=True).click()
    # The session's month may be the last one that is offered.
    page.get_by_role("button", name=re.compile("^(Earlier|Later) month$")).last.click()
    coach.settle()
    page.get_by_role("button", name="free times").last.click()
    coach.settle()
    expect(page.get_by_role("group", name="Chosen").get_by_role("checkbox")).to_be_checked()
    page.locator("#proposal-form .slot").last.click()
    assert faults(page) == []
    page.get_by_role("button", name="Propose these times").last.click()
    page.wait_for_url("**/sessions/*")

    student.go(taking.url.removeprefix(site.app_url))
    assert faults(taking) == []
    take = taking.get_by_role("button", name=re.compile("^Take "))
    expect(take).to_have_count(2)
    wanted = take.last.inner_text().removeprefix("Take ")
    take.last.click()
    expect(taking.get_by_text(f"Moved to {wanted}.")).to_be_visible()
    # The old time stands beside the new one before anything is moved.
    taking.get_by_role("link", name="Move to another time").click()
    nearest = taking.locator("#move-form .slot").first
    nearest.click()
    expect(taking.locator(".stays-in-sight p")).to_have_text(f"From {wanted} to {nearest.inner_text()}")
    assert (coach.complaints, student.complaints) == ([], [])


def test_a_question_is_seen_where_its_condition_holds(visit: Visit) -> None:
    coach, student = visit("coach2"), visit("student")
    product = coach.links("/store/okafor", "a[href^='/products/']")[0]
    page = coach.go(f"{product}/checkout")
    number = page.locator("#questions .edit-row").count()
    for kind, label in (("choice", "Which role?"), ("text", "Which jungle path?")):
        page.get_by_role("button", name="Add a question").click()
        row = page.locator("#questions .edit-row").nth(number)
        row.get_by_label("Question", exact=True).fill(label)
        row.get_by_label("Answer", exact=True).select_option(kind)
        if kind == "choice":
            row.get_by_label("Choices, one per line").fill("Jungle\nSupport")
        number += 1
    row.get_by_label("When to ask it").select_option(label=f"Only if question {number - 1} is “Jungle”")
    assert faults(page) == []
    page.get_by_role("button", name="Save", exact=True).last.click()
    coach.settle()

    booking = student.go("/s/okafor/replay-review")
    path = booking.get_by_label("Which jungle path?")
    expect(path).to_be_hidden()
    booking.get_by_label("Jungle", exact=True).check()
    expect(path).to_be_visible()
    path.fill("Top to bottom")
    booking.get_by_label("Support", exact=True).check()
    expect(path).to_be_hidden()
    assert faults(booking) == []
    assert (coach.complaints, student.complaints) == ([], [])
