"""New lines of rooms' logs. Called inside the transaction of the change they tell of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from coaching.log_lines import Event
from coaching.rooms.models import RoomEvent
from coaching.rooms.recording.events import EventKind


def record_event(room_ids: Iterable[int], event: Event[EventKind], now: datetime, **answer: Any) -> None:
    """Write the event into the log of each of these rooms, with the step's reason and what Discord answered."""
    line = event.columns | {"at": now, **answer}
    RoomEvent.insert_many([line | {"room": room_id} for room_id in room_ids]).execute()
