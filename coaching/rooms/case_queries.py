"""Reads for the clockwork: the rooms that are not settled yet as plain cases for the planner, and sweeps."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from peewee import JOIN, ModelSelect

from coaching.accounts.models import DiscordLink, GuildMember, Person
from coaching.booking.models import LIVE_STATES, CoachingSession, Seat
from coaching.booking.queries import next_start_of
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.db import rows as rows_of
from coaching.rooms import places
from coaching.rooms.greeting import GreetingFacts
from coaching.rooms.models import GuildSweep, Presence, Room
from coaching.rooms.planning.case import COMING, ON, AccessMode, Occupant, RoomCase, RoomKind, RoomRecord, RoomState
from coaching.rooms.planning.handover import keeping_shared_roles
from coaching.rooms.queries import UNSETTLED, timing_of, wishes_of
from coaching.rooms.records import record_of, unpacked_spans
from coaching.vault import Unreadable

# No session lasts this long, so that what began earlier cannot need a new room.
LONGEST_SESSION = timedelta(days=2)
JUDGED_AT_ONCE = 500
# A category stands for years.
_IS_UNSETTLED = (Room.state.in_(UNSETTLED), Room.kind != RoomKind.CATEGORY)


def unsettled_cases(now: datetime) -> list[RoomCase]:
    """Every place and every session whose room is due soon, stands, or is not yet known to be gone."""
    rows = [*_sessions_without_room(now), *_sessions_with_unsettled_room()]
    return _cases(rows, places.unsettled_places(), now)


def find_cases(room_ids: Collection[int], now: datetime) -> list[RoomCase]:
    """The cases of these rooms and places, settled or not; of the others only what decides with them is looked at."""
    if not room_ids:
        return []
    known = places.unsettled_places()
    shown = list(_sessions(JOIN.INNER).where(Room.id.in_(room_ids)))
    cases = _cases([*shown, *_deciding_with(shown, room_ids, known, now)], known, now)
    return [case for case in cases if case.recorded.room_id in room_ids]


def session_case(session_id: int, now: datetime) -> RoomCase:
    """The session's case as far as it decides by itself: neither places nor other students' sessions are looked at."""
    rows = list(_sessions(JOIN.LEFT_OUTER).where(CoachingSession.id == session_id))
    [case] = _session_cases(rows, places.NONE)
    if case.recorded.state != RoomState.OPEN:
        # How much longer it can stay is asked of a room that is not open yet, too.
        case = replace(case, next_starts_at=next_start_of(rows[0].coach_id, case.ends_at))
    return replace(case, is_on=case.is_on and rows[0].session_type != "phone")


def _deciding_with(
    shown: list[CoachingSession], room_ids: Collection[int], known: places.Places, now: datetime
) -> list[CoachingSession]:
    """Sessions that may keep a shared role from those shown, or a place among them from going."""
    stores = {row.product.store.id for row in shown if _shares_a_role(row)}
    guilds = set()
    for place in Room.select().where(Room.id.in_(room_ids), Room.kind != RoomKind.SESSION):
        if place.store_id:
            stores.add(place.store_id)
        elif place.discord_guild_id not in known.guilds_with_channels:
            # Elsewhere a category stands whether or not it is used.
            guilds.add(place.discord_guild_id)
    if not stores and not guilds:
        return []
    seen = {row.id for row in shown}
    standing = _sessions(JOIN.INNER).where(
        Room.state.in_(UNSETTLED), Store.id.in_(stores) | Room.discord_guild_id.in_(guilds)
    )
    coming = [row for row in _sessions_without_room(now) if _is_of(row, stores, guilds)]
    return [row for row in (*standing, *coming) if row.id not in seen]


def _shares_a_role(row: CoachingSession) -> bool:
    room = _room_of(row)
    return AccessMode.SHARED_ROLE in (row.product.store.access_mode, room.mode if room else None)


def _is_of(row: CoachingSession, stores: Collection[int], guilds: Collection[str]) -> bool:
    store = row.product.store
    return store.id in stores or (store.guild is not None and store.guild.discord_guild_id in guilds)


def _cases(rows: list[CoachingSession], known: places.Places, now: datetime) -> list[RoomCase]:
    cases = _session_cases(rows, known)
    with_place = [replace(case, parent=known.parent_of(case)) for case in cases]
    return [*known.cases(cases), *keeping_shared_roles(with_place, now)]


def _session_cases(rows: list[CoachingSession], known: places.Places) -> list[RoomCase]:
    context = _Context(rows, known)
    return [context.case_of(row) for row in rows]


def sweeps_due(machine_now: datetime) -> list[str]:
    """The guilds in which it is time to look for strays: those with rooms, and those where the time was set."""
    times = {sweep.discord_guild_id: sweep.due_at for sweep in GuildSweep.select()}
    in_use = {room.discord_guild_id for room in Room.select(Room.discord_guild_id).where(*_IS_UNSETTLED)}
    was_set = {guild_id for guild_id, at in times.items() if at and at <= machine_now}
    return sorted(was_set | {guild_id for guild_id in in_use if times.get(guild_id) is None})


def known_guilds() -> list[str]:
    """Every guild in which there ever was a room of ours, and those of stores."""
    rooms, stores = Room.select(Room.discord_guild_id).distinct(), Guild.select(Guild.discord_guild_id)
    return sorted({row.discord_guild_id for row in (*rooms, *stores)})


def rooms_by_code(guild_id: str, codes: Collection[str]) -> dict[str, Room]:
    """Those rooms of ours in this guild that carry one of `codes`."""
    rows = Room.select().where(Room.code.in_(codes), Room.discord_guild_id == guild_id) if codes else ()
    return {row.code: row for row in rows}


def has_unsettled_rooms(guild_id: str) -> bool:
    """True while the guild has a room, or may have one."""
    return bool(Room.select().where(Room.discord_guild_id == guild_id, *_IS_UNSETTLED).exists())


def uses_roles(guild_id: str) -> bool:
    """True where a role of ours stands, or may stand although we took it for gone."""
    had_role = (Room.asked_mode == AccessMode.SESSION_ROLE) | (Room.kind == RoomKind.SHARED)
    return bool(Room.select().where(Room.discord_guild_id == guild_id, had_role).exists())


def session_of(case: RoomCase) -> CoachingSession:
    """The case's coaching session as it is now."""
    found: CoachingSession = CoachingSession.get_by_id(case.session_id)
    return found


def ended_unjudged(now: datetime) -> tuple[list[CoachingSession], list[RoomCase]]:
    """Sessions that ended and of which nobody has said yet how: those that never had a room, and as cases the others.

    A session whose room still stands, or may, is not among them: it is looked after with its room.
    """
    is_over = (CoachingSession.starts_at <= now) & (CoachingSession.ends_at <= now)
    # Usually there are none. Joined with their rooms, PostgreSQL would go through all the rooms there ever were.
    ended = list(
        CoachingSession.select(CoachingSession.id, CoachingSession.session_type)
        .where(CoachingSession.state.in_(COMING), is_over)
        .order_by(CoachingSession.ends_at)
        .limit(JUDGED_AT_ONCE)
    )
    rooms = Room.select(Room.id, Room.coaching_session, Room.state).where(Room.coaching_session.in_(ended))
    by_session = {room.coaching_session_id: room for room in rooms} if ended else {}
    gone = {room.id for room in by_session.values() if room.state == RoomState.REMOVED}
    return [one for one in ended if one.id not in by_session], find_cases(gone, now)


def is_room_of_session(channel_id: str) -> bool:
    """True while the channel is the room of one session, whichever."""
    # By state first: of the rooms that are gone there may be many.
    standing = Room.state.in_(UNSETTLED) & (Room.kind == RoomKind.SESSION)
    return bool(Room.select().where(standing, Room.discord_channel_id == channel_id).exists())


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


def names_of(session_id: int) -> tuple[str, list[str]]:
    """What the session is called, and its students."""
    sitting = (Seat.coaching_session == CoachingSession.id) & Seat.is_live
    found = list(
        rows_of(
            CoachingSession.select(CoachingSession.title, Person.name)
            .join(Seat, JOIN.LEFT_OUTER, on=sitting)
            .join(Person, JOIN.LEFT_OUTER)
            .where(CoachingSession.id == session_id)
            .order_by(Seat.id)
        )
    )
    return found[0][0], [name for _, name in found if name]


def _sessions_without_room(now: datetime) -> Iterable[CoachingSession]:
    near = CoachingSession.starts_at.between(now - LONGEST_SESSION, now + timedelta(minutes=LONGEST_LEAD))
    yield from _roomless(now).where(near)
    # Asked apart: in one query SQLite would go through every session to come.
    if standing := list(Product.select(Product.id).where(Product.stands)):
        yield from _roomless(now).where(CoachingSession.product.in_(standing), ~near)


def _roomless(now: datetime) -> "ModelSelect[CoachingSession]":
    return _sessions(JOIN.LEFT_OUTER).where(
        Room.id.is_null(),
        CoachingSession.state.in_(COMING),
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
        CoachingSession.select(*_SESSION, *_TIMING, *_STORE, Guild.discord_guild_id, Room)
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
_STORE = (Store.id, Store.guild_proved_at, Store.access_mode)
_TIMING = (
    Product.make_minutes,
    Product.open_minutes,
    Product.close_minutes,
    Product.remove_minutes,
    Product.overrun_minutes,
    Product.stands,
)


class _Context:
    """What the cases of many sessions have in common, read in a few queries: people, links, presence, next sessions."""

    def __init__(self, rows: list[CoachingSession], known: places.Places) -> None:
        self.places = known
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
        rooms = [room.id for row in rows if (room := _room_of(row))]
        seen = Presence.select().where(Presence.room.in_(rooms)) if rooms else ()
        self.presences: dict[tuple[int | None, int], Presence] = {(one.room_id, one.person_id): one for one in seen}
        self.starts = _starts_by_coach({row.coach_id for row in rows if _may_run_over(row)})

    def case_of(self, row: CoachingSession) -> RoomCase:
        """The session with its room as a value."""
        store = row.product.store
        # A guild whose proof was lost gets no new rooms; the ones that stand keep their own guild.
        guild_id = store.guild.discord_guild_id if store.guild and store.guild_proved_at else None
        room = _room_of(row)
        recorded = record_of(room) if room else RoomRecord()
        home_guild_id = recorded.home_or(guild_id)
        return RoomCase(
            session_id=row.id,
            session_code=row.code,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_on=row.state in ON,
            has_video=row.session_type == "video",
            timing=timing_of(row.product),
            guild_id=guild_id,
            occupants=self._occupants(row, recorded, home_guild_id),
            former=self._former(row, recorded),
            recorded=recorded,
            mode=AccessMode(store.access_mode),
            wishes=wishes_of(row, room),
            session_state=row.state,
            shared_role_id=self.places.shared_role_of(store.id, home_guild_id),
            shared_category_id=self.places.shared_category_of(store.id, home_guild_id),
            next_starts_at=min((at for at in self.starts.get(row.coach_id, ()) if at >= row.ends_at), default=None),
            store_id=store.id,
        )

    def _occupants(self, row: CoachingSession, recorded: RoomRecord, guild_id: str | None) -> tuple[Occupant, ...]:
        """The linked people the session's room is for, as members of this guild."""
        people = dict.fromkeys([row.coach_id, *self.students[row.id]])
        return tuple(
            self._occupant(self.links[person], guild_id, recorded.room_id, person == row.coach_id)
            for person in people
            if person in self.links
        )

    def _former(self, row: CoachingSession, recorded: RoomRecord) -> tuple[Occupant, ...]:
        """Those of the session's people who were looked for in its room and have no account linked any more."""
        unlinked = [person for person in (row.coach_id, *self.students[row.id]) if person not in self.links]
        seen = [self.presences.get((recorded.room_id, person)) for person in dict.fromkeys(unlinked)]
        return tuple(
            Occupant(
                "",
                is_member=False,
                person_id=one.person_id,
                is_coach=one.person_id == row.coach_id,
                looked_at=one.looked_at,
                last_seen_at=one.last_seen_at,
                looks=unpacked_spans(one.looks),
                present_at=one.present_at,
            )
            for one in seen
            if one
        )

    def _occupant(self, link: DiscordLink, guild_id: str | None, room_id: int | None, is_coach: bool) -> Occupant:
        membership = self.memberships.get((link.id, guild_id)) if guild_id else None
        presence = self.presences.get((room_id, link.person_id))
        return Occupant(
            link.discord_user_id,
            is_member=membership is None or membership.state not in ("left", "banned"),
            checked_at=membership.checked_at if membership else None,
            person_id=link.person_id,
            is_coach=is_coach,
            is_inside=presence is not None and presence.is_inside,
            looked_at=presence.looked_at if presence else None,
            last_seen_at=presence.last_seen_at if presence else None,
            looks=unpacked_spans(presence.looks) if presence else (),
            present_at=presence.present_at if presence else None,
        )


def _room_of(row: CoachingSession) -> Room | None:
    return getattr(row, "room", None)


def _may_run_over(row: CoachingSession) -> bool:
    room = _room_of(row)
    return room is not None and room.state == RoomState.OPEN


def _starts_by_coach(coaches: set[int]) -> dict[int, list[datetime]]:
    """When the sessions of these coaches start that are still to come or under way."""
    starts: dict[int, list[datetime]] = defaultdict(list)
    query = CoachingSession.select(CoachingSession.coach, CoachingSession.starts_at)
    if coaches:
        for coach_id, at in rows_of(
            query.where(CoachingSession.coach.in_(coaches), CoachingSession.state.in_(LIVE_STATES))
        ):
            starts[coach_id].append(at)
    return starts
