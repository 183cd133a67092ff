"""A second factor set up, given and turned off, on a phone without scripts; each page of it is sound."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from pyotp import TOTP

from tests.browser.site import Site
from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visitor


@pytest.mark.parametrize(
    "look", [{**PHONE, "java_script_enabled": False}, {**PHONE, "color_scheme": "dark", "reduced_motion": "reduce"}]
)
def test_a_second_factor_from_beginning_to_end(site: Site, browser: Browser, look: dict[str, Any]) -> None:
    visitor = Visitor(site, browser.new_context(**look)).sign_in("student2")
    page, has_scripts = visitor.page, look.get("java_script_enabled", True)

    def look_at(name: str) -> None:
        visitor.picture(name)
        if has_scripts:
            assert [*faults(page), *visitor.complaints] == []

    visitor.go("/settings/second-factor")
    visitor.press("Set up an app")
    look_at("factor-set-up")
    secret = re.sub(r"\s", "", page.locator("code.secret").inner_text())
    visitor.press("Turn it on")
    expect(page.locator(".message")).to_have_text("Type the six digits that your app shows.")
    code = TOTP(secret).now()
    page.get_by_label("Code from your app").fill(f"{code[:3]} {code[3:]}")
    visitor.press("Turn it on")
    look_at("factor-recovery-codes")
    expect(page.locator(".recovery-codes code")).to_have_count(10)
    codes = page.locator(".recovery-codes code").all_inner_texts()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as a file").click()
    assert all(code in Path(download.value.path()).read_text() for code in codes)
    visitor.follow("I have kept them, go on")
    visitor.go("/settings/second-factor")
    look_at("factor-on")
    visitor.go("/confirm")
    look_at("factor-confirm")

    visitor.context.clear_cookies()
    student = site.demo["people"]["student2"]
    visitor.go("/sign-in")
    page.get_by_label("E-mail").fill(student["email"])
    page.get_by_label("Password").fill(student["password"])
    visitor.press("Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your code")
    look_at("factor-code")
    page.get_by_label("Code from your app").fill(code)  # spent
    visitor.press("Sign in")
    expect(page.locator(".message")).to_contain_text("was used before")
    page.get_by_text("Use a recovery code instead").click()
    page.get_by_label("Recovery code").fill(codes[0].upper())
    look_at("factor-code-refused")
    visitor.press("Sign in")
    page.wait_for_url("**/dashboard")

    visitor.go("/settings/second-factor")
    expect(page.locator("main")).to_contain_text("Recovery codes left9")
    visitor.press("Turn the second factor off")
    expect(page.locator(".flashes")).to_contain_text("The second factor is turned off.")
    visitor.context.close()
