"""A store's partners: made and edited by its owner, paid by hand, and shown to whoever has their secret link."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from coaching.accounts.models import Person
from coaching.booking.models import Seat
from coaching.catalog.models import Product, Store
from coaching.payments.models import Payment
from coaching.pricing.models import Partner, Payout
from tests import factories
from tests.pages import form_to

Browser = Callable[..., FlaskClient]

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
ALL, NEW = "/store/nova/partners", "/store/nova/partners/new"


@pytest.fixture(autouse=True)
def _clock(set_clock: Callable[[datetime], None]) -> None:
    set_clock(NOW)


@pytest.fixture
def store(alice: Person) -> Store:
    return factories.make_store(alice, slug="nova")


def make(browser: FlaskClient, **typed: str) -> str:
    """The page of a partner that was just made, by the form."""
    form = form_to(browser.get(NEW).text, NEW)
    answer = browser.post(NEW, data=form.fields | {"name": "Lee", "code": "", "share_percent": "20"} | typed)
    assert answer.status_code == 303, answer.text
    return answer.location


def secret_link(page: str) -> str:
    return re.findall(r'href="http://localhost:8000(/partners/[\w-]{40,})"', page)[0]


def booked_by(partner: Partner, student: Person, cents: int) -> None:
    """A paid call that is over."""
    product = factories.make_product(partner.store)
    held = factories.make_coaching_session(product, student, starts_at=NOW - timedelta(days=3), state="completed")
    Seat.update(partner=partner, share_percent=20).execute()
    facts = {"provider": "outside", "state": "paid", "key": held.code, "begun_at": NOW, "paid_at": NOW}
    Payment.create(seat=held.seats.get(), amount_cents=cents, currency="EUR", **facts)


@pytest.mark.one_database
def test_what_a_coach_types_about_a_partner_is_looked_through(browser_of: Browser, store: Store, alice: Person) -> None:
    browser = browser_of(alice)
    assert "No partners yet" in browser.get(ALL).text
    form = form_to(browser.get(NEW).text, NEW).fields
    for typed, sentence in (
        ({"name": "", "share_percent": "20"}, "Type the partner’s name."),
        ({"name": "Lee", "share_percent": "101"}, "Choose a number from 0 to 100."),
        ({"name": "Lee", "share_percent": ""}, "Type a share, like 20."),
        ({"name": "Lee", "share_percent": "20", "code": "a b"}, "Use 2 to 30 letters"),
        ({"name": "Lee", "share_percent": "20", "code": "a" * 31}, "Use 2 to 30 letters"),
        ({"name": "李", "share_percent": "20"}, "Use 2 to 30 letters"),
    ):
        answer = browser.post(NEW, data=form | typed)
        assert answer.status_code == 422
        assert sentence in answer.text
    page = make(browser, code="Lee-Beats")
    assert make(browser, name="Jo Vale").endswith(str(Partner.get(Partner.code == "jo-vale").id))
    for taken in ("LEE-BEATS", "lee-beats"):
        answer = browser.post(NEW, data=form | {"name": "Kim", "code": taken, "share_percent": "5"})
        assert answer.status_code == 422
        assert "Another partner of this store has this code" in answer.text
        assert 'value="Kim"' in answer.text
    # The same code may serve another store, and its own partner when that is saved again.
    other = factories.make_store(alice, slug="other")
    same = form | {"name": "Lee", "code": "lee-beats", "share_percent": "5"}
    assert browser.post("/store/other/partners/new", data=same).status_code == 303
    assert Partner.select().where(Partner.store == other).count() == 1
    settings = f"{page}/settings"
    sent = form_to(browser.get(settings).text, settings).fields | {"share_percent": "30", "name": "<b>Lee</b>"}
    assert browser.post(settings, data=sent).location == page
    assert "&lt;b&gt;Lee" in browser.get(page).text
    # Who has it open in two windows overwrites nothing without having been told.
    behind = sent | {"share_percent": "10"}
    answer = browser.post(settings, data=behind)
    assert answer.status_code == 409
    assert "changed in another window" in answer.text
    assert (Partner.get(Partner.code == "lee-beats", Partner.store == store).share_percent) == 30
    again = form_to(answer.text, settings).fields
    assert again["share_percent"] == "10"
    assert browser.post(settings, data=again).location == page
    # Of the store's partners at most a hundred are active.
    for number in range(98):
        Partner.create(store=store, name="x", code=f"x{number}", share_percent=1, made_at=NOW)
    answer = browser.post(NEW, data=form | {"name": "One more", "share_percent": "5", "form_key": "abcdefghij"})
    assert answer.status_code == 409
    assert "at most 100 partners" in answer.text
    browser.post(f"{page}/state", data={"is_active": "n"})
    assert "Switched off" in browser.get(page).text
    last = form | {"name": "One more", "share_percent": "5", "form_key": "abcdefghij"}
    first, second = (browser.post(NEW, data=last) for _ in range(2))
    assert first.location == second.location  # pressed twice it is made once
    browser.post(f"{page}/state", data={"is_active": "y"})
    assert "at most 100 partners" in browser.get(page).text
    assert not Partner.get(Partner.code == "lee-beats", Partner.store == store).is_active


def test_a_partner_reads_their_own_page_by_a_link_that_can_be_replaced(
    browser_of: Browser, client: FlaskClient, store: Store, alice: Person, bob: Person
) -> None:
    browser = browser_of(alice)
    page = make(browser)
    partner = Partner.get()
    booked_by(partner, bob, 5000)
    text = browser.get(page).text
    link = secret_link(text)
    assert link.rpartition("/")[2] not in partner.token_sha256
    own = client.get(link)
    assert own.status_code == 200
    assert all(words in own.text for words in ("€50.00", "€10.00", "?via=lee", "March"))
    assert bob.name not in own.text
    assert own.headers["Referrer-Policy"] == "no-referrer"
    assert own.headers["X-Robots-Tag"] == "noindex"
    assert own.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in own.headers
    assert link not in own.text
    # Only the browser that made the link shows it; whoever makes a new one puts it out of use.
    elsewhere = browser_of(alice)
    assert not re.search(r"/partners/[\w-]{40,}", elsewhere.get(page).text)
    elsewhere.post(f"{page}/link")
    newer = secret_link(elsewhere.get(page).text)
    assert client.get(link).status_code == 410
    assert client.get(newer).status_code == 200
    assert not re.search(r"/partners/[\w-]{40,}", browser.get(page).text)
    elsewhere.post(f"{page}/state", data={"is_active": "n"})
    assert "no longer count for you" in client.get(newer).text
    csv = elsewhere.get(f"{page}/bookings.csv")
    assert csv.mimetype == "text/csv"
    assert 'filename="nova-lee-2027.csv"' in csv.headers["Content-Disposition"]
    assert ",50.00,0.00,20,10.00,earned," in csv.text
    assert bob.name not in csv.text
    every = elsewhere.get(f"{ALL}.csv")
    assert 'filename="nova-partners-2027.csv"' in every.headers["Content-Disposition"]
    assert every.text.splitlines()[1:] == ["2027-03,Lee,lee,EUR,1,50.00,0.00,10.00,0.00,"]
    assert elsewhere.get(f"{ALL}.csv?year=2025").status_code == 404
    for year in ("2025", "x", "99999999999"):
        assert elsewhere.get(f"{page}?year={year}").status_code == 404


def test_a_payout_is_written_down_once_and_can_be_taken_back(
    browser_of: Browser, store: Store, alice: Person, mallory: Person, bob: Person
) -> None:
    browser = browser_of(alice)
    page = make(browser)
    booked_by(Partner.get(), bob, 5000)
    form = form_to(browser.get(page).text, f"{page}/payouts").fields
    assert (form["amount"], form["paid_on"]) == ("10.00", "2027-03-01")  # what is owed, today
    for typed, sentence in (
        ({"amount": "0"}, "Type how much you paid."),
        ({"amount": "-5"}, "Type an amount like"),
        ({"currency": "USD"}, "Amounts are in EUR now."),
        ({"paid_on": "2027-03-02"}, "Choose today or a day before."),
        ({"paid_on": "soon"}, "Type a day like"),
        ({"note": "n" * 201}, "At most 200 characters."),
    ):
        answer = browser.post(f"{page}/payouts", data=form | typed)
        assert answer.status_code == 422
        assert sentence in answer.text
    sent = form | {"amount": "12.50", "note": "=transfer 7"}
    for _ in range(2):
        assert browser.post(f"{page}/payouts", data=sent).status_code == 303
    assert Payout.select().count() == 1
    text = browser.get(page).text
    assert "−€2.50" in text
    assert "=transfer 7" in text
    payout = Payout.get()
    # Another coach's store with a partner of its own does not reach it.
    factories.make_store(mallory, slug="mallorys")
    theirs = Partner.create(store=Store.get(slug="mallorys"), name="M", code="m2", share_percent=1, made_at=NOW)
    removal = f"/store/mallorys/partners/{theirs.id}/payouts/{payout.id}/removal"
    browser_of(mallory).post(removal)
    assert Payout.select().count() == 1
    browser.post(f"{page}/payouts/{payout.id}/removal")
    browser.post(f"{page}/payouts", data=sent)  # the same form, from the page before
    assert Payout.select().count() == 0
    assert f'<a href="{page}">Lee</a>' in browser.get(ALL).text


@pytest.mark.one_database
def test_a_call_may_have_a_share_of_its_own_for_partners(
    browser_of: Browser, store: Store, alice: Person, bob: Person
) -> None:
    product, browser = factories.make_product(store), browser_of(alice)
    address = f"/products/{product.code}/options"
    fields = form_to(browser.get(address).text, address).fields | {"then": "stay"}
    visible_fields = {name: value for name, value in fields.items() if not name.startswith("seen")}

    def save(**typed: str) -> int:
        return browser.post(address, data=visible_fields | typed).status_code

    def kept() -> int | None:
        return Product.get_by_id(product.id).share_percent

    assert kept() is None
    for typed, percent in (("15", 15), ("0", 0), ("", None), ("100", 100)):
        assert save(share_percent=typed) == 303
        assert kept() == percent
    assert save(share_percent="101") == 422
    # A page from before there were shares does not say it, and takes nothing away.
    old = form_to(browser.get(address).text, address).fields | {"then": "stay", "message_words": "Hello"}
    del old["share_percent"]
    assert browser.post(address, data=old).status_code == 303
    assert kept() == 100

    make(browser)
    booked_by(Partner.get(), bob, 5000)
    session = Seat.get().coaching_session
    page, student = f"/sessions/{session.code}", browser_of(bob)
    assert "whose share is 20 %" in browser.get(page).text
    assert "share" not in student.get(page).text
    # The coach alone says that it does not count after all: a partner who has booked for themselves.
    Product.update(share_percent=30).execute()
    assert student.post(f"{page}/share", data={"counts": "n"}).status_code == 404
    for counts, percent in (("n", 0), ("n", 0), ("y", 30)):
        assert browser.post(f"{page}/share", data={"counts": counts}).location == page
        assert Seat.get().share_percent == percent
