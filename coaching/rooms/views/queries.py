"""Reads of rooms for pages and commands: when they come and go, how they stand, what is wrong with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import Expression, ModelSelect

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Store
from coaching.rooms.cases.rows import is_unsettled, unreadable_of
from coaching.rooms.cases.unreadable import FOR_EVERYBODY
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.planning.case import RoomKind
from coaching.rooms.planning.coverage import Span

# What was seen longer ago says nothing about who is inside now.
SEEN_LATELY = timedelta(minutes=3)
# A room that fails for days writes a line with every try: so many of the latest tell enough.
LONGEST_LOG = 300


@dataclass(frozen=True)
class Seen:
    """How long somebody was seen in the room, and whether they are inside; None while that is not known.

    Whole minutes, but None for somebody who was looked for and never seen. `looks` are the spans in which they were
    looked for, by the product's clock; None where that was not kept.
    """

    person: Person
    minutes: int | None
    is_inside: bool | None
    looks: tuple[Span, ...] | None = None


def find_room(coaching_session: CoachingSession) -> Room | None:
    """The session's room as recorded, or None before it was first due."""
    room: Room | None = Room.get_or_none(Room.coaching_session == coaching_session)
    return room


def room_log(coaching_session: CoachingSession) -> list[RoomEvent]:
    """The latest of what happened to the session's room, the oldest first."""
    of_session = RoomEvent.select().join(Room).where(Room.coaching_session == coaching_session)
    return list(of_session.order_by(RoomEvent.at.desc(), RoomEvent.id.desc()).limit(LONGEST_LOG))[::-1]


def seen_in(room_id: int, machine_now: datetime) -> list[Seen]:
    """Everybody about whom Discord could be asked while the room was open."""
    rows = Presence.select(Presence, Person).join(Person).where(Presence.room == room_id).order_by(Presence.id)
    return [
        Seen(
            row.person,
            round(row.seconds / 60) if row.last_seen_at or row.seconds else None,
            row.is_inside if abs(machine_now - row.looked_at) <= SEEN_LATELY else None,
            row.looks,
        )
        for row in rows
    ]


def rooms_in_trouble(coach: Person) -> list[tuple[Room, str]]:
    """The coach's unsettled rooms whose last step failed, or whose record cannot be read, each with why."""
    unreadable = {one.room_id for one in unreadable_of(coach.id)}
    rooms = _rooms().where(CoachingSession.coach == coach, is_failing() | Room.id.in_(unreadable))
    return [(room, FOR_EVERYBODY if room.id in unreadable else room.trouble or "") for room in rooms]


def shared_role_in_trouble(store: Store, guild_id: str) -> Room | None:
    """The role that the store shares on this server, with its category, while something is wrong with it."""
    is_here = (Room.kind == RoomKind.SHARED) & (Room.store == store) & (Room.discord_guild_id == guild_id)
    room: Room | None = Room.select().where(is_here, is_failing()).first()
    return room


def troubled_rooms() -> list[Room]:
    """Everybody's rooms whose last step failed and that are not settled yet, by start."""
    return list(_rooms().where(is_failing()).order_by(CoachingSession.starts_at))


def count_troubled_rooms() -> int:
    """How many those are."""
    return int(_rooms().where(is_failing()).count())


def find_shared_code(store: Store) -> str | None:
    """The code in the names of the store's shared role and its category on its server, once they stand."""
    is_shared = (Room.store == store) & (Room.kind == "shared") & is_unsettled()
    # Until its last session there has ended, a store that has moved has another one on its former server.
    is_here = Room.discord_guild_id == (store.guild.discord_guild_id if store.guild else None)
    room = Room.select().where(is_shared, is_here, Room.discord_channel_id.is_null(False)).first()
    return room.code if room else None


def count_troubled_places() -> int:
    """How many categories and shared roles there are whose last step failed."""
    return int(Room.select().where(is_failing(), Room.coaching_session.is_null()).count())


def is_failing() -> Expression:
    """That the room's last step failed, and that it is not settled."""
    return Room.last_error.is_null(False) & is_unsettled()


def _rooms() -> "ModelSelect[Room]":
    return Room.select(Room, CoachingSession).join(CoachingSession)
