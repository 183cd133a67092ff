"""An admin suspends somebody with a reason; they are out at once and cannot come in until they are restored."""

from playwright.sync_api import Locator, expect

from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit, Visitor

PASSWORD = "quiet studio light"
REASON = "Sold nothing but spam"


def test_somebody_is_suspended_is_out_at_once_and_comes_in_again_once_restored(visit: Visit) -> None:
    theirs, admin = visit(**PHONE), visit("admin", **PHONE)
    theirs.go("/sign-up")
    for field, words in (("name", "Kim Strand"), ("email", "kim@example.com"), ("password", PASSWORD)):
        theirs.page.locator(f"#{field}").fill(words)
    theirs.press("Sign up")
    theirs.page.wait_for_url("**/dashboard")

    admin.go("/admin/people")
    admin.page.get_by_label("Person").fill("kim stran")
    admin.press("Search")
    admin.follow("Kim Strand")
    expect(heading(admin)).to_have_text("Kim Strand")
    look_at(admin, "admin-person-phone")
    admin.follow("Suspend the account")
    admin.press("Suspend the account")
    expect(admin.page.locator(".message")).to_have_text("Say why.")
    look_at(admin, "admin-suspension-refused")
    admin.page.get_by_label("Why").fill(REASON)
    admin.press("Suspend the account")
    expect(admin.page.locator(".flashes")).to_contain_text("Kim Strand is suspended. One sign-in has ended.")
    expect(admin.page.locator("main")).to_contain_text(f"“{REASON}”")
    look_at(admin, "admin-person-suspended")

    theirs.go("/settings")
    expect(heading(theirs)).to_have_text("Sign in")
    sign_in(theirs)
    expect(heading(theirs)).to_have_text("This account is suspended")
    expect(theirs.page.locator("main")).to_contain_text(REASON)
    assert [complaint for complaint in theirs.complaints if "status of 403" not in complaint] == []
    theirs.complaints.clear()
    look_at(theirs, "suspended")

    admin.follow("Restore the account")
    admin.page.get_by_label("Why").fill("It was somebody else")
    admin.press("Restore the account")
    expect(admin.page.locator(".flashes")).to_contain_text("Kim Strand can sign in again.")
    theirs.go("/sign-in?next=/settings")
    sign_in(theirs)
    theirs.page.wait_for_url("**/settings")


def sign_in(visitor: Visitor) -> None:
    visitor.page.get_by_label("E-mail").fill("kim@example.com")
    visitor.page.get_by_label("Password").fill(PASSWORD)
    visitor.press("Sign in")


def look_at(visitor: Visitor, name: str) -> None:
    visitor.picture(name)
    assert [*faults(visitor.page), *visitor.complaints] == []


def heading(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("heading", level=1)
