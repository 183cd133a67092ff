"""Reads for the reconciler: the rooms that are not settled yet as plain cases for the planner, and sweeps."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from peewee import JOIN, ModelSelect

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import next_start_of
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.db import is_among
from coaching.now import Now
from coaching.reading import Row, Selection, Statement, given
from coaching.rooms.cases import rows as case_rows
from coaching.rooms.cases.shared_parts import SharedParts, unsettled_shared_parts
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.greeting import GreetingFacts
from coaching.rooms.models import GuildSweep, Room
from coaching.rooms.planning.case import COMING, AccessMode, RoomCase, RoomKind, RoomState
from coaching.rooms.planning.plan import with_shared_role_transfers
from coaching.vault import Unreadable

# No session lasts this long, so that what began earlier cannot need a new room.
LONGEST_SESSION = timedelta(days=2)
OUTCOMES_AT_ONCE = 500


def unsettled_cases(now: datetime) -> list[RoomCase]:
    """Every shared part and every session whose room is due soon, exists, or is not yet known to be gone."""
    return _read_unsettled(now)[0]


def unreadable_rooms(now: datetime) -> list[UnreadableRoom]:
    """Every shared part, and every session with its room, of which nobody can tell what is to be done."""
    unreadable = _read_unsettled(now)[1]
    known_ids = {room.session_id for room in unreadable}
    return [*unreadable, *(session for session in case_rows.lost_sessions() if session.session_id not in known_ids)]


def _read_unsettled(now: datetime) -> tuple[list[RoomCase], list[UnreadableRoom]]:
    """All of them, and apart those whose row holds nonsense: one of them costs no other anything."""
    known = unsettled_shared_parts()
    rows = [*_rows_without_room(now), *case_rows.UNSETTLED_ROOMS.rows()]
    sessions, unreadable = case_rows.read_sessions(rows, known)
    return _with_shared_parts(sessions, known, now), [*known.unreadable, *unreadable]


def find_cases(room_ids: Collection[int], now: datetime) -> tuple[list[RoomCase], list[UnreadableRoom]]:
    """The cases of these rooms and shared parts, settled or not, and what of them nobody can read.

    Of the others only what decides with them is looked at.
    """
    if not room_ids:
        return [], []
    known = unsettled_shared_parts()
    own, unreadable = case_rows.read_sessions(_OF_ROOMS.rows(rooms=list(room_ids)), known)
    # Whoever may keep a shared role from them, or a shared part among them from going.
    stores = {case.store_id for case in own if AccessMode.SHARED_ROLE in (case.mode, case.recorded.mode)}
    stores |= {role.store_id for role in known.shared.values() if role.recorded.id in room_ids}
    # Elsewhere a category is kept whether or not it is used.
    guilds = {
        guild_id
        for guild_id, categories in known.categories.items()
        if guild_id not in known.guilds_with_channels and any(category.id in room_ids for category in categories)
    }
    rows = (
        _EXISTING_IN.rows(stores=list(stores), guilds=list(guilds)) + _rows_without_room(now)
        if stores or guilds
        else []
    )
    others, _ = case_rows.read_sessions(rows, known)
    sessions = {case.session_id: case for case in (*own, *others)}
    cases = _with_shared_parts(list(sessions.values()), known, now)
    return [case for case in cases if case.recorded.id in room_ids], [*known.unreadable, *unreadable]


def _with_shared_parts(sessions: list[RoomCase], known: SharedParts, now: datetime) -> list[RoomCase]:
    """The shared parts and the sessions, each knowing of the others what it decides by."""
    return [*known.cases(sessions), *with_shared_role_transfers(sessions, now)]


def session_case(coaching_session: CoachingSession) -> tuple[RoomCase, bool]:
    """The session's case as far as it decides by itself: no shared part and no other student's session is looked at.

    False with one that cannot be read: then only the planned times are in it.
    """
    cases, _ = case_rows.read_sessions(case_rows.ONE_SESSION.rows(session=coaching_session.id), SharedParts())
    if not cases:
        return _case_of_times(coaching_session), False
    [case] = cases
    if case.recorded.state != RoomState.OPEN:
        # How much longer it can stay is asked of a room that is not open yet, too.
        case = replace(case, next_starts_at=next_start_of(coaching_session.coach_id, case.ends_at))
    return replace(case, is_on=case.is_on and coaching_session.needs_room), True


def _case_of_times(coaching_session: CoachingSession) -> RoomCase:
    return RoomCase(
        session_id=coaching_session.id,
        session_code=coaching_session.code,
        starts_at=coaching_session.starts_at,
        ends_at=coaching_session.ends_at,
        is_on=False,
        session_state=coaching_session.state,
    )


def _rows_without_room(now: datetime) -> list[Row]:
    near = {"now": now, "since": now - LONGEST_SESSION, "until": now + timedelta(minutes=LONGEST_LEAD)}
    rows = _ROOMLESS_NEAR.rows(**near)
    # Asked apart: in one query SQLite would go through every session to come.
    if early := [product_id for (product_id,) in _OPENING_AT_BOOKING.rows()]:
        rows += _ROOMLESS_OF_PRODUCTS.rows(**near, products=early)
    return [row + case_rows.NO_ROOM for row in rows]


def sweeps_due(now: Now) -> list[str]:
    """The guilds in which it is time to look for orphans: those with rooms, and those where the time was set."""
    times = {sweep.discord_guild_id: sweep.due_at for sweep in _SWEEPS.all()}
    in_use = {guild_id for (guild_id,) in _GUILDS_IN_USE.rows()}
    was_set = {guild_id for guild_id, at in times.items() if at and at <= now.machine}
    return sorted(was_set | {guild_id for guild_id in in_use if times.get(guild_id) is None})


def ended_without_outcome(now: datetime) -> tuple[list[CoachingSession], list[RoomCase]]:
    """Sessions that ended and of which nobody has said yet how: those that never had a room, and as cases the others.

    A session whose room still exists, or may, is not among them: it is looked after with its room.
    """
    # Usually there are none. Joined with their rooms, PostgreSQL would go through all the rooms there ever were.
    ended = _ENDED.all(now=now)
    rooms = Room.select(Room.id, Room.coaching_session, Room.state).where(Room.coaching_session.in_(ended))
    by_session = {room.coaching_session_id: room for room in rooms} if ended else {}
    gone = {room.id for room in by_session.values() if room.state == RoomState.REMOVED}
    return [session for session in ended if session.id not in by_session], find_cases(gone, now)[0]


def is_room_of_session(channel_id: str) -> bool:
    """True while the channel is the room of one session, whichever."""
    # By state first: of the rooms that are gone there may be many.
    is_existing = case_rows.is_unsettled() & (Room.kind == RoomKind.SESSION)
    return bool(Room.select().where(is_existing, Room.discord_channel_id == channel_id).exists())


def greeting_facts(session_id: int) -> GreetingFacts:
    """Whose session it is, when, and what the students want from it."""
    [coaching_session] = _CALLED.all(session=session_id)
    seats = _SEATED.all(session=session_id)
    return GreetingFacts(
        coaching_session.title,
        coaching_session.coach.name,
        tuple(seat.student.name for seat in seats),
        coaching_session.starts_at,
        coaching_session.ends_at,
        tuple(seat.goals for seat in seats if seat.goals and not isinstance(seat.goals, Unreadable)),
        coaching_session.product.message_words,
    )


_CALLED: Selection[CoachingSession] = Selection(
    lambda: (
        CoachingSession.select(CoachingSession, Person, Product)
        .join(Person)
        .switch()
        .join(Product)
        .where(CoachingSession.id == given("session"))
    )
)
_SEATED: Selection[Seat] = Selection(
    lambda: (
        Seat.select(Seat, Person)
        .join(Person)
        .where(Seat.coaching_session == given("session"), Seat.is_live)
        .order_by(Seat.id)
    )
)
_NEAR = CoachingSession.starts_at.between(given("since"), given("until"))
_SWEEPS: Selection[GuildSweep] = Selection(lambda: GuildSweep.select())
# A category is kept for years.
_GUILDS_IN_USE = Statement(
    lambda: Room.select(Room.discord_guild_id).where(case_rows.is_unsettled(), Room.kind != RoomKind.CATEGORY)
)
_ENDED: Selection[CoachingSession] = Selection(
    lambda: (
        CoachingSession.select(CoachingSession.id, CoachingSession.session_type)
        .where(
            CoachingSession.state.in_(COMING),
            CoachingSession.starts_at <= given("now"),
            CoachingSession.ends_at <= given("now"),
        )
        .order_by(CoachingSession.ends_at)
        .limit(OUTCOMES_AT_ONCE)
    )
)
_ROOMLESS_NEAR = Statement(lambda: _roomless().where(_NEAR))
_OPENING_AT_BOOKING = Statement(lambda: Product.select(Product.id).where(Product.opens_at_booking))
_ROOMLESS_OF_PRODUCTS = Statement(
    lambda: _roomless().where(is_among(CoachingSession.product, given("products")), ~_NEAR)
)
_OF_ROOMS = Statement(lambda: case_rows.select(JOIN.INNER).where(is_among(Room.id, given("rooms"))))
_EXISTING_IN = Statement(
    lambda: case_rows.select(JOIN.INNER).where(
        case_rows.is_unsettled(),
        is_among(Store.id, given("stores")) | is_among(Room.discord_guild_id, given("guilds")),
    )
)


def _roomless() -> "ModelSelect[CoachingSession]":
    return case_rows.select(JOIN.LEFT_OUTER, case_rows.OF_SESSION).where(
        Room.id.is_null(),
        CoachingSession.state.in_(COMING),
        CoachingSession.ends_at > given("now"),
        CoachingSession.needs_room,
        Guild.id.is_null(False),
        Store.guild_verified_at.is_null(False),
    )
