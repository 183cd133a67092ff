"""What a coach or an admin wants of a room by hand; the reconciler then sees to it. None of it talks to Discord."""

from datetime import datetime
from typing import Any

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession
from coaching.catalog.models import Product, Store
from coaching.db import database
from coaching.errors import NotFound, Refused, TooLate
from coaching.log_lines import Event
from coaching.rooms.cases.unreadable import UnreadableRoom
from coaching.rooms.models import Presence, Room
from coaching.rooms.planning.case import RoomKind
from coaching.rooms.planning.status import Hindrance
from coaching.rooms.recording.events import ByHand, EventKind, MoreTime
from coaching.rooms.recording.mutations import insert_room, record_event
from coaching.rooms.views.queries import find_room, is_failing, session_status


def open_now(coaching_session: CoachingSession, coach: Person, now: datetime) -> None:
    """The room is wanted open from now on; TooLate once the session has ended."""
    with database.atomic():
        room = _room(coaching_session, coach, now)
        if session_status(coaching_session, now).why_not_open == Hindrance.OVER:
            raise TooLate("The session is over. Its room cannot be opened again.")
        _set(room, opened_by_hand_at=now, closed_by_hand_at=None)
        record_event([room.id], Event(EventKind.OPENED_BY_HAND, ByHand(coach.name)), now)


def add_minutes(
    coaching_session: CoachingSession, coach: Person, minutes: int, now: datetime, shown_closing: datetime | None = None
) -> None:
    """The room is wanted open so many minutes longer; Refused when it would run into the coach's next session.

    `shown_closing` is the planned one that whoever pressed was shown. When there is another one by now, nothing
    changes: a button that is pressed twice has been heard.
    """
    with database.atomic():
        room = _room(coaching_session, coach, now)
        # Locks the row: of two presses at once the second one waits here, and sees what the first one has changed.
        _set(room, extra_minutes=Room.extra_minutes)
        status = session_status(coaching_session, now)
        hindrance = status.why_not_longer(minutes)
        if hindrance in (Hindrance.NO_ROOM, Hindrance.CLOSED):
            raise TooLate("The room has closed. Open a new session for more time.")
        if hindrance == Hindrance.NOT_BEGUN:
            raise Refused("More time can be given once the session has begun.")
        if shown_closing and shown_closing != status.planned_closing:
            return
        if hindrance == Hindrance.NEXT_SESSION:
            raise Refused("Your next session is too near: the room has to close ten minutes before it.")
        _set(room, extra_minutes=Room.extra_minutes + minutes)
        record_event([room.id], Event(EventKind.EXTENDED, MoreTime(coach.name, minutes)), now)


def close_now(coaching_session: CoachingSession, coach: Person, now: datetime) -> None:
    """The room is wanted closed from now on, whoever is inside; before its planned opening, until that comes."""
    with database.atomic():
        room = _room(coaching_session, coach, now)
        status = session_status(coaching_session, now)
        if not status.case.is_on:
            raise TooLate("The session was called off. Its room goes by itself.")
        # Who opened it days ahead by mistake, and closes it again, still has a call to hold.
        _set(room, closed_by_hand_at=None if status.is_before_its_time else now, opened_by_hand_at=None)
        record_event([room.id], Event(EventKind.CLOSED_BY_HAND, ByHand(coach.name)), now)


def retry_now(room_id: int, admin: Person, now: datetime) -> None:
    """Whatever failed at this room is tried again at once."""
    with database.atomic():
        if not Room.select().where(Room.id == room_id).exists():
            raise NotFound
        _retry([room_id], admin, now)


def retry_store(store: Store, person: Person, now: datetime) -> int:
    """Whatever failed of this store is tried again at once, its shared parts too; how many things that are."""
    with database.atomic():
        failing = [room.id for room in Room.select(Room.id).where(is_failing(), _is_of(store))]
        if failing:
            _retry(failing, person, now)
    return len(failing)


def forget(unreadable: UnreadableRoom) -> None:
    """The column that cannot be read says what it says in a new row. Only for what `is_forgettable`."""
    table, _, name = unreadable.column.partition(".")
    if table == "presence":
        Presence.update(looks=None).where(Presence.room == unreadable.room_id).execute()
    else:
        Room.update(**{name: getattr(Room, name).default}).where(Room.id == unreadable.room_id).execute()


def _retry(room_ids: list[int], person: Person, now: datetime) -> None:
    # A call that is under way keeps its claim: only what holds the next one up is set.
    Room.update(next_try_at=None, attempts=0, checked_at=None).where(Room.id.in_(room_ids)).execute()
    record_event(room_ids, Event(EventKind.RETRIED, ByHand(person.name)), now)


def _is_of(store: Store) -> Any:
    """The rooms of the store's sessions, the role it shares, and the categories in which its rooms are made."""
    sessions = CoachingSession.select(CoachingSession.id).join(Product).where(Product.store == store)
    guild_id = store.guild.discord_guild_id if store.guild else None
    is_category = (Room.kind == RoomKind.CATEGORY) & (Room.discord_guild_id == guild_id)
    return Room.coaching_session.in_(sessions) | (Room.store == store) | is_category


def _room(coaching_session: CoachingSession, coach: Person, now: datetime) -> Room:
    """The room of the coach's session, its row made where nothing was due before; NotFound where it is not theirs."""
    if coaching_session.coach_id != coach.id:
        raise NotFound
    room = find_room(coaching_session)
    if room is None:
        case = session_status(coaching_session, now).case
        if case.guild_id is None or not coaching_session.needs_room:
            raise Refused("This session has no room.")
        # Unless the reconciler is faster.
        room = insert_room(case, now, mode=case.mode, asked_mode=case.mode) or find_room(coaching_session)
    assert room
    return room


def _set(room: Room, **changes: object) -> None:
    # A call that is under way keeps its claim and its right to write: only what a hand decides is set.
    Room.update(**changes).where(Room.id == room.id).execute()
