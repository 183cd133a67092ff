"""Reads of the other times that a coach proposes for a session."""

from datetime import datetime

from coaching.booking.events import EventKind
from coaching.booking.models import CoachingSession, Proposal, SessionEvent


def proposals_of(coaching_session: CoachingSession, now: datetime) -> list[Proposal]:
    """The proposed times that can still be taken, in their order; none once the session is off, or has begun."""
    if coaching_session.state != "scheduled" or coaching_session.starts_at <= now:
        return []
    mine = Proposal.coaching_session == coaching_session
    return list(Proposal.select().where(mine, Proposal.starts_at > now).order_by(Proposal.starts_at))


def times_proposed(coaching_session: CoachingSession) -> int:
    """How often the coach has proposed other times for this session."""
    mine = SessionEvent.coaching_session == coaching_session
    return int(SessionEvent.select().where(mine, SessionEvent.kind == EventKind.PROPOSED).count())
