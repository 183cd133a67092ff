"""Reads of what was booked, each as one person may see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from peewee import fn

from coaching.accounts.models import Person
from coaching.booking.cancel_terms import CancelTerms, LineLike, PriceLine
from coaching.booking.details import BookingDetails
from coaching.booking.lapse_queries import takes_time
from coaching.booking.models import BOOKED_STATES, LIVE_STATES, Answer, CoachingSession, Seat, SeatLine
from coaching.booking.move_rules import Movable
from coaching.booking.refund_tiers import tiers_of
from coaching.catalog.models import Product, Store
from coaching.errors import NotFound
from coaching.reading import Selection, given

Role = Literal["student", "coach", "admin"]
# A link by mail: made for the session as it is now, or before something changed.
Link = Literal["present", "old"]

# So long after a session its coach still sees answers and phone number.
ANSWERS_KEPT = timedelta(days=90)
# So long after a session the links by mail show it.
LINKS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A coaching session as one person may see it: product, store, coach and student are loaded with it."""

    coaching_session: CoachingSession
    seat: Seat
    role: Role
    link: Link | None = None  # the link by which somebody looks who is not signed in as this person

    @property
    def person(self) -> Person | None:
        """Whose session it is, as far as this view goes; None for an admin."""
        person: Person | None = {"student": self.seat.student, "coach": self.coaching_session.coach}.get(self.role)
        return person

    @property
    def may_act(self) -> bool:
        """False where an older link only shows the session."""
        return self.role != "admin" and self.link != "old"

    def shows_answers(self, now: datetime) -> bool:
        """True when this person may read answers, goals and phone number; in the night after that they are deleted."""
        return self.role != "admin" and not self.link and now < self.coaching_session.ends_at + ANSWERS_KEPT


def get_session_for(person: Person, code: str) -> SessionView:
    """The session as student, coach or admin may see it; NotFound for everybody else."""
    is_theirs = (Seat.student == person) | (CoachingSession.coach == person) | person.is_admin
    seat = seats_with_people().where(CoachingSession.code == code, is_theirs).first()
    if seat is None:
        raise NotFound
    return view_of(seat, role_of(seat, person))


def linked_views(code: str, now: datetime) -> list[SessionView]:
    """The session as its student and its coach see it by a link; nothing when links do not show it any more.

    Whoever has deleted their account has no links.
    """
    seats = seats_with_people().where(CoachingSession.code == code, CoachingSession.ends_at > now - LINKS_KEPT)
    views = [view_of(seat, role) for seat in seats for role in ("student", "coach")]
    return [view for view in views if view.person and view.person.erased_at is None]


def find_seat_of(session_id: int | None) -> Seat | None:
    """The seat of a session, with student, session, coach, product and store; None for a session without one."""
    return _SEAT.first(session_id=session_id)


def side_of(coaching_session: CoachingSession, person: Person) -> Literal["coach", "student"]:
    """Which of the two the person is; NotFound for anybody else."""
    if coaching_session.coach_id == person.id:
        return "coach"
    if Seat.select().where(Seat.coaching_session == coaching_session, Seat.student == person).exists():
        return "student"
    raise NotFound


def movable_of(seat: Seat) -> Movable:
    """What decides whether the seat's session may be moved."""
    moving = seat.coaching_session
    return Movable(moving.state, moving.starts_at, seat.moves, seat.most_moves, seat.move_notice_minutes)


def terms_of(seat: Seat) -> CancelTerms:
    """What a cancellation of the seat's session costs, and when."""
    # What was never agreed on costs nothing: it would have run out at an instant of its own.
    lines = lines_of(seat) if seat.coaching_session.held_until is None else []
    starts_at, tiers = seat.coaching_session.starts_at, tiers_of(seat.refund_tiers)
    return CancelTerms(starts_at, tiers, lines, seat.currency, seat.most_percent)


def lines_of(seat: Seat) -> list[LineLike]:
    """What the seat's price is made of; its price alone where that was not written down."""
    if not seat.price_cents:
        return []
    kept = SeatLine.select().where(SeatLine.seat == seat).order_by(SeatLine.position, SeatLine.id) if seat.id else ()
    return list(kept) or [PriceLine(seat.price_cents)]


def upcoming_sessions(person: Person, role: Role, now: datetime) -> list[SessionView]:
    """The sessions the person takes or gives that are not over, the next one first."""
    query = _seats_of(person, role).where(_is_to_come(now)).order_by(CoachingSession.starts_at)
    return [view_of(seat, role) for seat in query]


def past_sessions(person: Person, role: Role, now: datetime, limit: int = 50) -> list[SessionView]:
    """The sessions that are over or were called off, the latest first."""
    query = _seats_of(person, role).where(~_is_to_come(now)).order_by(CoachingSession.starts_at.desc())
    return [view_of(seat, role) for seat in query.limit(limit)]


def answers_of(view: SessionView, now: datetime) -> list[Answer]:
    """The student's answers, for those who may read them."""
    if not view.shows_answers(now):
        return []
    return list(Answer.select().where(Answer.seat == view.seat).order_by(Answer.position, Answer.id))


def find_own_booking(student: Person, coach: Person, starts_at: datetime, now: datetime) -> CoachingSession | None:
    """The student's live session with this coach that starts at this instant."""
    return _OWN_BOOKING.first(student=student.id, coach=coach.id, starts_at=starts_at, now=now)


def has_words(coaching_session: CoachingSession, student: Person, details: BookingDetails) -> bool:
    """True when the student's seat holds everything that this form says; one that says less says nothing new."""
    seat = Seat.get(Seat.coaching_session == coaching_session, Seat.student == student)
    typed = {text for text in details.answers.values() if text}
    sold = {line.bump_id for line in SeatLine.select().where(SeatLine.seat == seat)} if details.bumps else set()
    return (
        set(details.bumps) <= sold
        and (not details.code or not seat.price_cents or seat.discount_code_id is not None)
        and typed <= {answer.text for answer in Answer.select().where(Answer.seat == seat)}
        and details.goals in ("", seat.goals)
        and details.phone in (None, seat.phone)
    )


def next_start_of(coach_id: int, at: datetime) -> datetime | None:
    """When the coach's next session from `at` on starts, or None when none is booked."""
    coming = CoachingSession.select(CoachingSession.starts_at).where(
        CoachingSession.coach == coach_id, CoachingSession.state.in_(LIVE_STATES), CoachingSession.starts_at >= at
    )
    session = coming.order_by(CoachingSession.starts_at).first()
    return session.starts_at if session else None


def find_next_session(coaching_session: CoachingSession) -> CoachingSession | None:
    """The coach's next session that is booked after this one."""
    coming = CoachingSession.select().where(
        CoachingSession.coach == coaching_session.coach_id,
        CoachingSession.state.in_(BOOKED_STATES),
        CoachingSession.starts_at >= coaching_session.ends_at,
        CoachingSession.id != coaching_session.id,
    )
    next_session: CoachingSession | None = coming.order_by(CoachingSession.starts_at).first()
    return next_session


def coming_with_room(of: Store | Product, now: datetime) -> int:
    """How many sessions of a store or of one product are not over and have a room, or are going to."""
    whose = Product.store == of if isinstance(of, Store) else Product.id == of.id
    has_room = CoachingSession.needs_room
    coming = CoachingSession.select().join(Product).where(whose, has_room, _is_to_come(now))
    return int(coming.count())


def stores_booked_with(student: Person) -> list[Store]:
    """Every store the person has booked with, the latest booking first; none whose coach has deleted their account."""
    sold = Store.select().join(Person).where(Person.erased_at.is_null()).switch(Store)
    booked = sold.join(Product).join(CoachingSession).join(Seat).where(Seat.student == student)
    return list(booked.group_by(Store.id).order_by(fn.MAX(Seat.id).desc()))


def _is_to_come(now: datetime) -> Any:
    return takes_time(now) & (CoachingSession.ends_at > now)


def _seats_of(person: Person, role: Role) -> Any:
    return seats_with_people().where(Seat.student == person if role == "student" else CoachingSession.coach == person)


def seats_with_people() -> Any:
    """Every seat, read with its student and with session, coach, product and store."""
    return with_people(Seat.select())


def with_people(query: Any) -> Any:
    """The rows of a query that has a seat in each, read with the same people and things."""
    coach, student = Person.alias(), Person.alias()
    return (
        query.select_extend(student, CoachingSession, coach, Product, Store)
        .join_from(Seat, student, on=(Seat.student == student.id))
        .join_from(Seat, CoachingSession)
        .join(coach, on=(CoachingSession.coach == coach.id))
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
    )


def view_of(seat: Seat, role: Role) -> SessionView:
    """The seat's session as this side of it sees it."""
    return SessionView(seat.coaching_session, seat, role)


def role_of(seat: Seat, person: Person) -> Role:
    """On which side of the seat's session the person is."""
    if seat.student == person:
        return "student"
    return "coach" if seat.coaching_session.coach == person else "admin"


_SEAT: Selection[Seat] = Selection(
    lambda: seats_with_people().where(CoachingSession.id == given("session_id")).limit(1)
)
_OWN_BOOKING: Selection[CoachingSession] = Selection(
    lambda: (
        CoachingSession.select()
        .join(Seat)
        .where(CoachingSession.coach == given("coach"), CoachingSession.starts_at == given("starts_at"))
        .where(Seat.student == given("student"), takes_time(given("now")))
    )
)
