"""Reads of what a coach's calls say about them: how many were held, and how quickly requests are answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import fn

from coaching.booking.answer_times import ASKED, COUNTED, ENDINGS, usual_wait, waits_of
from coaching.booking.models import CoachingSession, SessionEvent


def calls_held(coach_ids: Sequence[int]) -> dict[int, int]:
    """By coach, how many sessions took place as far as their outcome says; none is no entry."""
    if not coach_ids:
        return {}
    held: Any = CoachingSession.select(CoachingSession.coach, fn.COUNT(CoachingSession.id))
    took_place = CoachingSession.coach.in_(list(coach_ids)) & (CoachingSession.state == "completed")
    return dict(held.where(took_place).group_by(CoachingSession.coach).tuples())


def answer_minutes(coach_ids: Sequence[int], now: datetime) -> dict[int, int]:
    """By coach, within how many minutes half of the requests of the last 90 days were answered.

    Fewer than three, or most without an answer, is no entry.
    """
    since = now - COUNTED
    events: dict[int, list[tuple[int, str, datetime]]] = {}
    for coach_id, *event in _events(coach_ids, since) if coach_ids else ():
        events.setdefault(coach_id, []).append((event[0], event[1], event[2]))
    usual = {coach_id: usual_wait(waits_of(of_coach)) for coach_id, of_coach in events.items()}
    return {coach_id: minutes for coach_id, minutes in usual.items() if minutes is not None}


def _events(coach_ids: Sequence[int], since: datetime) -> Any:
    columns = (CoachingSession.coach, SessionEvent.coaching_session, SessionEvent.kind, SessionEvent.at)
    # A session that ended before then was not requested since; so the index on the coach's times leads to few.
    recent = (
        SessionEvent.select(*columns)
        .join(CoachingSession)
        .where(CoachingSession.coach.in_(list(coach_ids)), CoachingSession.busy_until >= since)
    )
    kinds = SessionEvent.kind.in_((ASKED, *ENDINGS))
    return recent.where(SessionEvent.at >= since, kinds).order_by(SessionEvent.id).tuples()
