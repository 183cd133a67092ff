"""Which zone a page speaks in: the one asked for, the person's own, the one remembered, else the store's."""

from zoneinfo import available_timezones

from flask import request, session

from blueprints.web import current_person

# Asked once: it walks the disk.
ZONES = frozenset(available_timezones())
COMMON_ZONES = sorted(name for name in ZONES if "/" in name and not name.startswith(("Etc/", "posix/", "right/")))
REMEMBERED = "zone"


def page_zone(otherwise: str) -> str:
    """The zone this page's times are shown in."""
    return known_zone() or otherwise


def known_zone() -> str | None:
    """The visitor's zone, if they or their browser have said."""
    return asked_zone() or own_zone()


def asked_zone() -> str | None:
    """The zone in the address or the form, if it is one."""
    return existing(request.values.get("zone"))


def own_zone() -> str | None:
    """The signed-in person's zone, else the one this browser was told to remember."""
    person = current_person()
    return existing(person.zone if person and person.zone else session.get(REMEMBERED))


def remember(zone: str) -> None:
    """This browser's pages show `zone` from now on."""
    session[REMEMBERED] = zone


def existing(name: str | None) -> str | None:
    """`name` if a zone is called so."""
    return name if name in ZONES else None
