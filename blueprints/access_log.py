"""A line in the log for every request, and on every line in between the request's number and what it concerns.

The line names the route's pattern, never the address: that may hold a token or what somebody looked for. Only those of
a rush of passwords are told together (door.py).
"""

import logging
import secrets
from time import monotonic

from flask import Flask, Response, g, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from coaching.accounts import event_mutations as events
from coaching.marks import CODE_LETTERS

logger = logging.getLogger("greenroom.access")

LONGEST_CODE = 20


def init_app(app: Flask) -> None:
    """Tell of every request. To be registered first: what comes after a request runs the other way round."""
    app.before_request(begin)
    app.after_request(log_request)
    app.teardown_request(end)


def begin() -> None:
    """All lines from here on bear the request's number, and the session's code where the address names one."""
    g.began = monotonic()
    g.request_number = secrets.token_hex(4)
    go_on_as(g.request_number)
    if request.blueprint == "sessions":
        concerns((request.view_args or {}).get("code", ""))


def go_on_as(request_number: str) -> None:
    """This thread works for the request of this number."""
    clear_contextvars()
    bind_contextvars(request=request_number)
    events.come_from(events.Request(request.remote_addr or "", request_number))


def concerns(session_code: str) -> None:
    """All further lines of this request bear the code of this coaching session."""
    # An address may say anything; only what may be a code is repeated.
    if session_code and len(session_code) <= LONGEST_CODE and not set(session_code) - set(CODE_LETTERS):
        bind_contextvars(session=session_code)


def log_request(answer: Response) -> Response:
    """Say what was asked, what came of it and how long it took."""
    if "began" in g:
        logger.info("request", extra=_facts(answer))
    return answer


def end(error: BaseException | None) -> None:
    """What this thread does next is another request's."""
    clear_contextvars()
    events.come_from_nowhere()


def _facts(answer: Response) -> dict[str, object]:
    facts: dict[str, object] = {
        "method": request.method,
        "route": request.url_rule.rule if request.url_rule else None,
        "status": answer.status_code,
        "took_ms": round((monotonic() - g.began) * 1000),
    }
    # Only where the request has asked for it: a picture is not worth a look into the database.
    user = g.get("_login_user")
    if user is not None and user.is_authenticated:
        facts["person"] = user.person.id
    return facts
