"""What surrounds every API call: token, faults, limits, transaction, headers, the log."""

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import unquote

from flask import Response, g, jsonify, request

from sandbox.context import Sandbox, here
from sandbox.errors import REFUSALS, ApiError, BadForm, RateLimited, Refused, Unauthorized
from sandbox.faults import Fault
from sandbox.records import Token
from sandbox.secret import digest, same

Answer = tuple[Any, int] | None
View = Callable[..., Answer]


def bot_call(view: View) -> Callable[..., Response]:
    """The view, open to the bot's token only."""

    @wraps(view)
    def answer(**ids: str) -> Response:
        return _serve(lambda: _require_bot(here()), view, ids)

    return answer


def person_call(*scopes: str, bot_too: bool = False) -> Callable[[View], Callable[..., Response]]:
    """The view, open to a person's access token that carries these scopes; it is handed the token."""

    def decorate(view: View) -> Callable[..., Response]:
        @wraps(view)
        def answer(**ids: str) -> Response:
            def authorize() -> str:
                if bot_too and _scheme() == "Bot":
                    g.token = None
                    return _require_bot(here())
                g.token = _require_token(here(), scopes)
                return g.token.digest

            return _serve(authorize, lambda **ids: view(g.token, **ids), ids)

        return answer

    return decorate


def open_call(view: View) -> Callable[..., Response]:
    """The view, for calls that bring their own credentials (the token address): faults and the log, no limits."""

    @wraps(view)
    def answer() -> Response:
        return _serve(None, view, {})

    return answer


def reason() -> str | None:
    """The audit-log reason of this request, decoded."""
    sent = request.headers.get("X-Audit-Log-Reason")
    if not sent:
        return None
    decoded = unquote(sent)
    if len(decoded) > 512:
        raise BadForm("", "BASE_TYPE_MAX_LENGTH", "Must be 512 or fewer in length.")
    return decoded


def _serve(authorize: Callable[[], str] | None, view: View, ids: dict[str, str]) -> Response:
    sandbox = here()
    started = time.perf_counter()
    path = request.path.removeprefix("/api/v10").removeprefix("/api")
    fault = sandbox.faults.take(request.method, path)
    g.fault = fault
    response = _faulty_answer(fault, path) or _real_answer(sandbox, authorize, view, ids)
    _after_effect(fault)
    response = _lost_answer(fault) or response
    if response.status_code in (401, 403) or _counts_as_refused(response):
        sandbox.limits.note_refusal()
    _log(sandbox, path, response, started, fault)
    if fault and fault.kind in ("drop_before", "drop_after"):
        _hang_up()
    return response


def _real_answer(sandbox: Sandbox, authorize: Callable[[], str] | None, view: View, ids: dict[str, str]) -> Response:
    """The answer without any fault: authorise, count, do, all or nothing."""
    blocked = sandbox.limits.refused_too_often()
    if blocked:
        return _cloudflare(blocked)
    headers: dict[str, str] = {}
    try:
        if authorize is not None:
            token = authorize()
            _check_ids(ids)
            major = ids.get("guild_id") or ids.get("channel_id") or ""
            headers = sandbox.limits.take(token, request.method, _route(), major)
        reason()
        with sandbox.state.transaction():
            answer = view(**ids)
    except ApiError as error:
        response = _refusal(error)
    else:
        response = _success(answer)
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers["Via"] = "1.1 google"
    return response


def _success(answer: Answer) -> Response:
    if answer is None:
        response = Response(status=204)
        del response.headers["Content-Type"]
        return response
    body, status = answer
    response = jsonify(body)
    response.status_code = status
    return response


def _refusal(error: ApiError) -> Response:
    response = jsonify(error.body)
    response.status_code = error.status
    if isinstance(error, RateLimited):
        response.headers.update(error.headers)
    g.code = error.body.get("code", error.body.get("error"))
    return response


def _faulty_answer(fault: Fault | None, path: str) -> Response | None:
    """The answer a fault gives in place of the real one, or None where the call goes on."""
    if fault is None:
        return None
    if fault.kind == "delay":
        time.sleep(fault.seconds)
    elif fault.kind == "429_cloudflare":
        return _cloudflare(fault.seconds)
    elif fault.kind == "drop_before":
        return Response(status=204)
    else:
        return _ordered_refusal(fault, path)
    return None


def _ordered_refusal(fault: Fault, path: str) -> Response | None:
    error: ApiError | None = None
    if fault.kind in ("429", "429_global"):
        error = RateLimited(fault.seconds, "global" if fault.kind == "429_global" else "user")
    elif fault.kind == "5xx":
        error = ApiError(fault.status, {"message": f"{fault.status}: Internal Server Error", "code": 0})
    elif fault.kind == "401":
        error = Unauthorized()
    elif fault.kind in ("403", "404"):
        error = Refused(50013 if fault.kind == "403" else _unknown(path))
    elif fault.kind == "50035":
        error = BadForm(fault.field, fault.inner or "BASE_TYPE_REQUIRED", "Refused by order")
    elif fault.kind.isdigit() and int(fault.kind) in REFUSALS:
        error = Refused(int(fault.kind))
    if error is None:
        return None
    response = _refusal(error)
    response.headers["Via"] = "1.1 google"
    return response


def _unknown(path: str) -> int:
    """What is unknown when an address of this path answers 404."""
    parts = path.strip("/").split("/")
    named = {"channels": 10003, "guilds": 10004, "members": 10007, "roles": 10011, "permissions": 10009}
    named |= {"messages": 10008, "voice-states": 10065, "users": 10013}
    return next((named[part] for part in reversed(parts) if part in named), 10003)


def _after_effect(fault: Fault | None) -> None:
    if fault and fault.kind == "delay_after":
        time.sleep(fault.seconds)


def _lost_answer(fault: Fault | None) -> Response | None:
    """What the caller gets instead of the answer to a call that did take effect."""
    if fault and fault.kind == "5xx_after":
        return _refusal(ApiError(fault.status, {"message": f"{fault.status}: Internal Server Error", "code": 0}))
    return None


def _cloudflare(seconds: float) -> Response:
    """A block by the network in front of Discord: HTML, and no Via header."""
    response = Response("<!doctype html><title>Access denied</title><h1>Error 1015</h1>", 429, mimetype="text/html")
    response.headers["Retry-After"] = str(int(seconds) + 1)
    return response


def _hang_up() -> None:
    """The connection ends here and now, without a byte of an answer."""
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    if connection is None:
        raise ConnectionResetError("The sandbox hung up, as ordered.")
    connection.shutdown(socket.SHUT_RDWR)


def _counts_as_refused(response: Response) -> bool:
    return response.status_code == 429 and response.headers.get("X-RateLimit-Scope") != "shared"


def _log(sandbox: Sandbox, path: str, response: Response, started: float, fault: Fault | None) -> None:
    dropped = fault is not None and fault.kind in ("drop_before", "drop_after")
    sandbox.calls.record(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        method=request.method,
        path=path,
        status=None if dropped else response.status_code,
        code=g.get("code"),
        reason=unquote(request.headers.get("X-Audit-Log-Reason", ""))[:512] or None,
        ms=round((time.perf_counter() - started) * 1000, 1),
        fault=fault.kind if fault else None,
        agent=request.headers.get("User-Agent", "")[:120],
    )


def _require_bot(sandbox: Sandbox) -> str:
    if _scheme() != "Bot" or not same(_credentials(), sandbox.config.bot_token):
        raise Unauthorized
    return "bot"


def _require_token(sandbox: Sandbox, scopes: tuple[str, ...]) -> Token:
    with sandbox.state.transaction():
        token = sandbox.state.find(Token, digest(_credentials())) if _scheme() == "Bearer" else None
    if token is None or token.expires_at <= sandbox.state.clock() or not set(scopes) <= set(token.scopes):
        raise Unauthorized
    return token


def _scheme() -> str:
    return request.headers.get("Authorization", "").partition(" ")[0]


def _credentials() -> str:
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def _check_ids(ids: dict[str, str]) -> None:
    for name, value in ids.items():
        if not (value.isascii() and value.isdigit()):
            raise BadForm(name, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')


def _route() -> str:
    rule = request.url_rule.rule if request.url_rule else request.path
    return rule.removeprefix("/api/v10")
