"""What is written down of a student who cannot get into the room of their call."""

from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.events import EventKind, KeptOut, OutBecause, WhatBecame
from coaching.booking.models import BOOKED_STATES, LIVE_STATES, CoachingSession, Seat, SessionEvent
from coaching.booking.record_mutations import free_seats, record_event
from coaching.catalog.models import Guild, Product, Store
from coaching.db import database
from coaching.log_lines import Event


def record_kept_out(coaching_session: CoachingSession, because: OutBecause, now: datetime) -> None:
    """The room never let its student in, for this cause; written down once."""
    _once(coaching_session, Event(EventKind.KEPT_OUT, KeptOut(because)), None, now)


def record_student_missing(coaching_session: CoachingSession, now: datetime) -> None:
    """What nobody knew of the session is known: its student kept themselves out, and counts as absent."""
    is_unknown = (CoachingSession.state == "no_show") & (CoachingSession.absent == "unknown")
    changed = CoachingSession.update(absent="student").where(CoachingSession.id == coaching_session.id, is_unknown)
    if changed.execute():
        coaching_session.absent = "student"
        free_seats(coaching_session, now)
        record_event(coaching_session, Event(EventKind.OUTCOME, WhatBecame("no_show", "student")), None, now)


def record_lost_records(since: datetime, now: datetime) -> None:
    """A backup that was the present database until then was put back: of calls since, nobody knows what was seen."""
    lost = CoachingSession.select().where(
        CoachingSession.state.in_(BOOKED_STATES), CoachingSession.starts_at < now, CoachingSession.ends_at > since
    )
    for coaching_session in list(lost):
        _once(coaching_session, Event(EventKind.RECORD_LOST), None, now)


def record_ban(student: Person, discord_guild_id: str, now: datetime) -> None:
    """Discord has just refused to add the student to this server, for they are banned: of each coming call there."""
    coming = (
        CoachingSession.select()
        .join(Seat)
        .switch(CoachingSession)
        .join(Product)
        .join(Store)
        .join(Guild)
        .where(Seat.student == student, CoachingSession.state.in_(LIVE_STATES), CoachingSession.ends_at > now)
        .where(Guild.discord_guild_id == discord_guild_id, CoachingSession.needs_room)
    )
    for coaching_session in list(coming):
        _once(coaching_session, Event(EventKind.BANNED), student, now)


def _once(coaching_session: CoachingSession, event: Event[EventKind], person: Person | None, now: datetime) -> None:
    with database.atomic():
        # An UPDATE that changes nothing locks the row on both databases: of two the second sees the first.
        CoachingSession.update(title=CoachingSession.title).where(CoachingSession.id == coaching_session.id).execute()
        is_same = (SessionEvent.coaching_session == coaching_session) & (SessionEvent.kind == event.kind)
        if not SessionEvent.select().where(is_same).exists():
            record_event(coaching_session, event, person, now)
