"""Idempotency by Stripe's rules, and what is left of a call whose answer is lost."""

import pytest
import stripe

from sandbox.stripe import seed
from tests.sandbox.stripe.conftest import refused, session_params

KEY = {"idempotency_key": "seat-kxvbq"}


def sessions_made(stand_in):
    return len(stand_in.client().checkout.sessions.list().data)


def test_the_same_key_gives_the_first_answer_again(stand_in, start, clock):
    first = stand_in.session(options=KEY)
    again = stand_in.session(options=KEY)
    assert (again.id, sessions_made(stand_in)) == (first.id, 1)
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    # It is the answer of then, and it outlives the process.
    stand_in.client().checkout.sessions.expire(first.id)
    stand_in = start()
    assert stand_in.session(options=KEY).status == "open"
    # Another account's key is another key, and so is one that a day has passed over.
    assert stand_in.session(seed.COACH2_KEY, options=KEY).id != first.id
    clock.now += 86400
    assert stand_in.session(options=KEY).id != first.id


def test_a_key_serves_one_request_only(stand_in):
    stand_in.session(options=KEY)
    problem = refused(stripe.IdempotencyError, lambda: stand_in.session(amount=4000, options=KEY))
    assert (problem.http_status, problem.user_message[:52]) == (
        400,
        "Keys for idempotent requests can only be used with t",
    )
    intent = stand_in.paid().payment_intent
    problem = refused(stripe.IdempotencyError, stand_in.client().refunds.create, {"payment_intent": intent}, KEY)
    assert "for the same endpoint" in problem.user_message


def test_what_was_never_begun_may_be_tried_again_and_a_refusal_may_not(stand_in):
    refused(stripe.InvalidRequestError, lambda: stand_in.session(mode="setup", options=KEY))
    assert stand_in.session(options=KEY).status == "open"
    refunds, intent = stand_in.client().refunds, stand_in.paid().payment_intent
    too_much, key = {"payment_intent": intent, "amount": 6000}, {"idempotency_key": "refund"}
    first = refused(stripe.InvalidRequestError, refunds.create, too_much, key)
    again = refused(stripe.InvalidRequestError, refunds.create, too_much, key)
    assert (first.user_message, again.headers["Idempotent-Replayed"]) == (again.user_message, "true")


@pytest.mark.parametrize(
    ("kind", "status", "effects", "after"),
    [
        # The endpoint's own 500 is kept, whether the effect came or not: to know, one has to look.
        ("5xx", 500, 0, 500),
        ("5xx_after", 500, 1, 500),
        # What went wrong in front of it is not: the same key makes it, or gives what was made.
        ("5xx", 503, 0, 200),
        ("5xx_after", 503, 1, 200),
    ],
)
def test_trouble_before_and_after_the_effect(stand_in, kind, status, effects, after):
    stand_in.control("/faults", kind=kind, status=status, route="/v1/checkout/sessions")
    assert refused(stripe.APIError, lambda: stand_in.session(options=KEY)).http_status == status
    assert sessions_made(stand_in) == effects
    if after == 200:
        stand_in.session(options=KEY)
        assert sessions_made(stand_in) == 1
    else:
        assert refused(stripe.APIError, lambda: stand_in.session(options=KEY)).http_status == 500
        assert sessions_made(stand_in) == effects


@pytest.mark.parametrize(("kind", "effects"), [("drop_before", 0), ("drop_after", 1)])
def test_a_cut_connection_leaves_the_key_usable(stand_in, kind, effects):
    stand_in.control("/faults", kind=kind, method="POST")
    refused(stripe.APIConnectionError, lambda: stand_in.session(options=KEY))
    assert sessions_made(stand_in) == effects
    stand_in.session(options=KEY)
    assert sessions_made(stand_in) == 1


def test_a_refusal_by_order_takes_no_key(stand_in):
    for kind, error in (
        ("429", stripe.RateLimitError),
        ("401", stripe.AuthenticationError),
        ("403", stripe.PermissionError),
    ):
        stand_in.control("/faults", kind=kind)
        problem = refused(error, lambda: stand_in.session(options=KEY))
        assert problem.http_status == int(kind)
    assert "Enabling \"Checkout Sessions Write\" ('checkout_session_write') permissions" in problem.user_message
    assert stand_in.session(options=KEY).last_response.headers.get("Idempotent-Replayed") is None


def test_while_the_first_runs_the_second_is_told_so(stand_in, clock):
    problems = []

    def press_again():
        # In the middle of the first call, which asks for the time; the second never comes as far.
        clock.watch = lambda: None
        problems.append(refused(stripe.StripeError, lambda: stand_in.session(options=KEY)))

    clock.watch = press_again
    made = stand_in.session(options=KEY)
    assert [(problem.http_status, problem.error.code) for problem in problems] == [(409, "idempotency_key_in_use")]
    assert stand_in.session(options=KEY).id == made.id


def test_calls_are_listed_without_what_was_in_them(stand_in):
    stand_in.session()
    stand_in.control("/faults", kind="5xx", times=None)
    refused(stripe.APIError, stand_in.session)
    first, second = stand_in.fetch("/calls")["calls"]
    assert (first["method"], first["path"], first["status"]) == ("POST", "/v1/checkout/sessions", 200)
    assert (second["status"], second["code"], second["fault"]) == (500, "api_error", "5xx")
    assert stand_in.control("/faults", clear=True) == {"faults": []}
    for body in ({"kind": "sulk"}, {"kind": "5xx", "often": 3}):
        assert stand_in.browser.post("/control/stripe/faults", json=body).status_code == 400


def test_the_clock_is_set_by_hand(stand_in, clock):
    made = stand_in.session()
    assert stand_in.control("/clock", ahead=86400)["ahead"] == 86400
    assert stand_in.client().checkout.sessions.retrieve(made.id).status == "expired"
    assert stand_in.session().created == int(clock.now) + 86400
    assert stand_in.control("/clock", at="2026-12-24T18:00:00+00:00")["now"] == "2026-12-24T18:00:00+00:00"
    params = session_params(expires_at=int(clock.now))
    refused(stripe.InvalidRequestError, stand_in.client().checkout.sessions.create, params)
