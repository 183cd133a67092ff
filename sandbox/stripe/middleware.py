"""What surrounds every call to the stand-in for Stripe: key, rights, faults, idempotency, transaction, the log."""

import hashlib
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from flask import Response, g, request

from sandbox.fault_effects import CUTS, CutOff, hang_up
from sandbox.faults import Fault
from sandbox.stripe import answers, clock
from sandbox.stripe.context import StripeSandbox, here
from sandbox.stripe.errors import (
    NoKey,
    RateLimited,
    RevokedKey,
    RightMissing,
    StripeError,
    Trouble,
    WrongKey,
)
from sandbox.stripe.forms import Params, nested
from sandbox.stripe.idempotency import find_answer
from sandbox.stripe.ids import mode, new_id
from sandbox.stripe.records import ApiKey, Json, StoredAnswer

View = Callable[..., Json]
PREFIX = "/stripe"


def api_call(right: str | None) -> Callable[[View], Callable[..., Response]]:
    """The view, open to keys that have the right; it is handed the key and the parameters, and answers JSON."""

    def decorate(view: View) -> Callable[..., Response]:
        @wraps(view)
        def answer(**ids: str) -> Response:
            return _serve(right, view, ids)

        return answer

    return decorate


def has_right(key: ApiKey, right: str) -> bool:
    """Whether the key may: a right to write holds the one to read, and a secret key has all."""
    if key.rights is None or right in key.rights:
        return True
    return right.endswith("_read") and right.replace("_read", "_write") in key.rights


def require_right(key: ApiKey, right: str) -> None:
    """The key may, or RightMissing."""
    if not has_right(key, right):
        raise RightMissing(key.secret, key.account_id, right)


def _serve(right: str | None, view: View, ids: dict[str, str]) -> Response:
    sandbox, started = here(), time.perf_counter()
    g.request_id = new_id("req")[:18]
    g.idempotency_key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    path = g.path = request.path.removeprefix(PREFIX)
    fault = g.fault = sandbox.faults.take(request.method, path)
    try:
        status, body, headers = _answer(sandbox, right, view, ids, fault)
    except StripeError as error:
        status, body, headers = error.status, {"error": error.body}, error.headers
    except CutOff:
        status, body, headers = 204, {}, {}
    response = _response(status, body, headers)
    _log(sandbox, path, status, body, started, fault)
    sandbox.sender.wake()
    if fault and fault.kind in CUTS:
        hang_up()
    return response


def _answer(
    sandbox: StripeSandbox, right: str | None, view: View, ids: dict[str, str], fault: Fault | None
) -> tuple[int, Json, dict[str, str]]:
    """Status, body and headers of the call; a StripeError where nothing of it is kept."""
    if fault and fault.kind == "drop_before":
        raise CutOff
    key = _key(sandbox)
    _refuse_by_order(fault, key, right)
    if right is not None:
        require_right(key, right)
    scope, idempotency_key = f"{key.account_id}/{mode(key.livemode)}", g.idempotency_key
    with sandbox.in_flight.claimed(scope, idempotency_key):
        _pause(fault, "delay")
        with sandbox.state.transaction() as state:
            stored = find_answer(state, scope, idempotency_key, g.path, _fingerprint())
        if stored is not None:
            headers = {"Idempotent-Replayed": "true", "Original-Request": stored.request_id}
            headers |= {"Stripe-Should-Retry": "false"} if stored.status >= 500 else {}
            answer = stored.status, stored.body, headers
        else:
            answer = _carry_out(sandbox, key, view, ids, fault, scope)
        _pause(fault, "delay_after")
    return answer


def _carry_out(
    sandbox: StripeSandbox, key: ApiKey, view: View, ids: dict[str, str], fault: Fault | None, scope: str
) -> tuple[int, Json, dict[str, str]]:
    """The call itself: all of it and its stored answer in one transaction, or only a refusal that is kept."""
    try:
        if fault and fault.kind == "5xx":
            raise Trouble(fault.status)
        params = Params(nested(_pairs()))
        with sandbox.state.transaction():
            body = view(key, params, **ids)
            # A 500 after the effect is what the key gives again; from in front of Stripe it is only this answer.
            lost = Trouble(fault.status) if fault and fault.kind == "5xx_after" else None
            if lost and lost.is_kept:
                _keep(sandbox, scope, lost.status, {"error": lost.body})
            else:
                _keep(sandbox, scope, 200, body)
        if lost:
            return lost.status, {"error": lost.body}, lost.headers
        return 200, body, {}
    except StripeError as error:
        if error.is_kept:
            _keep(sandbox, scope, error.status, {"error": error.body})
        raise


def _keep(sandbox: StripeSandbox, scope: str, status: int, body: Json) -> None:
    if g.idempotency_key is None:
        return
    with sandbox.state.transaction() as state:
        at = clock.now(state)
        state.put(StoredAnswer(scope, g.idempotency_key, g.path, _fingerprint(), status, body, g.request_id, at))


def _key(sandbox: StripeSandbox) -> ApiKey:
    """The key of this request, or a 401."""
    authorization = request.authorization
    secret = ""
    if authorization is not None:
        secret = authorization.token or authorization.username or ""
    if not secret:
        raise NoKey
    with sandbox.state.transaction() as state:
        key = state.find(ApiKey, secret)
    if key is None:
        raise WrongKey(secret)
    if key.is_revoked:
        raise RevokedKey(secret)
    return key


def _refuse_by_order(fault: Fault | None, key: ApiKey, right: str | None) -> None:
    kind = fault.kind if fault else ""
    if kind == "401":
        raise RevokedKey(key.secret)
    if kind == "403":
        raise RightMissing(key.secret, key.account_id, right or "accounts_kyc_basic_read", in_newer_words=True)
    if kind == "429":
        raise RateLimited


def _pause(fault: Fault | None, kind: str) -> None:
    if fault and fault.kind == kind:
        time.sleep(fault.seconds)


def _pairs() -> list[tuple[str, str]]:
    """The parameters as they were sent: in the body of a POST, in the address of anything else."""
    sent = request.form if request.method == "POST" else request.args
    return list(sent.items(multi=True))


def _fingerprint() -> str:
    return hashlib.sha256(json.dumps(sorted(_pairs())).encode()).hexdigest()


def _response(status: int, body: Json, headers: dict[str, str]) -> Response:
    response = Response(json.dumps(body, indent=2), status, mimetype="application/json")
    response.headers["Request-Id"] = g.request_id
    response.headers["Stripe-Version"] = request.headers.get("Stripe-Version", answers.API_VERSION)
    if g.idempotency_key is not None:
        response.headers["Idempotency-Key"] = g.idempotency_key
    response.headers.update(headers)
    return response


def _log(sandbox: StripeSandbox, path: str, status: int, body: Json, started: float, fault: Fault | None) -> None:
    error: Any = body.get("error") or {}
    sandbox.calls.record(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        method=request.method,
        path=path,
        status=None if fault and fault.kind in CUTS else status,
        code=error.get("code") or error.get("type"),
        reason=None,
        ms=round((time.perf_counter() - started) * 1000, 1),
        fault=fault.kind if fault else None,
        agent=request.headers.get("User-Agent", "")[:120],
    )
