"""Events: listed, signed, sent until they are taken; by order twice, late, out of order, never."""

import json
import threading
import time

import pytest
import stripe
from flask import Flask, request

from sandbox.stripe import seed
from sandbox.stripe.delivery import signature_header
from tests.in_process import stand_at
from tests.sandbox.stripe.conftest import ADDRESS, refused

PRODUCT = "http://127.0.0.1:5002"
ENDED = ["checkout.session.completed", "checkout.session.expired"]


class Product:
    """Takes events as the product would: verified by the package over the raw body."""

    def __init__(self) -> None:
        self.app = Flask("product")
        self.app.add_url_rule("/webhooks/stripe", view_func=self.take, methods=["POST"])
        self.secret, self.status = "", 200
        self.events: list[stripe.Event] = []
        self.taken = threading.Event()

    def take(self) -> tuple[str, int]:
        header = request.headers["Stripe-Signature"]
        # The clock of the test stands still, so nothing is asked of the age.
        event = stripe.Webhook.construct_event(request.get_data(), header, self.secret, tolerance=0)
        self.events.append(event)
        self.taken.set()
        return "", self.status

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.events]


@pytest.fixture
def product(stand_in, monkeypatch) -> Product:
    product = Product()
    stand_at({ADDRESS: stand_in.app, PRODUCT: product.app}, monkeypatch)
    made = stand_in.client(seed.WEBHOOK_KEY).webhook_endpoints.create(
        {"url": f"{PRODUCT}/webhooks/stripe", "enabled_events": ENDED, "metadata": {"store": "nova"}}
    )
    product.secret = made.secret
    return product


def sent(stand_in):
    """What the stand-in sends now: type and answer."""
    return [(entry["type"], entry["answer"]) for entry in stand_in.control("/deliver")["sent"]]


def test_a_signed_event_tells_of_what_it_wants(stand_in, product):
    made = stand_in.paid(options={"idempotency_key": "seat-kxvbq"})
    assert sent(stand_in) == [("checkout.session.completed", "200")]
    event = product.events[0]
    assert (event.data.object.id, event.data.object.payment_status) == (made.id, "paid")
    assert (event.livemode, event.api_version) == (False, stripe.api_version)
    assert stand_in.client().events.retrieve(event.id).pending_webhooks == 0
    assert sent(stand_in) == []
    # The request that caused it stands in it.
    stand_in.client().checkout.sessions.expire(stand_in.session().id, {}, {"idempotency_key": "end-kxvbq"})
    sent(stand_in)
    assert product.events[1].request.idempotency_key == "end-kxvbq"
    listed = stand_in.client().events.list({"types": ENDED})
    assert [entry.id for entry in listed] == [product.events[1].id, event.id]
    assert [entry.type for entry in stand_in.client().events.list({"type": "payment_intent.*"})] == [
        "payment_intent.succeeded",
        "payment_intent.created",
    ]


def test_another_secret_or_an_older_time_does_not_verify(stand_in, product):
    body, now = b'{"object": "event"}', int(time.time())
    stripe.WebhookSignature.verify_header(body.decode(), signature_header("whsec_a", body, now), "whsec_a", 300)
    for secret, at in (("whsec_b", now), ("whsec_a", now - 301)):
        header = signature_header(secret, body, at)
        refused(
            stripe.SignatureVerificationError,
            stripe.WebhookSignature.verify_header,
            body.decode(),
            header,
            "whsec_a",
            300,
        )


def test_an_event_that_is_not_taken_is_sent_again(stand_in, product, clock):
    product.status = 302
    stand_in.paid()
    assert sent(stand_in) == [("checkout.session.completed", "302")]
    assert sent(stand_in) == []
    product.status = 200
    clock.now += 5
    assert sent(stand_in) == [("checkout.session.completed", "200")]
    assert product.events[0].id == product.events[1].id
    product.status = 500
    stand_in.paid()
    for _ in range(12):
        clock.now += 86400
        stand_in.control("/deliver")
    # Given up after three days' worth of attempts; what happened is still listed.
    assert stand_in.fetch("/deliveries") == {"deliveries": []}
    assert [
        entry.pending_webhooks for entry in stand_in.client().events.list({"types": ENDED, "delivery_success": False})
    ] == [1]


def test_events_go_wrong_by_order(stand_in, product, clock):
    stand_in.control("/faults", kind="event_twice", route="/checkout.session.completed")
    stand_in.paid()
    sent(stand_in)
    assert [event.type for event in product.events] == ["checkout.session.completed"] * 2
    assert len({event.id for event in product.events}) == 1
    product.events.clear()

    stand_in.control("/faults", kind="event_late", route="/checkout.session.*", seconds=600)
    stand_in.paid()
    assert sent(stand_in) == []
    clock.now += 600
    assert sent(stand_in) == [("checkout.session.completed", "200")]
    product.events.clear()

    stand_in.control("/faults", kind="event_out_of_order", route="/checkout.session.completed")
    first, second = stand_in.paid(), None
    assert sent(stand_in) == []
    second = stand_in.paid()
    stand_in.control("/deliver")
    stand_in.control("/deliver")
    assert [event.data.object.id for event in product.events] == [second.id, first.id]
    product.events.clear()

    stand_in.control("/faults", kind="event_never", route="/checkout.session.completed")
    stand_in.paid()
    clock.now += 86400
    assert [entry for entry in sent(stand_in) if entry[0].endswith("completed")] == []
    assert "checkout.session.completed" in [event.type for event in stand_in.client().events.list()]


def test_a_session_whose_time_is_over_tells_so_by_itself(stand_in, product, clock):
    made = stand_in.session(expires_at=int(clock.now) + 1800)
    clock.now += 1801
    assert sent(stand_in) == [("checkout.session.expired", "200")]
    assert product.events[0].data.object.id == made.id


def test_endpoints_are_made_listed_and_removed_on_this_machine_only(stand_in, product):
    endpoints = stand_in.client(seed.WEBHOOK_KEY).webhook_endpoints
    (listed,) = endpoints.list()
    assert (listed.url, listed.to_dict().get("secret"), listed.metadata.to_dict()) == (
        f"{PRODUCT}/webhooks/stripe",
        None,
        {"store": "nova"},
    )
    for url in ("http://example.com/", "ftp://127.0.0.1/", "nowhere", "http://10.0.0.1/"):
        params = {"url": url, "enabled_events": ["*"]}
        assert refused(stripe.InvalidRequestError, endpoints.create, params).param == "url"
    assert endpoints.delete(listed.id).deleted
    stand_in.paid()
    assert (sent(stand_in), list(endpoints.list())) == ([], [])


def test_the_thread_sends_by_itself(stand_in, product):
    stand_in.app.extensions["stripe_sandbox"].sender.by_itself = True
    stand_in.paid()
    assert product.taken.wait(20)
    assert product.types == ["checkout.session.completed"]
    assert json.loads(str(product.events[0]))["data"]["object"]["status"] == "complete"
