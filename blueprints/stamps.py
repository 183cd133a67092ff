"""For whom a form was drawn: by the time it is sent, somebody else may be signed in in the same browser.

Every form that changes something carries a stamp, which its template draws by `{{ drawn_for() }}`. It names the person
who was signed in or, for a visitor, the browser's era. An era ends with each sign-in that ends here; a person still
counts as the visitor they were before they signed in. A form without a stamp, as programs send it, belongs to whoever
is signed in.

The eras are told apart by what the cookie holds anyway: nobody who only looks gets one for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, current_app, g, request, session
from itsdangerous import BadSignature, URLSafeSerializer
from markupsafe import Markup

from blueprints.signed_in import current_person
from coaching.accounts.models import Person
from coaching.accounts.tokens import digest

FIELD = "drawn_for"
ERA = "era"
# Flask-Login's place for the token in the cookie; beside it whose token it is, to be known when it counts no more.
TOKEN, HOLDER = "_user_id", "holder"
LONGEST = 200


@dataclass(frozen=True)
class Stamp:
    """A person's number, or else a visitor's era."""

    person_id: int | None
    era: str | None


UNREADABLE = Stamp(None, None)


def init_app(app: Flask) -> None:
    """Let every template stamp its forms."""
    newest, *older = app.extensions["settings"].stamp_keys
    app.extensions["stamps"] = URLSafeSerializer([*reversed(older), newest], salt=FIELD)
    app.add_template_global(drawn_for)


def drawn_for() -> Markup:
    """The hidden field that says for whom the form around it is drawn; nothing where its address says that."""
    if "without_stamps" in g:
        return Markup()
    person = current_person()
    signer, payload = current_app.extensions["stamps"], (person.id, None) if person else (None, era())
    # Letters, digits, dots, dashes and underscores: there is nothing to escape.
    return Markup(f'<input type="hidden" name="{FIELD}" value="{_signed(signer, *payload)}">')


@lru_cache(200)
def _signed(signer: URLSafeSerializer, person_id: int | None, era: str | None) -> str:
    """The same for the same person or era: most of those who look have none."""
    return str(signer.dumps([person_id, era]))


def draw_none() -> None:
    """The forms of this page are by their address somebody's, whoever is signed in."""
    g.without_stamps = True


def sent_stamp() -> Stamp | None:
    """The stamp of the form that was sent; None without one."""
    return stamp_in(request.form)


def stamp_in(form: Mapping[str, str]) -> Stamp | None:
    """The stamp of this form; None without one."""
    text = form.get(FIELD)
    if text is None:
        return None
    try:
        return Stamp(*current_app.extensions["stamps"].loads(text)) if len(text) <= LONGEST else UNREADABLE
    except BadSignature:
        return UNREADABLE


def is_own(stamp: Stamp) -> bool:
    """True when the form was drawn for whoever is here now."""
    person = current_person()
    if stamp.person_id is not None:
        return person is not None and person.id == stamp.person_id
    return stamp.era == era()


def is_of_cookie(form: Mapping[str, str], cookie: Mapping[str, Any]) -> bool:
    """True when the form was drawn for whom this browser's cookie names. For when the database cannot be asked."""
    stamp = stamp_in(form)
    if stamp is None:
        return True
    if stamp.person_id is not None:
        return TOKEN in cookie and cookie.get(HOLDER) == stamp.person_id
    return stamp.era is not None and stamp.era == cookie.get(ERA, "")


def era() -> str:
    """The present visitor's era; for somebody signed in, that of the visitor they were before."""
    if session.get(TOKEN) and current_person() is None:
        return ended_era()  # the sign-in has ended elsewhere
    return str(session.get(ERA, ""))


def ended_era() -> str:
    """The era that follows on the present sign-in. Worked out from its token: answers that cross agree on it."""
    token = session.get(TOKEN)
    return digest(token)[:16] if token else era()


def era_before(person: Person) -> str:
    """The era that `person` signs in from now. Who takes the browser over from somebody is no visitor of before."""
    here = current_person()
    return ended_era() if here and here.id != person.id else era()
