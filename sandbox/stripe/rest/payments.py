"""What was paid, to be read: the account, PaymentIntents, Charges, Disputes."""

from sandbox.stripe import answers, lookup
from sandbox.stripe.context import here
from sandbox.stripe.forms import Params
from sandbox.stripe.middleware import api_call
from sandbox.stripe.records import Account, ApiKey, Charge, Dispute, Intent, Json
from sandbox.stripe.rest import v1


@v1.get("/account")
@api_call("accounts_kyc_basic_read")
def retrieve_account(key: ApiKey, params: Params) -> Json:
    params.finish()
    own = here().state.find(Account, key.account_id)
    assert own is not None
    return answers.account(own, key.livemode)


@v1.get("/payment_intents/<intent_id>")
@api_call("payment_intent_read")
def retrieve_intent(key: ApiKey, params: Params, intent_id: str) -> Json:
    state = here().state
    return lookup.expanded(state, key, lookup.get(state, key, Intent, intent_id, "intent"), params)


@v1.get("/payment_intents")
@api_call("payment_intent_read")
def list_intents(key: ApiKey, params: Params) -> Json:
    return lookup.page(here().state, key, Intent, params, "/v1/payment_intents")


@v1.get("/charges/<charge_id>")
@api_call("charge_read")
def retrieve_charge(key: ApiKey, params: Params, charge_id: str) -> Json:
    state = here().state
    return lookup.expanded(state, key, lookup.get(state, key, Charge, charge_id), params)


@v1.get("/charges")
@api_call("charge_read")
def list_charges(key: ApiKey, params: Params) -> Json:
    intent_id = params.text("payment_intent")
    return lookup.page(
        here().state, key, Charge, params, "/v1/charges", lambda charge: intent_id in (None, charge.intent_id)
    )


@v1.get("/disputes/<dispute_id>")
@api_call("dispute_read")
def retrieve_dispute(key: ApiKey, params: Params, dispute_id: str) -> Json:
    state = here().state
    return lookup.expanded(state, key, lookup.get(state, key, Dispute, dispute_id, "dispute"), params)


@v1.get("/disputes")
@api_call("dispute_read")
def list_disputes(key: ApiKey, params: Params) -> Json:
    charge_id, intent_id = params.text("charge"), params.text("payment_intent")

    def matches(dispute: Dispute) -> bool:
        return charge_id in (None, dispute.charge_id) and intent_id in (None, dispute.intent_id)

    return lookup.page(here().state, key, Dispute, params, "/v1/disputes", matches)
