"""After every swap the focus stands somewhere, and who does not see the page is told what has come of it."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.site import Site
from tests.browser.visitor import PHONE, Visit, Visitor

Act = Callable[[Visitor], object]
# What is done, where the focus stands then, what is said.
Walk = list[tuple[Act, str, str]]

# What is focused, as people read it; with its id where it reads nothing.
FOCUSED = """() => {
  const one = document.activeElement;
  if (one === document.body) return "nothing";
  return (one.ariaLabel || one.labels?.[0]?.innerText || one.innerText || one.id).trim();
}"""


def press(name: str, exact: bool = True) -> Act:
    return lambda visitor: visitor.page.get_by_role("button", name=name, exact=exact).first.click()


def follow(name: str | re.Pattern[str]) -> Act:
    return lambda visitor: visitor.page.get_by_role("link", name=name).first.click()


def fill(label: str, text: str, then: Act) -> Act:
    def act(visitor: Visitor) -> None:
        visitor.page.get_by_label(label, exact=True).last.fill(text)
        then(visitor)

    return act


def choose_last(visitor: Visitor) -> None:
    visitor.choose(visitor.slots().last)


def send_unfinished(visitor: Visitor) -> None:
    visitor.page.get_by_label("Replay code").press("Enter")


def go_back(visitor: Visitor) -> None:
    visitor.page.go_back()
    expect(visitor.page.locator("#zone")).to_have_count(0)


STOREFRONT: Walk = [
    (follow("More days and times"), r"^\w+ 20\d\d$", r"^\w+ 20\d\d, \d+ days? with free times\.$"),
    # At a month's end the first one shown is the next, and the one after it the last.
    (follow("Later month"), r"^(Later month|\w+ 20\d\d)$", r"^\w+ 20\d\d, \d+ days with free times\.$"),
    (follow(re.compile("free times$")), "free times$", r"^30 min\. \w+ \d+ \w+, \d+ free times\.$"),
    (choose_last, r"^\d\d:\d\d$", r"^\w{3} \d+ \w+, \d\d:\d\d is chosen\.$"),
    (follow("1 h"), "^1 h", r"^1 h\. \w+ \d+ \w+, \d+ free times\.( .* is chosen\.)?$"),
    (follow("Back to the next days"), "^Choose a time$", r"^1 h\. \w+ \d+ \w+, the next of \d+ free times\.$"),
    (choose_last, r"^\d\d:\d\d$", r"^\w{3} \d+ \w+, \d\d:\d\d is chosen\.$"),
    (follow("Change zone"), "^Search by city or country$", "is chosen"),
    (go_back, "^Choose a time$", "is chosen"),
]
BOOKING: Walk = [
    (send_unfinished, "^Choose a time", r"^Choose a time\. 2 things to mend\.$"),
    (choose_last, r"^\d\d:\d\d$", "is chosen"),
    (fill("Replay code", "FOCUS-1", press("Book")), "^Replay review$", r"^The time is yours\.$"),
]
CHECKOUT: Walk = [
    (press("Add a question"), "^Question$", r"^Question \d+ added\.$"),
    (fill("Question", "Why?", press("Add a question")), "^Question$", r"^Question \d+ added\.$"),
    (press("Move question 2 up"), "^Question$", r"^Question 2 moved up\.$"),
    (press("Remove question 1"), "^Question$", r"^Question 1 removed\.$"),
    (press("Add a length"), "^Minutes$", r"^Length 2 added\.$"),
    (press("Remove length 2"), "^Minutes$", r"^Length 2 removed\.$"),
    (fill("Minutes", "1", press("Save")), "needs? your attention", r"^1 thing to mend\.$"),
    (fill("Minutes", "60", fill("Price in EUR", "45", press("Save"))), "^What do students get", r"^Saved\.$"),
]
AVAILABILITY: Walk = [
    (press("Save and go on"), "^When can it be booked", r"^Availability\.$"),
    (press("Evenings 18–21"), "^Evenings 18–21$", r"^Hours added on workdays\.$"),
    (press("Add hours on Sunday"), "^Add hours on Sunday$", r"^Hours added\.$"),
    (press("Remove Sunday", exact=False), "Sunday", r"^Hours removed\.$"),
]
GUILD: Walk = [(fill("Server id", "nonsense", press("Use this server")), "^Server id$", r"^A server id is a number")]
SERVER: Walk = [(press("Check", exact=False), "^Check again$", r"^(Nothing to mend|\d+ things? to .*)\.$")]


def test_on_a_products_page(site: Site, visit: Visit) -> None:
    visitor = visit()
    visitor.go(site.demo["product_path"])
    walk(visitor, STOREFRONT)
    narrow = visit(**PHONE)
    narrow.go(site.demo["product_path"])
    walk(narrow, STOREFRONT[:4])


def test_at_a_booking(site: Site, visit: Visit) -> None:
    student = visit("student2")
    student.go("/s/okafor/replay-review")
    walk(student, BOOKING)
    expect(student.page).to_have_title(re.compile("^Replay review, "))


def test_in_the_wizard(site: Site, visit: Visit) -> None:
    coach = visit("coach")
    coach.open_draft("checkout")
    walk(coach, CHECKOUT + AVAILABILITY)
    expect(coach.page).to_have_title(re.compile("^Availability · "))


def test_at_a_stores_server(site: Site, visit: Visit) -> None:
    coach = visit("coach")
    coach.go("/store/nova/guild")
    coach.unfold()
    walk(coach, GUILD)
    coach.go("/store/nova/server-check")
    walk(coach, SERVER)


def walk(visitor: Visitor, steps: Walk) -> None:
    """Each act is followed by a focus that is not lost, and by words."""
    for act, focus, words in steps:
        act(visitor)
        expect(visitor.page.locator("#live-region")).to_have_text(re.compile(words))
        visitor.settle()
        visitor.loaded("zones")  # it moves the focus to the search
        assert re.search(focus, focused(visitor.page)), (focus, focused(visitor.page))


def focused(page: Page) -> str:
    return str(page.evaluate(FOCUSED))
