"""What a coach's download holds of calls that they gave: students, notes about them, money, reviews.

Of their students it has the name that they are shown by, and nothing of what these wrote to book.
"""

from typing import Any

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Invitation, Proposal, Seat
from coaching.catalog.models import Store
from coaching.own_data.paid_section_queries import PAID, RECEIPT, WENT_BACK, receipt_entry
from coaching.own_data.section_queries import INVITED, SESSION, Section
from coaching.own_data.selling_section_queries import STORE
from coaching.payments.models import Objection, Payment, Receipt, Refund
from coaching.reviews.models import Review
from coaching.students.models import StudentLabel, StudentMessage, StudentNote

Student = Person.alias()


def _given(person: Person) -> Any:
    seats = Seat.select().join(CoachingSession).switch(Seat).join(Student, on=(Seat.student == Student.id))
    return seats.where(CoachingSession.coach == person)


def _of_student(model: Any, person: Person) -> Any:
    return model.select().join(Student, on=(model.student == Student.id)).where(model.coach == person)


def _notes(person: Person) -> Any:
    return _of_student(StudentNote, person).switch(StudentNote).join(CoachingSession, JOIN.LEFT_OUTER)


def _received(person: Person) -> Any:
    return Payment.select().join(Seat).join(CoachingSession).where(CoachingSession.coach == person)


def _given_back(person: Person) -> Any:
    seats = Refund.select().join(Payment).join(Seat).join(CoachingSession)
    return seats.where(CoachingSession.coach == person)


def _issued(person: Person) -> Any:
    receipts = Receipt.select().join(Store).switch(Receipt).join(Payment).join(Seat).join(CoachingSession)
    return receipts.where(Store.owner == person)


def _reviewed(person: Person) -> Any:
    return Review.select().join(Seat).join(CoachingSession).where(Review.coach == person)


def _kept(person: Person) -> Any:
    return Invitation.select().join(CoachingSession).where(CoachingSession.coach == person)


GIVEN_SECTIONS = (
    Section(
        "sessions_given",
        "the calls that students booked with you",
        Seat,
        _given,
        SESSION
        | {
            "title": CoachingSession.title,
            "student": Student.name,
            "how": CoachingSession.session_type,
            "starts_at": CoachingSession.starts_at,
            "ends_at": CoachingSession.ends_at,
            "minutes": CoachingSession.minutes,
            "zone": CoachingSession.zone,
            "time_as_promised": CoachingSession.wall_time,
            "state": CoachingSession.state,
            "absent": CoachingSession.absent,
            "ended_by": CoachingSession.ended_by,
            "ended_by_admin": CoachingSession.ended_by_admin,
            "ended_because": CoachingSession.end_reason,
            "ended_at": CoachingSession.ended_at,
            "price_cents": Seat.price_cents,
            "currency": Seat.currency,
            "paid_by": Seat.payment,
            "paid_at": Seat.paid_at,
            "booked_at": CoachingSession.created_at,
            "came_from": Seat.source,
        },
    ),
    Section(
        "notes_about_students",
        "what you noted for yourself about students and their calls; they never see it",
        StudentNote,
        _notes,
        {
            "student": Student.name,
            "session": CoachingSession.code,
            "words": StudentNote.words,
            "made_at": StudentNote.made_at,
            "changed_at": StudentNote.edited_at,
        },
    ),
    Section(
        "labels_of_students",
        "the words by which you find some of them",
        StudentLabel,
        lambda person: _of_student(StudentLabel, person),
        {"student": Student.name, "label": StudentLabel.words},
    ),
    Section(
        "messages_of_students",
        "what students wrote to you whom a call refused",
        StudentMessage,
        lambda person: _of_student(StudentMessage, person),
        {
            "student": Student.name,
            "about": StudentMessage.title,
            "words": StudentMessage.words,
            "sent_at": StudentMessage.sent_at,
            "read_at": StudentMessage.read_at,
        },
    ),
    Section(
        "times_proposed",
        "other times that you proposed",
        Proposal,
        lambda person: Proposal.select().join(CoachingSession).where(CoachingSession.coach == person),
        SESSION | {"starts_at": Proposal.starts_at, "made_at": Proposal.made_at},
    ),
    Section(
        "invitations_made",
        "times that you kept for somebody",
        Invitation,
        _kept,
        INVITED,
    ),
    Section(
        "payments_received",
        "what students paid for calls with you",
        Payment,
        _received,
        SESSION | PAID | {"by": Payment.provider, "state": Payment.state, "paid_at": Payment.paid_at},
    ),
    Section("refunds_given", "what students got back", Refund, _given_back, SESSION | WENT_BACK),
    Section(
        "objections_of_students",
        "where students disagreed about their money, your side of it, and what was decided",
        Objection,
        lambda person: Objection.select().join(Seat).join(CoachingSession).where(CoachingSession.coach == person),
        SESSION
        | {
            "made_at": Objection.made_at,
            "your_words": Objection.reply,
            "replied_at": Objection.replied_at,
            "decision": Objection.decision,
            "decided_at": Objection.decided_at,
        },
    ),
    Section(
        "receipts_issued",
        "receipts and credit notes of your stores, as they were written",
        Receipt,
        _issued,
        STORE | SESSION | RECEIPT,
        receipt_entry,
    ),
    Section(
        "reviews_received",
        "reviews of calls with you, and your answers",
        Review,
        _reviewed,
        SESSION
        | {
            "stars": Review.stars,
            "words": Review.words,
            "held_at": Review.held_at,
            "made_at": Review.made_at,
            "your_answer": Review.answer,
            "answered_at": Review.answered_at,
            "hidden_at": Review.hidden_at,
        },
    ),
)
