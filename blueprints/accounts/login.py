"""Who is signed in: a token in the cookie, a row in the database, and the way back for those who have to sign in."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from flask import Flask, Response, make_response, redirect, request, session, url_for
from flask.globals import request_ctx
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import parking, zones
from blueprints.accounts.browsers import browser_name
from blueprints.web import SAFE_METHODS, is_own_origin, safe_next
from coaching.accounts import mutations, queries
from coaching.accounts.details import Visit
from coaching.accounts.models import Person, SignIn
from coaching.accounts.sign_in_life import SEEN_STEP, is_fresh

# In the cookie instead of the address: where to go on when that address holds a token.
NEXT = "next"
LONGEST_NEXT = 200


class SignedIn(UserMixin):
    """The person behind a request, and by which sign-in."""

    def __init__(self, token: str, sign_in: SignIn) -> None:
        self.token = token
        self.sign_in = sign_in
        self.person: Person = sign_in.person

    def get_id(self) -> str:
        return self.token


def init_app(app: Flask) -> None:
    """Let flask-login find people by their sign-in rows."""
    manager = LoginManager(app)
    # The row in the database says what a sign-in is worth; an address that changes on a train says nothing.
    manager.session_protection = None
    manager.user_loader(load)
    manager.unauthorized_handler(ask_to_sign_in)
    # Or every answer, pictures included, would send the cookie again and might undo what another one changed.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False


def load(token: str) -> SignedIn | None:
    """Whoever this token belongs to, as long as the sign-in lives."""
    now = clock.machine_now()
    sign_in = queries.find_sign_in(token, now)
    if sign_in is None:
        return None
    if now - sign_in.seen_at > SEEN_STEP:
        mutations.record_seen(sign_in, now)
    return SignedIn(token, sign_in)


def sign_in(person: Person, zone: str | None = None) -> None:
    """This browser is signed in as `person`, by a new token; of the visit before only forms and zone remain.

    `zone` is the one of the pages that led here.
    """
    visit = this_visit()
    now = clock.machine_now()
    token = mutations.start_sign_in(
        person, now, browser=visit.browser, address=visit.address, replaces=session.get("_user_id")
    )
    parked_key = parking.hand_over(person)
    zones.hand_over(person, zone)
    session.clear()
    session.permanent = True
    if parked_key:
        session[parking.KEY] = parked_key
    found = queries.find_sign_in(token, now)
    assert found is not None
    login_user(SignedIn(token, found))


def sign_out() -> None:
    """This browser is signed in as nobody, and a copy of its cookie is worth nothing."""
    if current_user.is_authenticated:
        mutations.end_sign_in(current_user.person, current_user.sign_in.id)
    parking.forget_parked()
    session.clear()


def this_visit() -> Visit:
    """Where this request comes from."""
    return Visit(browser=browser_name(request.headers.get("User-Agent", "")), address=request.remote_addr or "")


def ask_to_sign_in(back: str | None = None) -> AnyResponse:
    """Send a visitor to the sign-in page; what they typed is parked for `back`, else for the page they are on."""
    back = back or page_address()
    if request.method not in SAFE_METHODS:
        # The sign-in that has run out still tells whose words these are.
        expired = queries.find_any_sign_in(session.get("_user_id", ""))
        parking.park(back, request.form, expired.person if expired else None)
    if "token" in (request.view_args or {}):
        # No address names a token but the link in the mail itself. A longer one is none of ours, and would not fit.
        session[NEXT] = back[:LONGEST_NEXT]
        return go_to(url_for("accounts.sign_in"))
    return go_to(url_for("accounts.sign_in", next=back))


def fresh_sign_in_required(view: Callable[..., AnyResponse]) -> Callable[..., AnyResponse]:
    """Let only those through who have proved who they are in the last ten minutes; others are asked once more."""

    @wraps(view)
    def checked(**arguments: object) -> AnyResponse:
        return ask_to_confirm() or view(**arguments)

    guarded: Callable[..., AnyResponse] = login_required(checked)
    return guarded


def ask_to_confirm() -> AnyResponse | None:
    """The way to "confirm that it is you" and back, with what was typed parked; None shortly after a proof."""
    if is_fresh(current_user.sign_in.proved_at, clock.machine_now()):
        return None
    back = page_address()
    if request.method not in SAFE_METHODS:
        parking.park(back, request.form)
    return go_to(url_for("accounts.confirm", next=back))


def page_address() -> str:
    """The page the person is looking at: for a form or a fragment the one it stands on."""
    is_fragment = "HX-Request" in request.headers
    if request.method in SAFE_METHODS and not is_fragment:
        return safe_next(request.full_path.rstrip("?"))
    if page := own_page(request.headers.get("HX-Current-URL") or request.referrer or ""):
        return safe_next(page)
    adapter = request_ctx.url_adapter
    is_page = adapter is not None and adapter.test(request.path, "GET")
    return safe_next(request.path) if is_page else "/"


def own_page(address: str) -> str | None:
    """Path and query of an address on this site; None for any other, and for what is no address."""
    if not is_own_origin(address):
        return None
    page = urlsplit(address)
    if not page.path:
        return None
    return f"{page.path}?{page.query}" if page.query else page.path


def next_address() -> str:
    """Where to go on after signing in: a page of this site, else the dashboard."""
    told = request.args.get("next") or session.get(NEXT)
    return safe_next(told, url_for("dashboard.home"))


def go_to(address: str) -> AnyResponse:
    """The browser shows `address` next, whole pages only: htmx is told to leave the present one."""
    if "HX-Request" in request.headers:
        answer: Response = make_response("", 204)
        answer.headers["HX-Redirect"] = address
        return answer
    return redirect(address, 303)


def signed_in() -> SignedIn:
    """The present sign-in, where the route asked for one."""
    found: SignedIn = current_user._get_current_object()
    return found
