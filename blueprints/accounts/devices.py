"""The device cookie: a browser in which somebody has signed in is known again by a cookie of its own, for a year.

It signs nobody in. Wrong passwords that others type, wherever they are, do not count for it: so nobody can lock a
person out. It outlives signing out, which is what it is for.
"""

from flask import Flask, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from coaching.accounts.details import Device
from coaching.accounts.models import Person
from coaching.accounts.tokens import new_token

LIFE_SECONDS = 365 * 24 * 60 * 60
# Of one browser; whoever signed in first makes room.
MOST_PEOPLE = 8
LONGEST = 400


def init_app(app: Flask) -> None:
    """Have the keys at hand that sign the cookie."""
    newest, *older = app.extensions["settings"].device_keys
    app.extensions["devices"] = URLSafeSerializer([*reversed(older), newest], salt="device")


def known_device() -> Device | None:
    """This browser, if somebody has signed in here before."""
    text = request.cookies.get(cookie_name(), "")
    if not text or len(text) > LONGEST:
        return None
    try:
        device_id, person_ids = current_app.extensions["devices"].loads(text)
    except BadSignature:
        return None
    return Device(device_id, tuple(person_ids))


def remember_device(person: Person) -> None:
    """This browser is one in which the person has signed in."""
    known = known_device()
    others = [number for number in known.person_ids if number != person.id] if known else []
    payload = [known.id if known else new_token()[:22], [person.id, *others][:MOST_PEOPLE]]

    @after_this_request
    def send(answer: Response) -> Response:
        answer.set_cookie(
            cookie_name(),
            current_app.extensions["devices"].dumps(payload),
            max_age=LIFE_SECONDS,
            secure=current_app.extensions["settings"].is_https,
            httponly=True,
            samesite="Lax",
        )
        return answer


def cookie_name() -> str:
    """Beside the session's own, so by the same rules: under plain http ports share cookies."""
    return f"{current_app.extensions['settings'].cookie_name}-device"
