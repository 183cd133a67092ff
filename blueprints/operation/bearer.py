"""Machines that show who they are by a secret of the settings instead of a sign-in."""

import hmac

from flask import Response, request


def is_bearer_of(secret: str) -> bool:
    """True when the request carries this secret."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # As bytes: compare_digest raises on text that is not ASCII. Headers arrive as Latin-1.
    is_same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), secret.encode())
    return scheme.lower() == "bearer" and is_same


def ask_for_bearer() -> Response:
    """401: the secret is missing or another one."""
    return Response("wrong secret\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
