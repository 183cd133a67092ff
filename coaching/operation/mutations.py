"""The demo's clock, and what coaches and those who run the site are told once a day: lost servers, and rows."""

import logging
from datetime import timedelta

from coaching.alerts.emails import of_lost_server
from coaching.alerts.mutations import clock_of, owe_alert, warn_admins
from coaching.calendars.mutations import keep_ages
from coaching.db import database
from coaching.diagnostics.standing_queries import records_check
from coaching.now import Now
from coaching.rooms.cases.queries import unreadable_rooms
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.views.queries import lost_servers
from coaching.runtime.mutations import record_heartbeat, set_clock_offset
from coaching.runtime.queries import UNREADABLE_ROWS, clock_offset

logger = logging.getLogger(__name__)

# What this process has logged and what still is so.
_logged: set[UnreadableRoom] = set()


def warn_of_lost_servers(now: Now) -> None:
    """Coaches whose coming sessions get no room, because their server was lost, are told by mail, once a day."""
    with database.atomic():
        for store, sessions in lost_servers(now.product).items():
            clock = clock_of(store.owner, store.zone)
            email = of_lost_server(sessions[0], len(sessions), store.name, store.slug, clock)
            owe_alert(store.owner, f"server:{store.id}", email, now.machine)


def warn_of_unreadable(now: Now) -> None:
    """Each row that cannot be read was logged once, and admins have their mail of the day about all of them."""
    rooms = unreadable_rooms(now.product)
    for room in set(rooms) - _logged:
        logger.error("record not readable", extra={"code": room.code, "column": room.column, "room": room.room_id})
    _logged.clear()
    _logged.update(rooms)
    if rooms:
        record_heartbeat(UNREADABLE_ROWS, now.machine)
    warn_admins([records_check(rooms)], now.machine)


def move_clock(offset: timedelta) -> None:
    """The product's clock stands `offset` from the machine's. What outside calendars said is as old as before."""
    with database.atomic():
        before = clock_offset()
        set_clock_offset(offset)
        keep_ages(clock_offset() - before)
