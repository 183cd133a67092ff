"""Records as the API answers them: every field of Stripe's example objects, most of them empty."""

from typing import Any

from sandbox.state import State
from sandbox.stripe.event_records import Endpoint, Event
from sandbox.stripe.payment_answers import charge, dispute, intent, refund
from sandbox.stripe.records import Account, Charge, Dispute, Intent, Json, Refund, Session
from sandbox.stripe.session_answers import session

API_VERSION = "2026-10-28.endive"


def as_json(state: State, record: Any) -> Json:
    """Any record as its JSON."""
    match record:
        case Session():
            return session(record)
        case Intent():
            return intent(record)
        case Charge():
            return charge(state, record)
        case Refund():
            return refund(state, record)
        case Dispute():
            return dispute(state, record)
        case Event():
            return event(record)
        case Endpoint():
            return endpoint(record)
    raise TypeError(f"Nothing shows a {type(record).__name__}.")


def event(record: Event) -> Json:
    """An Event with the object as it was."""
    data = {"object": record.object}
    if record.previous is not None:
        data["previous_attributes"] = record.previous
    return {
        "id": record.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": record.created,
        "data": data,
        "livemode": record.livemode,
        "pending_webhooks": record.pending,
        "request": {"id": record.request_id, "idempotency_key": record.idempotency_key},
        "type": record.type,
    }


def endpoint(record: Endpoint, *, with_secret: bool = False) -> Json:
    """A webhook endpoint; its secret is told at its making only."""
    answer = {
        "id": record.id,
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": record.created,
        "description": record.description,
        "enabled_events": list(record.enabled_events),
        "livemode": record.livemode,
        "metadata": record.metadata,
        "status": "enabled",
        "url": record.url,
    }
    return answer | {"secret": record.secret} if with_secret else answer


def account(record: Account, livemode: bool) -> Json:
    """The account a key belongs to, as far as we look at it."""
    return {
        "id": record.id,
        "object": "account",
        "business_profile": {"name": record.name, "url": None, "support_email": record.email},
        "charges_enabled": True,
        "country": "DE",
        "default_currency": "eur",
        "details_submitted": True,
        "email": record.email,
        "metadata": {},
        "payouts_enabled": livemode,
        "settings": {"dashboard": {"display_name": record.name, "timezone": "Etc/UTC"}},
        "type": "standard",
    }
