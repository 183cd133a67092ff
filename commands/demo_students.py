"""What a demo's coaches have noted about their students, and who did not come to a call."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from coaching.accounts.models import Person
from coaching.booking.details import BookingDetails
from coaching.booking.mutations import book_session, record_outcome
from coaching.catalog.models import Product
from coaching.catalog.queries import offers_of, questions_of
from coaching.db import new_code
from coaching.students.mutations import add_label, add_note

# Days ago, and by whose calls: the second coach's refuse whoever did not come twice.
MISSED = (40, 12)
# Whose student, and what the first coach wrote about them how many days ago.
NOTED = (
    ("student", 5, "Works in Logic, on headphones. Wants to hear what is wrong before what is good."),
    ("student", 32, "The chorus was too quiet because of the bus compressor. Ask whether it stayed off."),
    ("student2", 19, "Masters for vinyl: keep the low end in mono. Better in the morning in Tokyo."),
)
LABELLED = (("student", "EP in spring"), ("student2", "EP in spring"), ("student2", "Vinyl"))


def plant_students(people: Mapping[str, Person], replays: Product, now: datetime) -> None:
    """The first coach has notes and labels, and missed two calls of the second one's."""
    for key, days, note in NOTED:
        add_note(people["coach"], people[key].id, note, new_code(), now - timedelta(days=days))
    for key, label in LABELLED:
        add_label(people["coach"], people[key].id, label)
    answers = {question.id: "7QK-2214" for question in questions_of(replays)}
    for days in MISSED:
        at = _afternoon(now, days)
        details = BookingDetails(offers_of(replays)[0].id, at, answers=answers)
        missed = book_session(replays, people["coach"], details, at - timedelta(days=3))
        record_outcome(missed, "no_show", missed.ends_at, "student")


def _afternoon(now: datetime, days: int) -> datetime:
    """Four in the afternoon in New York, on the last workday so many days ago or before."""
    zone = ZoneInfo("America/New_York")
    day = now.astimezone(zone).date() - timedelta(days=days)
    day -= timedelta(days=max(day.weekday() - 4, 0))
    return datetime.combine(day, time(16), zone).astimezone(now.tzinfo)
