"""What a student says became of their call, where nobody could see it: their side, beside what the coach decides."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.events import EventKind, WhatBecame
from coaching.booking.models import CoachingSession, Seat, SessionEvent
from coaching.booking.outcome_rules import CORRECTED_WITHIN, ENDED, Absent, Outcome
from coaching.booking.record_mutations import record_event
from coaching.db import database
from coaching.errors import NotFound, TooLate
from coaching.log_lines import Event

SAID = "You have said already what happened."
OVER = "What happened can be said from the end of the call until a week after it."


def say_outcome(
    coaching_session: CoachingSession, student: Person, outcome: Outcome, absent: Absent | None, now: datetime
) -> None:
    """The student says once what happened; TooLate for a second word, before the end, or a week after it."""
    with database.atomic():
        # An UPDATE that changes nothing locks the row on both databases: of two presses the second sees the first.
        CoachingSession.update(title=CoachingSession.title).where(CoachingSession.id == coaching_session.id).execute()
        current: CoachingSession = CoachingSession.get_by_id(coaching_session.id)
        if not Seat.select().where(Seat.coaching_session == current, Seat.student == student).exists():
            raise NotFound
        if current.state not in ENDED or not current.ends_at <= now < current.ends_at + CORRECTED_WITHIN:
            raise TooLate(OVER)
        said = (SessionEvent.coaching_session == current) & (SessionEvent.kind == EventKind.SAID_OUTCOME)
        if SessionEvent.select().where(said).exists():
            raise TooLate(SAID)
        record_event(current, Event(EventKind.SAID_OUTCOME, WhatBecame(outcome, absent)), student, now)
