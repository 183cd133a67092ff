"""Reads of rooms for pages and commands: when they come and go, how they stand, what is wrong with them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from peewee import JOIN, Expression, ModelSelect

from coaching.accounts.models import Person
from coaching.booking.models import LIVE_STATES, CoachingSession
from coaching.call_budget.models import CallHold
from coaching.call_budget.queries import DIRECT, EVERYWHERE
from coaching.catalog.models import Guild, Product, Store
from coaching.now import Now
from coaching.refusals import Refusal
from coaching.rooms.cases.queries import find_cases, session_case
from coaching.rooms.cases.rows import is_unsettled, unreadable_of
from coaching.rooms.cases.unreadable import FOR_EVERYBODY
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.planning.case import COMING, RoomCase, RoomKind, RoomState
from coaching.rooms.planning.schedule import Hold
from coaching.rooms.planning.status import RoomStatus

# What was seen longer ago says nothing about who is inside now.
SEEN_LATELY = timedelta(minutes=3)
# A room that fails for days writes a line with every try: so many of the latest tell enough.
LONGEST_LOG = 300


@dataclass(frozen=True)
class SessionRoom:
    """The room of one session as its pages show it: all of a page's times and answers are its status's.

    `troubled` is the row that something is wrong with: the room's, or that of the role that its store shares.
    """

    status: RoomStatus
    room_id: int | None
    seen: list[Presence]
    troubled: Room | None
    is_unreadable: bool

    @property
    def trouble(self) -> str | None:
        """What is wrong, in a sentence with its remedy."""
        if self.is_unreadable:
            return FOR_EVERYBODY
        return self.troubled.trouble if self.troubled else None

    @property
    def is_shared(self) -> bool:
        """True when a role lets people into channels that others share, instead of into a room of its own."""
        return self.status.case.is_of_shared_role

    @property
    def is_own_trouble(self) -> bool:
        """True when something is wrong with the room itself, and not only with the role that its store shares."""
        return self.troubled is not None and self.troubled.id == self.status.case.recorded.id

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
    room = find_room(coaching_session)
    has_failed = room is not None and (room.last_error or not is_readable)
    return SessionRoom(
        RoomStatus(case, now.product),
        room.id if room else None,
        seen_in(room.id, now) if room else [],
        room if has_failed else _troubled_role(coaching_session, case),
        room is not None and not is_readable,
    )


def _troubled_role(coaching_session: CoachingSession, case: RoomCase) -> Room | None:
    """The role that the store shares, where this session is held, while something is wrong with it."""
    if not case.is_of_shared_role or case.session_state not in COMING or not coaching_session.needs_room:
        return None
    store = coaching_session.product.store
    guild_id = case.recorded.discord_guild_id or (store.guild.discord_guild_id if store.guild else None)
    return shared_role_in_trouble(store, guild_id) if guild_id else None


def talking_past_end(sessions: Collection[CoachingSession], now: datetime) -> set[int]:
    """Those of the sessions whose planned end is over while their people talk on, by id."""
    over = [session.id for session in sessions if session.ends_at <= now]
    open_rooms = Room.select(Room.id).where(Room.coaching_session.in_(over), Room.state == RoomState.OPEN)
    cases, _ = find_cases([room.id for room in open_rooms] if over else [], now)
    return {case.session_id for case in cases if case.session_id and RoomStatus(case, now).talks_until}


def find_room(coaching_session: CoachingSession) -> Room | None:
    """The session's room as recorded, or None before it was first due."""
    room: Room | None = Room.get_or_none(Room.coaching_session == coaching_session)
    return room


def room_log(room_id: int | None) -> list[RoomEvent]:
    """The latest of what happened to the room, the oldest first; nothing where there is none."""
    of_room = RoomEvent.select().where(RoomEvent.room == room_id)
    return list(of_room.order_by(RoomEvent.at.desc(), RoomEvent.id.desc()).limit(LONGEST_LOG))[::-1]


def seen_in(room_id: int, now: Now) -> list[Presence]:
    """Everybody about whom Discord could be asked while the room was open; inside is None while that is not known."""
    rows = Presence.select(Presence, Person).join(Person).where(Presence.room == room_id).order_by(Presence.id)
    seen = list(rows)
    for presence in seen:
        if abs(now.machine - presence.looked_at) > SEEN_LATELY:
            presence.is_inside = None
    return seen


def rooms_in_trouble(coach: Person) -> list[tuple[Room, str]]:
    """The coach's unsettled rooms whose last step failed, or whose record cannot be read, each with why."""
    unreadable = {room.room_id for room in unreadable_of(coach.id)}
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


def find_shared_code(store: Store) -> str | None:
    """The code in the names of the store's shared role and its category on its server, once they exist."""
    is_shared = (Room.store == store) & (Room.kind == "shared") & is_unsettled()
    # Until its last session there has ended, a store that has moved has another one on its former server.
    is_here = Room.discord_guild_id == (store.guild.discord_guild_id if store.guild else None)
    room = Room.select().where(is_shared, is_here, Room.discord_channel_id.is_null(False)).first()
    return room.code if room else None


def count_troubled_shared_parts() -> int:
    """How many categories and shared roles there are whose last step failed."""
    return int(Room.select().where(is_failing(), Room.coaching_session.is_null()).count())


def sessions_without_server(sessions: Iterable[CoachingSession], now: datetime) -> set[int]:
    """The ids of those among the sessions that get no room; their products and stores are loaded with them."""
    in_question = [session.id for session in sessions if not session.product.store.may_open_rooms]
    lost = _coming_without_server(now).where(CoachingSession.id.in_(in_question)) if in_question else ()
    return {coaching_session.id for coaching_session in lost}


def lost_servers(now: datetime) -> dict[Store, list[CoachingSession]]:
    """Every store with coming sessions that get no room, and these, the next one first."""
    by_store: dict[Store, list[CoachingSession]] = {}
    for row in _coming_without_server(now):
        by_store.setdefault(row.product.store, []).append(row)
    return by_store


def _coming_without_server(now: datetime) -> "ModelSelect[CoachingSession]":
    is_lost = Store.guild.is_null() | Store.guild_verified_at.is_null()
    return (
        CoachingSession.select(CoachingSession, Product, Store, Person, Guild)
        .join(Product)
        .join(Store)
        .join(Person)
        .switch(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .join_from(CoachingSession, Room, JOIN.LEFT_OUTER)
        .where(is_lost, CoachingSession.needs_room)
        .where(CoachingSession.state.in_(LIVE_STATES), CoachingSession.ends_at > now)
        .where(Room.id.is_null() | (Room.state == RoomState.ABSENT))
        .order_by(CoachingSession.starts_at, CoachingSession.id)
    )


def holds_on_rooms(now: Now) -> list[Hold]:
    """What is left alone for a while, and why."""
    is_lasting = (CallHold.until > now.machine) & (CallHold.name != DIRECT)
    holds = list(CallHold.select().where(is_lasting).order_by(CallHold.name))
    names = guild_names({hold.name.partition(" ")[0] for hold in holds})
    return [_hold(hold, now, names) for hold in holds]


def _hold(hold: CallHold, now: Now, names: Mapping[str, str]) -> Hold:
    guild_id, _, kind = hold.name.partition(" ")
    # Up to the next full minute, as clocks show it.
    until = (hold.until + (now.product - now.machine) + timedelta(seconds=59)).replace(second=0, microsecond=0)
    name = names.get(guild_id, "")
    return Hold("" if guild_id == EVERYWHERE else guild_id, kind, until, Refusal(hold.reason), name)


def guild_names(guild_ids: Collection[str]) -> dict[str, str]:
    """The names of those guilds that somebody has shown to us."""
    guilds = Guild.select().where(Guild.discord_guild_id.in_(guild_ids)) if guild_ids else ()
    return {guild.discord_guild_id: guild.name for guild in guilds}


def is_failing() -> Expression:
    """That the room's last step failed, and that it is not settled."""
    return Room.last_error.is_null(False) & is_unsettled()


def _rooms() -> "ModelSelect[Room]":
    return Room.select(Room, CoachingSession).join(CoachingSession)
