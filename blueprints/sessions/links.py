"""The link in a mail: it opens one session for one of its two people, without a sign-in.

The key in its address is made for the session as it was when the mail was written. After any change it only shows, and
asks for a sign-in to act. Whoever is signed in as its person needs no key; whoever is signed in as somebody else sees
what the link allows, and stays signed in. GET shows, POST acts, and a POST passes the same-origin check like any other.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from flask import Response, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from blueprints import stamps, web
from blueprints.accounts.login import ask_to_sign_in, this_visit
from blueprints.sessions.blueprint import blueprint
from blueprints.signed_in import current_person
from coaching.accounts import limit_mutations
from coaching.accounts.models import Person
from coaching.booking import queries
from coaching.booking.models import CoachingSession
from coaching.booking.queries import SessionView
from coaching.errors import AccountSuspended, NotFound
from coaching.messages.sender import Sender
from coaching.rate_limits.limits import LINK_CHANGES, WRONG_KEYS, Use, network_of

KEY = "key"
OLDER_LINK = "This link is older than the last change of this session, so nothing was changed by it."
# What a link opens: to see the session, to move it, also to what its coach proposes, and to cancel it.
OPENED = {
    *("sessions.show", "sessions.room", "sessions.calendar"),
    *("sessions.choose_time", "sessions.move", "sessions.confirm_cancellation", "sessions.cancel"),
    *("sessions.take_proposal", "sessions.refuse_proposals"),
}
# The page on which a form stands that is sent elsewhere.
PAGES = {
    "sessions.room": "sessions.show",
    "sessions.move": "sessions.choose_time",
    "sessions.cancel": "sessions.confirm_cancellation",
    "sessions.take_proposal": "sessions.show",
    "sessions.refuse_proposals": "sessions.show",
}
View = Callable[..., AnyResponse]


def link_or_sign_in(view: View) -> View:
    """Let through whoever is signed in, or comes by a link of this session; others are asked to sign in."""

    @wraps(view)
    def checked(code: str) -> AnyResponse:
        linked, person = find_linked(code), current_person()
        if linked is None and person is None:
            return ask_to_sign_in(plain_address(code)) if KEY in request.args else ask_to_sign_in()
        if linked and linked.person == person and request.method == "GET" and not web.wants_fragment():
            return redirect(without_key(), 303)
        return view(code)

    return checked


def person_of(view: SessionView) -> Person:
    """In whose name whoever looks can act; NotFound for admins, who change nothing."""
    if view.person is None:
        raise NotFound
    return view.person


def find_linked(code: str) -> SessionView | None:
    """The session as the key in the address opens it; None without one that fits. Looked up once a request."""
    if KEY not in request.args or request.endpoint not in OPENED:
        return None
    if "linked" not in g:
        g.linked = open_link(code, request.args[KEY])
    session_view: SessionView | None = g.linked
    if session_view and session_view.person != current_person():
        stamps.draw_none()  # the key says for whom a form is, whoever is signed in by the time it is sent
    return session_view


def open_link(code: str, key: str) -> SessionView | None:
    views = queries.linked_views(code, web.now())
    for view in views:
        revision = sender().read_session_key(code, seat_of(view), key)
        if revision is not None and view.person and view.person.suspended_at:
            raise AccountSuspended  # without the reason: a link is passed on
        if revision is not None:
            is_present = revision == view.coaching_session.revision
            return replace(view, link="present" if is_present else "old")
    if views:
        count_wrong_key()
    return None


def count_wrong_key() -> None:
    """Nobody tries keys for long; whoever only has a garbled link is asked to sign in."""
    visit = this_visit()
    if network := network_of(visit.address):
        limit_mutations.take([Use(WRONG_KEYS, network)], web.both_clocks().machine, visit=visit)


def count_change(view: SessionView) -> None:
    """A session is changed by links only so often in an hour: each change is a message to two people."""
    if view.link:
        use = Use(LINK_CHANGES, str(view.coaching_session.id))
        limit_mutations.take([use], web.both_clocks().machine, view.person, this_visit())


def address_after(view: SessionView, changed: CoachingSession) -> str:
    """The session's page after a change: for whoever came by a link by the one that the change has made."""
    key = fresh_key(view, changed.revision) if view.link else None
    return url_for("sessions.show", code=changed.code, key=key)


def fresh_link(view: SessionView) -> str | None:
    """The link for the session as it is now, to be kept by whoever came by one; None for everybody else."""
    if view.link != "present":
        return None
    key = fresh_key(view, view.coaching_session.revision)
    return sender().session_url(view.coaching_session.code, key=key)


def fresh_key(view: SessionView, revision: int) -> str:
    return sender().session_key(view.coaching_session.code, seat_of(view), revision)


def seat_of(view: SessionView) -> int | None:
    """The seat for which a link of this side is made; None for the coach's."""
    return view.seat.id if view.role == "student" else None


def sender() -> Sender:
    configured_sender: Sender = current_app.extensions["settings"].sender
    return configured_sender


def plain_address(code: str) -> str:
    """The address of the page asked for, without a key: it goes on to where people sign in."""
    endpoint = str(request.endpoint)
    return url_for(PAGES.get(endpoint, endpoint), code=code, key=None)


def without_key() -> str:
    """The present address without its key."""
    return url_for(str(request.endpoint), **(request.view_args or {}), **rest_of_query(), key=None)


def rest_of_query() -> dict[str, Any]:
    return {name: value for name, value in request.args.items() if name != KEY}


@blueprint.url_defaults
def carry_key(endpoint: str, values: dict[str, Any]) -> None:
    """Whatever the page of a linked session leads to, it leads there by the same link."""
    linked: SessionView | None = g.get("linked")
    if linked is None or endpoint not in OPENED or values.get("code") != linked.coaching_session.code:
        return
    if linked.person != current_person():
        values.setdefault(KEY, request.args[KEY])


@blueprint.after_request
def keep_private(answer: Response) -> Response:
    """A page that a key has opened is kept by nobody on the way, and found by no search."""
    if KEY in request.args:
        answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"] = "no-store", "noindex"
    return answer
