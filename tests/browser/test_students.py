"""A coach looks at a student, writes a note, and takes it along; the student reads none of it."""

import csv
from io import StringIO
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.soundness import faults
from tests.browser.visitor import PHONE, Visit

WORDS = "Sings in the kitchen.\nAsk for the dry take."
LABEL = "SOPRANOS_WHO_HUM_IN_THEIR_OWN_KITCHENS_1"  # as long as may be, and no line can be broken in it


def test_a_coach_looks_at_a_student_writes_a_note_and_exports(visit: Visit) -> None:
    coach, student = visit("coach", **PHONE), visit("student", **PHONE)
    coach.go("/dashboard")
    coach.follow("Students")
    coach.page.get_by_text("Search and order").click()
    coach.page.get_by_label("Name or label").fill("lindq")
    coach.press("Show")
    expect(coach.page.get_by_role("row")).to_have_count(2)  # the head and one student
    page_faults = [*faults(coach.page)]
    coach.follow("Sam Lindqvist")
    coach.page.get_by_role("row").last.get_by_role("link").click()

    # The note is about one call, written on its page, and found among all of the student's.
    coach.page.get_by_label("Your note").fill(WORDS)
    coach.press("Keep this note")
    session = coach.page.url.removeprefix(coach.site.app_url).partition("#")[0]
    expect(coach.page.locator("#notes .answer")).to_have_text(WORDS)
    coach.follow("All sessions and notes of Sam Lindqvist")
    expect(coach.page.locator("#notes .answer").first).to_have_text(WORDS)
    coach.page.get_by_text("Add a label").click()
    coach.page.get_by_label("Label", exact=True).fill(LABEL)
    coach.press("Add it")
    page_faults += faults(coach.page)
    coach.picture("student-noted")
    coach.page.locator("#notes").get_by_role("link", name="Change").first.click()
    coach.unfold()
    page_faults += faults(coach.page)

    coach.go(f"/students?label={LABEL.lower()}")
    with coach.page.expect_download() as download:
        coach.follow("CSV with your notes")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    [row] = csv.DictReader(StringIO(text))
    assert row["Student"] == "Sam Lindqvist"
    assert WORDS in row["Notes"].replace("\r\n", "\n")
    coach.go(f"/students?label={LABEL.lower()}")
    coach.follow("Sam Lindqvist")
    coach.press(f"Remove the label {LABEL}")
    expect(coach.page.get_by_text(LABEL)).to_have_count(0)

    for page in (session, "/dashboard"):
        expect(student.go(page).locator("body")).not_to_contain_text("dry take")
    student.go("/students")
    expect(student.page.get_by_role("heading", name="No students yet")).to_be_visible()
    assert page_faults == []
