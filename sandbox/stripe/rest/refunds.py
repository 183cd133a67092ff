"""Refunds: made, read, listed."""

from flask import g

from sandbox.stripe import lookup, returns
from sandbox.stripe.context import here
from sandbox.stripe.errors import BadParam, Refused
from sandbox.stripe.forms import Params
from sandbox.stripe.middleware import api_call
from sandbox.stripe.records import ApiKey, Charge, Intent, Json, Refund
from sandbox.stripe.rest import v1

REASONS = ("duplicate", "fraudulent", "requested_by_customer")
BY_ORDER = {"refund_pending": "pending", "refund_failed": "failed"}


@v1.post("/refunds")
@api_call("refund_write")
def create_refund(key: ApiKey, params: Params) -> Json:
    sandbox = here()
    intent_id, charge_id = params.text("payment_intent"), params.text("charge")
    amount = params.whole("amount", least=1)
    reason, metadata = params.one_of("reason", REASONS), params.metadata()
    charge = _charge(key, intent_id, charge_id)
    status = BY_ORDER.get(g.fault.kind if g.fault else "", "succeeded")
    made = returns.refund(
        sandbox.state, sandbox.faults, charge, amount, status=status, reason=reason, metadata=metadata
    )
    return lookup.expanded(sandbox.state, key, made, params)


@v1.get("/refunds/<refund_id>")
@api_call("refund_read")
def retrieve_refund(key: ApiKey, params: Params, refund_id: str) -> Json:
    state = here().state
    return lookup.expanded(state, key, lookup.get(state, key, Refund, refund_id), params)


@v1.get("/refunds")
@api_call("refund_read")
def list_refunds(key: ApiKey, params: Params) -> Json:
    charge_id, intent_id = params.text("charge"), params.text("payment_intent")

    def matches(refund: Refund) -> bool:
        return charge_id in (None, refund.charge_id) and intent_id in (None, refund.intent_id)

    return lookup.page(here().state, key, Refund, params, "/v1/refunds", matches)


def _charge(key: ApiKey, intent_id: str | None, charge_id: str | None) -> Charge:
    """The charge to refund, named itself or by its PaymentIntent."""
    state = here().state
    if charge_id is not None:
        charge = lookup.get(state, key, Charge, charge_id, "charge")
        if intent_id not in (None, charge.intent_id):
            raise BadParam("payment_intent", "The charge does not belong to the PaymentIntent.")
        if charge.status != "succeeded":
            raise Refused(f"Charge {charge_id} has not been paid.", param="charge")
        return charge
    if intent_id is None:
        raise BadParam(
            "payment_intent",
            "One of the following params should be provided for this request: payment_intent or charge.",
            "parameter_missing",
        )
    intent = lookup.get(state, key, Intent, intent_id, "payment_intent")
    paid = state.find(Charge, intent.latest_charge or "")
    if paid is None or paid.status != "succeeded":
        raise Refused(f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.")
    return paid
