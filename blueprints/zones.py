"""Which zone a page speaks in: the person's own or the one chosen in this browser, the one asked for, else the store's.

Who has chosen is never shown another zone because an address names one: addresses are shared.
"""

from urllib.parse import parse_qs

from flask import request, session

from blueprints.signed_in import current_person
from coaching.accounts.models import Person
from coaching.accounts.mutations import keep_first_zone, set_zone
from coaching.zones import is_zone

REMEMBERED = "zone"


def page_zone(otherwise: str) -> str:
    """The zone this page's times are shown in."""
    return known_zone() or otherwise


def known_zone() -> str | None:
    """The visitor's zone, if they or their browser have said."""
    return own_zone() or asked_zone()


def own_zone() -> str | None:
    """The signed-in person's zone, else the one chosen in this browser."""
    person = current_person()
    return existing(person.zone if person else None) or chosen_zone()


def chosen_zone() -> str | None:
    """The zone that a visitor chose in this browser."""
    return existing(session.get(REMEMBERED))


def asked_zone() -> str | None:
    """The zone in the address or the form, if it is one."""
    return existing(request.values.get("zone"))


def asks_browser() -> bool:
    """True while the page may be drawn anew in the browser's zone: nobody has chosen, nor asked for a zone in vain."""
    return own_zone() is None and (asked_zone() is not None or not request.values.get("zone"))


def zone_so_far(back: str) -> str | None:
    """The zone of the pages that led here: chosen, else sent along, else that of the page to go back to."""
    # Sent along is what the page showed, or what the browser says, in whose zone scripts have drawn the page by then;
    # the address to go back to may be older than that. Without scripts it is all there is.
    asked = parse_qs(back.partition("#")[0].partition("?")[2]).get("zone", [""])
    return chosen_zone() or asked_zone() or existing(asked[0])


def choose(zone: str) -> None:
    """From now on times are shown in this zone: to the person, or else in this browser."""
    person = current_person()
    if person:
        set_zone(person, zone)
    else:
        session[REMEMBERED] = zone


def hand_over(person: Person, zone: str | None) -> None:
    """What was chosen in this browser is the person's zone from now on; `zone` is it, if they have none."""
    if chosen := chosen_zone():
        set_zone(person, chosen)
    elif zone:
        keep_first_zone(person, zone)


def existing(name: str | None) -> str | None:
    """`name` if a zone is called so."""
    return name if is_zone(name) else None
