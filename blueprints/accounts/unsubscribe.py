"""The link in a mail that turns off messages of its kind, signed, for whoever holds it.

GET shows a button. POST acts, also without a page: mail programs send it by themselves (RFC 8058), from nowhere that
has an origin. It can do nothing but this.
"""

from flask import Response, current_app

from blueprints.accounts.blueprint import blueprint
from blueprints.web import now, render
from coaching.accounts.models import Person
from coaching.accounts.queries import find_person_by_id
from coaching.errors import NotFound
from coaching.messages import choice_mutations
from coaching.messages.planning.routing import Way
from coaching.messages.reach_queries import ways_of
from coaching.notices.kind_rules import RULES
from coaching.notices.kinds import MessageKind


@blueprint.get("/messages/off/<token>")
def messages_off(token: str) -> Response:
    """What the button would turn off, and for whom."""
    person, kind = meant_by(token)
    return show(person, kind, token)


@blueprint.post("/messages/off/<token>")
def turn_off_messages(token: str) -> Response:
    """The person gets no mail of this kind any more; twice does no harm."""
    person, kind = meant_by(token)
    if RULES[kind].can_be_off:
        choice_mutations.turn_off(person, kind, now())
    return show(person, kind, token, 200 if RULES[kind].can_be_off else 409)


def show(person: Person, kind: MessageKind, token: str, status: int = 200) -> Response:
    way = ways_of(person).get(kind)
    page = render(
        "accounts/messages_off.html",
        status=status,
        rules=RULES[kind],
        is_off=way in (Way.OFF, Way.DISCORD),
        on_discord=way is Way.DISCORD,
        whom=masked(person),
        token=token,
    )
    page.headers["Cache-Control"], page.headers["X-Robots-Tag"] = "no-store", "noindex"
    return page


def meant_by(token: str) -> tuple[Person, MessageKind]:
    """Whose messages of which kind the address turns off; NotFound for one that this site did not make."""
    meant = current_app.extensions["settings"].sender.read_off_token(token)
    person = find_person_by_id(meant[0]) if meant else None
    if meant is None or person is None or person.erased_at or meant[1] not in RULES:
        raise NotFound
    return person, MessageKind(meant[1])


def masked(person: Person) -> str:
    """Enough for the person to know themselves, and too little for anybody else: "b…@example.com"."""
    if person.email:
        name, _, domain = person.email.rpartition("@")
        return f"{name[:1]}…@{domain}"
    return f"{person.name[:1]}…"
