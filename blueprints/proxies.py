"""A proxy that nobody declared: it is noted when it is met, so that the doctor can say so."""

from time import monotonic

from flask import Flask, current_app, request

import clock
from blueprints.web import WITHOUT_DATABASE, is_this_machine
from coaching.db import UNREADABLE
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import UNDECLARED_PROXY

# Each process writes it so often at most, in seconds.
NOTED_EVERY = 3600
NOTED_AT = "undeclared_proxy_noted_at"


def init_app(app: Flask) -> None:
    """Look at requests for its mark, unless proxies are declared, or nobody but this machine can come."""
    if not (app.config["DEMO"] or app.extensions["settings"].trusted_proxies):
        app.before_request(note_undeclared_proxy)


def note_undeclared_proxy() -> None:
    """It is known that somebody on this machine forwards requests of others."""
    is_forwarded = "X-Forwarded-For" in request.headers and is_this_machine(request.remote_addr or "")
    if not is_forwarded or request.endpoint in WITHOUT_DATABASE:
        return
    noted_at = current_app.extensions.get(NOTED_AT)
    if noted_at is None or monotonic() - noted_at > NOTED_EVERY:
        current_app.extensions[NOTED_AT] = monotonic()
        try:
            record_heartbeat(UNDECLARED_PROXY, clock.machine_now())
        except UNREADABLE:
            # It comes with the next hour: no request fails over it.
            current_app.logger.warning("an undeclared proxy could not be noted")
