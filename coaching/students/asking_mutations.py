"""A student whom a call refuses writes to its coach."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.absence_queries import find_absence
from coaching.catalog.models import Product
from coaching.db import database
from coaching.errors import TooLate
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import owe
from coaching.students.letters import asks_to_book

LONGEST_WORDS = 1000
NOT_REFUSED = "You can book this call by yourself again. Your message was not sent."


def write_to_coach(product: Product, student: Person, words: str, form_key: str, page: str, now: datetime) -> None:
    """The coach is owed the student's words, with the address of the student's page. A form sent again is one message.

    TooLate for whom the call refuses no more.
    """
    with database.atomic():
        if find_absence(product, student, now) is None:
            raise TooLate(NOT_REFUSED)
        letter = asks_to_book(student.name, product.title, words, page)
        key = f"{MessageKind.COACH_ASKED}:{student.id}:{form_key}"
        owe(MessageKind.COACH_ASKED, key, product.store.owner_id, now, subject=letter.subject, body=letter.body)
