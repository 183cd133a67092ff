"""A coach's pages of extras and discount codes."""

import re
from datetime import UTC, datetime
from html import unescape
from io import BytesIO

import pytest
from PIL import Image

from coaching.catalog.bump_queries import bumps_of
from coaching.catalog.models import Bump, Product, Question
from coaching.pricing.models import DiscountCode, DiscountProduct
from tests import factories

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")


def text_of(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def png():
    data = BytesIO()
    Image.new("RGB", (80, 70), "teal").save(data, "PNG")
    data.seek(0)
    return data, "notes.png"


def test_a_coach_makes_changes_and_removes_an_extra(browser_of, alice, bob, product):
    browser, address = browser_of(alice), f"/products/{product.code}/extras"
    assert "None yet." in browser.get(address).text
    wrong = browser.post(address, data={"title": "Notes", "price": "a lot", "words": "Two pages."})
    assert wrong.status_code == 422
    assert "Type an amount like" in wrong.text
    assert "Two pages." in wrong.text
    sound = {"form_key": "a" * 10, "title": "Notes", "price": "15", "is_refundable": "y", "gives": "https://x.example"}
    made = browser.post(address, data=sound | {"picture": png()})
    assert made.status_code == 303, text_of(made)
    assert browser.post(address, data=sound).status_code == 303
    (bump,) = bumps_of(product)
    assert (bump.price_cents, bump.is_refundable, bump.gives) == (1500, True, "https://x.example")
    assert bump.picture.width == 80
    step = browser.get(f"/products/{product.code}/checkout").text
    assert "Notes · €15" in step
    bump_address = f"{address}/{bump.id}"
    assert 'value="15.00"' in browser.get(bump_address).text
    assert browser.post(bump_address, data={"title": "Notes", "price": "20"}).status_code == 303
    changed = bumps_of(product)[0]
    assert (changed.price_cents, changed.is_refundable, changed.picture_id) == (2000, False, bump.picture_id)
    stale = browser.post(bump_address, data={"title": "Notes", "price": "25"})
    assert stale.status_code == 409
    assert "another window" in stale.text
    assert 'value="25"' in stale.text
    for stranger in (browser_of(bob), browser_of(None)):
        for method, path in (
            ("get", address),
            ("get", bump_address),
            ("post", address),
            ("post", f"{bump_address}/removal"),
        ):
            assert getattr(stranger, method)(path).status_code in (302, 303, 404)
    assert browser.post(f"{address}/{changed.id}/removal").status_code == 303
    assert bumps_of(product) == []


def test_a_paid_extra_of_a_free_call_says_what_is_missing(browser_of, alice):
    store = factories.make_store(alice, slug="nova")
    product = factories.make_product(store, payment="free", pay_text="", offers=((60, 0),))
    refused = browser_of(alice).post(f"/products/{product.code}/extras", data={"title": "Notes", "price": "15"})
    assert refused.status_code == 422
    assert "Tell students how to pay you." in text_of(refused)
    assert not Bump.select().exists()


def test_the_step_of_prices_leads_to_extras_and_codes(browser_of, alice, product):
    Product.update(state="draft").execute()
    browser, address = browser_of(alice), f"/products/{product.code}/checkout"
    drawn = re.findall(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', browser.get(address).text)
    typed = dict(drawn) | {"title": "Mastering call", "session_type": "video", "offers-0-minutes": "60"}
    typed |= {"offers-0-price": "49"}
    for place, leads in (("extras", f"/products/{product.code}/extras"), ("codes", "/store/nova/codes")):
        answer = browser.post(address, data=typed | {"go": place})
        assert (answer.status_code, answer.headers["Location"]) == (303, leads)
    assert Product.get().title == "Mastering call"


def test_a_page_outside_of_the_wizard_is_shown_whole_and_asks_about_no_change_that_nobody_made(
    browser_of, alice, product
):
    Question.create(product=product, label="Which DAW?", is_required=True)
    browser, address = browser_of(alice), f"/products/{product.code}/checkout"
    drawn = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', browser.get(address).text)
    typed = dict(drawn) | {"session_type": product.session_type, "questions-0-kind": "text"}
    typed |= {"description": product.description}
    for place, leads in (("extras", f"/products/{product.code}/extras"), ("codes", "/store/nova/codes")):
        answer = browser.post(address, data=typed | {"go": place})
        assert (answer.status_code, answer.location) == (303, leads)
        part = browser.post(address, data=typed | {"go": place}, headers={"HX-Request": "true"})
        assert (part.status_code, part.headers["HX-Redirect"]) == (204, leads)
    # Another step is a part of the same page.
    part = browser.post(address, data=typed | {"go": "options"}, headers={"HX-Request": "true"})
    assert (part.status_code, part.location) == (303, f"/products/{product.code}/options")
    changed = browser.post(address, data=typed | {"questions-0-label": "Which one?", "go": "extras"})
    assert (changed.status_code, "You have unsaved changes" in changed.text) == (409, True)


def test_of_what_cannot_be_read_nothing_more_is_said(browser_of, alice, product):
    typed = {"title": "Mixing", "session_type": "video", "offers-0-minutes": "60", "offers-0-price": "1.234,50"}
    refused = browser_of(alice).post(f"/products/{product.code}/checkout", data=typed)
    assert "Type an amount like 49 or 49.50." in refused.text
    assert "Type a price; 0 means free." not in refused.text
    hours = browser_of(alice).post("/settings/messages", data={"quiet_from": "late", "quiet_until": "07:00"})
    assert "Type a time like 22:30." in hours.text
    assert "Say from when on" not in hours.text


def test_a_coach_makes_changes_and_switches_off_a_code(browser_of, alice, bob, product):
    browser, address = browser_of(alice), "/store/nova/codes"
    assert "No codes yet" in browser.get(address).text
    wrong = {"code": "!", "kind": "percent", "percent": "101", "from_on": "2027-03-09", "until_on": "9 March"}
    refused = browser.post(address, data=wrong)
    assert refused.status_code == 422
    for sentence in ("Use 2 to 30 letters", "from 1 to 100", "Type a day like"):
        assert sentence in refused.text
    assert 'value="9 March"' in refused.text
    turned = browser.post(address, data={"code": "AB", "from_on": "2027-03-09", "until_on": "2027-03-08"})
    assert "The last day is before the first." in turned.text
    assert "Type how much it takes off." in turned.text
    sound = {
        "form_key": "b" * 10,
        **{"code": " spring 20", "kind": "percent", "percent": "20", "amount": "", "most_uses": "3"},
        **{"from_on": "2027-03-09", "until_on": "2027-03-10", "products": product.id},
    }
    for _ in range(2):
        assert browser.post(address, data=sound).status_code == 303
    # What is said of a new code is so.
    assert "SPRING20 is there, and counts from 9 March 2027 until 10 March 2027." in text_of(browser.get(address))
    discount = DiscountCode.get()
    assert (discount.code, discount.percent, discount.amount_cents) == ("SPRING20", 20, None)
    # Both days, as clocks in the store's zone have them.
    assert discount.from_at == datetime(2027, 3, 8, 23, tzinfo=UTC)
    assert discount.until_at == datetime(2027, 3, 10, 23, tzinfo=UTC)
    assert DiscountProduct.get().product_id == product.id
    taken = browser.post(address, data=sound | {"form_key": "c" * 10})
    assert taken.status_code == 422
    assert "Your store has this code already." in taken.text
    past = {"form_key": "d" * 10, "code": "LATE", "percent": "5", "from_on": "", "until_on": "2027-02-01"}
    browser.post(address, data=sound | past)
    page = text_of(browser.get(address))
    assert "LATE is there, but its last day is over: it counts for nobody." in page
    DiscountCode.delete().where(DiscountCode.code == "LATE").execute()
    listed = text_of(browser.get(address))
    assert "20 % off · used 0 of 3 times · from 9 March 2027 until 10 March 2027" in listed
    assert "Not yet" in listed
    code_address = f"{address}/{discount.id}"
    page = browser.get(code_address).text
    assert 'value="2027-03-10"' in page
    seen = re.search(r'name="seen"[^>]*value="([^"]+)"', page)[1]
    changed = {"code": "SPRING20", "kind": "amount", "amount": "5", "seen": seen}
    assert browser.post(code_address, data=changed).status_code == 303
    assert (DiscountCode.get().percent, DiscountCode.get().amount_cents) == (None, 500)
    stale = browser.post(code_address, data=changed | {"amount": "7"})
    assert stale.status_code == 409
    again = re.search(r'name="seen"[^>]*value="([^"]+)"', stale.text)[1]
    assert browser.post(code_address, data=changed | {"amount": "7", "seen": again}).status_code == 303
    assert DiscountCode.get().amount_cents == 700
    foreign = factories.make_product()
    assert browser.post(code_address, data=changed | {"seen": "", "products": foreign.id}).status_code == 422
    for stranger in (browser_of(bob), browser_of(None)):
        for method, path in (
            ("get", address),
            ("get", code_address),
            ("post", code_address),
            ("post", f"{code_address}/state"),
        ):
            assert getattr(stranger, method)(path).status_code in (302, 303, 404)
    assert browser.post(f"{code_address}/state", data={"state": "off"}).status_code == 303
    assert not DiscountCode.get().is_active
    assert "Switched off" in browser.get(address).text
