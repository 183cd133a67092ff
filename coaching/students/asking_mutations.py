"""A student whom a call refuses writes to its coach, who says that they have read it."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.absence_queries import find_absence
from coaching.catalog.models import Product
from coaching.db import database
from coaching.errors import TooLate
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.students.emails import asks_to_book
from coaching.students.models import StudentMessage

LONGEST_WORDS = 1000
NOT_REFUSED = "You can book this call by yourself again. Your message was not sent."


def write_to_coach(product: Product, student: Person, text: str, form_key: str, page: str, now: datetime) -> None:
    """The coach has the student's words, and is owed them with the address of the student's page.

    A form sent again is one message. TooLate for whom the call refuses no more.
    """
    with database.atomic():
        if find_absence(product, student, now) is None:
            raise TooLate(NOT_REFUSED)
        email = asks_to_book(student.name, product.title, text, page)
        key = f"{MessageKind.COACH_ASKED}:{student.id}:{form_key}"
        coach = product.store.owner_id
        if owe(MessageKind.COACH_ASKED, key, coach, now, subject=email.subject, body=email.body):
            StudentMessage.add(coach=coach, student=student, title=product.title, words=text, sent_at=now)


def record_read(coach: Person, student_id: int, last_id: int, now: datetime) -> None:
    """The coach has read what the student wrote up to this message. Twice does no harm."""
    read = (StudentMessage.id <= last_id) & StudentMessage.read_at.is_null()
    theirs = StudentMessage.coach == coach, StudentMessage.student == student_id
    StudentMessage.update(read_at=now).where(*theirs, read).execute()
