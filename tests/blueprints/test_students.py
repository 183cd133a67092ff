"""Pages of a coach's students: found in a list, looked at one by one, labelled, written about, downloaded."""

import csv
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.booking.invitation_mutations import InvitationDetails, invite
from coaching.booking.models import CoachingSession
from coaching.booking.mutations import move_sessions
from coaching.booking.slot_queries import nearest_starts
from coaching.catalog.models import Product
from coaching.catalog.step_queries import mark_of
from coaching.db import database
from coaching.notices.models import Notice
from coaching.students.merge_mutations import move_students
from coaching.students.models import StudentNote
from coaching.students.mutations import save_note
from tests import factories
from tests.factories import make_coaching_session, make_person

Browsers = Callable[[Person | None], FlaskClient]
HOSTILE = "=1+1\n<script>alert(1)</script>"


@pytest.fixture
def held(app: object, alice: Person, bob: Person) -> CoachingSession:
    """A call of Bob's with Alice that was held yesterday."""
    product = factories.make_product(factories.make_store(alice, slug="alices"), slug="call")
    return make_coaching_session(product, bob, starts_at=datetime.now(UTC) - timedelta(days=1), state="completed")


def test_a_coach_finds_a_student_and_writes_down_what_nobody_else_reads(
    held: CoachingSession, alice: Person, bob: Person, mallory: Person, browser_of: Browsers
) -> None:
    coach, student, page = browser_of(alice), browser_of(bob), f"/students/{bob.id}"
    session = f"/sessions/{held.code}"
    assert f'href="{page}"' in coach.get("/students").text
    # Beside it stands “Held until paid” of a time that is not theirs yet.
    for text in (coach.get("/students").text, coach.get(page).text):
        assert ("Took place" in text, "Held" in text) == (True, False)
    assert f'href="{page}"' in coach.get(session).text

    # What is missing or too much is said beside its field, and what was typed stays.
    for address, data, words in (
        (f"{page}/notes", {"note": " "}, "Write your note."),
        (f"{page}/notes", {"note": "Typed." + "x" * 5000}, "At most 5000 characters."),
        (f"{session}/notes", {"note": "Typed." + "x" * 5000}, "At most 5000 characters."),
        (f"{page}/labels", {"label": ""}, "Type a label"),
        (f"{page}/labels", {"label": "Typed." + "x" * 40}, "At most 40 characters."),
    ):
        refused = coach.post(address, data=data)
        assert (refused.status_code, words in refused.text) == (422, True), address
        assert ("Typed." in refused.text) == ("Typed." in next(iter(data.values())))
    assert StudentNote.select().count() == 0

    for address, back in ((f"{page}/notes", page), (f"{session}/notes", session)):
        for _ in range(2):  # a double click
            data = {"note": HOSTILE, "form_key": f"abcdefgh{'jk' if back == page else 'mn'}"}
            assert coach.post(address, data=data).headers["Location"] == f"{back}#notes"
    assert StudentNote.select().count() == 2
    assert coach.post(f"{page}/labels", data={"label": "Spring EP"}).headers["Location"] == f"{page}#labels"
    student_page = coach.get(page).text
    assert student_page.count("&lt;script&gt;alert(1)") == 2
    assert "<script>alert" not in student_page
    assert coach.get(session).text.count("&lt;script&gt;alert(1)") == 1
    for looks in (
        "/students?search=spring",
        "/students?label=spring+ep",
        "/students?search=BOB",
        "/students?order=name",
    ):
        assert f'href="{page}"' in coach.get(looks).text, looks
    assert "Nobody found" in coach.get("/students?search=zoe").text
    assert coach.get("/students?page=x&order=%00&label=&page=-1").status_code == 200

    # Neither the student, nor another coach, nor an admin comes to read any of it.
    factories.make_store(mallory)
    for browser in (student, browser_of(mallory), browser_of(make_person("Ada", is_admin=True))):
        assert browser.get(page).status_code == 404
        assert "Bob" not in browser.get("/students").text.replace("Bob’s", "")
        assert "Spring EP" not in browser.get("/students.csv?notes=y").text
    for path in (session, "/dashboard", f"{session}/calendar"):
        text = student.get(path).text
        assert "alert(1)" not in text
        assert "Your notes" not in text

    rows = list(csv.DictReader(StringIO(coach.get("/students.csv?notes=y").data.decode("utf-8-sig"))))
    assert (rows[0]["Student"], rows[0]["Held"], rows[0]["Labels"]) == ("Bob", "1", "Spring EP")
    assert rows[0]["Notes"].count("=1+1\n<script>") == 2
    assert ", Mixing call: =1+1" in rows[0]["Notes"]
    answer = coach.get("/students.csv?search=zoe")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="students.csv"'
    assert answer.text.splitlines() == [
        "\ufeffStudent,Discord,Labels,First session,Last session,Next session,Held,Missed,Cancelled by them"
    ]
    assert coach.post(f"{page}/labels/removal", data={"label": "spring ep"}).headers["Location"] == f"{page}#labels"
    assert "Spring EP" not in coach.get(page).text


def test_a_note_changed_in_another_window_is_shown_beside_what_was_typed(
    held: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    coach, page = browser_of(alice), f"/students/{bob.id}"
    coach.post(f"/sessions/{held.code}/notes", data={"note": "First words."})
    note = StudentNote.get()
    address, seen = f"{page}/notes/{note.code}", mark_of("First words.")
    assert "First words." in coach.get(f"{address}?from=session").text
    save_note(alice, bob.id, note.code, "Second words.", seen, datetime.now(UTC))
    refused = coach.post(f"{address}?from=session", data={"note": "Third words.", "seen": seen})
    assert refused.status_code == 409
    assert "Second words." in refused.text
    assert ">Third words.<" in refused.text.replace("\r\n", "")
    assert f'value="{mark_of("Second words.")}"' in refused.text
    again = {"note": "Third words.", "seen": mark_of("Second words.")}
    assert coach.post(f"{address}?from=session", data=again).headers["Location"] == f"/sessions/{held.code}#notes"
    assert coach.post(address, data=again).headers["Location"] == f"{page}#notes"
    for _ in range(2):
        assert coach.post(f"{address}/removal").headers["Location"] == f"{page}#notes"
    assert coach.get(address).status_code == 404
    assert coach.get("/students/99999999999999999999").status_code == 404


def test_what_was_typed_waits_for_a_coach_who_has_to_sign_in_again(
    held: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    browser, page = browser_of(None), f"/students/{bob.id}"
    at = {"Referer": f"http://localhost:8000{page}"}
    gone = browser.post(f"{page}/notes", data={"note": "Typed before."}, headers=at)
    assert gone.headers["Location"].startswith("/sign-in")
    browser.post("/sign-in", data={"email": alice.email, "password": factories.PASSWORD})
    assert "Typed before." in browser.get(page).text
    assert "Typed before." not in browser.get(page).text


def test_the_page_of_a_merged_account_leads_its_coach_to_the_one_that_is_left(
    held: CoachingSession, alice: Person, bob: Person, mallory: Person, browser_of: Browsers
) -> None:
    again = make_person("Bob again")
    make_coaching_session(held.product, again, starts_at=held.starts_at - timedelta(days=1), state="completed")
    with database.atomic():
        for move in (move_students, move_sessions):
            move(again, bob)
    number = again.id
    again.delete_instance()
    factories.make_store(mallory)
    assert browser_of(alice).get(f"/students/{number}").headers["Location"] == f"/students/{bob.id}"
    for person in (mallory, bob):
        assert browser_of(person).get(f"/students/{number}").status_code == 404


def test_of_a_former_student_only_what_came_of_the_calls_is_left(
    held: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    coach, page = browser_of(alice), f"/students/{bob.id}"
    Person.update(erased_at=datetime.now(UTC), name="Former student").where(Person.id == bob.id).execute()
    text = coach.get(page).text
    assert "deleted their account" in text
    for words in ("Your note", "Add a label", "Keep a time"):
        assert words not in text
    assert "Your private notes" not in coach.get(f"/sessions/{held.code}").text
    assert coach.post(f"{page}/notes", data={"note": "x"}).status_code == 409
    assert "Former student</bdi>" in coach.get("/students").text


def test_whoever_has_no_students_is_told_where_they_come_from(
    app: object, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    factories.make_store(alice, slug="alices")
    assert 'href="/store/alices"' in browser_of(alice).get("/students").text
    assert "No students yet" in browser_of(bob).get("/students").text


def test_a_student_whom_a_call_refuses_reads_why_and_writes_to_its_coach(
    held: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    product = held.product
    student, coach, page = browser_of(bob), browser_of(alice), "/s/alices/call"
    assert student.get(f"{page}/message").headers["Location"] == page
    start = nearest_starts(product, product.offers.get(), datetime.now(UTC) + timedelta(days=2), datetime.now(UTC), 1)[
        0
    ]
    booking = {
        "offer": str(product.offers.get().id),
        "starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "goals": "Typed before.",
    }
    Product.update(refuses_absent=True).execute()
    assert ">Choose a time<" in student.get(page).text
    for days in (10, 20):
        at = datetime.now(UTC) - timedelta(days=days)
        make_coaching_session(product, bob, starts_at=at, state="no_show", absent="student")
    sentence, way = "You did not come to two calls with Alice in the last 90 days", f'href="{page}/message"'
    for answer, status in ((student.get(page), 200), (student.post(f"{page}/sessions", data=booking), 409)):
        assert (answer.status_code, sentence in answer.text, way in answer.text) == (status, True, True)
        assert "See your sessions" not in answer.text
    assert "Typed before." in answer.text
    assert sentence not in browser_of(None).get(page).text
    # What was typed is still there; whoever has typed nothing is asked for no time that they could not have.
    assert "Typed before." in student.get(page).text
    fresh = browser_of(bob).get(page).text
    assert (sentence in fresh, way in fresh, ">Choose a time<" in fresh) == (True, True, False)
    assert ">Choose a time<" in student.get(page, headers={"HX-Request": "true"}).text  # of a page from before
    assert "cannot book" in coach.get(f"/students/{bob.id}").text

    assert sentence in student.get(f"{page}/message").text
    assert "Write your message." in student.post(f"{page}/message", data={"message": " "}).text
    for key in "abc":
        sent = student.post(f"{page}/message", data={"message": "I was ill.", "form_key": "abcdefghj" + key})
        assert sent.headers["Location"] == page
    assert Notice.select().where(Notice.kind == "coach_asked", Notice.person_id == alice.id).count() == 3
    limited = student.post(f"{page}/message", data={"message": "Once more."})
    assert limited.status_code == 429
    assert "Once more." in limited.text
    assert coach.get(f"{page}/message").headers["Location"] == page

    # It stays on the coach's page of the student, and on their dashboard until they say that they have read it.
    student_page, home = coach.get(f"/students/{bob.id}").text, coach.get("/dashboard").text
    assert (student_page.count("I was ill."), "Bob writes to you" in home) == (3, True)
    # It is read when the call may take them again.
    assert all("which refused them then" in text and "refuses them" not in text for text in (student_page, home))
    last = student_page.partition('name="last" value="')[2].partition('"')[0]
    for typed in ("", "x", "9" * 30):
        coach.post(f"/students/{bob.id}/messages/reading", data={"last": typed})
    assert "Bob writes to you" in coach.get("/dashboard").text
    read = coach.post(f"/students/{bob.id}/messages/reading", data={"last": last})
    assert read.headers["Location"] == f"/students/{bob.id}#messages"
    assert "Bob writes to you" not in coach.get("/dashboard").text
    student_page = coach.get(f"/students/{bob.id}").text
    assert ("I was ill." in student_page, "I have read it" in student_page) == (True, False)
    assert student.post(f"/students/{bob.id}/messages/reading", data={"last": last}).status_code == 404

    # The coach keeps a time for whoever has the link: it refuses them, too, and says the same.
    kept, token = invite(product, alice, InvitationDetails(product.offers.get().id, start), datetime.now(UTC))
    student.get(f"/i/{token}")
    opened = student.get(f"/invitations/{kept.code}").text
    assert (sentence in opened, way in opened) == (True, True)
    refused = student.post(f"/invitations/{kept.code}/acceptance", data={"form_key": "abcdefghjk"})
    assert (refused.status_code, sentence in refused.text, way in refused.text) == (409, True, True)


def test_a_coach_lets_a_call_refuse_who_does_not_come(
    held: CoachingSession, alice: Person, browser_of: Browsers
) -> None:
    coach, address = browser_of(alice), f"/products/{held.product.code}/options"
    sent = {"payment": "outside", "pay_text": "Pay me.", "save": "1"}
    assert 'name="refuses_absent"' in coach.get(address).text
    coach.post(address, data=sent | {"about_absence": "y", "refuses_absent": "y"})
    assert Product.get().refuses_absent
    # A page from before this was asked leaves it as it is.
    coach.post(address, data=sent)
    assert Product.get().refuses_absent
    coach.post(address, data=sent | {"about_absence": "y"})
    assert not Product.get().refuses_absent
