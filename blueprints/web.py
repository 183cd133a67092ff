"""What all flows of the web share: page or fragment, what each request passes before its route, the headers."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, Response, abort, current_app, g, make_response, redirect, render_template, request, session
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import bodies, filters, icons, languages
from blueprints.bodies import SAFE_METHODS
from blueprints.same_origin import origin_of, pay_origin, refuse_foreign_origin
from blueprints.signed_in import current_person
from blueprints.varying import vary_by
from coaching.db import database
from coaching.now import Now
from coaching.origins import is_loopback
from coaching.patience import patience

# Their GET does work, and whoever only asks for headers wants none done: Flask would run the view for HEAD.
WITHOUT_HEAD = {"accounts.discord_callback", "operation.process_sessions"}
# A file needs no rows, and whether the process is up, or all that it needs, are questions of their own.
WITHOUT_DATABASE = {"static", "operation.healthz", "operation.readyz"}
# They tell nothing but yes or no, to a load balancer that asks by number as well.
FOR_ANY_HOST = {"/healthz", "/readyz"}
# No list is longer, and a database raises where more rows are to be left out than it can count.
LAST_PAGE = 100_000
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
LAST_DOT = re.compile(r"\.(?=(:[0-9]*)?\Z)")
# What a page may ask of a device: nothing. Calls are held in Discord.
NO_PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen"),
        *("geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi"),
        *("payment", "picture-in-picture", "publickey-credentials-get", "screen-wake-lock", "serial", "usb"),
        "xr-spatial-tracking",
    )
)


def init_app(app: Flask) -> None:
    """Hook database, same-origin check, headers and filters into the application."""
    app.before_request(refuse_other_machines)
    app.before_request(refuse_unreadable_address)
    app.before_request(move_to_own_host)
    app.before_request(refuse_foreign_origin)
    # Before there is a connection, which would be held for as long as somebody takes to send.
    app.before_request(bodies.read_form)
    app.before_request(connect)
    app.after_request(add_headers)
    app.after_request(note_written)
    app.teardown_request(disconnect)
    app.context_processor(page_context)
    bodies.init_app(app)
    filters.init_app(app)
    languages.init_app(app)
    icons.init_app(app)


def refuse_head(app: Flask) -> None:
    """Routing answers HEAD with 405 and what is allowed, where GET does more than show something."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in WITHOUT_HEAD and rule.methods:
            rule.methods.discard("HEAD")


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or for an htmx request its fragment alone; a restored history entry needs the page."""
    is_part = fragment is not None and wants_fragment()
    if share := context.get("share"):
        g.is_indexed = share.is_indexed  # as blueprints/sharing.py tells in the answer's head, too
    html = render_template(fragment if fragment and is_part else page, **context)
    if is_part and current_app.config["DEMO"] and not draws_itself_anew():
        html += render_template("_clock_bar.html", oob=True)  # it stands outside of what is swapped
    answer = make_response(html, status)
    vary_by(answer, "HX-Request")
    return answer


def wants_fragment() -> bool:
    """True when htmx asks for a part of the page."""
    # As the server names headers: a page asks half a dozen times, and Werkzeug raises for each that is missing.
    sent = request.environ
    return "HTTP_HX_REQUEST" in sent and "HTTP_HX_HISTORY_RESTORE_REQUEST" not in sent


def draws_itself_anew() -> bool:
    """True when a part of the page asks for itself, as polls do: what stands around it did not change."""
    return "HX-Trigger" in request.headers and request.headers["HX-Trigger"] == request.headers.get("HX-Target")


def sends_mail() -> bool:
    """False where no mail leaves this site: then no page may promise one."""
    return current_app.extensions["settings"].mail_url is not None


def now() -> datetime:
    """The product's time, read once a request."""
    return both_clocks().product


def both_clocks() -> Now:
    """What both clocks say, read once a request."""
    if "now" not in g:
        g.now = clock.both()
    clocks: Now = g.now
    return clocks


def safe_next(address: str | None, otherwise: str = "/") -> str:
    """`address` if it is a path on this site, else `otherwise`."""
    # urlsplit alone lets "/\\evil.example" pass, and browsers read the backslash as a slash.
    if not address or not address.startswith("/") or address[1:2] in ("/", "\\"):
        return otherwise
    if "\\" in address or CONTROL.search(address):
        return otherwise
    return address


def asked_page() -> int:
    """The page of a list that the address asks for, counted from 1; the first one where that makes no sense."""
    text = request.args.get("page", "")
    return min(max(int(text), 1), LAST_PAGE) if re.fullmatch("[0-9]{1,9}", text) else 1


def with_plain_host(application: WSGIApplication, own_host: str) -> WSGIApplication:
    """The application is told a host as browsers write it: small letters, and no dot at its end.

    Whoever only asks whether it is up need not know its name.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in FOR_ANY_HOST:
            environ["HTTP_HOST"] = own_host
        elif host := environ.get("HTTP_HOST"):
            environ["HTTP_HOST"] = LAST_DOT.sub("", host.lower())
        return application(environ, start_response)

    return call


def route_of(address: str) -> tuple[str | None, dict[str, Any]]:
    """Which of our pages a GET of this path and query opens, and the values in it; None for an address without one."""
    if request_ctx.url_adapter is None:
        return None, {}
    try:
        endpoint, values = request_ctx.url_adapter.match(address.partition("?")[0].partition("#")[0], "GET")
    except HTTPException:
        return None, {}
    return endpoint, dict(values)


def refuse_other_machines() -> None:
    """403 in a demo for whoever comes over a network: its passwords stand on a screen, and its clock is anybody's."""
    if current_app.config["DEMO"] and not is_this_machine(request.remote_addr or ""):
        abort(403, "This is a demo. It answers on the machine it runs on, and nowhere else.")


def is_this_machine(address: str) -> bool:
    """True for a loopback address, and for the empty one that a socket file has."""
    return not address or is_loopback(address)


def refuse_unreadable_address() -> None:
    """404 for an address with a NUL in it: it names nothing, and PostgreSQL would break off over it."""
    if "\0" in request.path:
        abort(404)


def move_to_own_host() -> AnyResponse | None:
    """In a demo both names of the machine answer, but the cookie of a Discord round trip lies on APP_URL's."""
    own = origin_of(current_app.config["APP_URL"])
    # The scheme may be a proxy's: only the host says whether this is another name of the machine.
    is_own = origin_of(f"{urlsplit(own).scheme}://{request.host}") == own
    if not current_app.config["DEMO"] or request.method != "GET" or is_own:
        return None
    if "text/html" not in request.headers.get("Accept", ""):
        return None
    return redirect(f"{own}{request.full_path.rstrip('?')}", 307)


def connect() -> None:
    """Open this request's database connection."""
    if request.endpoint not in WITHOUT_DATABASE:
        database.connect(reuse_if_open=True)
        if request.method not in SAFE_METHODS:
            patience.begin()


def note_written(answer: Response) -> Response:
    """A form that leads on has been written: the database takes again what is sent."""
    if request.method not in SAFE_METHODS and 300 <= answer.status_code < 400:
        patience.note_won()
    return answer


def disconnect(error: BaseException | None) -> None:
    """Close it, whatever happened."""
    if not database.is_closed():
        patience.end()
        database.close()


def add_headers(answer: Response) -> Response:
    """Put the security headers on every answer, errors and fragments too."""
    settings = current_app.extensions["settings"]
    # Chromium asks this of redirects, too: a form leads to Discord, or to the page on which a call is paid.
    forms = f"'self' {origin_of(settings.discord_oauth_url)} {pay_origin()}"
    answer.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
        f"base-uri 'none'; form-action {forms}; frame-ancestors 'none'",
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    # Not no-referrer: then same-origin POSTs would carry "Origin: null".
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    answer.headers["Permissions-Policy"] = NO_PERMISSIONS
    if settings.is_https:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    if answer.mimetype == "text/html":
        vary_by(answer, "Cookie")
        # Also a visitor's: what they typed may wait in this browser and stand in the page.
        is_personal = bool(session) or request.method not in SAFE_METHODS
        answer.headers.setdefault("Cache-Control", "no-store" if is_personal else "private, no-cache")
    return answer


def page_context() -> dict[str, Any]:
    """Names every template may use."""
    settings = current_app.extensions["settings"]
    return {
        "current_person": current_person(),
        "demo": current_app.config["DEMO"],
        "has_directory": settings.has_directory,
        "now": now,
        "sends_mail": sends_mail(),
        "site": origin_of(current_app.config["APP_URL"]),
        "site_name": settings.site_name,
        "imprint_url": settings.imprint_url,
        "privacy_url": settings.privacy_url,
    }
