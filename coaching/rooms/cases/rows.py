"""Sessions with their rooms and people as rows, made into cases: each by itself, so that none costs another. Query."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import lru_cache, reduce
from itertools import pairwise
from operator import or_
from typing import Any

from peewee import JOIN, Expression, ModelSelect, Node

from coaching.booking.models import STATES, CoachingSession
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import RoomTiming
from coaching.reading import Columns, NotMeant, Row, Statement, given, name_of
from coaching.rooms.cases.people import People, PersonRows, occupant
from coaching.rooms.cases.shared_parts import RECORD, SharedParts
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.models import Room
from coaching.rooms.planning.case import COMING, ON, AccessMode, RoomCase, RoomKind, RoomRecord, RoomState
from coaching.rooms.planning.timeline import Overrides, Timeline, timeline

# So many cases are kept as they were made: read again, few of them have changed.
KEPT = 8_000
# Nobody books earlier or later.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


def select(with_room: str, columns: Sequence[Node] = ()) -> "ModelSelect[CoachingSession]":
    """What a case is made of, or these columns of it, for a Statement that says of which sessions."""
    return (
        CoachingSession.select(*(columns or [*OF_SESSION, *RECORD.columns]))
        .join(Product)
        .join(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .join_from(CoachingSession, Room, with_room)
    )


def is_unsettled() -> Expression:
    """That the room is in another state than removed, be it one that there is not."""
    # As two ranges of an index: most rooms there ever were are removed.
    return (Room.state < RoomState.REMOVED) | (Room.state > RoomState.REMOVED)


def read_sessions(rows: list[Row], known: SharedParts) -> tuple[list[RoomCase], list[UnreadableRoom]]:
    """Each row as a case, apart from those that cannot be read. Shared-role transfers are not in it yet."""
    people = People(
        [row[SESSION_ID] for row in rows],
        {row[COACH_ID] for row in rows},
        [row[ROOM_ID] for row in rows if row[ROOM_ID]],
        {row[COACH_ID] for row in rows if row[ROOM_STATE] == RoomState.OPEN},
    )
    cases, unreadable = [], []
    for row in rows:
        try:
            cases.append(_case_of(row, people, known))
        except Exception as error:
            column = str(error) if isinstance(error, NotMeant) else name_of(CoachingSession.starts_at)
            unreadable.append(UnreadableRoom(str(row[CODE]), column, row[ROOM_ID], row[SESSION_ID]))
    return cases, unreadable


def unreadable_of(coach_id: int) -> list[UnreadableRoom]:
    """The coach's sessions with a room that is not settled, as far as nobody can read them."""
    return read_sessions(_OF_COACH.rows(coach=coach_id), SharedParts())[1]


def lost_sessions() -> list[UnreadableRoom]:
    """Sessions that nobody looks for any more, since they are in no state or at no time that there is."""
    return [
        UnreadableRoom(
            str(code),
            name_of(CoachingSession.starts_at if state in STATES else CoachingSession.state),
            None,
            session_id,
        )
        for session_id, code, state in _LOST.rows()
    ]


def _case_of(row: Row, people: People, known: SharedParts) -> RoomCase:
    case = _case_of_row(row)
    home = case.home_guild_id
    shared = known.shared.get((case.store_id, home))
    return _case_around(
        row,
        people.rows_of(row[SESSION_ID], case.coach_id, case.recorded.id, home),
        parent=known.parent_of(case.guild_id, case.acting_mode),
        # With or without its category: where that is to be made again, the role is taken from people all the same.
        shared_role_id=shared.recorded.discord_role_id if shared else None,
        shared_category_id=shared.recorded.discord_channel_id if shared else None,
        next_starts_at=people.next_start(case.coach_id, case.ends_at),
    )


@lru_cache(KEPT)
def _case_of_row(row: Row) -> RoomCase:
    """What the row says by itself, without the people and what is around."""
    session = _SESSION.read(row[: len(_SESSION.names)])
    recorded = RECORD.read(row[len(OF_SESSION) :]) if row[ROOM_ID] else RoomRecord()
    if recorded.kind != RoomKind.SESSION:
        raise NotMeant(name_of(Room.kind))
    guild_id, is_verified, booked_at = (session.pop(name) for name in ("guild_id", "is_verified", "booked_at"))
    return RoomCase(
        **session,
        is_on=session["session_state"] in ON,
        timing=_timing(_TIMING.read(row[len(_SESSION.names) : len(OF_SESSION)]), session["mode"]),
        overrides=_overrides(booked_at, recorded),
        # A guild not verified any more gets no new rooms; those that exist keep their own guild.
        guild_id=guild_id if is_verified else None,
        recorded=recorded,
    )


def session_timeline(coaching_session: CoachingSession, room: Room | None) -> Timeline:
    """When the session's room comes and goes, of a session that was read with its product and store."""
    product = coaching_session.product
    return timeline(
        coaching_session.starts_at,
        coaching_session.ends_at,
        _timing(product.timing, product.store.access_mode),
        _overrides(coaching_session.created_at, room or RoomRecord()),
    )


def _timing(timing: RoomTiming, mode: str) -> RoomTiming:
    """The product's timing. Nothing opens at the booking where no role is shared."""
    if mode == AccessMode.SHARED_ROLE or not timing.opens_at_booking:
        return timing
    return replace(timing, opens_at_booking=False)


def _overrides(booked_at: datetime, room: Room | RoomRecord) -> Overrides:
    return Overrides(booked_at, room.opened_by_hand_at, room.closed_by_hand_at, room.extra_minutes)


@lru_cache(KEPT)
def _case_around(row: Row, people: tuple[PersonRows, ...], **around: Any) -> RoomCase:
    by_itself = _case_of_row(row)
    seen = [occupant(person, by_itself.coach_id) for person in people if any(person[1:])]
    case = replace(
        by_itself,
        occupants=tuple(person for person in seen if person.discord_user_id),
        former=tuple(person for person in seen if not person.discord_user_id),
        **around,
    )
    # Times from which no timeline comes are found here, not by whoever plans.
    assert case.timeline
    return case


_SESSION = Columns[dict[str, Any]](
    dict,
    {
        "session_id": CoachingSession.id,
        "session_code": CoachingSession.code,
        "coach_id": CoachingSession.coach,
        "starts_at": CoachingSession.starts_at,
        "ends_at": CoachingSession.ends_at,
        "booked_at": CoachingSession.created_at,
        "session_state": (CoachingSession.state, {state: state for state in STATES}.__getitem__),
        "has_video": (CoachingSession.session_type, {"video": True, "audio": False, "phone": False}.__getitem__),
        "store_id": Store.id,
        "mode": (Store.access_mode, AccessMode),
        "guild_id": (Guild.discord_guild_id, lambda value: value),
        "is_verified": (Store.guild_verified_at.is_null(False), bool),
    },
)
_TIMING = Columns(RoomTiming, {field.name: getattr(Product, field.name) for field in fields(RoomTiming)})
# A session without a room has nothing in the last columns: they are not even asked for.
OF_SESSION = [*_SESSION.columns, *_TIMING.columns]
NO_ROOM = (None,) * len(RECORD.columns)
SESSION_ID, CODE, COACH_ID = map(_SESSION.names.index, ("session_id", "session_code", "coach_id"))
ROOM_ID, ROOM_STATE = (len(OF_SESSION) + RECORD.names.index(name) for name in ("id", "state"))

# Not the outer join: with that SQLite goes through every session there ever was.
UNSETTLED_ROOMS = Statement(lambda: select(JOIN.INNER).where(is_unsettled()))
_OF_COACH = Statement(lambda: select(JOIN.INNER).where(is_unsettled(), CoachingSession.coach == given("coach")))
ONE_SESSION = Statement(lambda: select(JOIN.LEFT_OUTER).where(CoachingSession.id == given("session")))

# Whatever looks for sessions by state and time passes these by.
_LOST = Statement(
    lambda: CoachingSession.select(CoachingSession.id, CoachingSession.code, CoachingSession.state).where(
        _is_none_of(CoachingSession.state, STATES)
        | (CoachingSession.state.in_(COMING) & ~CoachingSession.starts_at.between(EARLIEST, LATEST))
    )
)


def _is_none_of(column: Any, known: tuple[str, ...]) -> Expression:
    """That the column holds no such word: the gaps between them, each a range of an index."""
    in_order = sorted(known)
    gaps = [(column > before) & (column < after) for before, after in pairwise(in_order)]
    expression: Expression = reduce(or_, gaps, (column < in_order[0]) | (column > in_order[-1]))
    return expression
