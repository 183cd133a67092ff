"""Reads of a coach's students: all of them with what came of their sessions, and one with their history."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from peewee import JOIN, Case, Expression, Field, fn

from coaching.accounts.models import DiscordLink, Person
from coaching.booking.hold_rules import AGREED_STATES
from coaching.booking.models import BOOKED_STATES, CoachingSession, Seat
from coaching.booking.queries import SessionView
from coaching.catalog.models import Product, Store
from coaching.db import UtcDateTimeField, rows
from coaching.errors import NotFound
from coaching.payments.models import Payment, Refund
from coaching.payments.money_queries import COUNTED
from coaching.students.listing import Student
from coaching.students.models import FormerStudent, StudentLabel, StudentNote

CALLS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Money:
    """What was paid for a seat, and what went or goes back of it; `is_test` where no money moved."""

    paid_cents: int
    given_back_cents: int
    is_test: bool


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of a student's sessions with their coach, the latest first; money by the ids of their seats."""

    views: list[SessionView]
    money: Mapping[int, Money]
    number: int
    has_more: bool


def students_of(coach: Person, now: datetime) -> list[Student]:
    """Everybody who has ever booked with the coach, or asked for a time, with their labels; without what they paid."""
    labels = defaultdict(list)
    for student_id, label in rows(_labels(coach)):
        labels[student_id].append(label)
    return [replace(student, labels=tuple(labels[student.person_id])) for student in _tallied(_of_coach(coach), now)]


def get_student(coach: Person, student_id: int, now: datetime) -> Student:
    """One of them, with what they paid; NotFound for anybody else."""
    student = next(_tallied(_of_coach(coach) & (Seat.student == student_id), now), None)
    if student is None:
        raise NotFound
    labels = tuple(label for _, label in rows(_labels(coach).where(StudentLabel.student == student_id)))
    return with_money(coach, [replace(student, labels=labels)])[0]


def get_student_person(coach: Person, student_id: int) -> Person:
    """The person behind one of the coach's students; NotFound for anybody else."""
    theirs = Seat.select(Seat.student).join(CoachingSession).where(_of_coach(coach), Seat.student == student_id)
    person: Person | None = Person.get_or_none(Person.id.in_(theirs))
    if person is None:
        raise NotFound
    return person


def find_present_student(coach: Person, number: int) -> int | None:
    """The number of the account that a student's former account is part of now; None where it is none of theirs."""
    row: FormerStudent | None = FormerStudent.get_or_none(FormerStudent.coach == coach, FormerStudent.number == number)
    return row.student_id if row else None


def with_money(coach: Person, students: Collection[Student]) -> list[Student]:
    """The same students, with what each has paid."""
    whose = _of_coach(coach) & Seat.student.in_([student.person_id for student in students])
    paid: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for sums, sign in ((_payments(Seat.student, whose), 1), (_refunds(Seat.student, whose), -1)):
        for student_id, currency, is_test, cents in sums:
            if not is_test:
                paid[student_id][currency] += sign * cents
    return [replace(student, paid=tuple(sorted(paid[student.person_id].items()))) for student in students]


def calls_of(coach: Person, student: Person, number: int) -> CallPage:
    """A page of what the student booked with the coach, or asked for."""
    number = max(number, 1)
    seats = list(
        Seat.select(Seat, CoachingSession, Product, Store)
        .join(CoachingSession)
        .join(Product)
        .join(Store)
        .where(_of_coach(coach), Seat.student == student)
        .order_by(CoachingSession.starts_at.desc(), Seat.id.desc())
        .offset((number - 1) * CALLS_SHOWN)
        .limit(CALLS_SHOWN + 1)
    )
    shown_seats = seats[:CALLS_SHOWN]
    for seat in shown_seats:
        seat.student, seat.coaching_session.coach = student, coach
    views = [SessionView(seat.coaching_session, seat, "coach") for seat in shown_seats]
    return CallPage(views, _money_of([seat.id for seat in shown_seats]), number, len(seats) > CALLS_SHOWN)


def products_that_refuse(coach: Person) -> list[Product]:
    """What the coach sells and refuses to whoever was absent too often."""
    sold = (
        Product.select().join(Store).where(Store.owner == coach, Product.state == "published", Product.refuses_absent)
    )
    return list(sold.order_by(Product.title, Product.id))


def labels_of(coach: Person) -> list[str]:
    """Every label that the coach has given to anybody, by its letters."""
    return sorted({label for _, label in rows(_labels(coach))}, key=str.casefold)


def notes_about(coach: Person, student_id: int) -> list[StudentNote]:
    """What the coach has written about a student, the latest first; each with its session, if it is about one."""
    return list(_notes().where(StudentNote.coach == coach, StudentNote.student == student_id))


def notes_on(coach: Person, coaching_session: CoachingSession) -> list[StudentNote]:
    """What the coach has written about one session, the latest first."""
    return list(_notes().where(StudentNote.coach == coach, StudentNote.coaching_session == coaching_session))


def all_notes(coach: Person) -> list[StudentNote]:
    """Everything that the coach has written about students, the latest first."""
    return list(_notes().where(StudentNote.coach == coach))


def get_note(coach: Person, student_id: int, code: str) -> StudentNote:
    """A note of the coach's about this student, or NotFound."""
    student_note: StudentNote | None = (
        _notes().where(StudentNote.coach == coach, StudentNote.student == student_id, StudentNote.code == code).first()
    )
    if student_note is None:
        raise NotFound
    return student_note


# --- The steps


def _tallied(whose: Expression, now: datetime) -> Iterator[Student]:
    state, starts_at = CoachingSession.state, CoachingSession.starts_at
    is_absent = (state == "no_show") & (CoachingSession.absent == "student")
    is_called_off = (
        (state == "cancelled") & (CoachingSession.ended_by == "student") & CoachingSession.held_until.is_null()
    )
    is_past = state.in_(AGREED_STATES) & (CoachingSession.ends_at <= now)
    is_coming = state.in_(BOOKED_STATES) & (CoachingSession.ends_at > now)
    query = (
        Seat.select(
            *(Person.id, Person.name, Person.erased_at, DiscordLink.username, fn.COUNT(Seat.id)),
            *(
                fn.SUM(Case(None, [(condition, 1)], 0))
                for condition in (state == "completed", is_absent, is_called_off)
            ),
            fn.MIN(Case(None, [(is_past, starts_at)])),
            fn.MAX(Case(None, [(is_past, starts_at)])),
            fn.MIN(Case(None, [(is_coming, starts_at)])),
        )
        .join(CoachingSession)
        .join_from(Seat, Person)
        .join(DiscordLink, JOIN.LEFT_OUTER)
        .where(whose)
        .group_by(Person.id, Person.name, Person.erased_at, DiscordLink.username)
    )
    for person_id, name, erased_at, discord, sessions, held, missed, called_off, *times in rows(query):
        first_at, last_at, next_at = (at and UtcDateTimeField.parse(at) for at in times)
        counted = (sessions, int(held), int(missed), int(called_off))
        yield Student(person_id, name, discord or "", *counted, first_at, last_at, next_at, erased_at is not None)


def _of_coach(coach: Person) -> Expression:
    expression: Expression = CoachingSession.coach == coach
    return expression


def _labels(coach: Person) -> Any:
    return (
        StudentLabel.select(StudentLabel.student, StudentLabel.words)
        .where(StudentLabel.coach == coach)
        .order_by(StudentLabel.key)
    )


def _notes() -> Any:
    return (
        StudentNote.select(StudentNote, Person, CoachingSession)
        .join(Person, on=(StudentNote.student == Person.id))
        .join_from(StudentNote, CoachingSession, JOIN.LEFT_OUTER)
        .order_by(StudentNote.made_at.desc(), StudentNote.id.desc())
    )


def _money_of(seat_ids: Collection[int]) -> dict[int, Money]:
    whose = Seat.id.in_(list(seat_ids))
    paid, given_back = Counter[int](), Counter[int]()
    tested = set()
    for seat_id, _, is_test, cents in _payments(Seat.id, whose):
        paid[seat_id] += cents
        tested |= {seat_id} if is_test else set()
    for seat_id, _, _, cents in _refunds(Seat.id, whose):
        given_back[seat_id] += cents
    return {seat_id: Money(cents, given_back[seat_id], seat_id in tested) for seat_id, cents in paid.items()}


def _payments(by: Field, whose: Expression) -> Iterator[tuple[int, str, bool, int]]:
    """What was paid: by seat or student, currency, and whether it was a test."""
    return _sums(Payment.select(by, *_SORTS, fn.SUM(Payment.amount_cents)), by, whose)


def _refunds(by: Field, whose: Expression) -> Iterator[tuple[int, str, bool, int]]:
    """What went or goes back of it, in the same way."""
    asked = Refund.select(by, *_SORTS, fn.SUM(Refund.amount_cents)).join(Payment)
    return _sums(asked.where(Refund.state.in_(COUNTED)), by, whose)


def _sums(query: Any, by: Field, whose: Expression) -> Iterator[tuple[int, str, bool, int]]:
    counted = query.join(Seat).join(CoachingSession).where(Payment.state == "paid", whose).group_by(by, *_SORTS)
    for number, currency, provider, livemode, cents in rows(counted):
        yield number, currency, provider != "outside" and not livemode, int(cents)


# Both in one statement's head and at its end: an expression with values in it would be two to PostgreSQL.
_SORTS = (Payment.currency, Payment.provider, Payment.livemode)
