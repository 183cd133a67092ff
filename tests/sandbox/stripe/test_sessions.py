"""Checkout Sessions: made, read, listed, expired, and everything that Stripe would refuse."""

from typing import Any

import pytest
import stripe

from sandbox.stripe import seed
from tests.sandbox.stripe.conftest import refused, session_params


def test_lines_are_summed_and_come_back_in_pages(stand_in):
    def line(amount, quantity):
        price = {"currency": "EUR", "unit_amount": amount, "product_data": {"name": f"Line {amount}"}}
        return {"quantity": quantity, "price_data": price}

    lines = [line(amount, 1 + amount % 2) for amount in range(100, 200)]
    made = stand_in.session(
        line_items=lines,
        metadata={"seat": "kxvbq"},
        client_reference_id="kxvbq",
        customer_email="lee@example.com",
        payment_method_types=["card", "link"],
        excluded_payment_method_types=["link"],
        adaptive_pricing={"enabled": False},
        custom_text={"submit": {"message": "Held for you for 15 minutes."}},
        expand=["line_items"],
    )
    expected = sum(amount * (1 + amount % 2) for amount in range(100, 200))
    assert (made.amount_total, made.currency, made.status, made.payment_status) == (expected, "eur", "open", "unpaid")
    assert (made.metadata.to_dict(), made.client_reference_id) == ({"seat": "kxvbq"}, "kxvbq")
    assert (made.payment_intent, made.livemode, len(made.line_items.data)) == (None, False, 10)
    listed = stand_in.client().checkout.sessions.line_items.list(made.id, {"limit": 40})
    assert [item.description for item in listed.auto_paging_iter()] == [f"Line {amount}" for amount in range(100, 200)]
    assert (made.payment_method_types, made.custom_text.submit.message) == (["card"], "Held for you for 15 minutes.")
    assert made.url == f"http://127.0.0.1:5001/stripe/pay/{made.id}"


@pytest.mark.parametrize(("seconds", "is_taken"), [(1740, False), (1800, True), (86400, True), (87000, False)])
def test_a_session_ends_after_30_minutes_to_24_hours(stand_in, clock, seconds, is_taken):
    ends_at = int(clock.now) + seconds
    if is_taken:
        assert stand_in.session(expires_at=ends_at).expires_at == ends_at
    else:
        assert refused(stripe.InvalidRequestError, lambda: stand_in.session(expires_at=ends_at)).param == "expires_at"


def test_what_validates_nowhere_is_refused_with_its_parameter(stand_in):
    price = {"currency": "eur", "unit_amount": 500, "product_data": {"name": "a"}}
    cases: list[tuple[dict[str, Any], str, str | None]] = [
        ({"mode": None}, "mode", "parameter_missing"),
        ({"mode": "subscription"}, "mode", None),
        ({"success_url": None}, "success_url", "parameter_missing"),
        ({"success_url": "nowhere"}, "success_url", "url_invalid"),
        ({"line_items": None}, "line_items", "parameter_missing"),
        ({"line_items": [{"quantity": 1, "price_data": price}] * 101}, "line_items", None),
        ({"line_items": [{"price_data": price}]}, "line_items[0][quantity]", "parameter_missing"),
        (
            {"line_items": [{"quantity": 0, "price_data": price}]},
            "line_items[0][quantity]",
            "parameter_invalid_integer",
        ),
        (
            {"line_items": [{"quantity": 1, "price_data": price | {"unit_amount": -1}}]},
            "line_items[0][price_data][unit_amount]",
            "parameter_invalid_integer",
        ),
        (
            {"line_items": [{"quantity": 1, "price_data": price | {"currency": "xyz"}}]},
            "line_items[0][price_data][currency]",
            None,
        ),
        (
            {
                "line_items": [
                    {"quantity": 1, "price_data": price},
                    {"quantity": 1, "price_data": price | {"currency": "usd"}},
                ]
            },
            "line_items",
            None,
        ),
        ({"client_reference_id": "a" * 201}, "client_reference_id", None),
        ({"customer_email": "nobody"}, "customer_email", "email_invalid"),
        ({"metadata": {"a" * 41: "b"}}, f"metadata[{'a' * 40}]", None),
        ({"metadata": {"a": "b" * 501}}, "metadata[a]", None),
        ({"metadata": {str(number): "b" for number in range(51)}}, "metadata", None),
        ({"payment_method_types": ["cash"]}, "payment_method_types", None),
        ({"automatic_tax": {"enabled": True}}, "automatic_tax[enabled]", None),
        ({"colour": "red"}, "colour", "parameter_unknown"),
        ({"expand": ["nothing"]}, "expand", None),
    ]
    sessions = stand_in.client().checkout.sessions
    for differences, param, code in cases:
        problem = refused(stripe.InvalidRequestError, sessions.create, session_params(**differences))
        assert (problem.http_status, problem.param, problem.code) == (400, param, code), differences
    assert list(sessions.list()) == []


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("eur", 0, None),
        ("eur", 49, "amount_too_small"),
        ("eur", 50, ""),
        ("jpy", 49, "amount_too_small"),
        ("jpy", 50, ""),
        ("huf", 17500, ""),
        ("kwd", 1005, "parameter_invalid_integer"),
        ("kwd", 1010, ""),
        ("isk", 12345, "parameter_invalid_integer"),
        ("ugx", 500000, ""),
        ("usd", 99999999, ""),
    ],
)
def test_a_total_has_its_currencys_step_and_limits(stand_in, currency, amount, code):
    if code == "":
        assert stand_in.session(currency=currency, amount=amount).amount_total == amount
    else:
        problem = refused(stripe.InvalidRequestError, lambda: stand_in.session(currency=currency, amount=amount))
        assert problem.code == code


def test_only_an_open_session_is_expired(stand_in, clock):
    sessions = stand_in.client().checkout.sessions
    made = stand_in.session()
    expired = sessions.expire(made.id)
    assert (expired.status, expired.url) == ("expired", None)
    paid = stand_in.paid()
    aged = stand_in.session(expires_at=int(clock.now) + 1800)
    clock.now += 1800
    for session, status in ((made, "expired"), (paid, "complete"), (aged, "expired")):
        problem = refused(stripe.InvalidRequestError, sessions.expire, session.id)
        assert (problem.http_status, problem.user_message.endswith(f"{status}.")) == (400, True)
    assert sessions.retrieve(aged.id).status == "expired"


def test_a_list_is_paged_and_filtered_newest_first(stand_in, clock):
    made: list[str] = []
    for _ in range(5):
        made.insert(0, stand_in.session().id)
        clock.now += 10
    sessions = stand_in.client().checkout.sessions
    assert [entry.id for entry in sessions.list({"limit": 2}).auto_paging_iter()] == made
    assert [entry.id for entry in sessions.list({"limit": 2, "ending_before": made[3]})] == made[1:3]
    span = {"created": {"gte": int(clock.now) - 40, "lt": int(clock.now) - 10}}
    assert [entry.id for entry in sessions.list(span)] == made[1:4]
    stand_in.control("/pay", session=made[2])
    assert [entry.id for entry in sessions.list({"status": "complete"})] == [made[2]]
    # A cursor that no longer matches the filter holds its place.
    rest = sessions.list({"status": "open", "starting_after": made[2]})
    assert [entry.id for entry in rest] == made[3:]


def test_another_account_or_mode_sees_nothing(stand_in):
    made = stand_in.session()
    other = refused(stripe.InvalidRequestError, stand_in.client(seed.COACH2_KEY).checkout.sessions.retrieve, made.id)
    assert (other.http_status, other.code, other.user_message) == (
        404,
        "resource_missing",
        f"No such checkout.session: '{made.id}'",
    )
    live = refused(stripe.InvalidRequestError, stand_in.client(seed.LIVE_KEY).checkout.sessions.retrieve, made.id)
    assert "a similar object exists in test mode" in live.user_message
    assert stand_in.session(seed.LIVE_KEY).id.startswith("cs_live_")
    assert list(stand_in.client(seed.COACH2_KEY).checkout.sessions.list()) == []
