"""Stripe behind the port of `coaching/payments/provider.py`, by the official package: one method, one call.

Nothing is tried a second time here: whoever calls knows what a repetition would do.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import stripe

from coaching.payments.provider import (
    Checkout,
    Fault,
    KeyReport,
    Order,
    OrderLine,
    ProviderDispute,
    ProviderError,
    ProviderRefund,
    Webhook,
)
from gateways.stripe_answers import (
    account_in,
    checkout_in,
    dispute_in,
    object_in,
    refund_in,
    refusal_of,
    text_in,
    to_wire,
)
from gateways.stripe_transport import Transport

# A Checkout Session may end 30 minutes to 24 hours after it was made, by Stripe's clock: https://docs.stripe.com/api.
SHORTEST, LONGEST = timedelta(minutes=31), timedelta(hours=23, minutes=50)
PAGE = 100
# Cards, and what stands for one on a phone: each of them is paid or refused at once.
METHODS = ["card"]
LONGEST_TITLE = 250
ID = re.compile(r"[A-Za-z]{2,5}_[A-Za-z0-9_]{1,250}")
# What we need of a restricted key, in Stripe's words, and a call that shows whether it has it and changes nothing:
# what it is about is not there.
NEEDED: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("Checkout Sessions Write", "post", "/v1/checkout/sessions/cs_none/expire", {}),
    ("PaymentIntents Read", "get", "/v1/payment_intents", {"limit": 1}),
    ("Charges Read", "get", "/v1/charges", {"limit": 1}),
    ("Refunds Write", "post", "/v1/refunds", {"payment_intent": "pi_none"}),
    ("Disputes Read", "get", "/v1/disputes", {"limit": 1}),
    ("Events Read", "get", "/v1/events", {"limit": 1}),
)
WEBHOOK_RIGHT = ("Webhook Endpoints Write", "delete", "/v1/webhook_endpoints/we_none", dict[str, Any]())
EVENTS = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.closed",
]


class StripeProvider:
    """One Stripe account as its key opens it; the product's clock stands so far `ahead` of the real one."""

    def __init__(self, key: str, api_url: str, transport: Transport, ahead: timedelta = timedelta(0)) -> None:
        self._key = key
        self._client = stripe.StripeClient(
            key, base_addresses={"api": api_url}, http_client=transport, max_network_retries=0
        )
        self._ahead = ahead

    def begin(self, order: Order, key: str, expires_at: datetime) -> Checkout:
        """A payment that can be made from now on; Stripe ends it by itself between half an hour and a day later."""
        params = {
            "mode": "payment",
            "payment_method_types": METHODS,
            "line_items": [_line(line, order.currency) for line in order.lines if line.amount_cents],
            "expires_at": round((expires_at - self._ahead).timestamp()),
            "success_url": order.success_url,
            "cancel_url": order.cancel_url,
            "metadata": order.facts,
            "payment_intent_data": {"metadata": order.facts},
            # What is charged is what was agreed on, in its own currency.
            "adaptive_pricing": {"enabled": False},
        }
        if order.email:
            params["customer_email"] = order.email
        return checkout_in(self._call("post", "/v1/checkout/sessions", params, key), self._ahead)

    def look_up(self, reference: str) -> Checkout:
        """The payment as it is now."""
        answer = self._call("get", f"/v1/checkout/sessions/{_id(reference)}", {"expand": ["payment_intent"]})
        return checkout_in(answer, self._ahead)

    def expire(self, reference: str) -> Checkout:
        """The payment can be made no more. NOT_OPEN where it ended or was made before."""
        try:
            answer = self._call("post", f"/v1/checkout/sessions/{_id(reference)}/expire", {})
        except ProviderError as error:
            if error.fault is Fault.REFUSED:
                raise ProviderError(error.message, Fault.NOT_OPEN, code=error.code) from None
            raise
        return checkout_in(answer, self._ahead)

    def refund(
        self, charge_reference: str, amount_cents: int, currency: str, facts: dict[str, str], key: str
    ) -> ProviderRefund:
        """So much of it goes back. NOTHING_LEFT where more would than was paid."""
        params = {
            "payment_intent": _id(charge_reference),
            "amount": to_wire(amount_cents, currency),
            "metadata": facts,
        }
        try:
            return refund_in(self._call("post", "/v1/refunds", params, key), self._ahead)
        except ProviderError as error:
            is_too_much = error.code == "charge_already_refunded" or "greater than" in error.message
            if error.fault is Fault.REFUSED and is_too_much:
                raise ProviderError(error.message, Fault.NOTHING_LEFT, code=error.code) from None
            raise

    def look_up_refund(self, reference: str) -> ProviderRefund:
        """The refund as it is now."""
        return refund_in(self._call("get", f"/v1/refunds/{_id(reference)}", {}), self._ahead)

    def checkouts_since(self, at: datetime) -> Iterator[Checkout]:
        """Every payment begun since then, newest first."""
        for checkout in self._since("/v1/checkout/sessions", at, {"expand": ["data.payment_intent"]}):
            yield checkout_in(checkout, self._ahead)

    def refunds_since(self, at: datetime) -> Iterator[ProviderRefund]:
        """Every refund made since then, newest first."""
        for refund in self._since("/v1/refunds", at, {}):
            yield refund_in(refund, self._ahead)

    def disputes_since(self, at: datetime) -> Iterator[ProviderDispute]:
        """Every dispute opened since then, newest first."""
        for dispute in self._since("/v1/disputes", at, {}):
            yield dispute_in(dispute, self._ahead)

    def try_key(self) -> KeyReport:
        """Whose the key is, and which of the rights that we need it lacks."""
        lacks, account_id, name = [], "", ""
        for right, method, path, params in NEEDED:
            if refusal := self._lacks(method, path, params):
                lacks.append(right)
                account_id = account_id or account_in(refusal)
        webhook_refusal = self._lacks(*WEBHOOK_RIGHT[1:])
        try:
            account = object_in(self._call("get", "/v1/account", {}))
        except ProviderError as error:
            # Whose it is, is told in the refusal.
            if error.fault is not Fault.LACKS_RIGHT:
                raise
            account_id = account_id or account_in(error.message)
        else:
            account_id = text_in(account, "id")
            profile = account.get("business_profile") or {}
            name = str(profile.get("name") or account.get("email") or "")[:100] if isinstance(profile, dict) else ""
        return KeyReport(
            account_id=account_id,
            name=name,
            livemode=self._key.startswith(("sk_live_", "rk_live_")),
            lacks=tuple(lacks),
            can_make_webhooks=not webhook_refusal,
        )

    def make_webhook(self, address: str, key: str) -> Webhook:
        """An endpoint to which Stripe sends the events that we listen to."""
        made = self._call("post", "/v1/webhook_endpoints", {"url": address, "enabled_events": EVENTS}, key)
        return Webhook(text_in(made, "id"), text_in(made, "secret"))

    def remove_webhook(self, reference: str) -> None:
        """It sends no more. One that is gone already does no harm."""
        try:
            self._call("delete", f"/v1/webhook_endpoints/{_id(reference)}", {})
        except ProviderError as error:
            if error.fault is not Fault.NOT_FOUND:
                raise

    def _lacks(self, method: str, path: str, params: dict[str, Any]) -> str:
        """What Stripe says when the key may not do this; empty where it may."""
        try:
            self._call(method, path, params)
        except ProviderError as error:
            if error.fault is Fault.LACKS_RIGHT:
                return error.message or "refused"
            if error.fault not in (Fault.NOT_FOUND, Fault.REFUSED):
                raise
        return ""

    def _since(self, path: str, at: datetime, params: dict[str, Any]) -> Iterator[Any]:
        """Every object made since then, page by page."""
        created = {"gte": int((at - self._ahead).timestamp())}
        after: dict[str, Any] = {}
        while True:
            page = object_in(self._call("get", path, {"limit": PAGE, "created": created, **params, **after}))
            objects = page.get("data")
            if not isinstance(objects, list):
                raise ProviderError("Stripe's answer lacks a list", Fault.UNREACHABLE)
            yield from objects
            if not objects or page.get("has_more") is not True:
                return
            after = {"starting_after": text_in(objects[-1], "id")}

    def _call(self, method: str, path: str, params: dict[str, Any], key: str | None = None) -> Any:
        """The decoded answer, or ProviderError."""
        options: dict[str, Any] = {"idempotency_key": key} if key else {}
        try:
            # The package's own way for any path: one place in which its errors become ours.
            answer = self._client.raw_request(method, path, **params, **options)
            return answer.data
        except stripe.StripeError as error:
            raise refusal_of(error.http_status, error.json_body, error.user_message or "") from None
        except (ValueError, TypeError, AttributeError) as error:
            message = f"Stripe's answer could not be read: {type(error).__name__}"
            raise ProviderError(message, Fault.UNREACHABLE) from None


def _line(line: OrderLine, currency: str) -> dict[str, Any]:
    price = {
        "currency": currency.lower(),
        "unit_amount": to_wire(line.amount_cents, currency),
        "product_data": {"name": line.title[:LONGEST_TITLE] or "Call"},
    }
    return {"quantity": 1, "price_data": price}


def _id(value: str) -> str:
    """`value`, which goes into a path and therefore has to be an id of Stripe's."""
    if not ID.fullmatch(value):
        raise ValueError("this is no id of Stripe's")
    return value
