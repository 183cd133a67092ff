"""What coaches have about students goes along when two accounts become one: a part of that transaction.

It comes before the sessions move, since these tell which coaches knew the student.
"""

from coaching.accounts.models import Person
from coaching.booking.models import CoachingSession, Seat
from coaching.students.models import FormerStudent, StudentLabel, StudentMessage, StudentNote


def move_students(from_person: Person, to_person: Person) -> None:
    """Notes, labels and messages by the one, or about them, are the other's; so is the address of the one as a student.

    Call it in a transaction.
    """
    for column in (StudentNote.coach, StudentNote.student, StudentMessage.coach, StudentMessage.student):
        column.model.update({column: to_person}).where(column == from_person).execute()
    _move_labels(from_person, to_person)
    _keep_addresses(from_person, to_person)


def _move_labels(from_person: Person, to_person: Person) -> None:
    for label in StudentLabel.select().where(
        (StudentLabel.coach == from_person) | (StudentLabel.student == from_person)
    ):
        coach = to_person.id if label.coach_id == from_person.id else label.coach_id
        student = to_person.id if label.student_id == from_person.id else label.student_id
        label.delete_instance()
        same = StudentLabel.coach == coach, StudentLabel.student == student, StudentLabel.key == label.key
        if not StudentLabel.select().where(*same).exists():
            StudentLabel.create(coach=coach, student=student, key=label.key, words=label.words)


def _keep_addresses(from_person: Person, to_person: Person) -> None:
    FormerStudent.update(student=to_person).where(FormerStudent.student == from_person).execute()
    known = FormerStudent.select(FormerStudent.number).where(FormerStudent.coach == to_person)
    FormerStudent.delete().where(FormerStudent.coach == from_person, FormerStudent.number.in_(known)).execute()
    FormerStudent.update(coach=to_person).where(FormerStudent.coach == from_person).execute()
    taken = Seat.select(Seat.coaching_session).where(Seat.student == from_person)
    sessions = CoachingSession.select(CoachingSession.coach).where(CoachingSession.id.in_(taken)).distinct()
    coaches = [session.coach_id for session in sessions]
    # SQLite gives the highest number to somebody else once its account has gone.
    FormerStudent.delete().where(FormerStudent.number == from_person.id, FormerStudent.coach.in_(coaches)).execute()
    for coach in coaches:
        FormerStudent.create(coach=coach, number=from_person.id, student=to_person)
