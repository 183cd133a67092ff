"""Reads of what students have written to a coach."""

from coaching.accounts.models import Person
from coaching.students.models import StudentMessage


def messages_from(coach: Person, student_id: int) -> list[StudentMessage]:
    """What the student has written to the coach, the latest first."""
    theirs = StudentMessage.coach == coach, StudentMessage.student == student_id
    return list(StudentMessage.select().where(*theirs).order_by(StudentMessage.id.desc()))


def unread_messages(coach: Person) -> list[StudentMessage]:
    """The latest message of each student of whom the coach has not read all, with its student, the oldest first."""
    unread = StudentMessage.select(StudentMessage, Person).join(Person, on=(StudentMessage.student == Person.id))
    unread = unread.where(StudentMessage.coach == coach, StudentMessage.read_at.is_null()).order_by(StudentMessage.id)
    latest = {message.student_id: message for message in unread}
    return sorted(latest.values(), key=lambda message: message.id)
