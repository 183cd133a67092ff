"""The pages of the stand-in for Stripe in a browser: sound on a phone and a desk, and a payment with the keyboard."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sandbox.stripe import seed
from tests.browser.soundness import faults
from tests.sandbox.stripe.conftest import APP_URL

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"}


@pytest.fixture
def page(browser: Browser, served, stand_in) -> Iterator[Any]:
    """A browser's page without scripts of its own, before pages that have something on every list."""
    stand_in.control("/accounts", id=seed.COACH, payment_methods=["card", "sepa_debit"])
    for outcome in ("pays", "delayed", "card_declined"):
        stand_in.control("/pay", session=stand_in.session().id, outcome=outcome, email=f"{'a' * 60}@example.com")
    intent = stand_in.paid().payment_intent
    stand_in.client().refunds.create({"payment_intent": intent, "amount": 100})
    stand_in.control("/dispute", payment_intent=intent)
    endpoint = {"url": f"http://127.0.0.1:9/{'a' * 60}", "enabled_events": ["*"]}
    stand_in.client(seed.WEBHOOK_KEY).webhook_endpoints.create(endpoint)
    for kind in ("event_twice", "event_late"):
        stand_in.control("/faults", kind=kind)
    with browser.new_context(base_url=served, **PHONE) as context:
        context.route(f"{APP_URL}/**", lambda route: route.fulfill(body="<h1>Back at the shop</h1>"))
        yield context.new_page()


def test_a_person_pays_on_sound_pages(page, stand_in):
    made = stand_in.session()
    for address in ("/stripe", "/stripe/trouble", f"/stripe/pay/{made.id}"):
        page.goto(address)
        assert faults(page) == [], address
        page.set_viewport_size({"width": 1280, "height": 900})
        page.emulate_media(color_scheme="dark")
        assert faults(page) == [], f"{address} on a desk in the dark"
        page.set_viewport_size(PHONE["viewport"])
        page.emulate_media(color_scheme="light")
    page.get_by_label("E-mail").fill("lee@example.com")
    page.get_by_label("is declined").check()
    page.get_by_label("E-mail").press("Enter")
    expect(page.get_by_role("alert")).to_have_text("Your card was declined.")
    page.get_by_label("asks for 3‑D Secure").check()
    page.get_by_label("E-mail").press("Enter")
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert faults(page) == []
    with page.expect_request(f"{APP_URL}/paid?session={made.id}"):  # where nobody listens
        page.get_by_role("button", name="Yes, pay").press("Enter")
    page = page.context.new_page()
    page.goto(f"/stripe/pay/{made.id}")
    expect(page.get_by_role("link", name="Go on to the shop’s page after all")).to_be_visible()
    assert faults(page) == []
