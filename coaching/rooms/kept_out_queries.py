"""Reads of whether a session's room let its student in, for whoever pays back what it did not."""

from datetime import datetime

from peewee import Expression

from coaching.accounts.models import Person
from coaching.accounts.queries import find_discord_link, find_membership
from coaching.booking.events import EventKind as SessionEventKind
from coaching.booking.events import OutBecause
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.fields import UnreadableTuple
from coaching.rooms.models import Presence, Room, RoomEvent
from coaching.rooms.planning.kept_out import WayIn, kept_out_because, was_open
from coaching.rooms.views.queries import find_room


def why_kept_out(coaching_session: CoachingSession, seat: Seat) -> OutBecause | None:
    """Why the room never let the student in while the call was to be; None when it did, where there is no room,
    and where nobody knows, for an older backup was put back since.

    To be asked when the planned end has passed: what is known of the student's account is what is known now.
    """
    if not coaching_session.needs_room or _has(coaching_session, SessionEvent.kind == SessionEventKind.RECORD_LOST):
        return None
    room = find_room(coaching_session)
    if room and isinstance(room.let_in, UnreadableTuple):
        return None
    starts_at, ends_at = coaching_session.starts_at, coaching_session.ends_at
    return kept_out_because(_way_in(coaching_session, seat, room), starts_at, ends_at)


def was_seen(coaching_session: CoachingSession, person: Person) -> bool:
    """True when the person was seen in the session's room from its planned start on."""
    seen = Presence.select().join(Room).where(Room.coaching_session == coaching_session, Presence.person == person)
    return bool(seen.where(Presence.present_at >= coaching_session.starts_at).exists())


def has_left_server(coaching_session: CoachingSession, person: Person) -> bool:
    """True where the person is not on the server of the session's room any more, as far as is known."""
    link, guild_id = find_discord_link(person), _guild_id(coaching_session, find_room(coaching_session))
    membership = find_membership(link, guild_id) if link and guild_id else None
    return membership is not None and membership.state == "left"


def _way_in(coaching_session: CoachingSession, seat: Seat, room: Room | None) -> WayIn:
    link = find_discord_link(seat.student)
    guild_id = _guild_id(coaching_session, room)
    membership = find_membership(link, guild_id) if link and guild_id else None
    known = membership.state if membership else "unknown"
    is_in_time = SessionEvent.at <= coaching_session.ends_at
    was_banned = (SessionEvent.kind == SessionEventKind.BANNED) & is_in_time
    return WayIn(
        let_in=room.let_in if room else (),
        let_in_since=room.let_in_since if room else None,
        was_seen=was_seen(coaching_session, seat.student),
        was_open=room is not None and _was_open(room, coaching_session.starts_at, coaching_session.ends_at),
        is_banned=known == "banned" or _has(coaching_session, was_banned),
        is_linked=link is not None,
        has_left=known == "left",
    )


def _guild_id(coaching_session: CoachingSession, room: Room | None) -> str | None:
    store = coaching_session.product.store
    return room.discord_guild_id if room else store.guild.discord_guild_id if store.guild else None


def _has(coaching_session: CoachingSession, line: Expression) -> bool:
    """True when there is such a line in the session's history."""
    return bool(SessionEvent.select().where(SessionEvent.coaching_session == coaching_session, line).exists())


def _was_open(room: Room, starts_at: datetime, ends_at: datetime) -> bool:
    log = RoomEvent.select().where(RoomEvent.room == room).order_by(RoomEvent.id)
    return was_open(((line.event.kind, line.at) for line in log), starts_at, ends_at)
