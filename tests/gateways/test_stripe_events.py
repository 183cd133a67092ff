"""Events of Stripe: what is not signed as it has to be is forged, whatever it says."""

import json
import time
from typing import Any

import pytest
import stripe

from coaching.payments.events import ForgedEvent, WebhookEvent
from gateways.stripe_events import read_event

SECRET = "whsec_of_these_tests_only"
SESSION = {"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1", "amount_total": 1}


def event(about: Any = SESSION, **differences: Any) -> bytes:
    fields = {"id": "evt_1", "type": "checkout.session.completed", "livemode": False, "data": {"object": about}}
    return json.dumps(fields | differences).encode()


def signed(body: bytes, secret: str = SECRET, ago: int = 0) -> str:
    return stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(time.time()) - ago)


def test_of_an_event_only_ids_are_taken() -> None:
    body = event()
    assert read_event(body, signed(body), SECRET) == WebhookEvent(
        "evt_1", "checkout.session.completed", False, "cs_1", "pi_1"
    )
    # While a secret is being rolled there are several signatures.
    rolled = f"{signed(body)},v1={'0' * 64}"
    assert read_event(body, rolled, SECRET).object_id == "cs_1"
    dispute = event({"id": "dp_1", "object": "dispute", "payment_intent": {"id": "pi_2"}}, livemode=True)
    event_read = read_event(dispute, signed(dispute), SECRET)
    assert (event_read.charge_reference, event_read.livemode) == ("pi_2", True)


def test_what_is_not_signed_or_says_nothing_is_forged() -> None:
    nothing = [
        *(b"", b"[]", event(None), event({"object": "refund"}), event(id=7)),
        *(event({"id": "cs_\u0000"}), event({"id": "c" * 256})),
    ]
    forged = [
        *((event(), signature) for signature in ("", "t=1,v1=", "nonsense", signed(event(id="evt_2")))),
        (event(), signed(event(), "whsec_of_somebody_else")),
        (event(), signed(event(), ago=301)),
        (event(), signed(event()).replace("v1=", "v0=")),
        (b"\xff\xfe", "t=1,v1=00"),
        *((body, signed(body)) for body in nothing),
    ]
    for body, signature in forged:
        with pytest.raises(ForgedEvent):
            read_event(body, signature, SECRET)


def test_without_a_secret_nothing_is_believed() -> None:
    body = event()
    with pytest.raises(ForgedEvent):
        read_event(body, signed(body, ""), "")
