"""What a coach writes down about a student: notes, and the labels by which they find them again."""

from datetime import datetime

from coaching.accounts.form_key_mutations import keep_result
from coaching.accounts.form_key_queries import find_result
from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.booking.record_mutations import lock_people
from coaching.catalog.step_queries import mark_of
from coaching.db import database, new_code
from coaching.errors import ChangedMeanwhile, LimitReached, NotFound, TooLate
from coaching.students.listing import MOST_LABELS, MOST_NOTES, label_key
from coaching.students.models import StudentLabel, StudentNote
from coaching.students.queries import get_note, get_student_person

CHANGED = (
    "You have changed this note in another window. What is saved stands below. What you typed is kept here: save it to "
    "put it in the place of the other."
)

FORMER = "This student has deleted their account. Nothing new can be written down about them."


def add_note(
    coach: Person,
    student_id: int,
    text: str,
    form_key: str,
    now: datetime,
    coaching_session: CoachingSession | None = None,
) -> StudentNote:
    """The coach's new note about a student, or about a session of theirs. A form sent again gives the first one.

    NotFound where they are not one of the coach's, LimitReached with so many notes that nobody reads them.
    """
    with database.atomic():
        lock_people(coach)
        student = get_student_person(coach, student_id)
        if code := find_result(coach, "note", form_key):
            return get_note(coach, student_id, code)
        _require_present(student)
        if coaching_session and not _is_theirs(coaching_session, coach, student):
            raise NotFound
        if StudentNote.select().where(StudentNote.coach == coach, StudentNote.student == student).count() >= MOST_NOTES:
            raise LimitReached(f"You have {MOST_NOTES} notes about {student.name} already. Remove some of them first.")
        note = StudentNote.create(
            code=new_code(),
            coach=coach,
            student=student,
            coaching_session=coaching_session,
            words=text,
            made_at=now,
        )
        keep_result(coach, "note", form_key, note.code, now)
        return note


def save_note(coach: Person, student_id: int, code: str, text: str, seen: str, now: datetime) -> None:
    """The note says this from now on; ChangedMeanwhile where it says something else than `seen` marks."""
    with database.atomic():
        lock_people(coach)
        note = get_note(coach, student_id, code)
        if note.words == text:
            return
        if seen != mark_of(note.words):
            raise ChangedMeanwhile(CHANGED)
        StudentNote.update(words=text, edited_at=now).where(StudentNote.id == note.id).execute()


def remove_note(coach: Person, student_id: int, code: str) -> None:
    """There is no such note of the coach's any more. Twice does no harm; NotFound for who is none of their students."""
    student = get_student_person(coach, student_id)
    theirs = StudentNote.coach == coach, StudentNote.student == student
    StudentNote.delete().where(*theirs, StudentNote.code == code).execute()


def add_label(coach: Person, student_id: int, label: str) -> None:
    """The student has the label; one that the coach gave to others is written as it is there. Twice does no harm.

    LimitReached with as many as may be.
    """
    with database.atomic():
        lock_people(coach)
        student, key = get_student_person(coach, student_id), label_key(label)
        _require_present(student)
        theirs = StudentLabel.select().where(StudentLabel.coach == coach, StudentLabel.student == student)
        if theirs.where(StudentLabel.key == key).exists():
            return
        if theirs.count() >= MOST_LABELS:
            raise LimitReached(f"A student can have at most {MOST_LABELS} labels. Remove one first.")
        known = StudentLabel.select().where(StudentLabel.coach == coach, StudentLabel.key == key).first()
        StudentLabel.create(coach=coach, student=student, key=key, words=known.words if known else label)


def remove_label(coach: Person, student_id: int, label: str) -> None:
    """The student has the label no more. Twice does no harm."""
    student = get_student_person(coach, student_id)
    theirs = StudentLabel.coach == coach, StudentLabel.student == student
    StudentLabel.delete().where(*theirs, StudentLabel.key == label_key(label)).execute()


def _require_present(student: Person) -> None:
    if student.erased_at is not None:
        raise TooLate(FORMER)


def _is_theirs(coaching_session: CoachingSession, coach: Person, student: Person) -> bool:
    theirs = Seat.coaching_session == coaching_session, Seat.student == student
    return coaching_session.coach_id == coach.id and Seat.select().where(*theirs).exists()
