"""What surrounds every API call: token, faults, limits, transaction, headers, the log."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import unquote

from flask import Response, g, jsonify, request

from sandbox.context import Sandbox, here
from sandbox.errors import ApiError, BadForm, Blocked, RateLimited, Unauthorized
from sandbox.fault_effects import CUTS, CutOff, hang_up, lose_answer, strike
from sandbox.faults import Fault
from sandbox.oauth_records import Token
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
                token = g.token = _require_token(here(), scopes)
                return token.digest

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
    fault = g.fault = sandbox.faults.take(request.method, path)
    try:
        response = _answer(sandbox, path, fault, lambda: _carry_out(sandbox, authorize, view, ids))
        if authorize is not None:
            _add_rate_headers(sandbox, response, _major(ids))
    except CutOff:
        response = Response(status=204)
    if _is_refused(response):
        sandbox.limits.note_refusal()
    _log(sandbox, path, response, started, fault)
    if fault and fault.kind in CUTS:
        hang_up()
    return response


def _answer(sandbox: Sandbox, path: str, fault: Fault | None, carry_out: Callable[[], Response]) -> Response:
    """The answer to a call, whatever goes wrong before, during and after it."""
    try:
        blocked_for = sandbox.limits.refused_too_often()
        if blocked_for:
            raise Blocked(blocked_for)
        strike(fault, path)
        response = carry_out()
        lose_answer(fault)
    except Blocked as block:
        return _block(block)
    except ApiError as error:
        response = _refusal(error)
    response.headers["Via"] = "1.1 google"
    return response


def _add_rate_headers(sandbox: Sandbox, response: Response, major: str) -> None:
    """The answer tells how its bucket stands, unless it never came as far as a bucket."""
    comes_from_outside = response.status_code == 401 or response.status_code >= 500 or "Via" not in response.headers
    if comes_from_outside or "X-RateLimit-Global" in response.headers:
        return
    headers = g.get("rate_headers") or sandbox.limits.standing(request.method, _route(), major)
    for name, value in headers.items():
        response.headers.setdefault(name, value)


def _carry_out(sandbox: Sandbox, authorize: Callable[[], str] | None, view: View, ids: dict[str, str]) -> Response:
    """The call without any fault: authorise, count, then do all of it or nothing."""
    if authorize is not None:
        token = authorize()
        _check_ids(ids)
        g.rate_headers = sandbox.limits.take(token, request.method, _route(), _major(ids))
    reason()
    with sandbox.state.transaction():
        answer = view(**ids)
    if answer is None:
        response = Response(status=204)
        del response.headers["Content-Type"]
        return response
    body, status = answer
    response = jsonify(body)
    response.status_code = status
    return response


def _refusal(error: ApiError) -> Response:
    g.code = error.body.get("code", error.body.get("error"))
    response = jsonify(error.body)
    response.status_code = error.status
    if isinstance(error, RateLimited):
        response.headers.update(error.headers)
        if error.scope == "user" and "rate_headers" not in g:
            g.rate_headers = here().limits.spent(request.method, _route(), error.seconds)
    return response


def _block(block: Blocked) -> Response:
    response = Response("<!doctype html><title>Access denied</title><h1>Error 1015</h1>", 429, mimetype="text/html")
    response.headers["Retry-After"] = str(int(block.seconds) + 1)
    return response


def _is_refused(response: Response) -> bool:
    """Whether the answer counts towards the block for too many refused requests."""
    if response.status_code == 429:
        return response.headers.get("X-RateLimit-Scope") != "shared"
    return response.status_code in (401, 403)


def _log(sandbox: Sandbox, path: str, response: Response, started: float, fault: Fault | None) -> None:
    sandbox.calls.record(
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        method=request.method,
        path=path,
        status=None if fault and fault.kind in CUTS else response.status_code,
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


def _major(ids: dict[str, str]) -> str:
    """The part of the address that has buckets of its own."""
    return ids.get("guild_id") or ids.get("channel_id") or ""


def _route() -> str:
    rule = request.url_rule.rule if request.url_rule else request.path
    return rule.removeprefix("/api/v10")
