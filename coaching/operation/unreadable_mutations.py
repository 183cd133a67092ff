"""Rows of rooms that nobody can read: those who run the site are told, by log and by mail."""

import logging

from coaching.alerts.mutations import warn_admins
from coaching.diagnostics.standing_queries import records_check
from coaching.now import Now
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.runtime.mutations import record_heartbeat
from coaching.runtime.queries import UNREADABLE_ROWS

logger = logging.getLogger(__name__)

# What this process has logged and what still is so.
_logged: set[UnreadableRoom] = set()


def tell_of_unreadable(site_url: str, now: Now) -> None:
    """Each row that cannot be read was logged once, and admins have their mail of the day about all of them."""
    found = set(unreadable_rooms(now.product))
    for one in found - _logged:
        logger.error("record not readable", extra={"code": one.code, "column": one.column, "room": one.room_id})
    _logged.clear()
    _logged.update(found)
    if found:
        record_heartbeat(UNREADABLE_ROWS, now.machine)
    warn_admins(records_check(now.product), site_url, now.machine)
