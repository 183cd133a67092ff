"""Checkout Sessions as the API answers them."""

from sandbox.stripe.records import OPEN, Json, Session

TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def session(record: Session) -> Json:
    """A Checkout Session. Only an open one has an address to pay at."""
    email = record.email or record.customer_email
    details = None
    if email:
        details = {
            "address": NO_ADDRESS if record.email else None,
            "business_name": None,
            "email": email,
            "individual_name": None,
            "name": record.name,
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": None,
        }
    return {
        "id": record.id,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "amount_subtotal": record.amount_total,
        "amount_total": record.amount_total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": record.options.get("billing_address_collection"),
        "cancel_url": record.cancel_url,
        "client_reference_id": record.client_reference_id,
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": record.created,
        "currency": record.currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": dict.fromkeys(TEXTS) | record.options.get("custom_text", {}),
        "customer": None,
        "customer_account": None,
        "customer_creation": "if_required",
        "customer_details": details,
        "customer_email": record.customer_email,
        "discounts": [],
        "expires_at": record.expires_at,
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": {"enabled": False, "invoice_data": _invoice_data()},
        "livemode": record.livemode,
        "locale": record.options.get("locale"),
        "managed_payments": {"enabled": False},
        "metadata": record.metadata,
        "mode": "payment",
        "origin_context": None,
        "payment_intent": record.intent_id,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": list(record.payment_methods),
        "payment_status": record.payment_status,
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": record.status,
        "submit_type": record.options.get("submit_type"),
        "subscription": None,
        "success_url": record.success_url,
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": record.url if record.status == OPEN else None,
        "wallet_options": None,
    }


def _invoice_data() -> Json:
    return dict.fromkeys(
        ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
    ) | {"metadata": {}}
