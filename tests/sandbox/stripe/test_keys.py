"""Keys: whose they are, what they may, and how their refusal reads."""

import stripe

from sandbox.stripe import seed
from tests.sandbox.stripe.conftest import ADDRESS, refused, session_params


def test_a_key_that_is_wrong_or_revoked_is_refused(stand_in):
    listing = stand_in.client("rk_test_nobody_has_this").checkout.sessions.list
    problem = refused(stripe.AuthenticationError, listing)
    assert (problem.http_status, problem.user_message) == (401, "Invalid API Key provided: rk_test_***********this")
    assert problem.request_id.startswith("req_")
    stand_in.control("/keys", revoke=seed.COACH_KEY)
    assert refused(stripe.AuthenticationError, stand_in.client().checkout.sessions.list).error.code == "api_key_expired"
    answer = stand_in.browser.get("/stripe/v1/events")
    assert (answer.status_code, answer.json["error"]["message"][:30]) == (401, "You did not provide an API key")


def test_a_right_that_lacks_is_named(stand_in):
    intent = stand_in.paid().payment_intent
    narrow = stand_in.client(seed.NARROW_KEY)
    problem = refused(stripe.PermissionError, narrow.refunds.create, {"payment_intent": intent})
    assert problem.http_status == 403
    assert f"account '{seed.COACH}'. Having the 'rak_refund_write' permission" in problem.user_message
    # Before anything else is looked at: so a key can be tried without making anything.
    assert refused(stripe.PermissionError, narrow.refunds.create, {"payment_intent": "pi_none"}).http_status == 403
    assert refused(stripe.PermissionError, stand_in.client().webhook_endpoints.list).http_status == 403
    assert refused(stripe.PermissionError, stand_in.client().accounts.retrieve_current).http_status == 403
    assert stand_in.client(seed.SECRET_KEY).accounts.retrieve_current().id == seed.COACH
    # To write includes to read; what is expanded takes its own right.
    blind = stand_in.control("/keys", account=seed.COACH, rights=["checkout_session_write"])["secret"]
    made = stand_in.client(blind).checkout.sessions.create(session_params())
    assert stand_in.client(blind).checkout.sessions.retrieve(made.id).id == made.id
    stand_in.control("/pay", session=made.id)
    sessions = stand_in.client(blind).checkout.sessions
    problem = refused(stripe.PermissionError, sessions.retrieve, made.id, {"expand": ["payment_intent"]})
    assert "rak_payment_intent_read" in problem.user_message


def test_the_api_is_at_the_root_too(stand_in):
    made, client = stand_in.session(options={"idempotency_key": "seat-kxvbq"}), stand_in.client
    stand_in.address_of_api = ADDRESS
    assert client().checkout.sessions.create(session_params(), {"idempotency_key": "seat-kxvbq"}).id == made.id


def test_an_unknown_address_is_no_page(stand_in):
    answer = stand_in.browser.get("/v1/customers", headers={"Authorization": f"Bearer {seed.COACH_KEY}"})
    assert (answer.status_code, answer.json["error"]["message"]) == (
        404,
        "Unrecognized request URL (GET: /v1/customers).",
    )
