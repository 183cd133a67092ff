"""Parked forms: nothing typed is lost when somebody has to sign up, sign in or connect Discord first.

A form that cannot be taken yet is parked for the page it stands on:

    park(url_for("storefront.product", …), request.form)

and that page, where it draws the whole form, looks whether something waits:

    form = BookingForm(take_parked(request.path))        # None when nothing waits

What is parked is given back once, to the same browser and, if the form was somebody's, to that person only. It is
kept a day. Uploads are not parked, nor fields with "password" in their name. A form that is sent without a sign-in is
parked by itself (blueprints/accounts/login.py); the Discord card parks the form that stands around it.
"""

import json

from flask import request, session
from werkzeug.datastructures import MultiDict

import clock
from blueprints.web import current_person
from coaching.accounts import parked_forms
from coaching.accounts.models import Person
from coaching.accounts.tokens import new_token

KEY = "parked"


def park(address: str, fields: MultiDict[str, str], person: Person | None = None) -> bool:
    """The fields wait for the page at `address` (its query does not matter); False when they are too much to keep."""
    kept = [[name, value] for name, value in fields.items(multi=True) if "password" not in name.lower()]
    if not any(value for _, value in kept):
        return True
    key = session.get(KEY) or new_token()
    owner = person or current_person()
    is_parked = parked_forms.park_form(key, _path(address), json.dumps(kept), owner, clock.machine_now())
    if is_parked:
        session[KEY] = key
    return is_parked


def take_parked(address: str | None = None) -> MultiDict[str, str] | None:
    """What waits for the page at `address`, else for the present one; it is given back once."""
    key = session.get(KEY)
    if not key or request.method == "HEAD":
        return None
    path = _path(address or request.path)
    text = parked_forms.take_parked_form(key, path, current_person(), clock.machine_now())
    return MultiDict((name, value) for name, value in json.loads(text)) if text else None


def is_parked(address: str) -> bool:
    """True while something waits for the page at `address` in this browser."""
    key = session.get(KEY)
    return bool(key) and parked_forms.is_parked(key, _path(address), clock.machine_now())


def hand_over(person: Person) -> str | None:
    """What waits in this browser is the person's from now on, under a new key, which comes back."""
    old = session.get(KEY)
    if not old:
        return None
    new = new_token()
    parked_forms.move_parked_forms(old, new, person)
    return new


def forget_parked() -> None:
    """Nothing waits in this browser any more."""
    if key := session.pop(KEY, None):
        parked_forms.drop_parked_forms(key)


def _path(address: str) -> str:
    return address.partition("?")[0].partition("#")[0]
