"""What everybody's download holds of calls that they booked: what they wrote, their folders and reviews.

Left out is what coaches note for themselves.
"""

from typing import Any

from peewee import JOIN

from coaching.accounts.models import Person
from coaching.booking.models import Answer, CoachingSession, Invitation, Seat, SeatLine, SessionEvent
from coaching.catalog.models import Product, Store
from coaching.folders.models import Folder, FolderEntry
from coaching.own_data.export_rules import read_json
from coaching.own_data.section_queries import INVITED, SESSION, Row, Section, of_seats
from coaching.reviews.models import Review, ReviewReport
from coaching.rooms.models import Presence, Room
from coaching.students.models import StudentMessage

Coach = Person.alias()


def _seats(person: Person) -> Any:
    return (
        Seat.select()
        .join(CoachingSession)
        .join(Coach, on=(CoachingSession.coach == Coach.id))
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
        .where(Seat.student == person)
    )


def _messages(person: Person) -> Any:
    to_coach = StudentMessage.select().join(Coach, on=(StudentMessage.coach == Coach.id))
    return to_coach.where(StudentMessage.student == person)


def _history(person: Person) -> Any:
    both = (Seat.student == person) | (CoachingSession.coach == person)
    return SessionEvent.select().join(CoachingSession).join(Seat, JOIN.LEFT_OUTER).where(both)


def _folder_entries(person: Person) -> Any:
    both = (Seat.student == person) | (CoachingSession.coach == person)
    return FolderEntry.select().join(Folder).join(Seat).join(CoachingSession).where(both)


def _presence(person: Person) -> Any:
    return Presence.select().join(Room).join(CoachingSession).where(Presence.person == person)


def _invitations(person: Person) -> Any:
    return Invitation.select().join(CoachingSession).where(Invitation.student == person)


def _reviews(person: Person) -> Any:
    return Review.select().join(Seat).join(CoachingSession).where(Review.student == person)


def _reports(person: Person) -> Any:
    return ReviewReport.select().join(Review).where(ReviewReport.person == person)


def _history_entry(row: Row, person: Person) -> Row:
    who = _who(row["by"], person, "the site")
    return row | {"by": who, "details": read_json(row["details"])}


def _attributed_entry(row: Row, person: Person) -> Row:
    return row | {"by": _who(row["by"], person, "an account that is gone")}


def _who(by: int | None, person: Person, nobody: str) -> str:
    return nobody if by is None else "you" if by == person.id else "the other side"


def _line_entry(row: Row, _person: Person) -> Row:
    """What is given once it is paid is theirs from then on."""
    paid_at, gives = row.pop("paid_at"), row.pop("given_to_you")
    return row | ({"given_to_you": gives} if paid_at and gives else {})


BOOKED_SECTIONS = (
    Section(
        "sessions_booked",
        "the calls that you booked, with what you wrote for them",
        Seat,
        _seats,
        SESSION
        | {
            "title": CoachingSession.title,
            "coach": Coach.name,
            "store": Store.name,
            "how": CoachingSession.session_type,
            "starts_at": Seat.starts_at,
            "ends_at": Seat.ends_at,
            "your_zone": Seat.zone,
            "time_as_shown_to_you": Seat.wall_time,
            "state": CoachingSession.state,
            "absent": CoachingSession.absent,
            "ended_by": CoachingSession.ended_by,
            "ended_by_admin": CoachingSession.ended_by_admin,
            "ended_because": CoachingSession.end_reason,
            "ended_at": CoachingSession.ended_at,
            "price_cents": Seat.price_cents,
            "currency": Seat.currency,
            "paid_by": Seat.payment,
            "how_to_pay": Seat.pay_text,
            "refunds": Seat.refund_tiers,
            "paid_at": Seat.paid_at,
            "you_said_paid_at": Seat.said_paid_at,
            "you_said_coming_at": Seat.coming_at,
            "times_moved_by_you": Seat.moves,
            "goals": Seat.goals,
            "phone": Seat.phone,
            "booked_at": CoachingSession.created_at,
            "came_from": Seat.source,
        },
    ),
    Section(
        "messages_to_coaches",
        "what you wrote to coaches whose calls refused you",
        StudentMessage,
        _messages,
        {
            "coach": Coach.name,
            "about": StudentMessage.title,
            "words": StudentMessage.words,
            "sent_at": StudentMessage.sent_at,
        },
    ),
    Section(
        "session_answers",
        "what you answered to coaches' questions",
        Answer,
        lambda person: of_seats(Answer, person),
        SESSION | {"question": Answer.label, "answer": Answer.text},
    ),
    Section(
        "session_prices",
        "what each call was made up of, and what you were given with it",
        SeatLine,
        lambda person: of_seats(SeatLine, person),
        SESSION
        | {
            "title": SeatLine.title,
            "kind": SeatLine.kind,
            "amount_cents": SeatLine.amount_cents,
            "currency": Seat.currency,
            "given_to_you": SeatLine.gives,
            "paid_at": Seat.paid_at,
        },
        _line_entry,
    ),
    Section(
        "session_history",
        "what happened to the calls that you booked or gave",
        SessionEvent,
        _history,
        SESSION
        | {
            "at": SessionEvent.at,
            "what": SessionEvent.kind,
            "details": SessionEvent.fields,
            "because": SessionEvent.words,
            "by": SessionEvent.person,
        },
        _history_entry,
    ),
    Section(
        "folders",
        "what you and the other side of a call keep together in its folder",
        FolderEntry,
        _folder_entries,
        SESSION
        | {
            "what": FolderEntry.kind,
            "words": FolderEntry.words,
            "address": FolderEntry.address,
            "words_before_the_change": FolderEntry.as_written,
            "by": FolderEntry.writer,
            "written_at": FolderEntry.written_at,
            "changed_at": FolderEntry.changed_at,
            "done_at": FolderEntry.done_at,
            "kept_until": Folder.kept_until,
        },
        _attributed_entry,
    ),
    Section(
        "presence",
        "how long you were seen in the rooms of your calls",
        Presence,
        _presence,
        SESSION
        | {
            "seconds": Presence.seconds,
            "last_seen_at": Presence.last_seen_at,
            "last_seen_during_the_call_at": Presence.present_at,
        },
    ),
    Section(
        "invitations",
        "times that coaches kept for you",
        Invitation,
        _invitations,
        INVITED,
    ),
    Section(
        "reviews_written",
        "your reviews, and what coaches answered",
        Review,
        _reviews,
        SESSION
        | {
            "stars": Review.stars,
            "words": Review.words,
            "held_at": Review.held_at,
            "made_at": Review.made_at,
            "edited_at": Review.edited_at,
            "coachs_answer": Review.answer,
            "answered_at": Review.answered_at,
            "hidden_at": Review.hidden_at,
        },
    ),
    Section(
        "reviews_reported",
        "reviews of which you said that they should not stand",
        ReviewReport,
        _reports,
        {
            "review": Review.code,
            "your_words": ReviewReport.words,
            "made_at": ReviewReport.made_at,
            "settled_at": ReviewReport.settled_at,
            "outcome": ReviewReport.outcome,
        },
    ),
)
