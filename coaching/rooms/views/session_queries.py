"""Reads of the rooms of sessions, for the pages of those who hold them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from coaching.booking.models import CoachingSession
from coaching.now import Now
from coaching.rooms.cases.queries import find_cases, session_case
from coaching.rooms.cases.unreadable import FOR_EVERYBODY
from coaching.rooms.models import Room
from coaching.rooms.planning.case import COMING, RoomCase, RoomState
from coaching.rooms.planning.status import RoomStatus
from coaching.rooms.views.queries import Seen, find_room, seen_in, shared_role_in_trouble


@dataclass(frozen=True)
class SessionRoom:
    """The room of one session as its pages show it: all of a page's times and answers are its status's.

    `trouble` is a sentence with its remedy, or None; `trouble_room_id` whose it is: the room's, or the shared role's.
    """

    status: RoomStatus
    seen: list[Seen]
    trouble: str | None = None
    trouble_room_id: int | None = None
    is_unreadable: bool = False

    @property
    def room_id(self) -> int | None:
        return self.status.case.recorded.id

    @property
    def is_shared(self) -> bool:
        """True when a role lets people into channels that others share, instead of into a room of its own."""
        return self.status.case.is_of_shared_role

    @property
    def is_own_trouble(self) -> bool:
        """True when something is wrong with the room itself, and not only with the role that its store shares."""
        return self.trouble is not None and self.trouble_room_id == self.room_id

    @property
    def is_lively(self) -> bool:
        """True while whoever looks at it may see it change."""
        return self.status.is_lively or (self.is_own_trouble and self.status.state != RoomState.REMOVED)


def session_status(coaching_session: CoachingSession, now: datetime) -> RoomStatus:
    """What the session's room is, there or not."""
    return RoomStatus(session_case(coaching_session)[0], now)


def session_room(coaching_session: CoachingSession, now: Now) -> SessionRoom:
    """The session's room, there or not; of a session by phone one that never comes."""
    case, is_readable = session_case(coaching_session)
    status, room = RoomStatus(case, now.product), find_room(coaching_session)
    if room is None:
        return SessionRoom(status, [], *_trouble_of_role(coaching_session, case))
    seen = seen_in(room.id, now.machine)
    if not is_readable:
        return SessionRoom(status, seen, FOR_EVERYBODY, room.id, is_unreadable=True)
    own = (room.trouble, room.id) if room.trouble else _trouble_of_role(coaching_session, case)
    return SessionRoom(status, seen, *own)


def _trouble_of_role(coaching_session: CoachingSession, case: RoomCase) -> tuple[str | None, int | None]:
    """What is wrong with the role that the store shares, where this session is held, and the id of its row."""
    if not case.is_of_shared_role or case.session_state not in COMING or not coaching_session.needs_room:
        return None, None
    store = coaching_session.product.store
    guild_id = case.recorded.discord_guild_id or (store.guild.discord_guild_id if store.guild else None)
    role = shared_role_in_trouble(store, guild_id) if guild_id else None
    return (role.trouble, role.id) if role else (None, None)


def talking_past_end(sessions: Collection[CoachingSession], now: datetime) -> set[int]:
    """Those of the sessions whose planned end is over while their people talk on, by id."""
    over = [session.id for session in sessions if session.ends_at <= now]
    open_rooms = Room.select(Room.id).where(Room.coaching_session.in_(over), Room.state == RoomState.OPEN)
    cases = find_cases([room.id for room in open_rooms], now) if over else []
    return {case.session_id for case in cases if case.session_id and RoomStatus(case, now).talks_until}
