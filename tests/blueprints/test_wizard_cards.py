"""The wizard's last step: how students pay, and what cards need."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest

from coaching.catalog.models import Offer, Product
from coaching.payments.models import PaymentAccount
from tests import factories
from tests.blueprints.test_wizard import OPTIONS

# What is typed and what stands beside it; nothing asks the database for more than a row.
pytestmark = pytest.mark.one_database

NOW = datetime(2027, 3, 1, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(set_clock):
    set_clock(NOW)


@pytest.fixture
def product(alice):
    return factories.make_product(
        factories.make_store(alice, slug="nova"), state="draft", pay_text="", published_at=None
    )


def text_of(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


def test_cards_are_offered_once_they_can_be_taken_and_need_no_words_on_how_to_pay(browser_of, alice, product):
    browser, address = browser_of(alice), f"/products/{product.code}/options"
    by_card = OPTIONS | {"payment": "stripe", "pay_text": "", "then": "publish"}
    before = browser.get(address).text
    assert "connect Stripe" in before
    assert 'value="stripe"' not in before
    refused = browser.post(address, data=by_card)
    assert refused.status_code == 422
    assert "Cards cannot be taken yet: connect Stripe first" in text_of(refused)
    leaving = browser.post(address, data=OPTIONS | {"pay_text": "Cash.", "go": "cards"})
    assert leaving.headers["Location"] == "/store/nova/payments"
    account = PaymentAccount.create(code="acct", store=product.store, key="rk_test_1", livemode=False, added_at=NOW)
    assert 'value="stripe"' in browser.get(address).text
    Offer.update(price_cents=20).execute()
    too_low = browser.post(address, data=by_card)
    assert "The least that a card can pay is €0.50" in text_of(too_low)
    Offer.update(price_cents=4900).execute()
    # Broken since the page was drawn: it is kept, and not put on sale.
    assert browser.post(address, data=by_card | {"then": "stay"}).status_code == 303
    PaymentAccount.update(fault="key_refused").execute()
    late = browser.post(address, data=by_card)
    assert late.status_code == 422
    assert "Connect Stripe, so that students can pay by card" in text_of(late)
    assert "Cards cannot be taken at the moment" in text_of(late)
    assert Product.get().state == "draft"
    PaymentAccount.update(fault="").where(PaymentAccount.id == account.id).execute()
    assert browser.post(address, data=by_card).headers["Location"].endswith("/publication")
    assert (Product.get().state, Product.get().payment) == ("published", "stripe")
    # Back to being paid directly nobody would know how.
    directly = browser.post(address, data=OPTIONS | {"payment": "outside", "pay_text": "", "then": "stay"})
    assert directly.status_code == 422
    assert "Tell students how to pay you." in text_of(directly)
    assert Product.get().payment == "stripe"
