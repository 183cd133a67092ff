"""A coach books for a student: the page that keeps a time, the link, and the page that takes it."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from coaching.accounts.models import SavedForm
from coaching.booking.models import CoachingSession, Invitation, Seat
from coaching.catalog.models import Product, Question
from tests import factories
from tests.pages import form_to

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
TEN, ELEVEN = "2027-03-09T09:00:00Z", "2027-03-10T10:00:00Z"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    """Alice's call, which is not on sale and wants a day's notice."""
    store = factories.make_store(alice, slug="nova")
    return factories.make_product(store, slug="mix", state="draft", notice_minutes=1440, grid_minutes=60)


def kept_by(coach, product, **fields):
    """What the coach's browser is answered when it keeps a time."""
    sent = {"product": product.code, "offer": str(product.offers.get().id), "starts_at": TEN, "form_key": "abcdefghij"}
    return coach.post("/invitations", data=sent | fields)


def link_in(page):
    """The link on the coach's page."""
    return "/i/" + page.partition("/i/")[2].partition('"')[0]


def test_what_nobody_could_answer_in_time_is_not_offered(browser_of, alice, product, set_clock):
    # The room is made half an hour before the start, and a quarter is left to answer in.
    Product.update(grid_minutes=30).execute()
    set_clock(NOW.replace(hour=7, minute=20))
    page = browser_of(alice).get(f"/invitations/new?product={product.code}").text
    assert "Mon 1 Mar, 09:00" not in page
    assert "Mon 1 Mar, 09:30" in page
    refused = kept_by(browser_of(alice), product, starts_at="2027-03-01T08:00:00Z")
    assert (refused.status_code, "This time is too close" in refused.text) == (409, True)


def test_a_coach_keeps_a_time_and_gives_a_link_away(browser_of, alice, product, client):
    coach = browser_of(alice)
    assert 'href="/invitations/new"' in coach.get("/store/nova").text
    assert coach.get("/invitations/new").location == f"/invitations/new?product={product.code}"
    page = coach.get(f"/invitations/new?product={product.code}").text
    assert "Mon 1 Mar, 09:00" in page  # within the notice, which binds others
    form = form_to(page, "/invitations").fields
    other_day = coach.post("/invitations", data=form | {"show": "2027-03-09", "price": "20", "note": "Hi"})
    assert other_day.status_code == 200
    assert "<h3>Tuesday 9 March</h3>" in other_day.text
    later = coach.post("/invitations", data=form | {"starts_at": TEN, "show": "2027-04"})
    assert "April 2027</h3>" in later.text
    assert f'value="{TEN}" autocomplete="off" required checked' in later.text
    assert f'value="{TEN}"' in other_day.text
    assert 'value="20"' in other_day.text
    assert not Invitation.select().exists()

    for fields, status, words in (
        ({"starts_at": "x"}, 422, "Choose a time."),
        ({"price": "-1"}, 422, "Type an amount"),
        ({"starts_at": "2027-03-09T22:00:00Z"}, 409, "That time has just been taken."),
    ):
        answer = kept_by(coach, product, note="<b>Hi</b>", **fields)
        assert (answer.status_code, words in answer.text) == (status, True)
        assert "&lt;b&gt;Hi&lt;/b&gt;" in answer.text
    Product.update(payment="stripe").where(Product.id == product.id).execute()
    answer = kept_by(coach, product, price="0.49")
    assert (answer.status_code, "The least that a card can pay is €0.50" in answer.text) == (422, True)
    Product.update(payment=product.payment).where(Product.id == product.id).execute()
    made = kept_by(coach, product, price="20", note="<b>Hi</b>")
    assert made.status_code == 303
    assert kept_by(coach, product, price="20").location == made.location  # the same form once more
    own = coach.get(made.location)
    assert "€20" in own.text
    assert "&lt;b&gt;Hi&lt;/b&gt;" in own.text
    assert (own.headers["X-Robots-Tag"], own.headers["Cache-Control"]) == ("noindex", "no-store")
    link = link_in(own.text)
    # Another browser of the coach's does not know it, and makes a new one, which puts the first out of use.
    elsewhere = browser_of(alice)
    assert "/i/" not in elsewhere.get(made.location).text
    assert elsewhere.post(f"{made.location}/link").status_code == 303
    assert client.get(link).status_code == 410
    new = link_in(elsewhere.get(made.location).text)
    assert client.get(new).location == made.location
    assert elsewhere.post(f"{made.location}/withdrawal").status_code == 303
    assert "Withdrawn" in elsewhere.get(made.location).text
    gone = client.get(made.location)
    assert (gone.status_code, "The coach has withdrawn this invitation." in gone.text) == (410, True)


def test_the_link_leads_by_way_of_a_sign_in_to_the_booked_call(browser_of, alice, bob, product, client, woken):
    Question.create(product=product, label="Link?", is_required=True)
    coach = browser_of(alice)
    address = kept_by(coach, product, price="20").location
    link = link_in(coach.get(address).text)
    followed = client.get(link)
    assert (followed.status_code, followed.location, followed.headers["X-Robots-Tag"]) == (303, address, "noindex")
    page = client.get(address)
    for words in ("Alice keeps a time for you", "10:00", "€20", "Take this time", "Tue 9 Mar, 10:00"):
        assert words in page.text
    assert link not in page.text  # no further address holds it
    assert 'data-zone-form="Europe/Berlin"' in page.text
    assert "4:00" in client.get(f"{address}?zone=America/New_York").text.replace("04:00", "4:00")
    assert not Seat.select().exists()
    # A visitor's words wait while they sign in; nothing that is kept knows the link.
    question = Question.get().id
    typed = form_to(page.text, f"{address}/acceptance").fields | {f"answer_{question}": "my track", "goals": "Bass"}
    asked = client.post(f"{address}/acceptance", data=typed)
    assert asked.location == f"/sign-in?next={address.replace('/', '%2F')}" or address in asked.location
    assert link.removeprefix("/i/") not in str([row.__data__ for row in SavedForm.select()])
    client.post(asked.location, data={"email": bob.email, "password": factories.PASSWORD})
    back = client.get(address).text
    assert "my track" in back
    missing = client.post(f"{address}/acceptance", data=typed | {f"answer_{question}": ""})
    assert (missing.status_code, "Bass" in missing.text) == (422, True)
    for _ in range(2):
        taken = client.post(f"{address}/acceptance", data=typed)
        assert (taken.status_code, taken.location) == (303, address.replace("invitations", "sessions"))
    assert client.get(address).status_code == 303  # the old link leads to the session from now on
    seat = Seat.get()
    assert (seat.student, seat.price_cents, seat.goals, CoachingSession.get().state) == (bob, 2000, "Bass", "scheduled")
    assert "Taken" in coach.get(address).text
    assert woken


def test_who_comes_late_reads_when_there_is_time_next(browser_of, alice, bob, mallory, product):
    coach, first, second = browser_of(alice), browser_of(bob), browser_of(mallory)
    address = kept_by(coach, product).location
    link = link_in(coach.get(address).text)
    for browser in (first, second):
        browser.get(link)
    assert "Discord is not connected" not in first.get(address).text
    assert first.post(f"{address}/acceptance", data={}).status_code == 303
    late = second.post(f"{address}/acceptance", data={})
    assert (late.status_code, "This invitation has been taken." in late.text) == (410, True)
    assert "Free times near it" not in late.text  # it is not on sale
    Product.update(state="published").execute()
    assert "Tue 9 Mar, 11:00" in second.get(address).text
    assert second.get("/i/nothing").status_code == 410
    # Nobody who has neither link nor name.
    stranger = browser_of(factories.make_person("Trudy"))
    assert stranger.get(address).status_code == stranger.post(f"{address}/acceptance", data={}).status_code == 404
    assert browser_of().post(f"{address}/acceptance", data={}).status_code == 404


def test_a_named_student_signs_in_and_everybody_else_is_kept_out(browser_of, alice, bob, mallory, product):
    before = factories.make_coaching_session(product, bob, starts_at=NOW - timedelta(days=7), state="completed")
    coach = browser_of(alice)
    assert (
        f"/invitations/new?product={product.code}&amp;after={before.code}" in coach.get(f"/sessions/{before.code}").text
    )
    page = coach.get(f"/invitations/new?product={product.code}&after={before.code}").text
    assert f'<option selected value="{bob.id}">Bob</option>' in page
    # Whoever has never booked with her is written to by nobody.
    assert kept_by(coach, product, student=str(mallory.id)).status_code == 422
    assert not Invitation.select().exists()
    address = kept_by(coach, product, student=str(bob.id), starts_at=ELEVEN, form_key="abcdefghik").location
    link = link_in(coach.get(address).text)
    outsider = browser_of(mallory)
    outsider.get(link)
    refused = outsider.get(address)
    assert (refused.status_code, "for somebody else" in refused.text) == (410, True)
    assert outsider.post(f"{address}/acceptance", data={}).status_code == 404
    for code in (address, "/invitations/unknown"):
        assert browser_of().get(code).location.startswith("/sign-in")
    student = browser_of(bob)
    assert "Alice keeps a time for you" in student.get("/dashboard").text
    assert "Take this time" in student.get(address).text
    assert student.post(f"{address}/acceptance", data={}).status_code == 303
    assert "keeps a time for you" not in student.get("/dashboard").text


def test_what_stands_in_a_takers_way_is_said_beside_the_button(browser_of, alice, product):
    coach = browser_of(alice)
    address = kept_by(coach, product).location
    link = link_in(coach.get(address).text)
    newcomer = factories.make_person("Nia")
    browser = browser_of(newcomer)
    browser.get(link)
    page = browser.get(address).text
    assert "Connect Discord" in page
    refused = browser.post(f"{address}/acceptance", data={"goals": "Bass"})
    assert (refused.status_code, "Bass" in refused.text) == (422, True)
    factories.link_discord(newcomer, "7007")
    factories.make_coaching_session(factories.make_product(), newcomer, starts_at=NOW.replace(day=9, hour=9))
    busy = browser.post(f"{address}/acceptance", data={})
    assert (busy.status_code, "You already have another session" in unescape(busy.text)) == (409, True)
    assert "You keep a time" in coach.get("/dashboard").text
