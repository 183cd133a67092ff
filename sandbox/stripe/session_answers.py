"""Checkout Sessions as the API answers them."""

from sandbox.stripe.records import OPEN, Json, Session

TEXTS = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))
# Always null: nothing here uses them.
UNUSED = (
    "after_expiration allow_promotion_codes client_secret collected_information consent consent_collection"
    " currency_conversion customer customer_account integration_identifier invoice origin_context payment_link"
    " payment_method_configuration_details permissions recovered_from saved_payment_method_options setup_intent"
    " shipping_address_collection shipping_cost subscription wallet_options"
)


def session(record: Session) -> Json:
    """A Checkout Session. Only an open one has an address to pay at."""
    return (
        dict.fromkeys(UNUSED.split())
        | _turned_off()
        | {
            "id": record.id,
            "object": "checkout.session",
            "amount_subtotal": record.amount_total,
            "amount_total": record.amount_total,
            "billing_address_collection": record.options.get("billing_address_collection"),
            "cancel_url": record.cancel_url,
            "client_reference_id": record.client_reference_id,
            "created": record.created,
            "currency": record.currency,
            "custom_fields": [],
            "custom_text": dict.fromkeys(TEXTS) | record.options.get("custom_text", {}),
            "customer_creation": "if_required",
            "customer_details": _customer(record),
            "customer_email": record.customer_email,
            "discounts": [],
            "expires_at": record.expires_at,
            "livemode": record.livemode,
            "locale": record.options.get("locale"),
            "metadata": record.metadata,
            "mode": "payment",
            "payment_intent": record.intent_id,
            "payment_method_collection": "if_required",
            "payment_method_options": {},
            "payment_method_types": list(record.payment_methods),
            "payment_status": record.payment_status,
            "shipping_options": [],
            "status": record.status,
            "submit_type": record.options.get("submit_type"),
            "success_url": record.success_url,
            "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
            "ui_mode": "hosted_page",
            "url": record.url if record.status == OPEN else None,
        }
    )


def _customer(record: Session) -> Json | None:
    email = record.email or record.customer_email
    if not email:
        return None
    return {
        "address": NO_ADDRESS if record.email else None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": record.name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": None,
    }


def _turned_off() -> Json:
    return {
        "adaptive_pricing": {"enabled": False},
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "invoice_creation": {"enabled": False, "invoice_data": _invoice_data()},
        "managed_payments": {"enabled": False},
        "phone_number_collection": {"enabled": False},
    }


def _invoice_data() -> Json:
    return dict.fromkeys(
        ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
    ) | {"metadata": {}}
