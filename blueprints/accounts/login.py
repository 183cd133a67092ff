"""Who is signed in: a token in the cookie, a row in the database, and the way back for those who have to sign in."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps

from flask import Flask, current_app, make_response, request, session, url_for
from flask_login import LoginManager, login_required, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

import clock
from blueprints import saved_forms, stamps, zones
from blueprints.accounts.browsers import browser_name
from blueprints.accounts.devices import known_device, remember_device
from blueprints.accounts.next_pages import LONGEST_NEXT, NEXT, go_to, page_address
from blueprints.bodies import SAFE_METHODS
from blueprints.errors import show_crash
from blueprints.languages import browser_clock
from blueprints.signed_in import SignedIn, current_person, find_signed_in, signed_in
from blueprints.web import render
from coaching.accounts import mutations, queries
from coaching.accounts.details import Visit
from coaching.accounts.factor_mutations import drop_half
from coaching.accounts.factor_queries import find_any_half, has_factor
from coaching.accounts.models import Person
from coaching.accounts.sign_in_expiry import SEEN_STEP, is_fresh
from coaching.db import REFUSED
from coaching.db_waits import in_passing
from coaching.errors import AccountSuspended, NotFound
from coaching.people.suspension_mutations import BARRED, suspend_barred

# In the cookie: the links of invitations that were followed here (blueprints/invitations/links.py). They outlast a
# sign-in, which is asked for on the way.
INVITED = "invited"
# In the cookie: the token of somebody who has still to give a code (blueprints/accounts/second_step.py).
HALF = "half"
# Asked by scripts while somebody types, not by a press.
WHILE_TYPING = {"stores.suggest_address", "wizard.preview_new", "wizard.preview_step"}


def init_app(app: Flask) -> None:
    """Let flask-login find people by their sign-in rows."""
    manager = LoginManager(app)
    # The row in the database says what a sign-in is worth; an address that changes on a train says nothing.
    manager.session_protection = None
    manager.user_loader(load)
    manager.unauthorized_handler(ask_to_sign_in)
    # Or every answer, pictures included, would send the cookie again and might undo what another one changed.
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    stamps.init_app(app)
    app.before_request(keep_for_its_owner)
    app.register_error_handler(REFUSED, ask_who_is_gone)
    app.add_template_global(way_back)


def load(token: str) -> SignedIn | None:
    """Whoever this token belongs to, as long as the sign-in lives."""
    now = clock.machine_now()
    sign_in = queries.find_sign_in(token, now, admins_need_factor=admins_need_factor())
    if sign_in is None:
        return None
    if now - sign_in.seen_at > SEEN_STEP:
        with in_passing():
            mutations.record_seen(sign_in, now)
            mutations.record_browser_clock(sign_in.person, browser_clock())
    return SignedIn(token, sign_in)


def sign_in(person: Person, zone: str | None = None, *, with_factor: bool = False) -> None:
    """This browser is signed in as `person`, by a new token; of the visit before only forms and zone remain.

    `zone` is the one of the pages that led here; `with_factor` says that a second factor was just given.
    """
    visit = this_visit()
    now = clock.machine_now()
    suspend_barred(person, now)
    era = stamps.era_before(person)
    token = mutations.start_sign_in(
        person,
        now,
        browser=visit.browser,
        address=visit.address,
        replaces=session.get(stamps.TOKEN),
        with_factor=with_factor,
    )
    mutations.record_browser_clock(person, browser_clock())
    forget_half()
    saved_forms_key = saved_forms.hand_over(person)
    invited = session.get(INVITED)
    zones.hand_over(person, zone)
    begin_anew(era)
    session.permanent = True
    session[stamps.HOLDER] = person.id
    if saved_forms_key:
        session[saved_forms.KEY] = saved_forms_key
    if invited:
        session[INVITED] = invited
    new_sign_in = queries.find_sign_in(token, now, admins_need_factor=admins_need_factor())
    assert new_sign_in is not None
    login_user(SignedIn(token, new_sign_in))
    remember_device(person)


def refuse_barred(person: Person) -> None:
    """AccountSuspended for whoever has shown an address or a Discord account that is suspended without an account."""
    if suspend_barred(person, clock.machine_now()):
        sign_out()
        logout_user()  # for the page that says so, too: it leads nowhere that only the person may be
        raise AccountSuspended(BARRED)


def sign_out(*kept: str) -> None:
    """This browser is signed in as nobody, and a copy of its cookie is worth nothing; only `kept` stays in it."""
    if here := find_signed_in():
        with suppress(NotFound):  # it may have ended elsewhere in the meantime
            mutations.end_sign_in(here.person, here.sign_in.id)
    forget_half()
    if saved_forms.KEY not in kept:
        saved_forms.forget_saved()
    remaining = {name: session[name] for name in kept if name in session}
    begin_anew(stamps.ended_era())
    session.update(remaining)


def forget_half() -> None:
    """Nobody in this browser has still to give a code."""
    if token := session.pop(HALF, None):
        drop_half(token)


def admins_need_factor() -> bool:
    """True where an admin without a second factor is let in nowhere: on every site but a demo."""
    return not current_app.extensions["settings"].demo


def begin_anew(era: str) -> None:
    """The cookie holds nothing but the era, if there was one before."""
    session.clear()
    if era:
        session.permanent = True
        session[stamps.ERA] = era


def keep_for_its_owner() -> AnyResponse | None:
    """A form drawn for somebody else than who is here does nothing: it waits for its owner, and the page says so."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return None
    stamp = stamps.sent_stamp()
    if stamp is None or stamps.is_own(stamp):
        return None
    back = page_address()
    if stamp.person_id is not None and current_person() is None:
        return ask_to_sign_in(back)
    waits = saved_forms.save_form(back, request.form, warns=False) and saved_forms.is_saved(back)
    answer = render(
        "accounts/drawn_for_another.html", "accounts/_drawn_for_another.html", 409, stamp=stamp, back=back, waits=waits
    )
    # Whatever part of the page the form aims at, none of it is the present person's.
    answer.headers["HX-Retarget"] = "#content"
    answer.headers["HX-Reswap"] = "innerHTML show:window:top"
    answer.headers["HX-Reselect"] = "#drawn-for-another"
    answer.headers["HX-Push-Url"] = "false"
    return answer


def this_visit() -> Visit:
    """Where this request comes from."""
    return Visit(
        browser=browser_name(request.headers.get("User-Agent", "")),
        address=request.remote_addr or "",
        device=known_device(),
    )


def ask_to_sign_in(back: str | None = None) -> AnyResponse:
    """Send a visitor to the sign-in page; what they typed is saved for `back`, else for the page they are on.

    Nobody is taken away in the middle of a word: what is asked while they type is answered with 401, which the page
    says in words (static/app.js); their next press leads to the sign-in, with all that is typed by then.
    """
    if request.endpoint in WHILE_TYPING and "HX-Request" in request.headers:
        return make_response("", 401)
    back = back or page_address()
    if request.method not in SAFE_METHODS:
        saved_forms.save_form(back, request.form)
    if "token" in (request.view_args or {}):
        # No address names a token but the link in the mail itself. A longer one is none of ours, and would not fit.
        session[NEXT] = back[:LONGEST_NEXT]
        return go_to(url_for("accounts.sign_in"))
    return go_to(url_for("accounts.sign_in", next=back))


def ask_who_is_gone(error: Exception) -> AnyResponse:
    """An account that became part of another one while its request ran has no rows any more: whoever it is signs in."""
    person = current_person()
    if person is None or queries.find_person_by_id(person.id):
        return show_crash(error)
    # Nothing is saved: nobody could say any more whose it was.
    return go_to(url_for("accounts.sign_in", next=page_address()))


def fresh_sign_in_required(view: Callable[..., AnyResponse]) -> Callable[..., AnyResponse]:
    """Let only those through who have proved who they are in the last ten minutes; others are asked once more.

    Who has a second factor verifies it by that, too.
    """

    @wraps(view)
    def checked(**arguments: object) -> AnyResponse:
        return ask_to_confirm() or view(**arguments)

    guarded: Callable[..., AnyResponse] = login_required(checked)
    return guarded


def ask_to_confirm() -> AnyResponse | None:
    """The way to "confirm that it is you" and back, with what was typed saved; None shortly after a verification."""
    if not any(stale_verifications()):
        return None
    back = page_address()
    if request.method not in SAFE_METHODS:
        saved_forms.save_form(back, request.form)
    return go_to(url_for("accounts.confirm", next=back))


def ask_for_factor() -> AnyResponse | None:
    """The same for whoever has a second factor. It stands before rights and money, where nobody else is asked."""
    return ask_to_confirm() if has_factor(signed_in().person) else None


def stale_verifications() -> tuple[bool, bool]:
    """Whether the password (or Discord), and whether a code has to be given once more before a change that matters."""
    here, now = signed_in().sign_in, clock.machine_now()
    is_stale = here.factor_at is None or not is_fresh(here.factor_at, now)
    return not is_fresh(here.verified_at, now), is_stale and has_factor(here.person)


def way_back() -> str | None:
    """Where the links to sign-in and sign-up lead back to: the store's page they stand on, or where theirs leads.

    A page that asks for a code has it from the first step, which its address does not name.
    """
    if request.blueprint == "storefront":
        return page_address()
    if request.blueprint != "accounts":
        return None
    half = find_any_half(session[HALF]) if HALF in session else None
    return request.args.get("next") or (half and half.back) or None
