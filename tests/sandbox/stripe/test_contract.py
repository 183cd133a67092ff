"""The stand-in's objects, field by field, against Stripe's example objects and the package's own classes."""

import json
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe import seed

EXAMPLES = Path(__file__).parents[4] / "shared" / "stripe" / "fixtures3.json"
CLASSES = {
    "checkout.session": stripe.checkout.Session,
    "payment_intent": stripe.PaymentIntent,
    "charge": stripe.Charge,
    "refund": stripe.Refund,
    "dispute": stripe.Dispute,
    "event": stripe.Event,
    "webhook_endpoint": stripe.WebhookEndpoint,
    "item": stripe.LineItem,
    "price": stripe.Price,
    "account": stripe.Account,
}
# Only when expanded, or with a payment of this kind; of an account we look at little.
MAY_LACK = {"charge.refunds", "charge.payment_method_details.card"}
# Anything may be in them.
FREE = {"metadata", "data", "fraud_details", "use_stripe_sdk"}


@pytest.fixture
def bodies_by_name(stand_in) -> dict[str, list[Any]]:
    """Every kind of object the stand-in answers, in several states, by its name."""
    client, everything = stand_in.client(seed.SECRET_KEY), []
    opened, delayed, declined, asked = (stand_in.session(expand=["line_items"]) for _ in range(4))
    paid = stand_in.paid()
    for session, outcome in ((delayed, "delayed"), (declined, "card_declined")):
        stand_in.control("/pay", session=session.id, outcome=outcome)
    stand_in.page(f"/stripe/pay/{asked.id}", email="lee@example.com", outcome="asks")
    refund = client.refunds.create({"payment_intent": paid.payment_intent, "amount": 100})
    stand_in.control("/refund", refund=refund.id, status="failed")
    client.refunds.create({"payment_intent": paid.payment_intent, "amount": 100})
    stand_in.control("/dispute", payment_intent=paid.payment_intent)
    everything += [*opened.line_items, *(item.price for item in opened.line_items)]
    everything.append(client.webhook_endpoints.create({"url": "http://localhost/", "enabled_events": ["*"]}))
    everything.append(client.accounts.retrieve_current())
    resources = (client.checkout.sessions, client.payment_intents, client.charges, client.refunds)
    for resource in (*resources, client.disputes, client.events):
        everything += resource.list({"limit": 100}).data
    by_name: dict[str, list[Any]] = {}
    for entry in everything:
        body = json.loads(str(entry))
        by_name.setdefault(body["object"], []).append(body)
    assert set(by_name) == set(CLASSES)
    return by_name


def problems(answer: Any, example: Any, path: str) -> list[str]:
    """Where what is told has another type than the example, or lacks a field that the example has."""
    if example is None or answer is None:
        return []
    if type(answer) is not type(example):
        return [f"{path} is {type(answer).__name__}, in the example {type(example).__name__}"]
    sentences: list[str] = []
    if isinstance(answer, dict) and path.rpartition(".")[2] not in FREE:
        sentences += [f"{path} lacks {name}" for name in set(example) - set(answer) if f"{path}.{name}" not in MAY_LACK]
        for name in answer:
            # The example shows one of the kinds of such a part, under the kind's own name.
            if name in example:
                sentences += problems(answer[name], example[name], f"{path}.{name}")
    return sentences


def test_objects_have_the_fields_and_types_of_stripes_examples(bodies_by_name):
    if not EXAMPLES.exists():
        pytest.skip(f"Stripe's example objects are not beside the project ({EXAMPLES.name})")
    examples = json.loads(EXAMPLES.read_text())["resources"]
    differences = []
    for name in sorted(set(examples) & set(bodies_by_name)):
        for body in bodies_by_name[name]:
            differences += problems(body, examples[name], name)
    assert sorted({problem for problem in differences if not problem.startswith("account")}) == []


def test_objects_have_no_field_that_the_package_does_not_know(bodies_by_name):
    differences = set()
    for name, bodies in bodies_by_name.items():
        known = CLASSES[name].__annotations__
        for body in bodies:
            differences |= {f"{name}.{field} is unknown" for field in set(body) - set(known)}
            empty = {field for field, value in body.items() if value is None and field in known}
            differences |= {f"{name}.{field} is never empty" for field in empty if "None" not in _may_be(known[field])}
    assert sorted(differences) == []


def _may_be(annotation: Any) -> str:
    return str(annotation).replace("Optional", "None")


def test_the_comparison_notices_what_does_not_fit():
    assert problems({"a": 1}, {"a": "x"}, "thing") == ["thing.a is int, in the example str"]
    assert problems({"a": {"b": True}}, {"a": {"b": 1}}, "thing") == ["thing.a.b is bool, in the example int"]
    assert problems({"a": {}}, {"a": {"b": 1}}, "thing") == ["thing.a lacks b"]
    assert problems({"metadata": {"a": 1}}, {"metadata": {"a": "x"}}, "thing") == []
