"""Reads of whether a session's room let its student in, for whoever pays back what it did not."""

from peewee import Expression

from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link, find_membership
from coaching.booking.events import EventKind as SessionEventKind
from coaching.booking.events import OutBecause
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.fields import UnreadableTuple
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.recording.events import EventKind
from coaching.rooms.views.queries import find_room

_OPENS = frozenset((EventKind.MADE_OPEN, EventKind.OPENED, EventKind.FOUND, EventKind.ROLE_GIVEN))
_SHUTS = frozenset(
    (
        *(EventKind.HIDDEN, EventKind.CLOSED, EventKind.REMOVED, EventKind.ALREADY_GONE),
        *(EventKind.DELETED_BY_OTHERS, EventKind.SETTLED, EventKind.NOT_FOUND),
    )
)


def why_kept_out(coaching_session: CoachingSession, seat: Seat) -> OutBecause | None:
    """Why the room never let the student in while the call was to be; None when it did, if only late or for a while,
    where there is no room, and where nobody knows, for an older backup was put back since.

    To be asked when the planned end has passed: what is known of the student's account is what is known now.
    """
    if not coaching_session.needs_room or _has(coaching_session, SessionEvent.kind == SessionEventKind.RECORD_LOST):
        return None
    room = find_room(coaching_session)
    if was_seen(coaching_session, seat.student) or (room and _let_in(room, coaching_session)):
        return None
    standing = _standing_on_server(coaching_session, seat.student, room)
    was_banned = (SessionEvent.kind == SessionEventKind.BANNED) & (SessionEvent.at <= coaching_session.ends_at)
    if standing == "banned" or _has(coaching_session, was_banned):
        return OutBecause.BANNED
    if room is None or not _was_open(room, coaching_session):
        # It would have let in nobody: whether the student was on the server does not matter.
        return OutBecause.NO_ROOM
    if standing is None:
        return OutBecause.NOT_LINKED
    return OutBecause.LEFT if standing == "left" else OutBecause.NO_RIGHT


def was_seen(coaching_session: CoachingSession, person: Person) -> bool:
    """True when the person was seen in the session's room from its planned start on."""
    seen = Presence.select().join(Room).where(Room.coaching_session == coaching_session, Presence.person == person)
    return bool(seen.where(Presence.present_at >= coaching_session.starts_at).exists())


def has_left_server(coaching_session: CoachingSession, person: Person) -> bool:
    """True where the person is not on the server of the session's room any more, as far as is known."""
    return _standing_on_server(coaching_session, person, find_room(coaching_session)) == "left"


def _has(coaching_session: CoachingSession, line: Expression) -> bool:
    """True when there is such a line in the session's history."""
    return bool(SessionEvent.select().where(SessionEvent.coaching_session == coaching_session, line).exists())


def _let_in(room: Room, coaching_session: CoachingSession) -> bool:
    """True when it was open to the student at any time of the call, or nobody can read whether it was."""
    starts_at, ends_at = coaching_session.starts_at, coaching_session.ends_at
    is_open = room.let_in_since is not None and room.let_in_since < ends_at
    was_open = any(since < ends_at and until > starts_at for since, until in room.let_in)
    return is_open or was_open or isinstance(room.let_in, UnreadableTuple)


def _standing_on_server(coaching_session: CoachingSession, person: Person, room: Room | None) -> str | None:
    """What Discord last said of the person on the session's server; None of somebody without an account there."""
    link, store = find_discord_link(person), coaching_session.product.store
    if link is None:
        return None
    guild_id = room.discord_guild_id if room else store.guild.discord_guild_id if store.guild else None
    membership = find_membership(link, guild_id) if guild_id else None
    return membership.state if membership else "unknown"


def _was_open(room: Room, coaching_session: CoachingSession) -> bool:
    """True when by its log, in the log's order, the room was open to anybody at any time of the call."""
    is_open = False
    before_end = RoomEvent.select().where(RoomEvent.room == room, RoomEvent.at < coaching_session.ends_at)
    for line in before_end.order_by(RoomEvent.id):
        if line.kind in _OPENS:
            is_open = True
            if line.at >= coaching_session.starts_at:
                return True
        elif line.kind in _SHUTS:
            if is_open and line.at > coaching_session.starts_at:
                return True
            is_open = False
    return is_open
