"""Payments and what goes back of them, as the API answers them."""

from sandbox.state import State
from sandbox.stripe.records import Charge, Dispute, Intent, Json, Refund
from sandbox.stripe.session_answers import NO_ADDRESS

CARD_METHODS = ("card", "link")
EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal"
    " customer_communication customer_email_address customer_name customer_purchase_ip customer_signature"
    " duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt"
    " refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation"
    " shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number"
    " uncategorized_file uncategorized_text"
)
# Always null: nothing here uses them.
UNUSED_BY_INTENTS = (
    "application application_fee_amount automatic_payment_methods customer customer_account"
    " excluded_payment_method_types managed_payments on_behalf_of payment_method_configuration_details processing"
    " review setup_future_usage shipping source statement_descriptor transfer_data transfer_group"
)
UNUSED_BY_CHARGES = (
    "application application_fee application_fee_amount customer failure_balance_transaction on_behalf_of"
    " receipt_email receipt_number receipt_url review shipping source source_transfer statement_descriptor"
    " statement_descriptor_suffix transfer_data transfer_group"
)


def intent(record: Intent) -> Json:
    """A PaymentIntent."""
    action = None
    if record.status == "requires_action":
        action = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
    return dict.fromkeys(UNUSED_BY_INTENTS.split()) | {
        "id": record.id,
        "object": "payment_intent",
        "amount": record.amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": record.amount if record.status == "succeeded" else 0,
        "canceled_at": record.canceled_at,
        "cancellation_reason": record.cancellation_reason,
        "capture_method": "automatic_async",
        "client_secret": record.client_secret,
        "confirmation_method": "automatic",
        "created": record.created,
        "currency": record.currency,
        "description": record.description,
        "last_payment_error": record.last_error,
        "latest_charge": record.latest_charge,
        "livemode": record.livemode,
        "metadata": record.metadata,
        "next_action": action,
        "payment_method": _method_id(record.latest_charge),
        "payment_method_options": {},
        "payment_method_types": list(record.payment_methods),
        "receipt_email": record.receipt_email,
        "statement_descriptor_suffix": record.statement_descriptor_suffix,
        "status": record.status,
    }


def charge(state: State, record: Charge) -> Json:
    """A Charge. Its refunds are not in it; they can be expanded."""
    returned = refunded(state, record)
    succeeded = record.status == "succeeded"
    return dict.fromkeys(UNUSED_BY_CHARGES.split()) | {
        "id": record.id,
        "object": "charge",
        "amount": record.amount,
        "amount_captured": record.amount if succeeded else 0,
        "amount_refunded": returned,
        "balance_transaction": f"txn_{record.id[3:]}" if succeeded else None,
        "billing_details": {
            "address": NO_ADDRESS,
            "email": record.email,
            "name": record.name,
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": "GREENROOM SANDBOX",
        "captured": succeeded,
        "created": record.created,
        "currency": record.currency,
        "description": record.description,
        "disputed": record.dispute_id is not None,
        "failure_code": record.failure_code,
        "failure_message": record.failure_message,
        "fraud_details": {},
        "livemode": record.livemode,
        "metadata": record.metadata,
        "outcome": _outcome(record),
        "paid": record.status != "failed",
        "payment_intent": record.intent_id,
        "payment_method": _method_id(record.id),
        "payment_method_details": _method_details(record),
        "refunded": succeeded and returned == record.amount,
        "status": record.status,
    }


def refund(state: State, record: Refund) -> Json:
    """A Refund; only a failed one says why."""
    method = _charge_of(state, record.charge_id).method
    return {
        "id": record.id,
        "object": "refund",
        "amount": record.amount,
        "balance_transaction": f"txn_{record.id[3:]}" if record.counts else None,
        "charge": record.charge_id,
        "created": record.created,
        "currency": record.currency,
        "customer": None,
        "customer_account": None,
        "destination_details": {"type": method, method: {"type": "refund"} if method == "card" else {}},
        "metadata": record.metadata,
        "payment_intent": record.intent_id,
        "payment_method": None,
        "reason": record.reason,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": record.status,
        "transfer_reversal": None,
    } | ({"failure_reason": record.failure_reason} if record.failure_reason else {})


def dispute(state: State, record: Dispute) -> Json:
    """A Dispute; nobody has sent evidence."""
    card = {
        "brand": "visa",
        "case_type": "inquiry" if record.is_inquiry else "chargeback",
        "network": "visa",
        "network_reason_code": "13.1",
    }
    return {
        "id": record.id,
        "object": "dispute",
        "amount": record.amount,
        "balance_transactions": [],
        "charge": record.charge_id,
        "created": record.created,
        "currency": record.currency,
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE.split()) | {"enhanced_evidence": {}},
        "evidence_details": {
            "due_by": record.created + 7 * 86400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": record.is_inquiry,
        "livemode": record.livemode,
        "metadata": {},
        "payment_intent": record.intent_id,
        "payment_method_details": {"card": card, "type": "card"},
        "reason": record.reason,
        "status": record.status,
    }


def refunded(state: State, record: Charge) -> int:
    """What has been given back of a charge, or is on its way."""
    refunds = [state.find(Refund, refund_id) for refund_id in record.refund_ids]
    return sum(refund.amount for refund in refunds if refund and refund.counts)


def _charge_of(state: State, charge_id: str) -> Charge:
    charge = state.find(Charge, charge_id)
    assert charge is not None
    return charge


def _method_id(charge_id: str | None) -> str | None:
    return f"pm_{charge_id[3:]}" if charge_id else None


def _outcome(record: Charge) -> Json:
    failed = record.status == "failed"
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if failed else "approved_by_network",
        "reason": record.failure_code if failed else None,
        "risk_level": "normal",
        "seller_message": "The bank did not return any further details." if failed else "Payment complete.",
        "type": "issuer_declined" if failed else "authorized",
    }


def _method_details(record: Charge) -> Json:
    if record.method not in CARD_METHODS:
        return {"type": record.method, record.method: {"last4": record.last4}}
    card = {
        "amount_authorized": record.amount,
        "authorization_code": None,
        "brand": "visa",
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "DE",
        "exp_month": 12,
        "exp_year": 2034,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": "GreenroomSandbox",
        "funding": "credit",
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": record.last4,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": "visa",
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": record.amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": None,
        "transaction_link_id": None,
        "wallet": None,
    }
    return {"type": "card", "card": card}
