"""Pages of folders: both write, conflicts show both texts, nothing typed is lost, hostile text stays text."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.folders.models import FolderEntry
from coaching.folders.mutations import add_entry
from coaching.folders.rules import MOST, EntryDetails, Kind
from coaching.rate_limits.limits import FOLDER_WRITES, Use
from coaching.rate_limits.mutations import take
from tests import factories

Browsers = Callable[[Person | None], FlaskClient]
HOSTILE = "See https://example.com/a?b=1&c=2.\n\n<script>alert(1)</script> \u202eevil\u202c javascript:alert(1)"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def call(app: object, alice: Person, bob: Person) -> CoachingSession:
    """A call of Bob's with Alice that begins tomorrow."""
    product = factories.make_product(factories.make_store(alice))
    return factories.make_coaching_session(product, bob, starts_at=datetime.now(UTC) + timedelta(days=1))


def hidden(page: str, name: str) -> str:
    return re.search(f'name="{name}"[^>]*value="([^"]*)"', page)[1]


def only_entry() -> FolderEntry:
    return FolderEntry.get()


def test_what_one_writes_the_other_reads_changes_and_downloads(
    call: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    coach, student = browser_of(alice), browser_of(bob)
    page, address = f"/sessions/{call.code}", f"/sessions/{call.code}/folder"
    for browser in (coach, student):
        assert "Calls are not recorded, and no bot listens in" in browser.get(page).text
        assert f'href="{address}"' in browser.get(page).text
    # What is missing, too much or no address is said beside its field, and what was typed stays.
    for sort, data, words in (
        ("notes", {"note": " "}, "Write something first."),
        ("notes", {"note": "Typed <b>it</b>" + "x" * 5000}, "At most 5000 characters."),
        ("tasks", {"task": ""}, "Write what is to be done."),
        ("tasks", {"task": "Typed <b>it</b>" + "x" * 300}, "At most 300 characters."),
        ("links", {"title": "Typed <b>it</b>"}, "Paste the address here."),
        ("links", {"title": "Typed <b>it</b>", "address": "http://example.com"}, "Only addresses with https://"),
        ("links", {"title": "Typed <b>it</b>", "address": "javascript:alert(1)"}, "This is no address of a page"),
        ("links", {"title": "Typed <b>it</b>", "address": "https://a@example.com"}, "with a name before an @"),
    ):
        for headers in ({}, HTMX):
            refused = coach.post(f"{address}/{sort}", data=data, headers=headers)
            assert (refused.status_code, words in refused.text) == (422, True), words
            assert ("<html" in refused.text) is not bool(headers)
            assert '<details id="add-' + sort + '" open' in refused.text
            assert "Typed &lt;b&gt;it&lt;/b&gt;" in refused.text or "Typed" not in str(data)
    for sort, data in (
        ("notes", {"note": HOSTILE + "\n" * 9 + "end"}),
        ("links", {"address": "www.example.com/x", "title": ""}),
        ("tasks", {"task": "Bounce <i>it</i>"}),
    ):
        for _ in range(2):
            added = coach.post(f"{address}/{sort}", data=data | {"form_key": "abcdefghjk"})
            assert added.headers["Location"].startswith(f"{address}#entry-")
    note, link, task = FolderEntry.select().order_by(FolderEntry.id)
    assert (note.words, link.words, link.address) == (
        HOSTILE.replace("\u202e", "").replace("\u202c", "") + "\n\nend",
        "example.com",
        "https://www.example.com/x",
    )
    rel = 'rel="nofollow noopener noreferrer ugc"'
    for browser, at in ((coach, page), (student, page), (coach, address), (student, address)):
        text = browser.get(at).text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; evil javascript:alert(1)" in text, at
        assert f'<a href="https://example.com/a?b=1&amp;c=2" {rel} target="_blank">' in text.replace(
            'target="_blank" ' + rel, f'{rel} target="_blank"'
        )
        assert 'href="https://www.example.com/x"' in text
        assert "Bounce &lt;i&gt;it&lt;/i&gt;" in text
        assert "javascript:" not in "".join(re.findall('href="[^"]*"', text))
    for browser, is_told in ((student, True), (coach, False)):
        assert ("One task is open in the folder of" in browser.get("/dashboard").text) is is_told
    # A tick by htmx draws the folder alone, and says by whom and when.
    tick = f"{address}/tasks/{task.code}/tick"
    for browser, by in ((student, "ticked off by you"), (coach, "ticked off by <bdi>Bob</bdi>")):
        answer = browser.post(tick, data={"is_done": "yes", "seen": "0"}, headers=HTMX, follow_redirects=True)
        assert (answer.status_code, by in answer.text, "<html" in answer.text) == (200, True, False)
    file = student.get(f"{address}/file")
    assert file.headers["Content-Disposition"] == f'attachment; filename="folder-{call.code}.md"'
    assert (file.mimetype, file.headers["Cache-Control"]) == ("text/markdown", "no-store")
    assert "\\<script\\>alert(1)\\</script\\> evil javascript:alert(1)" in file.text
    assert "- [x] Bounce \\<i\\>it\\</i\\>\\\n  Alice, " in file.text
    assert "; ticked off by Bob, " in file.text
    assert "- example.com: <https://www.example.com/x>" in file.text


def test_a_page_that_is_shown_says_what_was_seen(
    call: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    coach, student = browser_of(alice), browser_of(bob)
    folder = f"/sessions/{call.code}/folder"
    for browser in (coach, student):
        browser.post(f"{folder}/notes", data={"note": "New."})
    page = student.get(folder).text
    assert f'hx-post="{folder}/visit" hx-trigger="load"' in page
    for sent in ("", "x", "2027-01-01", hidden(page, "seen_at")):
        assert "visit" in student.get(folder).text
        assert student.post(f"{folder}/visit", data={"seen_at": sent}).status_code == 204
    assert "/visit" not in student.get(folder).text
    assert "/visit" in coach.get(folder).text


def test_without_scripts_a_picture_on_the_page_says_what_was_seen(
    call: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    coach, student = browser_of(alice), browser_of(bob)
    folder = f"/sessions/{call.code}/folder"
    student.post(f"{folder}/notes", data={"note": "New."})
    [picture] = re.findall('<noscript><img hidden alt="" src="([^"]+)"></noscript>', coach.get(folder).text)
    picture_headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "image"}
    for headers in (
        {},
        picture_headers | {"Sec-Fetch-Site": "cross-site"},
        picture_headers | {"Sec-Fetch-Dest": "document"},
    ):
        assert coach.get(picture, headers=headers).status_code == 204
        assert "/visit" in coach.get(folder).text
    assert coach.head(picture, headers=picture_headers).status_code == 204
    assert "/visit" in coach.get(folder).text
    assert coach.get(picture, headers=picture_headers).status_code == 204
    assert "/visit" not in coach.get(folder).text


def test_of_two_who_change_the_same_both_texts_stand_there(
    call: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    coach, student = browser_of(alice), browser_of(bob)
    folder = f"/sessions/{call.code}/folder"
    coach.post(f"{folder}/notes", data={"note": "First <b>words</b>."})
    address = f"{folder}/notes/{only_entry().code}"
    pages = [browser.get(address).text for browser in (coach, student)]
    assert ["Remove it" in page for page in pages] == [True, False]
    assert student.post(address, data={"note": "Bob’s words.", "seen": hidden(pages[1], "seen")}).status_code == 303
    stale = coach.post(address, data={"note": "Alice’s words.", "seen": hidden(pages[0], "seen")})
    assert stale.status_code == 409
    assert re.search(r"What is saved</h2>\s*<p[^>]*>Bob’s words\.</p>", stale.text)
    assert "Alice’s words.</textarea>" in stale.text
    assert only_entry().words == "Bob’s words."
    unread = coach.post(f"{address}/removal", data={"seen": hidden(pages[0], "seen")})
    assert (unread.status_code, "it was not removed" in unread.text, "Bob’s words.</textarea>" in unread.text) == (
        409,
        True,
        True,
    )
    assert "Before Bob changed it" in re.sub("<[^>]+>", "", coach.get(folder).text)
    assert "First &lt;b&gt;words&lt;/b&gt;." in coach.get(folder).text
    # Sent again, it takes the place of what was shown beside it.
    again = {"note": "Alice’s words.", "seen": hidden(stale.text, "seen")}
    assert coach.post(address, data=again).status_code == 303
    assert only_entry().words == "Alice’s words."
    assert student.post(address, data={"note": "x" * 5001, "seen": "1"}).status_code == 422
    # The other's words are not removed by hand, one's own are; what was typed meanwhile can be kept as new.
    assert "Only who wrote it can remove it" in student.post(f"{address}/removal", data={"seen": "2"}).text
    for _ in range(2):
        assert coach.post(f"{address}/removal", data={"seen": "2"}).headers["Location"] == f"{folder}#notes"
    gone = student.post(address, data={"note": "Typed meanwhile.", "seen": "2"})
    assert (gone.status_code, "What you typed is below" in gone.text) == (409, True)
    assert "Typed meanwhile.</textarea>" in gone.text
    assert f'action="{folder}/notes"' in gone.text
    assert student.get(address).headers["Location"] == f"{folder}#notes"
    # A task that was reworded is not ticked off unread.
    task = add_entry(call.seats.get(), alice, EntryDetails(Kind.TASK, "One"), "k", datetime.now(UTC))
    coach.post(f"{folder}/tasks/{task}", data={"task": "Two", "seen": "0"})
    unread = student.post(f"{folder}/tasks/{task}/tick", data={"is_done": "yes", "seen": "0"}, headers=HTMX)
    assert (unread.status_code, "Read it once more" in unread.text, "Two" in unread.text) == (409, True, True)
    for odd in ("", "x", "１", "-1"):
        assert student.post(f"{folder}/tasks/{task}/tick", data={"is_done": "yes", "seen": odd}).status_code == 409


def test_what_does_not_fit_or_comes_too_late_is_said_with_what_was_typed(
    call: CoachingSession, bob: Person, browser_of: Browsers, client: FlaskClient
) -> None:
    student, seat, now = browser_of(bob), call.seats.get(), datetime.now(UTC)
    page, address = f"/sessions/{call.code}", f"/sessions/{call.code}/folder"
    note = add_entry(seat, bob, EntryDetails(Kind.NOTE, "Kept words."), "k", now)
    folder = only_entry().folder
    rows = [
        {"folder": folder, "kind": "task", "words": "", "code": str(number), "written_at": now}
        for number in range(MOST[Kind.TASK])
    ]
    FolderEntry.insert_many(rows).execute()
    full = student.post(f"{address}/tasks", data={"task": "One more."})
    assert (full.status_code, "There are 100 tasks in this folder" in full.text, 'value="One more."' in full.text) == (
        422,
        True,
        True,
    )
    assert "There are 101 things in it." in student.get(page).text
    # Who is signed out meanwhile finds what they typed after signing in, in the form it was typed into.
    factories.sign_in(client, bob)
    text = client.get(address).text
    drawn = hidden(text, "drawn_for")
    client.post("/sign-out")
    sent = client.post(
        f"{address}/notes",
        data={"note": "Typed before.", "drawn_for": drawn},
        headers={"Referer": f"http://localhost:8000{address}"},
    )
    assert sent.headers["Location"] == f"/sign-in?next={address}"
    factories.sign_in(client, bob)
    assert re.search('<details id="add-notes" open>.*Typed before.</textarea>', client.get(address).text, re.DOTALL)
    take([Use(FOLDER_WRITES, str(bob.id), FOLDER_WRITES.most - 1)], now)
    much = student.post(f"{address}/notes", data={"note": "Very much."})
    assert (much.status_code, "Very much.</textarea>" in much.text, "Retry-After" in much.headers) == (429, True, True)
    assert student.post(f"{address}/notes/{note}", data={"note": "Much.", "seen": "0"}).status_code == 429
    # Cancelled while somebody wrote: it is read, and nothing more is written.
    CoachingSession.update(state="cancelled", ended_by="coach").where(CoachingSession.id == call.id).execute()
    FolderEntry.delete().where(FolderEntry.kind == "task").execute()
    for at in (page, address):
        assert "Kept words." in student.get(at).text
        assert "<textarea" not in student.get(at).text.partition("Kept words.")[2]
    assert "Kept words." in student.get(f"{address}/file").text


def test_a_cancelled_call_refuses_words_and_shows_them(
    call: CoachingSession, bob: Person, browser_of: Browsers
) -> None:
    student, address = browser_of(bob), f"/sessions/{call.code}/folder"
    note = add_entry(call.seats.get(), bob, EntryDetails(Kind.NOTE, "Kept words."), "k", datetime.now(UTC))
    CoachingSession.update(state="cancelled", ended_by="coach").where(CoachingSession.id == call.id).execute()
    for at, status in ((f"{address}/notes", 409), (f"{address}/notes/{note}", 409)):
        late = student.post(at, data={"note": "Typed too late.", "seen": "0"})
        assert (late.status_code, "This call was cancelled" in late.text) == (status, True)
        assert "Typed too late.</textarea>" in late.text
    # Neither its words nor a button ask for what is not taken.
    assert "Add the note" not in student.post(f"{address}/notes", data={"note": "Typed too late."}).text
    assert "change it" not in student.get(address).text
    assert student.get(f"{address}/notes/{note}").headers["Location"] == f"{address}#notes"
    for at in (f"{address}/notes/{note}/removal", f"{address}/tasks/x/tick"):
        assert student.post(at, data={"seen": "0"}).status_code == 409


def test_neither_a_link_in_a_message_nor_an_admin_opens_a_folder(
    app: Flask, call: CoachingSession, bob: Person, browser_of: Browsers
) -> None:
    seat, page = call.seats.get(), f"/sessions/{call.code}"
    add_entry(seat, bob, EntryDetails(Kind.NOTE, "Kept words."), "k", datetime.now(UTC))
    key = app.extensions["settings"].sender.session_key(call.code, seat.id, call.revision)
    visitor, admin = browser_of(None), browser_of(factories.make_person("Ada", is_admin=True))
    for answer in (visitor.get(f"{page}?key={key}"), admin.get(page)):
        assert (answer.status_code, "Kept words." in answer.text, "/folder" in answer.text) == (200, False, False)
    assert visitor.get(f"{page}/folder?key={key}").headers["Location"].startswith("/sign-in")
    assert admin.get(f"{page}/folder/file").status_code == 404


def test_after_a_year_nothing_is_left_and_what_was_never_agreed_on_has_no_folder(
    call: CoachingSession, alice: Person, bob: Person, browser_of: Browsers
) -> None:
    student, page = browser_of(bob), f"/sessions/{call.code}"
    add_entry(call.seats.get(), bob, EntryDetails(Kind.NOTE, "Kept words."), "k", datetime.now(UTC))
    FolderEntry.get().folder.__class__.update(kept_until=datetime.now(UTC)).execute()
    long_ago = datetime.now(UTC) - timedelta(days=366)
    times = {"starts_at": long_ago - timedelta(hours=1), "ends_at": long_ago}
    busy = {"busy_from": times["starts_at"], "busy_until": long_ago}
    CoachingSession.update(state="completed", **times, **busy).where(CoachingSession.id == call.id).execute()
    for at in (page, f"{page}/folder", f"{page}/folder/file"):
        text = student.get(at).text
        assert "Kept words." not in text
        assert "ept until" in text
    late = student.post(f"{page}/folder/notes", data={"note": "Typed too late."})
    assert (late.status_code, "that time is over" in late.text) == (409, True)
    asked = {"state": "requested", "held_until": datetime.now(UTC) + timedelta(days=1)}
    CoachingSession.update(**asked).where(CoachingSession.id == call.id).execute()
    assert student.get(f"{page}/folder").status_code == 404
    assert "/folder" not in student.get(page).text
