"""Saved forms: nothing typed is lost when somebody has to sign up, sign in or connect Discord first.

A form that cannot be taken yet is saved for the page it stands on:

    save_form(url_for("storefront.product", …), request.form)

and that page, where it draws the whole form, looks whether something waits:

    form = NewStoreForm(take_saved())        # None when nothing waits

What is taken is given back once; `peek_saved` leaves it there until `forget(address)`. It is given to the same browser
only and, if the form was somebody's, to that person: its stamp says whose it is (blueprints/stamps.py). It is kept a
day. Uploads are not saved, nor passwords, nor codes of a second factor. A form that is sent without a sign-in is
saved by itself (blueprints/accounts/login.py); the Discord card saves the form that stands around it.
"""

import json
from collections.abc import Collection
from typing import Literal

from flask import flash, request, session
from structlog.contextvars import bind_contextvars
from werkzeug.datastructures import MultiDict

import clock
from blueprints import stamps
from blueprints.forms import is_secret
from blueprints.signed_in import current_person
from coaching.accounts import saved_form_mutations, saved_form_queries
from coaching.accounts.details import Visit
from coaching.accounts.models import Person
from coaching.accounts.queries import find_any_sign_in, find_person_by_id
from coaching.accounts.tokens import new_token
from coaching.db_waits import in_passing
from coaching.errors import RateLimited

KEY = "parked"  # as the first cookies had it: a browser that waits meanwhile loses nothing
# Drawn with a form, brought along by a link, filled in by a script: a form with nothing else in it was not filled in.
NOT_TYPED = {"drawn", "form_key", "from", "next", "via", "zone"}
# What the page had when it was drawn, sent along.
SEEN = "seen"
# Chosen by a link, and sent by every booking form: worth keeping, but not in place of what somebody typed.
CHOSEN = {"offer", "day", "code"}
TOO_LONG = (
    "What you filled in is too long to be kept for you. Go back, where it still is, and copy it before you go on."
)


def save_form(address: str, fields: MultiDict[str, str], *, warns: bool = True, spent: Collection[str] = ()) -> bool:
    """The fields wait for the page at `address` (its query does not matter); False when they cannot be kept.

    Then the next page says so, unless the present one does (`tells`). A form with nothing in it, but for fields whose
    values are `spent`, takes no other's place.
    """
    is_kept = {name for name in fields if name != stamps.FIELD and not is_secret(name)}
    kept = [[name, value] for name, value in fields.items(multi=True) if name in is_kept]
    filled = {name for name, value in kept if value and name.partition("-")[0] != SEEN}
    filled -= NOT_TYPED.union(spent)
    if not filled or (filled <= CHOSEN and is_saved(address)):
        return True
    owner = _owner()
    if owner is None:
        return False
    key = session.get(KEY) or new_token()
    person = None if owner == "visitor" else owner
    problem = _keep(key, _path(address), json.dumps(kept), person)
    if problem is None:
        session[KEY] = key
    elif warns:
        flash(problem, "warn")
    return problem is None


def _keep(key: str, path: str, fields: str, person: Person | None) -> str | None:
    """Why they cannot be kept, or None: they are."""
    visit = Visit(address=request.remote_addr or "")
    try:
        fits = saved_form_mutations.save_form(key, path, fields, person, clock.machine_now(), visit)
    except RateLimited as error:
        bind_contextvars(limit=error.limit)
        return error.sentence
    return None if fits else TOO_LONG


def take_saved() -> MultiDict[str, str] | None:
    """What waits for the present page; it is given back once.

    While nothing can be written it goes on waiting.
    """
    waiting = None if request.method == "HEAD" else peek_saved()
    if waiting is None:
        return None
    path = _path(request.path)
    with in_passing():
        return _fields(saved_form_mutations.take_saved_form(session[KEY], path, current_person(), clock.machine_now()))
    return waiting


def peek_saved(address: str | None = None) -> MultiDict[str, str] | None:
    """What waits for the page at `address`, else for the present one; it goes on waiting."""
    key = session.get(KEY)
    if not key:
        return None
    path = _path(address or request.path)
    return _fields(saved_form_queries.find_saved_form(key, path, current_person(), clock.machine_now()))


def with_field(saved: MultiDict[str, str] | None, name: str) -> MultiDict[str, str] | None:
    """What was saved, for that one of a page's forms which has a field of this name."""
    return saved if saved and name in saved else None


def take_saved_with(name: str) -> MultiDict[str, str] | None:
    """What waits for that one of the present page's forms which has a field of this name; else it goes on waiting."""
    return take_saved() if with_field(peek_saved(), name) else None


def is_saved(address: str) -> bool:
    """True while something waits for the page at `address` in this browser."""
    key: str | None = session.get(KEY)
    return bool(key and saved_form_queries.is_saved(key, _path(address), clock.machine_now()))


def waiting_address() -> str | None:
    """The page for which whoever is here saved something last."""
    key = session.get(KEY)
    return saved_form_queries.find_waiting_address(key, current_person(), clock.machine_now()) if key else None


def hand_over(person: Person) -> str | None:
    """What the visitor saved in this browser is the person's from now on, under a new key, which comes back."""
    old = session.get(KEY)
    if not old:
        return None
    new = new_token()
    saved_form_mutations.move_saved_forms(old, new, person)
    return new


def forget(address: str) -> None:
    """What waited for the page at `address` has served its purpose."""
    if key := session.get(KEY):
        saved_form_mutations.drop_saved_form(key, _path(address), current_person())


def forget_saved() -> None:
    """Nothing waits in this browser any more."""
    if key := session.pop(KEY, None):
        saved_form_mutations.drop_saved_forms(key)


def _owner() -> Person | Literal["visitor"] | None:
    """Whose the sent form is; None when that cannot be known, and then nobody may be given it."""
    stamp, person = stamps.sent_stamp(), current_person()
    if stamp and stamp.person_id is not None:
        return find_person_by_id(stamp.person_id)
    if stamp:
        return (person or "visitor") if stamps.is_own(stamp) else None
    if person is None and stamps.TOKEN in session:
        # Also a sign-in that has ended tells whose words these are.
        ended = find_any_sign_in(session[stamps.TOKEN])
        person = ended.person if ended else find_person_by_id(session.get(stamps.HOLDER, 0))
    return person or "visitor"


def _fields(text: str | None) -> MultiDict[str, str] | None:
    return MultiDict((name, value) for name, value in json.loads(text)) if text else None


def _path(address: str) -> str:
    return address.partition("?")[0].partition("#")[0]
