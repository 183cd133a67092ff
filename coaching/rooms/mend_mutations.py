"""What cannot be read in a room's row is forgotten, where Discord itself tells how things are."""

from typing import Any

from coaching.db import database
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.models import Presence, Room

# As in a new row.
_FRESH: dict[str, Any] = {
    "attempts": 0,
    "checked_at": None,
    "claimed_until": None,
    "extra_minutes": 0,
    "failing_step": None,
    "looked_at": None,
    "next_try_at": None,
    "overwrites": "[]",
    "thresholds": "",
    "to_disconnect": "[]",
    "warned_at": None,
}


def forget(unreadable: UnreadableRoom) -> None:
    """The column that cannot be read says what it says in a new row. Only for what `is_forgettable`."""
    with database.atomic():
        table, _, name = unreadable.column.partition(".")
        if table == "presence":
            Presence.update(looks=None).where(Presence.room == unreadable.room_id).execute()
        else:
            Room.update(**{name: _FRESH[name]}).where(Room.id == unreadable.room_id).execute()
