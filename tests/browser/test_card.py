"""A call is paid by card on a phone and called off, with scripts and without, and its coach sees what became of it."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.soundness import too_wide
from tests.browser.visitor import PHONE, Visit, Visitor

PRODUCT = "/s/nova/master-check-paid-by-card"
A_SHEET = re.compile(rb"/Type\s*/Page\b")


@pytest.mark.parametrize(
    ("person", "has_scripts"), [("student", True), ("student2", False)], ids=["with-scripts", "without-scripts"]
)
def test_a_call_is_paid_by_card_and_called_off(visit: Visit, tmp_path: Path, person: str, has_scripts: bool) -> None:
    student, coach = (visit(name, java_script_enabled=has_scripts, **PHONE) for name in (person, "coach"))

    in_time = pay_by_card(student, is_far=True)
    cancel(student, "You paid €34. If you cancel now, €34 goes back to your card.")
    expect(payment_saying("went back to your card", student, in_time)).to_contain_text("Given back")
    for link, title, amount in (("Receipt", "Receipt", "€34.00"), ("Credit note", "Credit note to receipt", "−€34.00")):
        look_at_paper(student, in_time, link, title, amount, tmp_path / f"{link}.png")

    too_late = pay_by_card(student, is_far=False)
    cancel(student, "You paid €34. If you cancel now, nothing goes back.")
    expect(payment_saying("may keep it", student, too_late)).not_to_contain_text("to your card")

    for path, words, movements in ((in_time, "€34 went back to", 2), (too_late, "you may keep it", 1)):
        expect(coach.go(path).locator("#payment")).to_contain_text(words)
        assert too_wide(coach.page) == []
        coach.picture(f"coach-{movements}-movements")
        links = coach.go("/dashboard/payments").locator(f"main a[href='{path}']")
        expect(links).to_have_count(movements)


def pay_by_card(student: Visitor, is_far: bool) -> str:
    """A free time is booked with its extra, and paid once a card was declined; the path of the session."""
    page = student.go(PRODUCT)
    if is_far:
        student.choose_far_day()
    student.choose(student.slots().first)
    page.get_by_role("checkbox", name="Written notes").check()
    student.press_booking()
    page.wait_for_url("**/stripe/pay/**")
    page.get_by_label("E-mail").fill("student@example.com")
    page.get_by_label("0002 is declined").check()
    student.press("Pay 34.00 EUR")
    expect(page.get_by_text("Your card was declined.")).to_be_visible()
    page.get_by_label("4242 pays at once").check()
    student.press("Pay 34.00 EUR")
    page.wait_for_url(re.compile(r"/sessions/\w+$"))
    expect(page.get_by_text("The time is yours.")).to_be_visible()
    assert too_wide(page) == []
    return page.url.removeprefix(student.site.app_url)


def cancel(student: Visitor, words: str) -> None:
    """The session shown is cancelled, on a page that says `words` of its money before."""
    student.follow("Cancel this session")
    expect(student.page.get_by_text(words)).to_be_visible()
    assert too_wide(student.page) == []
    student.press("Cancel this session")
    expect(student.page.get_by_text("You cancelled this session.")).to_be_visible()


def payment_saying(words: str, student: Visitor, path: str) -> Locator:
    """What the page at `path` says of the payment, once it says so: the worker sends back by itself."""
    for _ in range(60):
        payment = student.go(path).locator("#payment")
        if words in payment.inner_text():
            break
        student.page.wait_for_timeout(500)
    assert too_wide(student.page) == []
    student.picture(f"payment-{words.split()[0]}")
    return payment


def look_at_paper(student: Visitor, path: str, link: str, title: str, amount: str, picture: Path) -> None:
    """The paper of the session at `path`, as a picture and printed on one sheet of either size."""
    page = student.go(path)
    page.locator("#payment").get_by_role("link", name=re.compile(f"^{link}")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(f"^{title}"))
    expect(page).to_have_title(re.compile(f"^{title} .*Nova Hart"))
    expect(page.get_by_role("row").last).to_contain_text(amount)
    assert too_wide(page) == []
    student.picture(link.lower().replace(" ", "-"))
    assert len(page.screenshot(path=picture, full_page=True)) > 10_000
    for size in ("A4", "Letter"):
        assert len(A_SHEET.findall(page.pdf(format=size))) == 1
