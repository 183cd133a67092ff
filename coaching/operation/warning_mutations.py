"""What coaches and those who run the site are told by mail once a day: lost servers, rows nobody can read, money."""

import logging

from coaching.alerts.emails import AboutSession, of_lost_server
from coaching.alerts.mutations import owe_alert, warn_admins
from coaching.checks import State
from coaching.db import database
from coaching.diagnostics.money_queries import money_checks
from coaching.diagnostics.standing_queries import records_check
from coaching.now import Now
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.lost_server_queries import lost_servers
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import UNREADABLE_ROWS

logger = logging.getLogger(__name__)

# What this process has logged and what still is so.
_logged: set[UnreadableRoom] = set()


def warn_of_lost_servers(site_url: str, now: Now) -> None:
    """Coaches whose coming sessions get no room, because their server was lost, are told by mail, once a day."""
    with database.atomic():
        for store, sessions in lost_servers(now.product).items():
            first, count = sessions[0], len(sessions)
            about = AboutSession(first.code, first.title, first.starts_at)
            zone, twelve = store.owner.zone or store.zone, bool(store.owner.has_twelve_hours)
            email = of_lost_server(about, count, store.name, store.slug, zone, site_url, has_twelve_hours=twelve)
            owe_alert(store.owner, f"server:{store.id}:{now.machine:%Y-%m-%d}", email, now.machine)


def warn_of_unreadable(site_url: str, now: Now) -> None:
    """Each row that cannot be read was logged once, and admins have their mail of the day about all of them."""
    found = set(unreadable_rooms(now.product))
    for one in found - _logged:
        logger.error("record not readable", extra={"code": one.code, "column": one.column, "room": one.room_id})
    _logged.clear()
    _logged.update(found)
    if found:
        record_heartbeat(UNREADABLE_ROWS, now.machine)
    warn_admins(records_check(now.product), site_url, now.machine)


def warn_of_money(site_url: str, now: Now) -> None:
    """Admins are told by mail, once a day, of refunds that have failed and payments that are stuck or unknown."""
    for check in money_checks(now.product):
        # What is only waited for comes right by itself.
        if check.state == State.BAD:
            warn_admins(check, site_url, now.machine)
