"""The cron address: a host without a worker has its minute's work done by whoever calls it with the secret."""

import hmac

from flask import Response, abort, current_app, jsonify, request
from werkzeug.exceptions import MethodNotAllowed

import clock
from coaching.operation.actions import run_by_cron


def process_sessions() -> Response:
    """All that is due has been done once; one run at a time."""
    secret = current_app.extensions["settings"].cron_secret
    if not secret:
        abort(404)
    if request.method == "HEAD":
        # Flask runs the GET view for it, and whoever only asks for headers wants no work done.
        raise MethodNotAllowed(valid_methods=["GET", "POST"])
    if not _is_bearer(secret):
        return Response("wrong secret\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
    parts = current_app.extensions
    report = run_by_cron(parts["host"], parts["mailer"], clock.now(), clock.machine_now())
    if report is None:
        return Response("a run is under way\n", 409, mimetype="text/plain")
    return jsonify(due=report.due, done=report.done, failed=report.failed)


def _is_bearer(secret: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # As bytes: compare_digest raises on text that is not ASCII. Headers arrive as Latin-1.
    is_same = hmac.compare_digest(given.strip().encode("latin-1", "replace"), secret.encode())
    return scheme.lower() == "bearer" and is_same
