"""Checkout Sessions: made, read, listed, their lines, expired."""

from urllib.parse import urlsplit

from flask import request

from sandbox.stripe import checkout, clock, lookup
from sandbox.stripe.context import here
from sandbox.stripe.errors import BadParam, Refused
from sandbox.stripe.forms import Params
from sandbox.stripe.ids import new_id, new_session_id
from sandbox.stripe.middleware import api_call
from sandbox.stripe.money import CURRENCIES, MAXIMUM, MINIMUMS, amount_text, step
from sandbox.stripe.records import COMPLETE, EXPIRED, OPEN, Account, ApiKey, Json, Session
from sandbox.stripe.rest import v1
from sandbox.stripe.session_answers import TEXTS

SOONEST, LATEST = 30 * 60, 24 * 3600
# Whoever says "in 30 minutes" and takes a moment to call is not refused for it.
LEEWAY = 10
MOST_LINES = 100
EXTRAS = ("adaptive_pricing", "automatic_tax", "invoice_creation", "phone_number_collection", "tax_id_collection")


@v1.post("/checkout/sessions")
@api_call("checkout_session_write")
def create_session(key: ApiKey, params: Params) -> Json:
    state, now = here().state, clock.stamp(here().state)
    params.one_of("mode", ("payment",), required=True)
    params.one_of("ui_mode", ("hosted", "hosted_page"))
    lines, currency = _lines(params, key)
    intent = params.part("payment_intent_data") or Params({})
    _refuse_extras(params)
    session = Session(
        new_session_id(key.livemode),
        key.account_id,
        key.livemode,
        now,
        _expiry(params, now),
        currency,
        lines,
        sum(line["amount_total"] for line in lines),
        _methods(params, key),
        _url(params, "success_url", required=True) or "",
        _url(params, "cancel_url"),
        request.host_url.rstrip("/"),
        params.metadata(),
        params.text("client_reference_id", most=200),
        params.email("customer_email"),
        {
            "billing_address_collection": params.one_of("billing_address_collection", ("auto", "required")),
            "custom_text": _texts(params.part("custom_text") or Params({})),
            "locale": params.text("locale"),
            "submit_type": params.one_of("submit_type", ("auto", "book", "donate", "pay")),
        },
        {
            "metadata": intent.metadata(),
            "description": intent.text("description"),
            "receipt_email": intent.email("receipt_email"),
            "statement_descriptor_suffix": intent.text("statement_descriptor_suffix", most=22),
        },
    )
    params.one_of("customer_creation", ("always", "if_required"))
    _check_total(session)
    return lookup.expanded(state, key, state.put(session), params)


@v1.get("/checkout/sessions/<session_id>")
@api_call("checkout_session_read")
def retrieve_session(key: ApiKey, params: Params, session_id: str) -> Json:
    return lookup.expanded(here().state, key, _session(key, session_id), params)


@v1.get("/checkout/sessions")
@api_call("checkout_session_read")
def list_sessions(key: ApiKey, params: Params) -> Json:
    sandbox = here()
    checkout.expire_due(sandbox.state, sandbox.faults)
    intent = params.text("payment_intent")
    status = params.one_of("status", (OPEN, COMPLETE, EXPIRED))
    details = params.part("customer_details")
    email = details.email("email") if details else None

    def matches(session: Session) -> bool:
        return (
            intent in (None, session.intent_id)
            and status in (None, session.status)
            and email in (None, session.email or session.customer_email)
        )

    return lookup.page(sandbox.state, key, Session, params, "/v1/checkout/sessions", matches)


@v1.get("/checkout/sessions/<session_id>/line_items")
@api_call("checkout_session_read")
def list_line_items(key: ApiKey, params: Params, session_id: str) -> Json:
    session = _session(key, session_id)
    limit = params.whole("limit", least=1, most=100) or 10
    after = params.text("starting_after")
    params.finish()
    ids = [line["id"] for line in session.line_items]
    if after and after not in ids:
        raise BadParam("starting_after", f"No such item: '{after}'", "resource_missing")
    rest = session.line_items[ids.index(after) + 1 if after else 0 :]
    url = f"/v1/checkout/sessions/{session.id}/line_items"
    return {"object": "list", "data": list(rest[:limit]), "has_more": len(rest) > limit, "url": url}


@v1.post("/checkout/sessions/<session_id>/expire")
@api_call("checkout_session_write")
def expire_session(key: ApiKey, params: Params, session_id: str) -> Json:
    sandbox, session = here(), _session(key, session_id)
    if session.status != OPEN:
        raise Refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of'
            f" {session.status}."
        )
    return lookup.expanded(sandbox.state, key, checkout.expire(sandbox.state, sandbox.faults, session), params)


def _session(key: ApiKey, session_id: str) -> Session:
    sandbox = here()
    session = lookup.get(sandbox.state, key, Session, session_id, "session")
    return checkout.as_of_now(sandbox.state, sandbox.faults, session)


def _lines(params: Params, key: ApiKey) -> tuple[tuple[Json, ...], str]:
    """The lines as they are answered, and the one currency of all of them."""
    parts = params.parts("line_items", most=MOST_LINES, required=True)
    if not parts:
        raise BadParam("line_items", "Missing required param: line_items.", "parameter_missing")
    lines = tuple(_line(part, key) for part in parts)
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise BadParam("line_items", "All line items in a Checkout Session must have the same currency.")
    return lines, currencies.pop()


def _line(part: Params, key: ApiKey) -> Json:
    price = part.part("price_data", required=True)
    assert price is not None
    currency = _currency(price)
    unit_amount = price.whole("unit_amount", most=MAXIMUM, required=True) or 0
    if unit_amount % step(currency):
        raise BadParam(
            price.name_of("unit_amount"),
            f"Amounts in {currency} must be evenly divisible by {step(currency)}.",
            "parameter_invalid_integer",
        )
    quantity = part.whole("quantity", least=1, most=999_999, required=True) or 0
    product = price.part("product_data", required=True)
    assert product is not None
    name = product.needed("name")
    product.text("description")
    product.texts("images", most=8)
    product.metadata()
    product.text("tax_code")
    price.one_of("tax_behavior", ("exclusive", "inclusive", "unspecified"))
    total = unit_amount * quantity
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": name,
        "metadata": part.metadata(),
        "price": _price(currency, unit_amount, key.livemode),
        "quantity": quantity,
    }


def _price(currency: str, unit_amount: int, livemode: bool) -> Json:
    """The price that Stripe makes of `price_data`: it cannot be used again."""
    return {
        "id": new_id("price"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": clock.stamp(here().state),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": livemode,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod"),
        "recurring": None,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
    }


def _currency(price: Params) -> str:
    currency = price.needed("currency").lower()
    if currency not in CURRENCIES:
        raise BadParam(
            price.name_of("currency"),
            f"Invalid currency: {currency}. Stripe currently supports these: {', '.join(sorted(CURRENCIES))}",
        )
    return currency


def _expiry(params: Params, now: int) -> int:
    asked = params.whole("expires_at")
    if asked is None:
        return now + LATEST
    if asked < now + SOONEST - LEEWAY:
        raise BadParam(
            "expires_at", "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        )
    if asked > now + LATEST + LEEWAY:
        raise BadParam(
            "expires_at", "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        )
    return asked


def _methods(params: Params, key: ApiKey) -> tuple[str, ...]:
    asked, excluded = params.texts("payment_method_types"), params.texts("excluded_payment_method_types")
    for method in (*asked, *excluded):
        if method not in checkout.METHODS:
            raise BadParam("payment_method_types", f"Invalid payment method: {method}")
    account = here().state.find(Account, key.account_id)
    methods = asked or (account.payment_methods if account else ("card",))
    return tuple(method for method in methods if method not in excluded)


def _refuse_extras(params: Params) -> None:
    """What the stand-in does not have may be switched off, and not on."""
    for name in EXTRAS:
        part = params.part(name)
        if part is not None and part.flag("enabled"):
            raise BadParam(part.name_of("enabled"), "The sandbox does not have this.")
    if params.flag("allow_promotion_codes"):
        raise BadParam("allow_promotion_codes", "The sandbox does not have this.")


def _texts(params: Params) -> Json:
    """The words beside the pay button and elsewhere."""
    texts: Json = {}
    for name in TEXTS:
        part = params.part(name)
        texts[name] = {"message": part.needed("message", most=1200)} if part else None
    return texts


def _url(params: Params, name: str, *, required: bool = False) -> str | None:
    address = params.text(name, required=required)
    if address is not None and urlsplit(address).scheme not in ("http", "https"):
        raise BadParam(name, "Not a valid URL", "url_invalid")
    return address


def _check_total(session: Session) -> None:
    total, currency = session.amount_total, session.currency
    if total == 0:
        raise Refused("The Checkout Session's total amount due cannot be zero in `payment` mode.")
    if total < (least := MINIMUMS.get(currency, 1)):
        raise Refused(
            f"The Checkout Session's total amount due must add up to at least {amount_text(least, currency)}",
            "amount_too_small",
        )
    if total > MAXIMUM:
        raise Refused(
            f"The Checkout Session's total amount due must be no more than {amount_text(MAXIMUM, currency)}",
            "amount_too_large",
        )
