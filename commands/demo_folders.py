"""What lies in the folders of a demo's earlier calls."""

from datetime import timedelta

from coaching.booking.models import CoachingSession
from coaching.booking.queries import find_seat_of
from coaching.db import new_code
from coaching.folders.mutations import add_entry, tick_task
from coaching.folders.rules import EntryDetails, Kind

BEFORE = EntryDetails(Kind.LINK, "The mix as it is", "https://example.com/mixes/chorus-7.wav")
NOTE = EntryDetails(
    Kind.NOTE,
    "What we heard: the vocal is loud enough, and too bright for this mix. Three things for the next pass:\n\n"
    "1. Cut 2 dB around 3 kHz on the lead, and leave its volume alone.\n"
    "2. Send lead and doubles to the same short room.\n"
    "3. Listen at the volume of somebody talking.\n\n"
    "The reference was https://example.com/reference.",
)
TASKS = ("Bounce the chorus with and without the doubles", "Send a second pass")


def plant_folder(held: CoachingSession) -> None:
    """Both wrote before and after the call, and the student has done half of their homework."""
    seat = find_seat_of(held.id)
    assert seat is not None
    student, coach = seat.student, held.coach
    add_entry(seat, student, BEFORE, new_code(), held.starts_at - timedelta(days=1))
    add_entry(seat, coach, NOTE, new_code(), held.ends_at + timedelta(hours=1))
    first, _ = [
        add_entry(seat, coach, EntryDetails(Kind.TASK, task), new_code(), held.ends_at + timedelta(hours=1))
        for task in TASKS
    ]
    tick_task(seat, student, first, True, 0, held.ends_at + timedelta(days=2))
