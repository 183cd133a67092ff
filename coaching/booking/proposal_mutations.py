"""Proposing other times for a session: they hold nothing, and its student takes one of them or none."""

from collections.abc import Sequence
from datetime import datetime

from coaching.accounts.models import Person
from coaching.booking.events import EventKind, Starts
from coaching.booking.hold_mutations import lock_seat
from coaching.booking.models import CoachingSession, Proposal, SessionEvent
from coaching.booking.move_mutations import move_session, require_free
from coaching.booking.move_rules import why_not_move
from coaching.booking.mutations import mark_news_seen
from coaching.booking.proposal_queries import proposals_of, times_proposed
from coaching.booking.queries import movable_of
from coaching.booking.record_mutations import record_event
from coaching.db import database
from coaching.errors import LimitReached, NotFound, Refused, TooLate
from coaching.log_lines import Event
from coaching.notices.kinds import MessageKind
from coaching.notices.mutations import overtake, owe

# So many times at once, and so often for one session: each round is a message to the student.
MOST_PROPOSALS = 3
MOST_ROUNDS = 10
GONE = "These times are not proposed any more. Look at the session once more."


def propose_times(
    coaching_session: CoachingSession, coach: Person, starts: Sequence[datetime], now: datetime
) -> list[Proposal]:
    """Propose these times in the place of all earlier ones; the student is told. They hold nothing.

    SlotTaken when one of them is not free, TooLate for a session that cannot be moved any more. The same ones once
    more are no news.
    """
    if coaching_session.coach_id != coach.id:
        raise NotFound
    starts = sorted(set(starts))
    if not 1 <= len(starts) <= MOST_PROPOSALS:
        raise Refused(f"Choose one to {MOST_PROPOSALS} times.")
    with database.atomic():
        seat = lock_seat(coaching_session, now)
        current = seat.coaching_session
        if hindrance := why_not_move(movable_of(seat), True, now):
            raise TooLate(hindrance)
        before = proposals_of(current, now)
        if [proposal.starts_at for proposal in before] == starts:
            return before
        if times_proposed(current) >= MOST_ROUNDS:
            raise LimitReached(
                "You have proposed other times often enough. Move the session, or write to your student."
            )
        for starts_at in starts:
            if starts_at == current.starts_at:
                raise Refused("The session is at that time already. Choose another one.")
            require_free(seat, "coach", starts_at, now)
        _drop(current)
        made = [Proposal.create(coaching_session=current, starts_at=start, made_at=now) for start in starts]
        starts_text = ",".join(start.isoformat() for start in starts)
        record_event(current, Event(EventKind.PROPOSED, Starts(starts_text)), coach, now)
        key = f"{MessageKind.PROPOSED}:{current.id}:{made[-1].id}"
        owe(MessageKind.PROPOSED, key, seat.student_id, now, session_id=current.id)
        overtake(MessageKind.PROPOSED, current.id, key)
    return made


def take_proposal(
    coaching_session: CoachingSession, student: Person, starts_at: datetime, now: datetime
) -> CoachingSession:
    """The session is at the proposed time. The coach wanted it so: it is none of the student's own moves.

    SlotTaken or StudentBusy when the time is not free any more, TooLate when it is not proposed any more; then the old
    time stays. Pressed twice, it moves once.
    """
    with database.atomic():
        seat = lock_seat(coaching_session, now)
        if seat.student_id != student.id:
            raise NotFound
        current = seat.coaching_session
        if current.starts_at == starts_at:
            return CoachingSession.get_by_id(current.id)
        if starts_at not in [proposal.starts_at for proposal in proposals_of(current, now)]:
            raise TooLate(GONE)
        _see(current, student)
        return move_session(current, student, starts_at, now, is_proposed=True)


def refuse_proposals(coaching_session: CoachingSession, student: Person, now: datetime) -> None:
    """None of the proposed times fits: the coach is told, and the session stays where it is. Twice does no harm."""
    with database.atomic():
        seat = lock_seat(coaching_session, now)
        if seat.student_id != student.id:
            raise NotFound
        current = seat.coaching_session
        if not proposals_of(current, now):
            return
        _drop(current)
        _see(current, student)
        record_event(current, Event(EventKind.NONE_FITS), student, now)
        kind = MessageKind.COACH_NONE_FITS
        key = f"{kind}:{current.id}:{times_proposed(current)}"
        owe(kind, key, current.coach_id, now, session_id=current.id)


def withdraw_proposals(coaching_session: CoachingSession, coach: Person) -> None:
    """The coach proposes nothing any more."""
    if coaching_session.coach_id != coach.id:
        raise NotFound
    _drop(coaching_session)


def _drop(coaching_session: CoachingSession) -> None:
    Proposal.delete().where(Proposal.coaching_session == coaching_session).execute()


def _see(coaching_session: CoachingSession, student: Person) -> None:
    # Whoever answers a proposal has read it.
    proposed = SessionEvent.select().where(
        SessionEvent.coaching_session == coaching_session, SessionEvent.kind == EventKind.PROPOSED
    )
    if event := proposed.order_by(SessionEvent.id.desc()).first():
        mark_news_seen(coaching_session, student, event)
