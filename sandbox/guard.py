"""Who may talk to the sandbox at all: this machine, under its own name, and browsers only from our own pages."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from sandbox.config import SandboxConfig

OWN_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def guard(app: Flask, config: SandboxConfig) -> None:
    """Every request is checked and every answer carries its headers."""
    # Chromium checks form-action against redirects too, and the consent form ends at the product.
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
        f" form-action 'self' {config.app_origin}; frame-ancestors 'none'"
    )
    app.before_request(_require_loopback)
    app.before_request(_require_same_origin)

    @app.after_request
    def add_headers(response: Response) -> Response:
        if not request.path.startswith("/api/"):
            response.headers["Content-Security-Policy"] = policy
            response.headers["Referrer-Policy"] = "same-origin"
            response.headers["Cache-Control"] = "no-store" if request.endpoint != "static" else "no-cache"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _require_loopback() -> None:
    """Nothing but this machine gets in, and no foreign name that was made to point here (DNS rebinding)."""
    host = urlsplit(f"//{request.host}").hostname
    if host not in OWN_NAMES:
        abort(421, "The sandbox answers on this machine's loopback address only.")
    if request.remote_addr and not ip_address(request.remote_addr).is_loopback:
        abort(403, "The sandbox answers on this machine's loopback address only.")


def _require_same_origin() -> None:
    """A browser may change something only from our own pages; scripts send neither header and may."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        allowed = site in ("same-origin", "none")
    else:
        allowed = origin is None or urlsplit(origin).netloc == request.host
    if not allowed:
        abort(403, "This request came from another site.")
