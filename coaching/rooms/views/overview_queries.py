"""Reads of all rooms for admins: what each is and ought to be, what comes next, and everything about one of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from peewee import JOIN, ModelSelect

from coaching.booking.models import CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.errors import NotFound
from coaching.now import Now
from coaching.rooms.cases.queries import find_cases, unsettled_cases
from coaching.rooms.cases.rows import is_unsettled
from coaching.rooms.models import Room
from coaching.rooms.names import code_in
from coaching.rooms.planning.case import RoomCase, RoomKind, RoomState
from coaching.rooms.planning.schedule import Hold, NextStep, scheduled_step
from coaching.rooms.planning.status import NEAR, RoomStatus
from coaching.rooms.views.queries import guild_names, holds_on_rooms, is_failing

Choice = Literal["all", "due", "trouble", "standing", "removed", "places"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
EXISTING = (RoomState.HIDDEN, RoomState.OPEN, RoomState.CLOSED)
LATER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class RoomRow:
    """One room, stored or only due, with what comes next; what has gone has no status.

    `shared_part` is the one that it waits for and that failed; then the trouble is the shared part's.
    """

    title: str
    room: Room
    guild_name: str
    status: RoomStatus | None
    next: NextStep | None
    shared_part: Room | None
    trouble: str | None

    @property
    def attempts(self) -> int:
        """How often was tried in vain what is in trouble."""
        return (self.shared_part or self.room).attempts

    @property
    def is_in_trouble(self) -> bool:
        """True while something does not work."""
        return self.trouble is not None and self.room.state != RoomState.REMOVED

    @property
    def is_lively(self) -> bool:
        """True while the room is about to change, ought to have changed, or does not work."""
        at = self.next.at if self.next else None
        is_near = at is not None and self.status is not None and at - self.status.now <= NEAR
        return is_near or self.is_in_trouble


@dataclass(frozen=True)
class RoomPage:
    """Some of the rooms, in the order they were asked for, and what is left alone."""

    rows: list[RoomRow]
    holds: list[Hold]
    has_more: bool = False

    @property
    def is_lively(self) -> bool:
        return bool(self.holds) or any(row.is_lively for row in self.rows)


def rooms_page(choice: Choice, search: str, number: int, size: int, now: Now) -> RoomPage:
    """One page of rooms: those in trouble first, then the one that comes next; at last those that are gone.

    `search` is a session's or a room's code, or a guild's id or a part of its name.
    """
    holds, first, one_more = holds_on_rooms(now), (number - 1) * size, size + 1
    if choice == "due":
        cases = _due(search, now, holds)[first : first + one_more]
        return RoomPage(_rows_of_cases(cases[:size], now, holds), holds, len(cases) > size)
    rooms = _page_of_rooms(choice, search, first, one_more)
    rows = sorted(_rows_of_rooms(rooms[:size], now, holds), key=_urgency)
    return RoomPage(rows, holds, len(rooms) > size)


def page_of_room(room_id: int, now: Now) -> RoomPage:
    """One room alone, or NotFound."""
    room: Room | None = _rooms().where(Room.id == room_id).first()
    if room is None:
        raise NotFound
    holds = [hold for hold in holds_on_rooms(now) if hold.covers(room.discord_guild_id)]
    return RoomPage(_rows_of_rooms([room], now, holds), holds)


def listed_rooms(now: Now) -> list[RoomRow]:
    """Every room that exists or may exist, shared parts last, by start."""
    order = (CoachingSession.starts_at.is_null(), CoachingSession.starts_at)
    return _rows_of_rooms(list(_rooms().where(is_unsettled()).order_by(*order)), now, holds_on_rooms(now))


def find_room_id(code: str) -> int | None:
    """The room with this code, or whose session has it; None where there is none."""
    # Its number alone: what else stands in the row may be what nobody can read.
    room = Room.select(Room.id).join(CoachingSession, JOIN.LEFT_OUTER).where(_has_code(code)).first()
    return room.id if room else None


# --- Which ones


def _rooms() -> "ModelSelect[Room]":
    return (
        Room.select(Room, CoachingSession, Product.id, Product.store, Store)
        .join(CoachingSession, JOIN.LEFT_OUTER)
        .join(Product, JOIN.LEFT_OUTER)
        .join_from(Room, Store, JOIN.LEFT_OUTER)
    )


def _chosen(choice: Choice, search: str) -> "ModelSelect[Room]":
    of_session = Room.kind == RoomKind.SESSION
    is_chosen = {
        "trouble": is_failing(),
        "standing": of_session & Room.state.in_(EXISTING),
        "removed": of_session & (Room.state == RoomState.REMOVED),
        "places": ~of_session,
    }.get(choice, of_session | is_failing())
    query = _rooms().where(is_chosen)
    return query.where(_has_code(search) | Room.discord_guild_id.in_(_guilds_called(search))) if search else query


def _has_code(code: str) -> Any:
    return (CoachingSession.code == code) | (Room.code == (code_in(code) or code))


def _guilds_called(name: str) -> list[str]:
    guilds = Guild.select(Guild.discord_guild_id).where((Guild.discord_guild_id == name) | Guild.name.contains(name))
    return [guild.discord_guild_id for guild in guilds]


def _page_of_rooms(choice: Choice, search: str, first: int, count: int) -> list[Room]:
    """So many rooms from the first on: those in trouble, the others by their start, then those that are gone."""
    chosen = _chosen(choice, search)
    unsettled = chosen.where(is_unsettled())
    by_start = (is_failing().desc(), CoachingSession.starts_at.is_null(), CoachingSession.starts_at, Room.id.desc())
    rooms = list(unsettled.order_by(*by_start).limit(count).offset(first))
    if len(rooms) < count:
        before = 0 if rooms else max(0, first - unsettled.count())
        gone = chosen.where(Room.state == RoomState.REMOVED).order_by(Room.id.desc())
        rooms = [*rooms, *gone.limit(count - len(rooms)).offset(before)]
    return rooms


def _due(search: str, now: Now, holds: list[Hold]) -> list[RoomCase]:
    """The cases in which something ought to be otherwise, the most urgent first."""
    # Whether something is due can only be told by planning it.
    steps = [(scheduled_step(case, now, holds), case) for case in _matching(unsettled_cases(now.product), search)]
    due = [(case.recorded.failing_step is None, step.at or LATER, case) for step, case in steps if step.is_due]
    return [case for *_, case in sorted(due, key=lambda entry: (*entry[:2], entry[2].starts_at))]


def _matching(cases: list[RoomCase], search: str) -> list[RoomCase]:
    if not search:
        return cases
    guilds, room_id = _guilds_called(search), find_room_id(search) or 0
    return [
        case
        for case in cases
        if case.session_code == search or case.home_guild_id in guilds or case.recorded.id == room_id
    ]


# --- As rows


def _rows_of_rooms(rooms: list[Room], now: Now, holds: list[Hold]) -> list[RoomRow]:
    """The rooms as rows. Of the others only what decides with them is looked at."""
    listed, unreadable = find_cases([room.id for room in rooms if room.state != RoomState.REMOVED], now.product)
    cases = {case.recorded.id: case for case in listed}
    why = {room.room_id: f"{room.sentence} {room.remedy}" for room in unreadable}
    return _rows([(room, cases.get(room.id)) for room in rooms], now, holds, why)


def _rows_of_cases(cases: list[RoomCase], now: Now, holds: list[Hold]) -> list[RoomRow]:
    stored = _rooms().where(Room.id.in_([case.recorded.id for case in cases]))
    rooms: dict[int | None, Room] = {room.id: room for room in stored}
    not_begun = [case.session_id for case in cases if case.recorded.id is None]
    sessions = {session.id: session for session in CoachingSession.select().where(CoachingSession.id.in_(not_begun))}
    return _rows([(rooms.get(case.recorded.id) or _due_room(case, sessions), case) for case in cases], now, holds, {})


def _due_room(case: RoomCase, sessions: Mapping[int, CoachingSession]) -> Room:
    """The room as it is going to be stored."""
    room = Room(kind=case.kind, mode=case.mode, asked_mode=case.mode, discord_guild_id=case.home_guild_id, code="")
    room.coaching_session = sessions.get(case.session_id or 0)
    return room


def _urgency(row: RoomRow) -> tuple[bool, bool, datetime]:
    at = row.next.at if row.next else None
    return not row.is_in_trouble, row.room.state == RoomState.REMOVED, at or LATER


def _rows(
    pairs: list[tuple[Room, RoomCase | None]], now: Now, holds: list[Hold], unreadable: Mapping[int | None, str]
) -> list[RoomRow]:
    """Each room with its case, which may be missing; what all of them need is read at once."""
    guild_ids = {room.discord_guild_id for room, _ in pairs}
    names, failing = guild_names(guild_ids), _failing_shared_roles(guild_ids)
    rows = []
    for room, case in pairs:
        following = scheduled_step(case, now, holds) if case else None
        is_waiting = case and following and following.waits_for == RoomKind.SHARED
        shared_part = failing.get((case.store_id, room.discord_guild_id)) if case and is_waiting else None
        rows.append(
            RoomRow(
                title=_title(room, case),
                room=room,
                guild_name=names.get(room.discord_guild_id, ""),
                status=RoomStatus(case, now.product) if case else None,
                next=following,
                shared_part=shared_part,
                trouble=unreadable.get(room.id) or (shared_part or room).trouble,
            )
        )
    return rows


def _failing_shared_roles(guild_ids: Collection[str]) -> dict[tuple[int | None, str], Room]:
    is_failing = (Room.kind == RoomKind.SHARED) & Room.last_error.is_null(False)
    rooms = Room.select().where(is_failing, Room.discord_guild_id.in_(guild_ids)) if guild_ids else ()
    return {(room.store_id, room.discord_guild_id): room for room in rooms}


def _title(room: Room, case: RoomCase | None) -> str:
    if room.coaching_session:
        return str(room.coaching_session.title)
    if room.id is None and case:
        return case.session_code.capitalize()
    return f"Shared role of {room.store.name}" if room.kind == RoomKind.SHARED and room.store else "Category"
