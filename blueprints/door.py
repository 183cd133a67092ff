"""The door: a rush of passwords is answered here, before Flask makes a request of it, and costs a fifth of that.

A hundred people who sign in at once are told within a moment to come back; everybody else waits for their pages behind
them. Only what a browser sends in the ordinary way is answered here. With anything else about a request it goes on, and
is answered as if there were no door (blueprints/rate_limits.refuse_rush): the same page and headers, and the same
limits are counted.
"""

import logging
from collections.abc import Iterable
from functools import cached_property
from threading import Lock
from time import monotonic
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Request, Response
from flask.ctx import RequestContext
from jinja2 import Template
from structlog.contextvars import clear_contextvars
from werkzeug.exceptions import HTTPException

from blueprints import http_figures, rate_limits, web
from blueprints.bodies import FORMS, LARGEST_FORM
from blueprints.sharing import index_only_shared
from blueprints.unavailable import form_in
from coaching.accounts import passwords
from coaching.errors import Busy
from coaching.rate_limits.limits import network_of

# Of a rush a line is written so often at most, in seconds, with how many were refused since the one before.
LOG_EVERY = 1.0

logger = logging.getLogger("greenroom.access")


class Door:
    """The application, for whoever is let in."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._application = app.wsgi_app
        self._rush = Rush()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if passwords.hashing.permits.are_all_taken and environ["REQUEST_METHOD"] == "POST":
            refusal = self._refusal(environ)
            if refusal is not None:
                page, own = refusal
                start_response("503 SERVICE UNAVAILABLE", [*self._headers, *own])
                return [page]
        self._rush.log_rest()
        return self._application(environ, start_response)

    def make_ready(self) -> None:
        """What every refusal needs is there before the first one."""
        self._page.render(sentence="", sent=None, stylesheet=self._stylesheet)
        assert self._headers

    def _refusal(self, environ: WSGIEnvironment) -> tuple[bytes, list[tuple[str, str]]] | None:
        """The page of whoever sends a password now, and its own headers; None for what is to be looked at inside."""
        began = monotonic()
        asked = self._app.request_class(environ)
        if asked.mimetype != FORMS[0] or not 0 < (asked.content_length or 0) <= LARGEST_FORM:
            return None
        route = self._route(asked)
        if route is None or self._is_flood(asked):
            return None
        with self._app.app_context():
            sent = form_in(asked, self._app.session_interface.open_session(self._app, asked) or {})
        busy = passwords.hashing.permits.refusal()
        page = self._page.render(sentence=busy.sentence, sent=sent, stylesheet=self._stylesheet).encode()
        self._rush.refused()
        http_figures.count(self._app, route, "POST", 503, monotonic() - began)
        return page, [("Retry-After", rate_limits.retry_after(busy)), ("Content-Length", str(len(page)))]

    def _route(self, asked: Request) -> str | None:
        """The pattern of the address, where a password is sent to it and under a name of this site."""
        try:
            adapter = self._app.create_url_adapter(asked)
            rule, _ = adapter.match(return_rule=True) if adapter else (None, {})
        except HTTPException:
            return None
        return rule.rule if rule and rule.endpoint in rate_limits.HASHING else None

    def _is_flood(self, asked: Request) -> bool:
        """True for an address that asks for too much; a request that is refused here counts as one inside does."""
        network = network_of(asked.remote_addr or "")
        return network is not None and bool(self._app.extensions["view_buckets"].take(network))

    @cached_property
    def _page(self) -> Template:
        return self._app.jinja_env.get_template("errors/busy.html")

    @cached_property
    def _stylesheet(self) -> str:
        with self._asked("GET"):
            return rate_limits.stylesheet()

    @cached_property
    def _headers(self) -> list[tuple[str, str]]:
        """What every such answer has inside, with the security headers."""
        with self._asked("POST"):
            answer = rate_limits.come_back(Response(mimetype="text/html"), Busy())
            answer = web.add_headers(index_only_shared(answer))
        clear_contextvars()
        return [
            (name, value) for name, value in answer.headers.items() if name not in ("Content-Length", "Retry-After")
        ]

    def _asked(self, method: str) -> RequestContext:
        """Somebody who asks under this site's own name: under any other no address can be worked out."""
        return self._app.test_request_context(base_url=self._app.config["APP_URL"], method=method)


class Rush:
    """Of those who are refused at once the log says how many they were, a line a second, and not a line each."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._logged_at = float("-inf")
        self._unlogged = 0

    def refused(self) -> None:
        """One more was refused; the first of a rush is told at once."""
        with self._lock:
            self._unlogged += 1
        self._log()

    def log_rest(self) -> None:
        """Those after the last line are told with whatever comes next."""
        if self._unlogged:
            self._log()

    def _log(self) -> None:
        now = monotonic()
        with self._lock:
            if not self._unlogged or now - self._logged_at < LOG_EVERY:
                return
            count, self._unlogged, self._logged_at = self._unlogged, 0, now
        logger.info("rush refused", extra={"status": 503, "requests": count, "limit": Busy.limit})
