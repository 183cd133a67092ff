"""Which page somebody is on, and where they go on once they are signed in."""

from urllib.parse import urlsplit

from flask import Response, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import saved_forms
from blueprints.bodies import SAFE_METHODS
from blueprints.same_origin import is_own_origin
from blueprints.web import route_of, safe_next

# In the cookie instead of the address: where to go on when that address holds a token.
NEXT = "next"
LONGEST_NEXT = 200
# They answer a GET, but are no page with a form to come back to.
NO_PAGES = {None, "accounts.discord_callback", "sessions.room", "storefront.return_to_product"}


def page_address() -> str:
    """The page the person is looking at: for a form or a fragment the one it stands on."""
    is_fragment = "HX-Request" in request.headers
    if request.method in SAFE_METHODS and not is_fragment:
        return safe_next(request.full_path.rstrip("?"))
    open_page = own_page(request.headers.get("HX-Current-URL") or request.referrer or "")
    if open_page and is_page(open_page):
        return safe_next(open_page)
    if request.method not in SAFE_METHODS and (next_page := request.args.get("next")):
        return safe_next(next_page)
    if open_page:
        # A page that answered a form stands at that form's address. The page of the form is the one above.
        path = open_page.partition("?")[0]
        while path and not is_page(path):
            path = path.rpartition("/")[0]
        return safe_next(path)
    return safe_next(request.path) if is_page(request.path) else "/"


def is_page(address: str) -> bool:
    """True when the address can be opened again."""
    endpoint, _ = route_of(address)
    return endpoint not in NO_PAGES


def own_page(address: str) -> str | None:
    """Path and query of an address on this site; None for any other, and for what is no address."""
    if not is_own_origin(address):
        return None
    page = urlsplit(address)
    if not page.path:
        return None
    return f"{page.path}?{page.query}" if page.query else page.path


def next_address() -> str:
    """Where to go on after signing in: the page somebody was sent from, else where something waits for them."""
    return requested_next() or waiting_page()


def requested_next() -> str:
    """The page somebody was sent from to sign in; empty when nothing says it."""
    return safe_next(request.args.get("next") or session.get(NEXT), "")


def waiting_page() -> str:
    """The page for which something waits, else the dashboard."""
    return saved_forms.waiting_address() or url_for("dashboard.home")


def remember_next() -> None:
    """This browser comes back to where the address says, also by a link that a mail brings."""
    next_page = safe_next(request.args.get("next"), "")
    if next_page:
        session[NEXT] = next_page if len(next_page) <= LONGEST_NEXT else next_page.partition("?")[0][:LONGEST_NEXT]


def go_to(address: str) -> AnyResponse:
    """The browser shows `address` next, whole pages only: htmx is told to leave the present one."""
    if "HX-Request" in request.headers:
        answer: Response = make_response("", 204)
        answer.headers["HX-Redirect"] = address
        return answer
    return redirect(address, 303)
