"""Parked forms: nothing typed is lost when somebody has to sign up, sign in or connect Discord first.

A form that cannot be taken yet is parked for the page it stands on:

    park(url_for("storefront.product", …), request.form)

and that page, where it draws the whole form, looks whether something waits:

    form = NewStoreForm(take_parked())        # None when nothing waits

What is taken is given back once; `peek_parked` leaves it there until `forget(address)`. It is given to the same browser
only and, if the form was somebody's, to that person: its stamp says whose it is (blueprints/stamps.py). It is kept a
day. Uploads are not parked, nor passwords, nor codes of a second factor. A form that is sent without a sign-in is
parked by itself (blueprints/accounts/login.py); the Discord card parks the form that stands around it.
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
from coaching.accounts import parked_form_mutations, parked_form_queries
from coaching.accounts.details import Visit
from coaching.accounts.models import Person
from coaching.accounts.queries import find_any_sign_in, find_person_by_id
from coaching.accounts.tokens import new_token
from coaching.db import in_passing
from coaching.errors import RateLimited

KEY = "parked"
# Drawn with a form, brought along by a link, filled in by a script: a form with nothing else in it was not filled in.
NOT_TYPED = {"drawn", "form_key", "from", "next", "via", "zone"}
# What the page had when it was drawn, sent along.
SEEN = "seen"
# Chosen by a link, and sent by every booking form: worth keeping, but not in place of what somebody typed.
CHOSEN = {"offer", "day", "code"}
TOO_LONG = (
    "What you filled in is too long to be kept for you. Go back, where it still is, and copy it before you go on."
)


def park(address: str, fields: MultiDict[str, str], *, tells: bool = True, spent: Collection[str] = ()) -> bool:
    """The fields wait for the page at `address` (its query does not matter); False when they cannot be kept.

    Then the next page says so, unless the present one does (`tells`). A form with nothing in it, but for fields whose
    values are `spent`, takes no other's place.
    """
    is_kept = {name for name in fields if name != stamps.FIELD and not is_secret(name)}
    kept = [[name, value] for name, value in fields.items(multi=True) if name in is_kept]
    filled = {name for name, value in kept if value and name.partition("-")[0] != SEEN}
    filled -= NOT_TYPED.union(spent)
    if not filled or (filled <= CHOSEN and is_parked(address)):
        return True
    owner = _owner()
    if owner is None:
        return False
    key = session.get(KEY) or new_token()
    person = None if owner == "visitor" else owner
    problem = _keep(key, _path(address), json.dumps(kept), person)
    if problem is None:
        session[KEY] = key
    elif tells:
        flash(problem, "warn")
    return problem is None


def _keep(key: str, path: str, fields: str, person: Person | None) -> str | None:
    """Why they cannot be kept, or None: they are."""
    visit = Visit(address=request.remote_addr or "")
    try:
        fits = parked_form_mutations.park_form(key, path, fields, person, clock.machine_now(), visit)
    except RateLimited as error:
        bind_contextvars(limit=error.limit)
        return error.sentence
    return None if fits else TOO_LONG


def take_parked() -> MultiDict[str, str] | None:
    """What waits for the present page; it is given back once.

    While nothing can be written it goes on waiting.
    """
    waiting = None if request.method == "HEAD" else peek_parked()
    if waiting is None:
        return None
    path = _path(request.path)
    with in_passing():
        return _fields(
            parked_form_mutations.take_parked_form(session[KEY], path, current_person(), clock.machine_now())
        )
    return waiting


def peek_parked(address: str | None = None) -> MultiDict[str, str] | None:
    """What waits for the page at `address`, else for the present one; it goes on waiting."""
    key = session.get(KEY)
    if not key:
        return None
    path = _path(address or request.path)
    return _fields(parked_form_queries.find_parked_form(key, path, current_person(), clock.machine_now()))


def with_field(parked: MultiDict[str, str] | None, name: str) -> MultiDict[str, str] | None:
    """What was parked, for that one of a page's forms which has a field of this name."""
    return parked if parked and name in parked else None


def take_parked_with(name: str) -> MultiDict[str, str] | None:
    """What waits for that one of the present page's forms which has a field of this name; else it goes on waiting."""
    return take_parked() if with_field(peek_parked(), name) else None


def is_parked(address: str) -> bool:
    """True while something waits for the page at `address` in this browser."""
    key: str | None = session.get(KEY)
    return bool(key and parked_form_queries.is_parked(key, _path(address), clock.machine_now()))


def waiting_address() -> str | None:
    """The page for which whoever is here parked something last."""
    key = session.get(KEY)
    return parked_form_queries.find_waiting_address(key, current_person(), clock.machine_now()) if key else None


def hand_over(person: Person) -> str | None:
    """What the visitor parked in this browser is the person's from now on, under a new key, which comes back."""
    old = session.get(KEY)
    if not old:
        return None
    new = new_token()
    parked_form_mutations.move_parked_forms(old, new, person)
    return new


def forget(address: str) -> None:
    """What waited for the page at `address` has served its purpose."""
    if key := session.get(KEY):
        parked_form_mutations.drop_parked_form(key, _path(address), current_person())


def forget_parked() -> None:
    """Nothing waits in this browser any more."""
    if key := session.pop(KEY, None):
        parked_form_mutations.drop_parked_forms(key)


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
