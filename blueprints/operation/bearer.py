"""Machines that show who they are by a secret of the settings instead of a sign-in."""

import hmac

from flask import Response, request

import clock
from blueprints.rate_limits import come_back
from coaching.accounts import limit_mutations
from coaching.accounts.details import Visit
from coaching.accounts.event_mutations import note
from coaching.errors import RateLimited
from coaching.rate_limits.limits import WRONG_SECRETS, Use, network_of


def is_bearer_of(secret: str) -> bool:
    """True when the request carries this secret."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # As bytes: compare_digest raises on text that is not ASCII. Headers arrive as Latin-1.
    is_same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), secret.encode())
    return scheme.lower() == "bearer" and is_same


def refuse_bearer() -> Response:
    """401: the secret is missing or another one; 429 for an address that keeps sending wrong ones.

    Only whoever was not let in is counted, so that nobody can lock out the right secret.
    """
    visit = Visit(address=request.remote_addr or "")
    network = network_of(visit.address)
    if "Authorization" in request.headers and network:
        try:
            limit_mutations.take([Use(WRONG_SECRETS, network)], clock.machine_now(), visit=visit)
        except RateLimited as error:
            return come_back(Response("too many wrong secrets\n", mimetype="text/plain"), error)
    if "Authorization" in request.headers:
        note("wrong secret", clock.machine_now(), detail=str(request.endpoint))
    return Response("wrong secret\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
