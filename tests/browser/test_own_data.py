"""A student takes along all that is kept about them, and deletes their account, on a phone."""

import json
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import expect

from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit

MEMBER = {"name": "Dora", "email": "dora@example.com", "password": "a tin of green paint"}


def test_a_student_downloads_what_is_kept_about_them_and_deletes_their_account(visit: Visit, tmp_path: Path) -> None:
    student = visit(**PHONE)
    assert student.post("/sign-up", MEMBER).status == 303
    student.go("/settings/data")
    student.picture("own-data-none")
    student.press("Put my data together")
    ready = student.page.get_by_role("link", name="Download your data")
    expect(ready).to_be_visible()  # by itself, once the worker has made it
    student.picture("own-data-ready")
    assert faults(student.page) == []

    with student.page.expect_download() as begun:
        ready.click()
    path = tmp_path / begun.value.suggested_filename
    begun.value.save_as(path)
    with ZipFile(path) as archive:
        assert json.loads(archive.read("profile.json"))["name"] == "Dora"
        assert "profile.json (1): your account" in archive.read("README.txt").decode()

    student.go("/settings")
    settings_address = student.page.url
    student.page.get_by_role("link", name="Delete the account").click()
    student.page.get_by_label("Type “delete”").fill("perhaps")
    student.press("Delete my account")
    expect(student.page.get_by_text("This is another word")).to_be_visible()
    student.picture("deletion-refused")
    assert faults(student.page) == []
    student.page.get_by_label("Type “delete”").fill("delete")
    student.press("Delete my account")
    expect(student.page.get_by_text("Your account is deleted")).to_be_visible()
    student.picture("deletion-done")
    # Neither an old address nor the password leads in again.
    student.page.goto(settings_address)
    expect(student.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert student.post("/sign-in", MEMBER).status == 422
