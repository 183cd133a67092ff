"""Limits at the web's edge: how many pages one address gets, and the answer of whoever is told to come back later.

Page views are counted in the memory of each process: a page view is no write, and a flood costs next to nothing.
"""

import math
from datetime import timedelta
from time import monotonic
from typing import TypeVar

from flask import Flask, Response, current_app, g, make_response, request, url_for
from structlog.contextvars import bind_contextvars
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints.bodies import LARGEST_FORM
from blueprints.unavailable import SentForm, sent_form
from blueprints.web import WITHOUT_DATABASE
from coaching.accounts import passwords
from coaching.accounts.details import Visit
from coaching.accounts.limit_mutations import note_hit
from coaching.db import UNREADABLE, database
from coaching.errors import Busy, ComeBackLater, RateLimited
from coaching.rate_limits.buckets import TokenBuckets
from coaching.rate_limits.limits import network_of

VIEWS_A_SECOND = 50
VIEWS_AT_ONCE = 500
VIEWS = "page views"
# A flood is written into the security log this often, in seconds, for each address.
NOTED_EVERY = 600
# Their POST hashes a password.
HASHING = {
    "accounts.enter",
    "accounts.create_account",
    "accounts.send_confirmation",
    "accounts.change_password",
    "accounts.choose_password",
    "accounts.claim_other_account",
}

Answer = TypeVar("Answer", bound=AnyResponse)


def init_app(app: Flask) -> None:
    """Let nobody ask for more pages than a whole class would. To be registered before what costs something."""
    app.extensions["view_buckets"] = TokenBuckets(VIEWS_A_SECOND, VIEWS_AT_ONCE, monotonic)
    app.extensions["floods_to_note"] = TokenBuckets(1 / NOTED_EVERY, 1, monotonic)
    app.before_request(limit_views)
    app.before_request(refuse_rush)


def limit_views() -> Response | None:
    """429 for an address that asks for too much; its page needs neither a row nor who is asking."""
    network = network_of(request.remote_addr or "")
    if network is None or request.endpoint in WITHOUT_DATABASE:
        return None
    wait = current_app.extensions["view_buckets"].take(network)
    if not wait:
        return None
    if not current_app.extensions["floods_to_note"].take(network):
        note_flood()
    sentence = "More pages were asked for from your network than this site gives at once. Wait a few seconds."
    page = draw_alone("errors/too_many.html", sentence=sentence)
    return come_back(page, RateLimited(sentence, timedelta(seconds=wait), limit=VIEWS))


def refuse_rush() -> Response | None:
    """503 for a password that could not be hashed soon, with a form that sends the rest of what was typed again.

    The pages of these forms cost more than ten such answers: drawn for each of a rush, they would hold up everybody.
    Most of a rush does not come as far as here (blueprints/door.py).
    """
    is_form = request.method == "POST" and 0 < (request.content_length or 0) <= LARGEST_FORM
    if request.endpoint not in HASHING or not is_form:
        return None
    try:
        passwords.hashing.permits.refuse_if_full()
    except Busy as error:
        return answer_rush(error, sent_form())
    return None


def take_place() -> Response | None:
    """Whoever sends a password has a place from here on, or is told to come back: not after half of the work."""
    if request.endpoint in HASHING and request.method == "POST":
        g.permits = passwords.hashing.permits
        try:
            g.permits.take_place()
        except Busy as error:
            return answer_rush(error, sent_form())
    return None


def leave_place(error: BaseException | None) -> None:
    """The place is the next one's."""
    if "permits" in g:
        g.permits.leave_place()


def answer_rush(error: Busy, sent: SentForm | None) -> Response:
    """503 with a form that sends again what was sent."""
    return come_back(draw_alone("errors/busy.html", sentence=error.sentence, sent=sent), error)


def draw_alone(page: str, **context: object) -> Response:
    """The page with nothing of what all other pages are told: no look at who is there, and none into the database."""
    return make_response(current_app.jinja_env.get_template(page).render(stylesheet=stylesheet(), **context))


def stylesheet() -> str:
    """The address of what all pages look by."""
    return url_for("static", filename="app.css")


def come_back(answer: Answer, error: ComeBackLater) -> Answer:
    """The answer says when to come back, and the log why."""
    answer.status_code = 503 if isinstance(error, Busy) else 429
    answer.headers["Retry-After"] = retry_after(error)
    bind_contextvars(limit=error.limit)
    return answer


def retry_after(error: ComeBackLater) -> str:
    """The whole seconds after which it may be tried again, as the header has them."""
    return str(max(math.ceil(error.wait.total_seconds()), 1))


def note_flood() -> None:
    """The security log says where it comes from."""
    try:
        database.connect(reuse_if_open=True)
        note_hit(VIEWS, clock.machine_now(), visit=Visit(address=request.remote_addr or ""))
    except UNREADABLE:
        # The access log has it, too: no answer waits for this.
        current_app.logger.warning("a flood of page views could not be noted")
