"""Reads for the clockwork: the rooms that are not settled yet as plain cases for the planner, lanes, sweeps."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from peewee import JOIN, ModelSelect

from coaching.accounts.models import DiscordLink, GuildMember, Person
from coaching.booking.models import CoachingSession, Seat
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.guild_parts import Overwrite
from coaching.rooms.greeting import GreetingFacts
from coaching.rooms.models import Lane, Room
from coaching.rooms.plan import Occupant, RoomCase, RoomRecord, RoomState, StepKind
from coaching.rooms.queries import UNSETTLED, timing_of
from coaching.vault import Unreadable

# A session in one of these states has a right to its room; in every other one the room goes at once.
ON = ("scheduled", "in_progress", "completed", "no_show")
COMING = ("scheduled", "in_progress")
# No session lasts this long, so that what began earlier cannot need a new room.
LONGEST_SESSION = timedelta(days=2)
EVERYWHERE = "*"


def unsettled_cases(now: datetime) -> list[RoomCase]:
    """Every session whose room is due soon, stands, or is not yet known to be gone."""
    rows = [*_sessions_without_room(now), *_sessions_with_unsettled_room()]
    occupants = _Occupants(rows)
    return [_case(row, occupants) for row in rows]


def lanes(machine_now: datetime) -> dict[str, datetime]:
    """Until when each lane is to be left alone; EVERYWHERE stands for every guild."""
    rows = Lane.select().where(Lane.until > machine_now)
    return {row.name: row.until for row in rows}


def sweeps_due(machine_now: datetime) -> list[str]:
    """The guilds in which it is time to look for strays: those with rooms, and those where the time was set."""
    times = {lane.name: lane.sweep_due_at for lane in Lane.select()}
    in_use = {room.discord_guild_id for room in Room.select(Room.discord_guild_id).where(Room.state.in_(UNSETTLED))}
    was_set = {guild_id for guild_id, at in times.items() if at and at <= machine_now}
    return sorted(was_set | {guild_id for guild_id in in_use if times.get(guild_id) is None})


def rooms_by_code(guild_id: str, codes: Collection[str]) -> dict[str, Room]:
    """Those rooms of ours in this guild that carry one of `codes`."""
    rows = Room.select().where(Room.code.in_(codes), Room.discord_guild_id == guild_id) if codes else ()
    return {row.code: row for row in rows}


def has_unsettled_rooms(guild_id: str) -> bool:
    """True while the guild has a room, or may have one."""
    return bool(Room.select().where(Room.discord_guild_id == guild_id, Room.state.in_(UNSETTLED)).exists())


def greeting_facts(session_id: int) -> GreetingFacts:
    """Whose session it is, when, and what the students want from it."""
    coaching_session = CoachingSession.get_by_id(session_id)
    seats = list(
        Seat.select(Seat, Person)
        .join(Person)
        .where(Seat.coaching_session == session_id, Seat.is_live)
        .order_by(Seat.id)
    )
    return GreetingFacts(
        coaching_session.title,
        coaching_session.coach.name,
        tuple(seat.student.name for seat in seats),
        coaching_session.starts_at,
        coaching_session.ends_at,
        tuple(seat.goals for seat in seats if seat.goals and not isinstance(seat.goals, Unreadable)),
    )


def unpacked(text: str) -> frozenset[Overwrite]:
    """Overwrites as `mutations.packed` wrote them."""
    return frozenset(Overwrite(*entry) for entry in json.loads(text))


def _sessions_without_room(now: datetime) -> Iterable[CoachingSession]:
    latest_start = now + timedelta(minutes=LONGEST_LEAD)
    return _sessions(JOIN.LEFT_OUTER).where(
        Room.id.is_null(),
        CoachingSession.state.in_(COMING),
        CoachingSession.starts_at.between(now - LONGEST_SESSION, latest_start),
        CoachingSession.ends_at > now,
        CoachingSession.session_type != "phone",
        Guild.id.is_null(False),
        Store.guild_proved_at.is_null(False),
    )


def _sessions_with_unsettled_room() -> Iterable[CoachingSession]:
    # Not the outer join: with that SQLite goes through every session there ever was.
    return _sessions(JOIN.INNER).where(Room.state.in_(UNSETTLED))


def _sessions(with_room: str) -> "ModelSelect[CoachingSession]":
    # Only what a case is made of: a product's description alone would be most of the data.
    return (
        CoachingSession.select(*_SESSION, *_TIMING, Store.id, Store.guild_proved_at, Guild.discord_guild_id, Room)
        .join(Product)
        .join(Store)
        .join(Guild, JOIN.LEFT_OUTER)
        .join_from(CoachingSession, Room, with_room, attr="room")
    )


_SESSION = (
    CoachingSession.id,
    CoachingSession.code,
    CoachingSession.coach,
    CoachingSession.starts_at,
    CoachingSession.ends_at,
    CoachingSession.state,
    CoachingSession.session_type,
    CoachingSession.created_at,
)
_TIMING = (
    Product.make_minutes,
    Product.open_minutes,
    Product.close_minutes,
    Product.remove_minutes,
    Product.overrun_minutes,
    Product.stands,
)


def _case(row: CoachingSession, occupants: "_Occupants") -> RoomCase:
    store = row.product.store
    # A guild whose proof was lost gets no new rooms; the ones that stand keep their own guild.
    guild_id = store.guild.discord_guild_id if store.guild and store.guild_proved_at else None
    room = getattr(row, "room", None)
    recorded = _record(room) if room else RoomRecord()
    return RoomCase(
        session_id=row.id,
        session_code=row.code,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_on=row.state in ON,
        has_video=row.session_type == "video",
        timing=timing_of(row.product),
        guild_id=guild_id,
        occupants=occupants.of(row, recorded.guild_id or guild_id or ""),
        recorded=recorded,
    )


def _record(room: Room) -> RoomRecord:
    return RoomRecord(
        room_id=room.id,
        version=room.version,
        state=RoomState(room.state),
        thresholds=room.thresholds,
        guild_id=room.discord_guild_id,
        channel_id=room.discord_channel_id,
        overwrites=unpacked(room.overwrites),
        is_greeted=room.greeting_message_id is not None,
        intended_at=room.intended_at,
        looked_at=room.looked_at,
        made_at=room.made_at,
        granted_at=room.granted_at,
        checked_at=room.checked_at,
        claimed_until=room.claimed_until,
        failing_step=StepKind(room.failing_step) if room.failing_step else None,
        attempts=room.attempts,
        next_try_at=room.next_try_at,
    )


class _Occupants:
    """Coach and students of many sessions with their present Discord links, read in three queries."""

    def __init__(self, rows: list[CoachingSession]) -> None:
        self.students: dict[int, list[int]] = defaultdict(list)
        # When a session is over, its seats are not live any more, and still sit in the room until it closes.
        is_in = Seat.is_live | CoachingSession.state.in_(("completed", "no_show"))
        seats = Seat.select(Seat.coaching_session, Seat.student).join(CoachingSession)
        for seat in seats.where(Seat.coaching_session.in_(rows), is_in).order_by(Seat.id) if rows else ():
            self.students[seat.coaching_session_id].append(seat.student_id)
        people = {row.coach_id for row in rows}.union(*self.students.values())
        links = DiscordLink.select().where(DiscordLink.person.in_(people)) if people else ()
        self.links = {link.person_id: link for link in links}
        members = GuildMember.select().where(GuildMember.link.in_(list(self.links.values()))) if self.links else ()
        self.memberships = {(member.link_id, member.discord_guild_id): member for member in members}

    def of(self, row: CoachingSession, guild_id: str) -> tuple[Occupant, ...]:
        """The linked people the session's room is for."""
        people = dict.fromkeys([row.coach_id, *self.students[row.id]])
        return tuple(self._occupant(self.links[person], guild_id) for person in people if person in self.links)

    def _occupant(self, link: DiscordLink, guild_id: str) -> Occupant:
        membership = self.memberships.get((link.id, guild_id))
        if membership is None:
            return Occupant(link.discord_user_id)
        return Occupant(link.discord_user_id, membership.state not in ("left", "banned"), membership.checked_at)
