"""Stripe's gateway against the stand-in, and against recorded answers that are rude, odd or none."""

from datetime import UTC, datetime, timedelta

import pytest
import requests
import responses

from coaching.payments.provider import CheckoutState, Fault, Order, OrderLine, ProviderError
from gateways.providers import open_provider_of
from gateways.stripe_answers import from_wire, to_wire

URL = "https://stripe.example"
NOW = datetime(2026, 9, 21, 14, 0, tzinfo=UTC)
ORDER = Order(
    lines=[OrderLine("Mixing call", 4900), OrderLine("Notes afterwards", 0)],
    currency="EUR",
    facts={"payment": "7-abc", "seat": "7"},
    success_url="https://greenroom.example/paid",
    cancel_url="https://greenroom.example/back",
    email="lee@example.com",
)
OPEN = {
    "id": "cs_test_a1",
    "object": "checkout.session",
    "status": "open",
    "payment_status": "unpaid",
    "amount_total": 4900,
    "currency": "eur",
    "livemode": False,
    "payment_intent": None,
    "url": "https://checkout.stripe.com/c/pay/cs_test_a1",
    "metadata": {"payment": "7-abc"},
    "created": 1_790_000_000,
    "expires_at": 1_790_002_000,
}


@pytest.fixture
def stripe():
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def provider():
    return open_provider_of(URL)("rk_test_0123456789")


def look_up(stripe, provider, told=None, **answer):
    stripe.get(f"{URL}/v1/checkout/sessions/cs_test_a1", **({"json": told} if told is not None else {}) | answer)
    return provider.look_up("cs_test_a1")


def test_what_is_asked_is_all_that_stripe_has_to_know(stripe, provider):
    stripe.post(f"{URL}/v1/checkout/sessions", json=OPEN)
    begun = provider.begin(ORDER, "7-abc", NOW + timedelta(minutes=40))
    request = stripe.calls[0].request
    sent = dict(pair.split("=", 1) for pair in request.body.split("&"))
    assert (request.headers["Idempotency-Key"], request.headers["Authorization"]) == (
        "7-abc",
        "Bearer rk_test_0123456789",
    )
    assert "X-Stripe-Client-Telemetry" not in request.headers
    assert sent["payment_method_types[0]"] == "card"
    assert sent["line_items[0][price_data][unit_amount]"] == "4900"
    assert sent["expires_at"] == str(round((NOW + timedelta(minutes=40)).timestamp()))
    assert not any(name.startswith("line_items[1]") for name in sent)
    assert sent["payment_intent_data[metadata][payment]"] == sent["metadata[payment]"] == "7-abc"
    assert (begun.state, begun.amount_cents, begun.currency, begun.facts) == (
        CheckoutState.OPEN,
        4900,
        "EUR",
        {"payment": "7-abc"},
    )


def test_a_demos_clock_stands_ahead_of_stripes(stripe):
    ahead = timedelta(days=3)
    provider = open_provider_of(URL, lambda: ahead)("rk_test_0123456789")
    stripe.post(f"{URL}/v1/checkout/sessions", json=OPEN)
    begun = provider.begin(ORDER, "7-abc", NOW + ahead + timedelta(minutes=40))
    assert f"expires_at={round((NOW + timedelta(minutes=40)).timestamp())}" in stripe.calls[0].request.body
    assert begun.made_at == NOW.replace(minute=13, second=20) + ahead


@pytest.mark.parametrize(
    ("status", "paid", "intent", "state"),
    [
        ("complete", "paid", {"id": "pi_1", "status": "succeeded"}, CheckoutState.PAID),
        ("complete", "unpaid", {"id": "pi_1", "status": "processing"}, CheckoutState.PENDING),
        ("complete", "unpaid", "pi_1", CheckoutState.PENDING),
        ("complete", "unpaid", {"id": "pi_1", "status": "requires_payment_method"}, CheckoutState.FAILED),
        ("expired", "unpaid", None, CheckoutState.EXPIRED),
    ],
)
def test_a_session_is_paid_under_way_or_over(stripe, provider, status, paid, intent, state):
    checkout = look_up(stripe, provider, OPEN | {"status": status, "payment_status": paid, "payment_intent": intent})
    assert (checkout.state, checkout.charge_reference) == (state, "pi_1" if intent else None)


@pytest.mark.parametrize(
    ("status", "error", "fault"),
    [
        (401, {"message": "Invalid API Key provided: rk_test_****"}, Fault.KEY_REFUSED),
        (404, {"code": "resource_missing", "message": "No such checkout.session"}, Fault.NOT_FOUND),
        (409, {"code": "idempotency_key_in_use", "message": "busy"}, Fault.BUSY),
        (429, {"code": "rate_limit", "message": "slower"}, Fault.BUSY),
        (400, {"type": "idempotency_error", "message": "other parameters"}, Fault.REFUSED),
        (500, {"type": "api_error", "message": "sorry"}, Fault.UNREACHABLE),
        (302, {}, Fault.UNREACHABLE),
    ],
)
def test_a_refusal_says_what_it_means(stripe, provider, status, error, fault):
    headers = {"Location": "https://elsewhere.example/"} if status == 302 else {}
    with pytest.raises(ProviderError) as refused:
        look_up(stripe, provider, {"error": error}, status=status, headers=headers)
    # A redirect is followed nowhere, and nothing is tried twice.
    assert (refused.value.fault, len(stripe.calls)) == (fault, 1)


@pytest.mark.parametrize(
    "words",
    [
        "The provided key does not have … Having the 'rak_refund_write' permission would allow this request.",
        "Permission denied. … Enabling \"Refunds Write\" ('refund_write') permissions on this key would allow it.",
    ],
)
def test_both_ways_of_naming_a_right_are_read(stripe, provider, words):
    stripe.post(f"{URL}/v1/refunds", json={"error": {"message": words}}, status=403)
    with pytest.raises(ProviderError) as refused:
        provider.refund("pi_1", 100, "EUR", {}, "r-1")
    assert (refused.value.fault, refused.value.right) == (Fault.LACKS_RIGHT, "refund_write")


@pytest.mark.parametrize(
    "answer",
    [
        {"body": requests.ConnectionError("rk_test_0123456789")},
        {"body": requests.ReadTimeout()},
        {"body": "<html>"},
        {"body": "x" * (4 * 1024 * 1024 + 1)},
        {"json": []},
        {"json": OPEN | {"amount_total": "4900"}},
        {"json": OPEN | {"amount_total": True}},
        {"json": OPEN | {"amount_total": -1}},
        {"json": OPEN | {"status": "odd"}},
        {"json": OPEN | {"livemode": None}},
        {"json": OPEN | {"currency": None}},
        {"json": {key: value for key, value in OPEN.items() if key != "id"}},
    ],
)
def test_an_answer_that_is_none_or_odd_is_no_answer_and_never_tells_the_key(stripe, provider, answer):
    with pytest.raises(ProviderError) as lost:
        look_up(stripe, provider, **answer)
    assert lost.value.fault is Fault.UNREACHABLE
    assert "0123456789" not in str(lost.value)


def test_an_address_to_pay_at_is_one_and_texts_hold_no_control_characters(stripe, provider):
    odd = OPEN | {"url": "javascript:alert(1)", "metadata": {"payment": "7\x00-abc", "n": 1}}
    checkout = look_up(stripe, provider, odd)
    assert (checkout.page_url, checkout.facts) == ("", {"payment": "7-abc"})


def test_a_refund_beyond_what_is_left_is_told_apart(stripe, provider):
    for error in ({"code": "charge_already_refunded", "message": "x"}, {"message": "Refund amount is greater than it"}):
        stripe.post(f"{URL}/v1/refunds", json={"error": error}, status=400)
        with pytest.raises(ProviderError) as refused:
            provider.refund("pi_1", 100, "EUR", {}, "r-1")
        assert refused.value.fault is Fault.NOTHING_LEFT


def test_lists_are_read_page_by_page(stripe, provider):
    pages = ([OPEN | {"id": "cs_test_a1"}], [OPEN | {"id": "cs_test_a2"}])
    for number, page in enumerate(pages):
        stripe.get(f"{URL}/v1/checkout/sessions", json={"object": "list", "data": page, "has_more": number == 0})
    assert [checkout.reference for checkout in provider.checkouts_since(NOW)] == ["cs_test_a1", "cs_test_a2"]
    assert "starting_after=cs_test_a1" in stripe.calls[1].request.url
    assert f"created%5Bgte%5D={int(NOW.timestamp())}" in stripe.calls[0].request.url


@pytest.mark.parametrize("reference", ["../refunds", "cs_test/expire", "", "cs_test_\n"])
def test_only_an_id_of_stripes_goes_into_a_path(provider, reference):
    with pytest.raises(ValueError, match="no id"):
        provider.look_up(reference)


def test_isk_and_ugx_are_sent_in_hundredths_that_they_do_not_have():
    assert [to_wire(1500, code) for code in ("ISK", "UGX", "JPY", "KWD")] == [150000, 150000, 1500, 1500]
    assert [from_wire(to_wire(1500, code), code) for code in ("ISK", "UGX", "JPY", "EUR")] == [1500] * 4
