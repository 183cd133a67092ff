"""Events that Stripe sends, checked by the official package: signed over the raw body, and not long ago.

Source: https://docs.stripe.com/webhooks#verify-official-libraries
"""

import json
from typing import Any

from coaching.payments.events import ForgedEvent, WebhookEvent

TOLERANCE = 300  # seconds since it was signed, by the machine's clock
LONGEST = 255


def read_event(body: bytes, signature: str, secret: str) -> WebhookEvent:
    """The event in the body, or ForgedEvent."""
    # Imported at the first one (gateways/providers.py says why).
    import stripe

    try:
        stripe.WebhookSignature.verify_header(body, signature, secret, TOLERANCE)
        event = json.loads(body)
        about = event["data"]["object"]
        is_charge = about.get("object") == "charge"
        return WebhookEvent(
            event_id=_id(event["id"]),
            kind=str(event["type"])[:LONGEST],
            livemode=event["livemode"] is True,
            object_id=_id(about["id"]),
            charge_reference=_id(about.get("payment_intent") or (about["id"] if is_charge else "")),
        )
    except (stripe.StripeError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ForgedEvent from None


def _id(value: Any) -> str:
    """An id, which may stand as an object of which it is one."""
    text = value["id"] if isinstance(value, dict) else value
    if not isinstance(text, str) or len(text) > LONGEST or not (text.isascii() and text.isprintable()):
        raise ValueError("this is no id of Stripe's")
    return text
