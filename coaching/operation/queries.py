"""Reads about the site for admins: how it is doing, how much there is of what, everybody's sessions and stores."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Literal

from peewee import JOIN, fn

from coaching.accounts.event_queries import find_people
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.queries import seats_with_people
from coaching.catalog.models import Guild, Product, Store
from coaching.catalog.timing import LONGEST_LEAD
from coaching.figures.counting import RoomRecord, delay_of
from coaching.paging import page_of
from coaching.rooms.cases.rows import session_timeline
from coaching.rooms.models import Room

WITH_ROOM = ("scheduled", "in_progress", "completed", "no_show")
# So long after a room has gone, the demo's clock bar still speaks of it.
SPARE_TIME = timedelta(minutes=5)
# The bar stands on every page of a demo, which is small.
MOST_AT_HAND = 100
# Of so long the record of a coach speaks, and at most of so many calls.
RECORD = timedelta(days=90)
MOST_RECORDED = 500
LATEST = 10

Opening = Literal["in time", "late", "never", "none"]


def session_at_hand(now: datetime, person: Person | None = None) -> CoachingSession | None:
    """The first session whose room has not gone yet: the person's own, else anybody's."""
    query = (
        CoachingSession.select(CoachingSession, Product, Store, Room)
        .join(Product)
        .join(Store)
        .join_from(CoachingSession, Seat, JOIN.LEFT_OUTER)
        .join_from(CoachingSession, Room, JOIN.LEFT_OUTER, attr="room")
        .where(CoachingSession.state.in_(WITH_ROOM), CoachingSession.needs_room)
        .where(CoachingSession.ends_at > now - timedelta(minutes=LONGEST_LEAD))
        .order_by(CoachingSession.starts_at)
        .limit(MOST_AT_HAND)
    )
    is_theirs = (CoachingSession.coach == person) | (Seat.student == person)
    own = query.where(is_theirs) if person else ()
    return next((session for session in chain(own, query) if _removed_at(session) + SPARE_TIME > now), None)


def _removed_at(coaching_session: CoachingSession) -> datetime:
    """When the room goes, by what was read with the session."""
    return session_timeline(coaching_session, getattr(coaching_session, "room", None)).removed_at


def figures(now: datetime) -> dict[str, int]:
    """How much there is of everything."""
    is_over = CoachingSession.ends_at <= now
    is_cancelled = CoachingSession.state == "cancelled"
    return {
        "people": Person.select().count(),
        "stores": Store.select().count(),
        "published_products": Product.select().where(Product.state == "published").count(),
        "coming_sessions": CoachingSession.select().where(~is_over, ~is_cancelled).count(),
        "past_sessions": CoachingSession.select().where(is_over, ~is_cancelled).count(),
        "cancelled_sessions": CoachingSession.select().where(is_cancelled).count(),
    }


@dataclass(frozen=True)
class RecordedCall:
    """One call of a coach that was to begin; when its room let the student in, beside its start."""

    seat: Seat
    room: Room | None
    opening: Opening
    late_by: timedelta


@dataclass(frozen=True)
class CoachRecord:
    """The calls of a coach that were to begin in the last 90 days, the latest first, and what became of them."""

    calls: tuple[RecordedCall, ...]
    outcomes: Counter[str]

    @property
    def latest(self) -> tuple[RecordedCall, ...]:
        return self.calls[:LATEST]

    def count(self, *openings: Opening) -> int:
        """How many rooms opened like this."""
        return sum(call.opening in openings for call in self.calls)


def sessions_page(page: int, size: int, words: str = "") -> tuple[list[Seat], bool]:
    """Sessions by their seats, with coach, student, store and room if there is one, the latest start first.

    `words` is a session's code, a part of its title, or one of its people as `find_people` takes them.
    Beside them comes back whether there are more.
    """
    query = _seats()
    if words:
        people = find_people(words)
        is_theirs = CoachingSession.coach.in_(people) | Seat.student.in_(people)
        query = query.where((CoachingSession.code == words) | CoachingSession.title.contains(words) | is_theirs)
    return page_of(query.order_by(CoachingSession.starts_at.desc(), Seat.id.desc()), page, size)


def stores_page(page: int, size: int, words: str = "") -> tuple[list[Store], bool]:
    """Stores with owner and guild, and how many calls are on sale (`on_sale`), the newest first.

    `words` is a part of its name or address, or its owner as `find_people` takes them.
    Beside them comes back whether there are more.
    """
    on_sale = Product.select(fn.COUNT(Product.id)).where(Product.store == Store.id, Product.state == "published")
    query = (
        Store.select(Store, Person, Guild, on_sale.alias("on_sale"))
        .join(Person)
        .switch(Store)
        .join(Guild, JOIN.LEFT_OUTER)
    )
    if words:
        is_called = Store.name.contains(words) | Store.slug.contains(words)
        query = query.where(is_called | Store.owner.in_(find_people(words)))
    return page_of(query.order_by(Store.id.desc()), page, size)


def record_of(coach: Person, now: datetime) -> CoachRecord:
    """How the coach's calls of the last 90 days went, and whether their rooms opened in time."""
    has_begun = (CoachingSession.starts_at <= now) & (CoachingSession.starts_at > now - RECORD)
    was_agreed = CoachingSession.state.not_in(("held", "requested", "declined", "expired"))
    seats = _seats().where(CoachingSession.coach == coach, has_begun, was_agreed)
    calls = tuple(_recorded(seat) for seat in seats.order_by(CoachingSession.starts_at.desc()).limit(MOST_RECORDED))
    return CoachRecord(calls, Counter(outcome_of(call.seat.coaching_session) for call in calls))


def outcome_of(coaching_session: CoachingSession) -> str:
    """What became of it: its state, and by whom it was cancelled or missed."""
    state: str = coaching_session.state
    if state == "cancelled" and coaching_session.ended_by_admin:
        return "cancelled admin"
    by = {"cancelled": coaching_session.ended_by, "no_show": coaching_session.absent}.get(state)
    return f"{state} {by}" if by else state


def _recorded(seat: Seat) -> RecordedCall:
    coaching_session = seat.coaching_session
    room: Room | None = getattr(coaching_session, "room", None)
    has_room = coaching_session.needs_room and not coaching_session.product.store.shares_rooms
    # One that was held without a row of its room is from before there were any.
    is_without = room is None and coaching_session.state == "completed"
    if not has_room or is_without or coaching_session.state == "cancelled":
        return RecordedCall(seat, room, "none", timedelta())
    known = RoomRecord(coaching_session.starts_at, tuple(room.let_in), room.let_in_since) if room else RoomRecord()
    late_by = delay_of(known, coaching_session.starts_at)
    if late_by is None or coaching_session.starts_at + late_by >= coaching_session.ends_at:
        return RecordedCall(seat, room, "never", timedelta())
    return RecordedCall(seat, room, "late" if late_by else "in time", late_by)


def _seats() -> Any:
    return seats_with_people().select_extend(Room).join_from(CoachingSession, Room, JOIN.LEFT_OUTER, attr="room")
