"""What a booking costs on its page: extras, codes, the sum, and that it is what is booked."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from coaching.booking.models import Seat
from coaching.catalog.models import Bump
from coaching.pricing.models import DiscountCode, DiscountProduct
from coaching.rate_limits.limits import WRONG_CODES, Use, network_of
from coaching.rate_limits.mutations import take
from tests import factories

# Pages and forms; what is booked at which price runs on both databases in tests/booking.
pytestmark = pytest.mark.one_database

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)
PAGE = "/s/nova/mixing-call"
BOOK, PRICE = f"{PAGE}/sessions", f"{PAGE}/price"
HTMX = {"HX-Request": "true"}
TIME = "2027-03-09T08:00:00Z"


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    return factories.make_product(factories.make_store(alice, slug="nova"), slug="mixing-call")


@pytest.fixture
def code(product):
    return DiscountCode.create(store=product.store, code="SPRING", percent=20, made_at=NOW)


def make_extra(product, title="Notes", price_cents=1500, **differences):
    return Bump.create(product=product, title=title, price_cents=price_cents, **differences)


def filled(product, **differences):
    sound = {"form_key": "a-form-key-1", "offer": product.offers.get().id, "starts_at": TIME, "zone": "Europe/Berlin"}
    return {name: value for name, value in (sound | differences).items() if value is not None}


def text_of(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_a_product_without_extras_and_codes_asks_for_nothing_of_them(client, product, code):
    # A code that is for another call of the store, and one that is switched off.
    other = factories.make_product(product.store)
    DiscountProduct.create(discount_code=code, product=other)
    DiscountCode.create(store=product.store, code="OLD", percent=20, is_active=False, made_at=NOW)
    assert 'name="code"' in client.get(f"/s/nova/{other.slug}").text
    page = client.get(PAGE).text
    assert 'id="extras"' not in page
    assert 'id="price"' not in page
    assert "discount" not in page.lower()


def test_a_code_in_a_link_counts_and_goes_along(client, browser_of, bob, product, code):
    store = client.get("/s/nova?code=spring").text
    assert f'href="{PAGE}?code=spring"' in store
    page = client.get(f"{PAGE}?code=spring&zone=Europe/Berlin")
    assert "Code SPRING −€9.80 Total €39.20" in text_of(page)
    assert re.search(r'<input[^>]* name="code"[^>]* value="spring"', page.text)
    assert not page.headers.getlist("Set-Cookie") or "spring" not in str(page.headers.getlist("Set-Cookie"))
    days = re.findall(rf'href="({PAGE}\?[^"]*(?:day|month)=[^"]*)"', unescape(page.text))
    assert days
    assert all("code=spring" in href for href in days)
    # A visitor is asked to sign in, and comes back with it.
    fields = filled(product, code="spring", **{"seen-discount": "SPRING 20%"})
    away = client.post(BOOK, data=fields)
    assert away.status_code == 303
    assert "code%3Dspring" in away.headers["Location"] or "code=spring" in away.headers["Location"]
    browser = browser_of(bob)
    assert browser.post(BOOK, data=fields).status_code == 303
    assert (Seat.get().price_cents, Seat.get().discount_code_id) == (3920, code.id)


def test_nothing_is_booked_at_a_price_that_was_not_shown(browser_of, bob, product, code):
    browser, extra = browser_of(bob), make_extra(product)
    typed = browser.post(BOOK, data=filled(product, code="SPRING", goals="A clear low end"))
    assert typed.status_code == 422
    assert "Your code takes €9.80 off: €39.20 in total. Nothing is booked yet." in text_of(typed)
    assert "A clear low end" in typed.text
    wrong = browser.post(BOOK, data=filled(product, code="SUMMER"))
    assert wrong.status_code == 422
    assert "This code does not count here." in text_of(wrong)
    assert 'value="SUMMER"' in wrong.text
    seen = {"code": "SPRING", "seen-discount": "SPRING 30%"}
    less = browser.post(BOOK, data=filled(product, **seen))
    assert less.status_code == 409
    assert "The code SPRING takes off less now than this page said." in text_of(less)
    DiscountCode.update(most_uses=0).execute()
    used_up = browser.post(BOOK, data=filled(product, code="SPRING", **{"seen-discount": "SPRING 20%"}))
    assert used_up.status_code == 409
    assert "This code has been used up." in text_of(used_up)
    Bump.update(retired_at=NOW).execute()
    make_extra(product, price_cents=2000)
    dearer = browser.post(BOOK, data=filled(product, bump=extra.id))
    assert dearer.status_code == 409
    assert "“Notes” costs €20 now (it was €15). Choose it again if you want it." in text_of(dearer)
    Bump.update(retired_at=NOW).execute()
    gone = browser.post(BOOK, data=filled(product, bump=extra.id))
    assert "“Notes” is no longer on offer, and left out." in text_of(gone)
    assert not Seat.select().exists()


def test_the_sum_follows_what_is_chosen_with_scripts_and_without(browser_of, bob, product, code):
    browser = browser_of(bob)
    extra = make_extra(product, "Stem <check>", words="I look at your stems first.", is_refundable=False)
    make_extra(product, "Recording", 0)
    page = browser.get(PAGE)
    assert "Stem &lt;check&gt; · €15" in page.text
    assert "Not refunded if you cancel or do not come." in text_of(page)
    assert re.search(
        r"If you cancel, [^.]*, but for extras that are not refunded\. If \w+ does, all of it", text_of(page)
    )
    Bump.update(is_refundable=True).execute()
    assert "extras that are not refunded" not in text_of(browser.get(PAGE))
    Bump.update(is_refundable=False).where(Bump.price_cents > 0).execute()
    chosen = filled(product, bump=extra.id, code="spring")
    part = browser.post(PRICE, data=chosen, headers=HTMX)
    assert "Code SPRING −€9.80 Stem <check> €15 Total €54.20" in text_of(part)
    assert "<html" not in part.text
    assert re.search(r'id="chosen"[^>]* hx-swap-oob="true"', part.text)
    assert 'name="seen-discount" value="SPRING 20%"' in part.text
    whole = browser.post(PRICE, data=chosen | {"goals": "Still here"})
    assert whole.status_code == 200
    assert "Total €54.20" in text_of(whole)
    assert "Still here" in whole.text
    assert f'value="{extra.id}" checked' in whole.text
    # The picker, drawn for another day, is told what is chosen.
    picked = browser.get(f"{PAGE}?day=2027-03-10&bump={extra.id}&code=old&code=spring", headers=HTMX)
    assert "Total €54.20" in text_of(picked)
    assert browser.get(PRICE).status_code == 303
    assert not Seat.select().exists()
    assert browser.post(BOOK, data=chosen | {"seen-discount": "SPRING 20%"}).status_code == 303
    assert Seat.get().price_cents == 5420


def test_amounts_in_the_form_are_nothing_that_counts(browser_of, bob, product):
    extra = make_extra(product)
    forged = {"price": "1", "total": "1", "price_cents": "1", "seen-discount": "SPRING 90%", "bump": extra.id}
    refused = browser_of(bob).post(BOOK, data=filled(product, **forged))
    assert refused.status_code == 409
    forged |= {"seen-discount": "", "bump": [str(extra.id), str(extra.id), "999999999", "-1", "x" * 50]}
    refused = browser_of(bob).post(BOOK, data=filled(product, **forged))
    assert refused.status_code == 409
    forged["bump"] = [str(extra.id), str(extra.id)]
    assert browser_of(bob).post(BOOK, data=filled(product, **forged)).status_code == 303
    assert Seat.get().price_cents == 6400


def test_a_free_call_with_a_paid_extra_is_held_to_be_paid_for(browser_of, bob, alice):
    product = factories.make_product(
        factories.make_store(alice, slug="nova"), slug="mixing-call", offers=((60, 0),), pays_first=True
    )
    extra, browser = make_extra(product), browser_of(bob)
    DiscountCode.create(store=product.store, code="SPRING", percent=20, made_at=NOW)
    page = browser.get(f"{PAGE}?code=NOBODYS").text
    assert 'name="code"' not in page  # of nothing no code takes anything off
    part = browser.post(PRICE, data=filled(product, bump=extra.id), headers=HTMX)
    assert "Hold this time and pay" in part.text
    assert browser.post(BOOK, data=filled(product, bump=extra.id)).status_code == 303
    assert (Seat.get().price_cents, Seat.get().payment, Seat.get().pays_first) == (1500, "outside", True)


def test_what_was_chosen_waits_for_whoever_has_to_sign_in(client, product, code):
    extra = make_extra(product)
    client.get(PAGE)
    client.post(BOOK, data=filled(product, bump=extra.id, code="SPRING", **{"seen-discount": "SPRING 20%"}))
    back = client.get(f"{PAGE}?code=SPRING")
    assert f'value="{extra.id}" checked' in back.text
    assert "Total €54.20" in text_of(back)


def test_nobody_tries_codes_for_long(client, product, code):
    network = {"REMOTE_ADDR": "203.0.113.9"}
    # By the machine's clock, as all limits.
    take([Use(WRONG_CODES, network_of("203.0.113.9"), WRONG_CODES.most - 1)], datetime.now(UTC))
    assert "does not count here" in text_of(client.get(f"{PAGE}?code=A1", environ_base=network))
    assert "Very many codes were tried" in text_of(client.get(f"{PAGE}?code=SPRING", environ_base=network))
    assert "−€9.80" in text_of(client.get(f"{PAGE}?code=SPRING"))


def test_what_an_extra_gives_is_its_students_once_it_is_paid(browser_of, alice, bob, product, code):
    notes = make_extra(product, "Notes <b>", gives="Here: https://example.com/notes", is_refundable=False)
    student, coach = browser_of(bob), browser_of(alice)
    chosen = filled(product, bump=notes.id, code="SPRING", **{"seen-discount": "SPRING 20%"})
    address = student.post(BOOK, data=chosen).headers["Location"]
    page = student.get(address)
    assert "Mixing call €49 Code SPRING −€9.80 Notes <b> €15 Total €54.20" in text_of(page)
    assert "What comes with it stands here once it is paid." in text_of(page)
    assert "example.com/notes" not in page.text
    assert "gets what comes with it once it is paid." in text_of(coach.get(address))
    # Another extra at the same time, after Back, is not taken for the same booking.
    again = student.post(BOOK, data=chosen | {"form_key": "another-key", "bump": make_extra(product, "More").id})
    assert again.status_code == 409
    assert "You already have this time." in text_of(again)
    assert coach.post(f"{address}/payment", data={"is_paid": "yes"}).status_code == 303
    assert re.search(r'<a href="https://example.com/notes"[^>]*noopener', student.get(address).text)
    # The extra is changed and the code made another: what was sold stays.
    Bump.update(title="Other", gives="nothing", price_cents=1).execute()
    assert "Notes <b> €15 Total €54.20" in text_of(student.get(address))
