"""Discord's REST API, version 10, as far as the product uses it. One file a resource."""

from flask import Blueprint

rest = Blueprint("rest", __name__, url_prefix="/api/v10")


def load_routes() -> Blueprint:
    """The blueprint with every route on it."""
    from sandbox.rest import channels, guilds, invites, messages, overwrites, roles, users  # noqa: F401

    return rest
