"""A store's key at Stripe, the site's own account, and what Stripe tells of: against the stand-in."""

import html
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe as package
from flask import Flask
from flask.testing import FlaskClient

from coaching.accounts.models import Person, SecurityEvent
from coaching.booking.models import Seat
from coaching.catalog.models import Store
from coaching.db import new_code
from coaching.payments.account_queries import account_for, current_account
from coaching.payments.event_queries import dispute_events
from coaching.payments.events import LARGEST_EVENT
from coaching.payments.models import Payment, PaymentAccount, ProviderEvent, Refund
from gateways.providers import open_provider_of
from sandbox.app import create_app
from sandbox.config import SandboxConfig
from sandbox.stripe import seed
from tests.factories import make_coaching_session, make_person, make_product, make_store
from tests.in_process import stand_at
from tests.sandbox.stripe.conftest import ADDRESS, Clock, Stripe

# Pages and forms; what they set off runs on both databases in tests/payments.
pytestmark = pytest.mark.one_database

NOW = datetime(2027, 3, 8, 12, 0, tzinfo=UTC)
SECRET = "whsec_of_these_tests_only"


@pytest.fixture
def stripe(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stripe]:
    """The stand-in; the application's payments go there."""
    clock = Clock()
    sandbox = create_app(
        SandboxConfig(tmp_path, "http://localhost:8000", "a-secret", "a-token", clock=clock, sends_events=False)
    )
    stand_at({ADDRESS: sandbox}, monkeypatch)
    app.extensions["provider_of"] = open_provider_of(f"{ADDRESS}/stripe")
    yield Stripe(sandbox, clock)
    sandbox.extensions["stripe_sandbox"].sender.stop()
    sandbox.extensions["stripe_sandbox"].state.close()
    sandbox.extensions["sandbox"].state.close()


@pytest.fixture
def store(alice: Person) -> Store:
    return make_store(alice)


@pytest.fixture
def coach(browser_of: Callable[..., FlaskClient], alice: Person) -> FlaskClient:
    return browser_of(alice)


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.unescape(page)).split())


def paste(client: FlaskClient, store: Store, key: str, **differences: str) -> Any:
    present = current_account(store)
    sent = {"stripe_key": key, "seen": present.code if present else "", "form_key": new_code()}
    return client.post(f"/store/{store.slug}/payments", data=sent | differences)


def make_account(store: Store | None, **differences: Any) -> PaymentAccount:
    ordinary = {"code": new_code(20), "key": "rk_test_GreenroomCoach", "key_last4": "oach", "livemode": False}
    return PaymentAccount.create(store=store, added_at=NOW, **ordinary | {"webhook_secret": SECRET} | differences)


def make_payment(account: PaymentAccount, reference: str, **differences: Any) -> Payment:
    ordinary = {"provider": "stripe", "state": "open", "amount_cents": 4900, "currency": "EUR", "key": new_code()}
    return Payment.create(payment_account=account, reference=reference, begun_at=NOW, **ordinary | differences)


def tell(client: FlaskClient, address: str, body: bytes, secret: str = SECRET, **headers: str) -> int:
    """What the address answers to an event that is signed so, sent as Stripe sends it: without an Origin."""
    sent = {"Stripe-Signature": package.WebhookSignature.generate_signature_header(body.decode(), secret)} | headers
    answer = client.post(address, data=body, content_type="application/json", headers=sent)
    return answer.status_code


def event(about: dict[str, Any], kind: str = "checkout.session.completed", **differences: Any) -> bytes:
    fields = {"id": f"evt_{new_code()}", "type": kind, "livemode": False, "data": {"object": about}}
    return json.dumps(fields | differences).encode()


def test_a_key_is_pasted_tried_and_shown_as_four_signs(
    stripe: Stripe, coach: FlaskClient, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = coach.get(f"/store/{store.slug}/payments").text
    assert "Refunds: Write" in words_of(page)
    assert "Connect your Stripe account" in words_of(page)
    for wrong, why in (
        ("", "Paste the restricted key"),
        (seed.SECRET_KEY, "full secret key"),
        ("rk_test_nobodyknowsit", "Stripe does not know this key"),
    ):
        refused = paste(coach, store, wrong)
        assert (refused.status_code, why in words_of(refused.text)) == (422, True), wrong
        assert not wrong or wrong not in refused.text
    stripe.control("/faults", kind="drop_before", route="/v1/**", times=1)
    assert "gives no answer right now" in words_of(paste(coach, store, seed.COACH_KEY).text)
    assert current_account(store) is None
    assert paste(coach, store, seed.COACH_KEY).status_code == 303
    text = coach.get(f"/store/{store.slug}/payments").text
    assert "Test: no real money" in words_of(text)
    assert "ends in oach" in words_of(text)
    assert "The key that ends in oach works" in words_of(text)
    assert seed.COACH_KEY not in text + caplog.text
    assert account_for(store) is not None
    # A second tab whose page showed no key.
    late = paste(coach, store, seed.COACH2_KEY, seen="")
    assert (late.status_code, "another window" in words_of(late.text)) == (409, True)


def test_what_a_key_lacks_is_told_and_it_can_be_tried_again(stripe: Stripe, coach: FlaskClient, store: Store) -> None:
    paste(coach, store, seed.NARROW_KEY)
    page = words_of(coach.get(f"/store/{store.slug}/payments").text)
    assert "Refunds Write" in page
    assert "no student can pay by card" in page
    assert account_for(store) is None
    code = current_account(store).code
    stripe.control("/keys", account=seed.COACH, livemode=False, rights=list(seed.NEEDED), key=seed.NARROW_KEY)
    coach.post(f"/store/{store.slug}/payments/{code}/trial")
    assert account_for(store) is not None
    stripe.control("/keys", revoke=seed.NARROW_KEY)
    coach.post(f"/store/{store.slug}/payments/{code}/trial")
    assert "does not take this key any more" in words_of(coach.get(f"/store/{store.slug}/payments").text)


def test_an_endpoint_is_made_where_the_key_may_and_its_events_are_taken(
    stripe: Stripe, app: Flask, coach: FlaskClient, client: FlaskClient, store: Store
) -> None:
    paste(coach, store, seed.COACH_KEY)
    code = current_account(store).code
    refused = coach.post(f"/store/{store.slug}/payments/{code}/endpoint")
    assert (refused.status_code, "Everything works without" in words_of(refused.text)) == (422, True)
    wrong = coach.post(f"/store/{store.slug}/payments/{code}/signing-secret", data={"signing_secret": "rk_test_x"})
    assert (wrong.status_code, "begins with whsec_" in words_of(wrong.text)) == (422, True)
    coach.post(f"/store/{store.slug}/payments/{code}/signing-secret", data={"signing_secret": SECRET})
    assert PaymentAccount.get(PaymentAccount.code == code).webhook_secret == SECRET
    PaymentAccount.update(webhook_secret="").execute()
    # The same account at Stripe: the key takes the other one's place, and this one may make an endpoint.
    paste(coach, store, seed.WEBHOOK_KEY)
    account = current_account(store)
    assert (account.code, account.webhook_secret[:6], bool(account.webhook_id)) == (code, "whsec_", True)
    made = stripe.paid()
    payment = make_payment(account, made.id)
    woken: list[None] = []
    app.extensions["wake_payments"] = lambda: woken.append(None)
    assert tell(client, f"/webhooks/stripe/{code}", event({"id": made.id}), account.webhook_secret) == 204
    assert (Payment.get_by_id(payment.id).next_ask_at is not None, woken) == (True, [None])
    assert "Arrives by itself" in words_of(coach.get(f"/store/{store.slug}/payments").text)


def test_nobody_else_sees_or_changes_a_stores_account(
    browser_of: Callable[..., FlaskClient], client: FlaskClient, store: Store, mallory: Person
) -> None:
    hers, account = make_store(mallory), make_account(store)
    thief = browser_of(mallory)
    for path in ("trial", "endpoint", "signing-secret", "retirement", "removal"):
        for slug in (store.slug, hers.slug):
            assert thief.post(f"/store/{slug}/payments/{account.code}/{path}", data={}).status_code == 404, path
    assert thief.get(f"/store/{store.slug}/payments").status_code == 404
    assert thief.get(f"/store/{hers.slug}/payments/{account.code}/removal").status_code == 404
    assert paste(thief, store, seed.COACH2_KEY).status_code == 404
    assert client.get(f"/store/{store.slug}/payments").status_code == 303
    assert PaymentAccount.get_by_id(account.id).state == "current"


def test_a_key_is_put_aside_and_removed_once_what_is_left_was_shown(
    stripe: Stripe, coach: FlaskClient, store: Store, bob: Person
) -> None:
    account = make_account(store)
    session = make_coaching_session(make_product(store), bob, starts_at=NOW + timedelta(days=1))
    make_payment(
        account,
        "cs_1",
        state="paid",
        paid_at=NOW,
        seat=Seat.get(Seat.coaching_session == session),
        charge_reference="pi_7",
    )
    base = f"/store/{store.slug}/payments"
    coach.post(f"{base}/{account.code}/retirement")
    assert account_for(store) is None
    assert "Older keys" in words_of(coach.get(base).text)
    text = words_of(coach.get(f"{base}/{account.code}/removal").text)
    assert "Bob" in text
    assert "€49" in text
    assert "pi_7" in text
    assert PaymentAccount.get_by_id(account.id).key
    assert coach.post(f"{base}/{account.code}/removal").status_code == 303
    assert PaymentAccount.get_by_id(account.id).key == ""
    assert "forgotten here" in words_of(coach.get(base).text)
    assert coach.post(f"{base}/{account.code}/removal").status_code == 404


def test_only_what_this_accounts_stripe_has_signed_is_taken(
    app: Flask, client: FlaskClient, store: Store, mallory: Person
) -> None:
    account, other = make_account(store), make_account(make_store(mallory), webhook_secret="whsec_of_the_other_store")
    site = make_account(None, webhook_secret="whsec_of_the_site_itself")
    silent = make_account(store, state="older", webhook_secret="")
    gone = make_account(store, state="removed")
    payment = make_payment(account, "cs_1", next_ask_at=None)
    address, body = f"/webhooks/stripe/{account.code}", event({"id": "cs_1", "object": "checkout.session"})
    woken: list[None] = []
    app.extensions["wake_payments"] = lambda: woken.append(None)
    old = package.WebhookSignature.generate_signature_header(body.decode(), SECRET, int(time.time()) - 301)
    for status in (
        tell(client, address, body, **{"Stripe-Signature": ""}),
        tell(client, address, body, **{"Stripe-Signature": old}),
        tell(client, address, body, other.webhook_secret),
        tell(client, address, body, site.webhook_secret),
        tell(client, f"/webhooks/stripe/{other.code}", body, SECRET),
        tell(client, f"/webhooks/stripe/{silent.code}", body, ""),
        tell(client, "/webhooks/stripe", body, SECRET),
        tell(client, address, event({"id": "cs_1"}, livemode=True)),
        tell(client, address, b"{}"),
        tell(client, address, b"[" * 100_000),
    ):
        assert status == 400
    for unknown in ("/webhooks/stripe/nobody", f"/webhooks/stripe/{gone.code}"):
        assert tell(client, unknown, body) == 404
    assert tell(client, address, b"x" * (LARGEST_EVENT + 1)) == 413
    assert [client.get(address).status_code, client.get("/webhooks/stripe").status_code] == [405, 405]
    assert (Payment.get_by_id(payment.id).next_ask_at, woken, ProviderEvent.select().count()) == (None, [], 0)
    # Right for another account: taken, and of no payment here.
    assert tell(client, f"/webhooks/stripe/{other.code}", event({"id": "cs_1"}), other.webhook_secret) == 204
    assert tell(client, address, event({"id": "cs_unknown"})) == 204
    assert tell(client, "/webhooks/stripe", event({"id": "cs_1"}), site.webhook_secret) == 204
    assert Payment.get_by_id(payment.id).next_ask_at is None
    # Twice is once. What it says beside the id changes nothing.
    lies = event({"id": "cs_1", "payment_status": "paid", "amount_total": 1, "currency": "xxx"})
    woken.clear()
    assert [tell(client, address, lies), tell(client, address, lies), len(woken)] == [204, 204, 1]
    asked = Payment.get_by_id(payment.id)
    assert (asked.next_ask_at is not None, asked.state, asked.amount_cents) == (True, "open", 4900)
    assert PaymentAccount.get_by_id(account.id).webhook_heard_at is not None


def test_a_refund_and_a_dispute_are_asked_about_by_their_ids(client: FlaskClient, store: Store) -> None:
    account = make_account(store)
    payment = make_payment(account, "cs_1", state="paid", paid_at=NOW, charge_reference="pi_1")
    refund = Refund.create(
        payment=payment,
        key="x",
        cause="late",
        amount_cents=1,
        state="pending",
        reference="re_1",
        owed_at=NOW,
        due_at=NOW,
    )
    address = f"/webhooks/stripe/{account.code}"
    assert tell(client, address, event({"id": "re_1", "payment_intent": None}, "refund.failed")) == 204
    assert Refund.get_by_id(refund.id).next_ask_at is not None
    assert Payment.get_by_id(payment.id).next_ask_at is None
    assert tell(client, address, event({"id": "dp_1", "payment_intent": "pi_1"}, "charge.dispute.created")) == 204
    assert list(dispute_events(NOW.replace(year=2020))) == [account.id]
    # What is settled is not asked about again.
    assert Payment.get_by_id(payment.id).next_ask_at is None


def test_who_keeps_sending_wrong_events_is_slowed_down_and_right_ones_are_not(
    app: Flask, client: FlaskClient, store: Store
) -> None:
    account = make_account(store)
    client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    address = f"/webhooks/stripe/{account.code}"
    assert [tell(client, address, b"{}", "whsec_wrong_wrong_wrong") for _ in range(11)] == [400] * 10 + [429]
    assert tell(client, address, event({"id": "cs_1"})) == 204


def test_an_admin_lends_the_sites_account_store_by_store(
    stripe: Stripe, app: Flask, browser_of: Callable[..., FlaskClient], coach: FlaskClient, store: Store
) -> None:
    admin = browser_of(make_person("Ada", is_admin=True))
    assert coach.get("/admin/payment-accounts").status_code == 404
    assert coach.post(f"/admin/stores/{store.slug}/site-account", data={"decision": "allow"}).status_code == 404
    assert "This site has no account" in words_of(admin.get("/admin/payment-accounts").text)
    app.extensions["settings"] = replace(app.extensions["settings"], stripe_secret_key=seed.SITE_KEY)
    assert "tried within a minute" in words_of(admin.get("/admin/payment-accounts").text)
    make_account(None, key=seed.SITE_KEY, key_last4="Site")
    admin.post("/admin/payment-accounts/trial")
    page = words_of(admin.get("/admin/payment-accounts").text)
    assert "ends in Site" in page
    assert f"Let {store.name} use this site’s" in page
    ask = f"/admin/stores/{store.slug}/site-account"
    assert "End it" not in admin.get(ask).text
    refused = admin.post(ask, data={"decision": "allow", "reason": " "})
    assert (refused.status_code, "Say why." in refused.text) == (422, True)
    assert account_for(Store.get_by_id(store.id)) is None
    admin.post(ask, data={"decision": "allow", "reason": "Too young for a Stripe account"})
    assert account_for(Store.get_by_id(store.id)) == current_account(None)
    assert "pay on the account of this site" in words_of(coach.get(f"/store/{store.slug}/payments").text)
    assert "End it" in admin.get(ask).text
    admin.post(ask, data={"decision": "withdraw", "reason": "Old enough now"})
    reasons = [row.detail for row in SecurityEvent.select().where(SecurityEvent.kind.startswith("site account"))]
    assert reasons == [f"{store.slug}: Too young for a Stripe account", f"{store.slug}: Old enough now"]
    assert account_for(Store.get_by_id(store.id)) is None
    # To a store with a key of its own nothing is lent, for it would not count.
    make_account(store, key_last4="Own1")
    page = words_of(admin.get("/admin/payment-accounts").text)
    assert f"Let {store.name} use this site’s" not in page
    assert "This site’s can be lent once its key is removed." in page
