"""Reads of all rooms for admins: what stands, what is wanted, what comes next, and everything about one of them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from peewee import JOIN, ModelSelect

from coaching.booking.models import CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.errors import NotFound
from coaching.refusals import Refusal
from coaching.rooms.case_queries import EVERYWHERE, find_cases, unreadable_rooms, unsettled_cases
from coaching.rooms.case_rows import is_unsettled
from coaching.rooms.models import Lane, Room, RoomEvent
from coaching.rooms.names import code_in
from coaching.rooms.planning.case import RoomCase, RoomKind, RoomState
from coaching.rooms.planning.prospect import Prospect, Stop, prospect_of
from coaching.rooms.queries import LONGEST_LOG, UNSETTLED, Seen, seen_in, trouble_of
from coaching.rooms.unreadable import UnreadableRoom

Choice = Literal["all", "due", "trouble", "standing", "removed", "places"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
STANDING = (RoomState.HIDDEN, RoomState.OPEN, RoomState.CLOSED)
# What is so near is worth waiting for on the page.
NEAR = timedelta(minutes=2)
LATER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class RoomRow:
    """One room, or what has none yet, with what comes next. A place has no session.

    `place` is the one that it waits for and that failed; then the trouble is the place's.
    """

    title: str
    room: Room | None
    coaching_session: CoachingSession | None
    guild_id: str
    mode: str
    state: str
    trouble: str | None
    prospect: Prospect | None
    guild_name: str = ""
    place: Room | None = None

    @property
    def attempts(self) -> int:
        """How often was tried in vain what is in trouble."""
        failing = self.place or self.room
        return failing.attempts if failing else 0

    @property
    def is_in_trouble(self) -> bool:
        """True while something does not work."""
        return self.trouble is not None and self.state != RoomState.REMOVED

    def is_lively(self, now: datetime) -> bool:
        """True while the room is about to change, ought to have changed, or does not work."""
        comes = self.prospect
        is_near = comes is not None and comes.at is not None and comes.at - now <= NEAR
        return is_near or self.is_in_trouble


@dataclass(frozen=True)
class StoppedServer:
    """What is left alone for a while, with the server's name, if it has one and it is not all of them."""

    stop: Stop
    guild_name: str


@dataclass(frozen=True)
class RoomPage:
    """Some of the rooms, in the order they were asked for."""

    rows: list[RoomRow]
    has_more: bool
    stopped: list[StoppedServer]
    now: datetime

    @property
    def is_lively(self) -> bool:
        return bool(self.stopped) or any(row.is_lively(self.now) for row in self.rows)


@dataclass(frozen=True)
class RoomDetails:
    """Everything about one room; the latest lines of its log come first."""

    row: RoomRow
    room: Room
    presences: list[Seen]
    log: list[RoomEvent]
    stopped: list[StoppedServer]
    now: datetime

    @property
    def is_lively(self) -> bool:
        return bool(self.stopped) or self.row.is_lively(self.now)


def rooms_page(choice: Choice, search: str, number: int, size: int, now: datetime, machine_now: datetime) -> RoomPage:
    """One page of rooms: those in trouble first, then the one that comes next; at last those that are gone.

    `search` is a session's or a room's code, or a guild's id or a part of its name.
    """
    moment = _moment(now, machine_now)
    first, one_more = (number - 1) * size, size + 1
    if choice == "due":
        found = _due(search, first, one_more, moment)
        rows, has_more = _rows_of_cases(found[:size]), len(found) > size
    else:
        rooms = _page_of_rooms(choice, search, first, one_more)
        rows, has_more = sorted(_rows_of(rooms[:size], moment), key=_urgency), len(rooms) > size
    return RoomPage(_complete(rows), has_more, _named(moment.stops), now)


def room_details(room_id: int, now: datetime, machine_now: datetime) -> RoomDetails:
    """One room with its log, or NotFound."""
    room: Room | None = _rooms().where(Room.id == room_id).first()
    if room is None:
        raise NotFound
    moment = _moment(now, machine_now)
    [row] = _complete(_rows_of([room], moment))
    stops = [stop for stop in moment.stops if stop.is_at(room.discord_guild_id)]
    log = RoomEvent.select().where(RoomEvent.room == room).order_by(RoomEvent.at.desc(), RoomEvent.id.desc())
    seen = seen_in(room_id, machine_now)
    return RoomDetails(row, room, seen, list(log.limit(LONGEST_LOG)), _named(stops), now)


def stopped_servers(now: datetime, machine_now: datetime) -> list[StoppedServer]:
    """What is left alone for a while, and why."""
    return _named(_stops(now, machine_now))


def find_room_id(code: str) -> int | None:
    """The room with this code, or whose session has it; None where there is none."""
    room = _rooms().where(_has_code(code)).first()
    return room.id if room else None


def listed_rooms(now: datetime, machine_now: datetime) -> list[RoomRow]:
    """Every room that stands or may stand, places last, by start."""
    order = (CoachingSession.starts_at.is_null(), CoachingSession.starts_at)
    return _rows_of(list(_rooms().where(is_unsettled()).order_by(*order)), _moment(now, machine_now))


# --- When, and what is left alone meanwhile


@dataclass(frozen=True)
class _Moment:
    """Both clocks, and what is left alone."""

    now: datetime
    machine_now: datetime
    stops: list[Stop]


def _moment(now: datetime, machine_now: datetime) -> _Moment:
    return _Moment(now, machine_now, _stops(now, machine_now))


def _stops(now: datetime, machine_now: datetime) -> list[Stop]:
    lanes = Lane.select().where(Lane.until > machine_now, Lane.stopped_reason.is_null(False)).order_by(Lane.name)
    return [_stop(lane, now - machine_now) for lane in lanes]


def _stop(lane: Lane, ahead: timedelta) -> Stop:
    guild_id, _, kind = lane.name.partition(" ")
    # Up to the next full minute, as clocks show it.
    until = (lane.until + ahead + timedelta(seconds=59)).replace(second=0, microsecond=0)
    return Stop("" if guild_id == EVERYWHERE else guild_id, kind, until, Refusal(str(lane.stopped_reason)))


def _named(stops: list[Stop]) -> list[StoppedServer]:
    guilds = Guild.select().where(Guild.discord_guild_id.in_([stop.guild_id for stop in stops])) if stops else ()
    names = {guild.discord_guild_id: guild.name for guild in guilds}
    return [StoppedServer(stop, names.get(stop.guild_id, "")) for stop in stops]


# --- Which ones


def _rooms() -> "ModelSelect[Room]":
    return (
        Room.select(Room, CoachingSession, Product.id, Product.store, Store)
        .join(CoachingSession, JOIN.LEFT_OUTER)
        .join(Product, JOIN.LEFT_OUTER)
        .join_from(Room, Store, JOIN.LEFT_OUTER)
    )


_IS_FAILING = Room.last_error.is_null(False) & Room.state.in_(UNSETTLED)


def _chosen(choice: Choice, search: str) -> "ModelSelect[Room]":
    of_session = Room.kind == RoomKind.SESSION
    is_chosen = {
        "trouble": _IS_FAILING,
        "standing": of_session & Room.state.in_(STANDING),
        "removed": of_session & (Room.state == RoomState.REMOVED),
        "places": ~of_session,
    }.get(choice, of_session | _IS_FAILING)
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
    by_start = (_IS_FAILING.desc(), CoachingSession.starts_at.is_null(), CoachingSession.starts_at, Room.id.desc())
    rooms = list(unsettled.order_by(*by_start).limit(count).offset(first))
    if len(rooms) < count:
        before = 0 if rooms else max(0, first - unsettled.count())
        gone = chosen.where(Room.state == RoomState.REMOVED).order_by(Room.id.desc())
        rooms = [*rooms, *gone.limit(count - len(rooms)).offset(before)]
    return rooms


def _due(search: str, first: int, count: int, moment: _Moment) -> list[tuple[RoomCase, Prospect]]:
    """So many cases from the first on in which something ought to be otherwise, in the same order."""
    # Whether something is due can only be told by planning it.
    cases = _matching(unsettled_cases(moment.now), search)
    pairs = [(case, _prospect(case, moment)) for case in cases]
    return sorted((pair for pair in pairs if pair[1].is_due), key=_urgency_of_case)[first : first + count]


def _urgency_of_case(pair: tuple[RoomCase, Prospect]) -> tuple[bool, datetime, datetime]:
    case, prospect = pair
    return case.recorded.failing_step is None, prospect.at or LATER, case.starts_at


def _matching(cases: list[RoomCase], search: str) -> list[RoomCase]:
    if not search:
        return cases
    guilds, room_id = set(_guilds_called(search)), find_room_id(search)
    return [
        case
        for case in cases
        if case.session_code == search
        or case.home_guild_id in guilds
        or (room_id is not None and case.recorded.room_id == room_id)
    ]


# --- As rows


def _rows_of(rooms: list[Room], moment: _Moment) -> list[RoomRow]:
    """The rooms as rows with what comes next. Of the others only what decides with them is looked at."""
    unsettled = [room.id for room in rooms if room.state != RoomState.REMOVED]
    cases = {case.recorded.room_id: case for case in find_cases(unsettled, moment.now)}
    # Hardly ever is there one, and then every row is read for it.
    is_any = any(room_id not in cases for room_id in unsettled)
    unreadable = {one.room_id: one for one in unreadable_rooms(moment.now)} if is_any else {}
    return [
        _row(room, _prospect(cases[room.id], moment) if room.id in cases else None, unreadable.get(room.id))
        for room in rooms
    ]


def _urgency(row: RoomRow) -> tuple[bool, bool, datetime]:
    at = row.prospect.at if row.prospect else None
    return not row.is_in_trouble, row.state == RoomState.REMOVED, at or LATER


def _prospect(case: RoomCase, moment: _Moment) -> Prospect:
    return prospect_of(case, moment.now, moment.machine_now, moment.stops)


def _rows_of_cases(pairs: Collection[tuple[RoomCase, Prospect]]) -> list[RoomRow]:
    room_ids = [case.recorded.room_id for case, _ in pairs if case.recorded.room_id]
    rooms: dict[int | None, Room] = {room.id: room for room in _rooms().where(Room.id.in_(room_ids))}
    session_ids = [case.session_id for case, _ in pairs if case.session_id and case.recorded.room_id is None]
    found = CoachingSession.select(CoachingSession, Product).join(Product).where(CoachingSession.id.in_(session_ids))
    sessions: dict[int | None, CoachingSession] = {one.id: one for one in found}
    rows = []
    for case, prospect in pairs:
        room = rooms.get(case.recorded.room_id)
        rows.append(_row(room, prospect) if room else _row_without_room(case, sessions.get(case.session_id), prospect))
    return rows


def _row(room: Room, prospect: Prospect | None, unreadable: UnreadableRoom | None = None) -> RoomRow:
    return RoomRow(
        title=_title(room),
        room=room,
        coaching_session=room.coaching_session,
        guild_id=room.discord_guild_id,
        mode=room.mode,
        state=room.state,
        trouble=f"{unreadable.sentence} {unreadable.remedy}" if unreadable else trouble_of(room),
        prospect=prospect,
    )


def _title(room: Room) -> str:
    if room.coaching_session:
        return str(room.coaching_session.title)
    return f"Shared role of {room.store.name}" if room.kind == RoomKind.SHARED and room.store else "Category"


def _row_without_room(case: RoomCase, coaching_session: CoachingSession | None, prospect: Prospect) -> RoomRow:
    return RoomRow(
        title=str(coaching_session.title) if coaching_session else case.session_code.capitalize(),
        room=None,
        coaching_session=coaching_session,
        guild_id=case.home_guild_id,
        mode=case.mode,
        state=RoomState.ABSENT,
        trouble=None,
        prospect=prospect,
    )


def _complete(rows: list[RoomRow]) -> list[RoomRow]:
    """The rows with what is read for all of them at once: names of guilds, and why the place they wait for fails."""
    return _with_failing_places(_with_guild_names(rows))


def _with_guild_names(rows: list[RoomRow]) -> list[RoomRow]:
    guilds = Guild.select().where(Guild.discord_guild_id.in_({row.guild_id for row in rows})) if rows else ()
    names = {guild.discord_guild_id: guild.name for guild in guilds}
    return [replace(row, guild_name=names.get(row.guild_id, "")) for row in rows]


def _with_failing_places(rows: list[RoomRow]) -> list[RoomRow]:
    guilds = {row.guild_id for row in rows if _waits_for_role(row)}
    is_failing = (Room.kind == RoomKind.SHARED) & Room.last_error.is_null(False)
    places = Room.select().where(is_failing, Room.discord_guild_id.in_(guilds)) if guilds else ()
    failing = {(place.store_id, place.discord_guild_id): place for place in places}
    return [
        _with_place(row, failing.get((_store_id(row), row.guild_id)) if _waits_for_role(row) else None) for row in rows
    ]


def _waits_for_role(row: RoomRow) -> bool:
    return row.prospect is not None and row.prospect.waits_for == RoomKind.SHARED


def _store_id(row: RoomRow) -> int | None:
    product: Any = row.coaching_session.product if row.coaching_session else None
    return product.store_id if product else None


def _with_place(row: RoomRow, place: Room | None) -> RoomRow:
    return replace(row, place=place, trouble=trouble_of(place)) if place else row
