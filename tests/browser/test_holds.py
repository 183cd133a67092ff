"""A call that is asked for, accepted, paid and confirmed, on the phones of both."""

from playwright.sync_api import expect

from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit

OPTIONS = {"payment": "outside", "pay_text": "In cash.", "then": "stay"}


def test_a_call_is_asked_for_accepted_paid_and_confirmed(visit: Visit) -> None:
    coach, student = visit("coach", **PHONE), visit("student", **PHONE)
    product = coach.site.demo["product_path"]
    [options] = [
        f"{address}/options"
        for address in coach.links("/store/nova", "a[href^='/products/']")
        if coach.go(f"{address}/options").locator(f"a[href$='{product}']").count()
    ]
    pays_first = {"pays_first": "y", "hold_minutes": "120", "needs_approval": "y", "approval_minutes": "240"}
    assert coach.post(options, OPTIONS | pays_first).status == 303
    try:
        student.go(product)
        student.choose_far_day()
        student.choose(student.slots().last)
        expect(student.page.locator("[data-book]")).to_contain_text("Request this time")
        student.press_booking()
        student.page.wait_for_url("**/sessions/*")
        expect(student.page.get_by_role("heading", name="answers by")).to_be_visible()
        session = student.page.url.removeprefix(student.site.app_url)

        coach.go(session)
        coach.picture("session-requested")
        coach.unfold()
        page_faults = [*faults(coach.page)]
        coach.press("Accept")
        expect(coach.page.get_by_role("heading", name="Held for")).to_be_visible()

        student.go(session)
        student.picture("session-held")
        expect(student.page.locator("#pending time[data-countdown]")).to_have_text("1 h 59 min")
        page_faults += faults(student.page)
        student.press("I have paid")
        expect(student.page.get_by_role("heading", name="You have said that you paid")).to_be_visible()

        coach.go(session)
        coach.press("I have the money")
        expect(coach.page.locator("#pending")).to_have_count(0)
        expect(student.go(session).get_by_text("Room opens in")).to_be_visible()
        assert page_faults == []
        student.post(f"{session}/cancellation", {})
    finally:
        assert coach.post(options, OPTIONS).status == 303
