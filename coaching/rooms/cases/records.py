"""A room's row as the plain record that the plan decides by, each column under its own name. Query."""

from dataclasses import fields

from coaching.reading import Columns
from coaching.rooms.models import Room
from coaching.rooms.planning.case import RoomRecord

_BY_NAME = {"store_id": Room.store}
RECORD = Columns(
    RoomRecord, {field.name: _BY_NAME.get(field.name) or getattr(Room, field.name) for field in fields(RoomRecord)}
)
