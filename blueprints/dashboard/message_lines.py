"""What students have written to a coach who has not said yet that they have read it."""

from flask import url_for

from blueprints.dashboard.line import Attention
from blueprints.filters import local_time
from coaching.accounts.models import Person
from coaching.students.message_queries import unread_messages


def message_lines(coach: Person, zone: str) -> list[Attention]:
    """One line for each student."""
    return [
        Attention(
            f"{message.student.name} writes to you",
            f"On {local_time(message.sent_at, zone, 'day')}, about “{message.title}”, which refused them then.",
            url_for("students.show", student_id=message.student_id) + "#messages",
            "Read it",
        )
        for message in unread_messages(coach)
    ]
