"""Which origins are this site's, and that its forms come from its own pages."""

from functools import lru_cache
from urllib.parse import urlsplit

from flask import Request, abort, current_app, request

import clock
from blueprints.bodies import SAFE_METHODS
from blueprints.signed_in import current_person
from coaching.accounts.event_mutations import note

# Called by machines that have no browser; each has a check of its own. A mail program turns off one kind of message
# by a signed address (RFC 8058), and nothing else.
WITHOUT_ORIGIN = {
    *("operation.process_sessions", "accounts.turn_off_messages", "webhooks.hear_of_site", "webhooks.hear_of_store"),
}
# Where Stripe's pages are; a stand-in's are at its own address.
PAY_ORIGINS = {"https://api.stripe.com": "https://checkout.stripe.com"}
DEFAULT_PORTS = {"http": 80, "https": 443}


def refuse_foreign_origin() -> None:
    """403 for a POST that another site's page sends (CSRF)."""
    if request.method in SAFE_METHODS or request.endpoint in WITHOUT_ORIGIN:
        return
    if not comes_from_here(request):
        # Which site it was is the browser's word, and shown as such.
        where = request.headers.get("Origin") or request.headers.get("Sec-Fetch-Site") or "no origin told"
        note("foreign origin", clock.machine_now(), current_person(), f"{request.endpoint}, from {where}")
        abort(403, "This form was sent from another site. Open the page here and send it again.")


def comes_from_here(asked: Request) -> bool:
    """True when a page of this site has sent the request."""
    site = asked.headers.get("Sec-Fetch-Site")
    return site in ("same-origin", "none") if site else is_own_origin(asked.headers.get("Origin", ""))


def is_own_origin(origin: str) -> bool:
    """True for an origin this site is reached by."""
    try:
        return origin_of(origin) in own_origins()
    except ValueError:
        return False


def own_origins() -> set[str]:
    """The origins this site is reached by: APP_URL's, and on a demo's loopback the other name of the machine."""
    origin = origin_of(current_app.config["APP_URL"])
    if not current_app.config["DEMO"]:
        return {origin}
    port = urlsplit(origin).port or 80
    return {origin, *(origin_of(f"http://{name}:{port}") for name in ("localhost", "127.0.0.1"))}


@lru_cache(64)
def origin_of(address: str) -> str:
    """Scheme, host and port of an address, as browsers write them; ValueError for what is no address."""
    parts = urlsplit(address)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else (parts.hostname or "").removesuffix(".")
    is_default = parts.port in (None, DEFAULT_PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" if is_default else f"{parts.scheme}://{host}:{parts.port}"


def pay_origin() -> str:
    """Where the payment provider's pages are: Stripe's own, or those of a stand-in for it."""
    api = current_app.extensions["settings"].stripe_api_url
    return PAY_ORIGINS.get(api) or origin_of(api)
