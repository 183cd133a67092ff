"""Machines that show who they are by a secret of the settings instead of a sign-in."""

import hmac
import math

from flask import Response, request

import clock
from blueprints.web import is_this_machine
from coaching.accounts.events import note
from coaching.operation.secret_mutations import count_wrong_secret
from coaching.operation.secret_queries import wait_after_wrong_secrets


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
    address, now = request.remote_addr or "", clock.machine_now()
    # A loopback address is this machine, or a proxy that nobody declared: then it stands for everybody.
    if "Authorization" in request.headers and not is_this_machine(address):
        wait = wait_after_wrong_secrets(address, now)
        if wait:
            note("limit hit", now, detail=str(request.endpoint))
            seconds = str(math.ceil(wait.total_seconds()))
            return Response("too many wrong secrets\n", 429, {"Retry-After": seconds}, mimetype="text/plain")
        count_wrong_secret(address, now)
    if "Authorization" in request.headers:
        note("wrong secret", now, detail=str(request.endpoint))
    return Response("wrong secret\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
