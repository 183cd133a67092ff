"""The API's first version, as far as the product uses it. One file a resource."""

from flask import Blueprint

v1 = Blueprint("stripe_api", __name__, url_prefix="/stripe/v1")


def load_routes() -> Blueprint:
    """The blueprint with every route on it."""
    from sandbox.stripe.rest import payments, refunds, sessions, unknown, webhooks  # noqa: F401

    return v1
